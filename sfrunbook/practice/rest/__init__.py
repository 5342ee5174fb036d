"""The REST API of the practice org."""
