"""`python -m sfrunbook` is the command line."""

from sfrunbook.cli import main

main()
