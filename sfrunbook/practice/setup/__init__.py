"""The Setup pages that a person uses on an org's My Domain."""
