"""The link at the end of a notebook to the one that comes next."""

from __future__ import annotations

from sfrunbook.widgets import GoOn

__all__ = ["NextStep"]


class NextStep:
    """A link to the next notebook, which is there as soon as this step is done."""

    def __init__(self, notebook: str) -> None:
        self._notebook = notebook
        self._stem = notebook.removesuffix(".ipynb")
        self.widget = GoOn(label=f"Open {self._stem} and run it")

    def show(self, *, done: bool) -> None:
        """Show it below the cell that runs."""
        from IPython.display import display

        self.change(done=done)
        display(self.widget)  # type: ignore[no-untyped-call]

    def change(self, *, done: bool) -> None:
        """Offer the link, or say that it comes; may be called from any thread."""
        self.widget.told = "Next:" if done else f"The link to {self._stem} appears here when this step is done."
        self.widget.notebook = self._notebook if done else ""
