"""OAuth with Salesforce: which host is which, what can be learnt before a login, the grants, and the way back."""
