"""The link at the end of a notebook to the one that comes next."""

from __future__ import annotations

from collections.abc import Callable

from sfrunbook.runbook.widgets import GoOn

__all__ = ["NextStep"]


class NextStep:
    """A link to the next notebook, which is there as soon as this step is done; `choose` gives the notebook."""

    def __init__(self, choose: Callable[[], str]) -> None:
        self._choose = choose
        self.widget = GoOn()

    def show(self, *, done: bool) -> None:
        """Show it below the cell that runs."""
        from IPython.display import display

        self.change(done=done)
        display(self.widget)  # type: ignore[no-untyped-call]

    def change(self, *, done: bool) -> None:
        """Offer the link, or say that it comes; may be called from any thread."""
        notebook = self._choose()
        stem = notebook.removesuffix(".ipynb")
        with self.widget.hold_trait_notifications():
            self.widget.label = f"Open {stem} and run it"
            self.widget.sentence = "Next:" if done else f"The link to {stem} appears here when this step is done."
            self.widget.notebook = notebook if done else ""
