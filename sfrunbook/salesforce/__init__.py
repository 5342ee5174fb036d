"""What an org answers: OAuth, the REST API, approvals, policies and SOQL."""
