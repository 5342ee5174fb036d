"""The OAuth endpoints of the practice org: authorize, consent, token, identity and revocation."""
