"""The hand-over sheet of a connection: what was registered, what was verified, and what remains for whom."""
