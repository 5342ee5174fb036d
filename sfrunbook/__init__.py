"""Connect Salesforce to a partner platform by OAuth, right the first time, and keep it connected."""

__version__ = "0.1.0"
