"""The state of the practice org without HTTP: users, apps, tokens, policies, settings and the clock."""
