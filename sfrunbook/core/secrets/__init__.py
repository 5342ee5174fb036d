"""Secrets in memory and in texts: the type that hides them, their shapes, redaction, and the search for leaks."""
