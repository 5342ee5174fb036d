"""The control API of the practice org: its state, clock, settings and snapshots."""
