"""The Setup pages on an org's My Domain."""
