"""Notebooks without a person: a run folder, a search for secrets, a report, an exit code and a notice.

Nothing is imported here: the command line needs the names of the schedulers at its start, and nothing else of it.
"""
