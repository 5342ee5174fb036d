"""Cyclr's side of a connection: where it is, what its API answers, and what it sends to Salesforce."""
