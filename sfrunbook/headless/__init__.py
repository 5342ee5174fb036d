"""Unattended runs of notebooks: a run folder, a search for secrets, a report, an exit code and a notice.

Nothing is imported here: at its start the command line needs only the names of the schedulers.
"""
