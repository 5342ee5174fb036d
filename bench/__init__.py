"""Figures, side by side: `python -m bench [--short] [--json]`. Nothing is asserted here."""
