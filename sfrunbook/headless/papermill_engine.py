"""The engine that papermill knows as `sfrunbook`.

Every papermill on the machine loads this module at its start, whichever engine it will use, so it imports nothing: not
even papermill, which is only half there at that moment.
"""

from __future__ import annotations

from typing import Any

__all__ = ["RunbookEngine"]


class RunbookEngine:
    """No widget state, an encrypted connection to the kernel, time limits, and an error without a proven end."""

    @classmethod
    def execute_notebook(cls, nb: Any, kernel_name: str, **options: Any) -> Any:  # noqa: ANN401 - papermill's types
        """Run a notebook that papermill has prepared; see `sfrunbook.headless.execution.execute` for the options.

        Papermill shows an error as a plain traceback, so that its text is the catalogue's.
        """
        from sfrunbook.core.errors import RunbookError
        from sfrunbook.diagnosis.diagnose import explained
        from sfrunbook.headless.execution import execute

        try:
            return execute(nb, kernel_name, **options)
        except RunbookError as error:
            raise explained(error) from None

    @classmethod
    def nb_kernel_name(cls, nb: Any, name: str | None = None) -> Any:  # noqa: ANN401 - papermill's types
        """The kernel to run with, as papermill finds it for its own engines."""
        from papermill.utils import nb_kernel_name

        return nb_kernel_name(nb, name)

    @classmethod
    def nb_language(cls, nb: Any, language: str | None = None) -> Any:  # noqa: ANN401 - papermill's types
        """The language of the notebook, as papermill finds it for its own engines."""
        from papermill.utils import nb_language

        return nb_language(nb, language)
