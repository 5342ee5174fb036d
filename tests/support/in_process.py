"""`sfrunbook WORDS` in this process, as if it were a process of its own: nothing of it is left for the next command."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sfrunbook.core.secrets import secret

#: commands that run notebooks, or start servers that live as long as their process
_PROCESSES = ("run", "lab", "practice")


def needs_a_process(words: Sequence[str], environ: Mapping[str, str]) -> bool:
    """Whether a command must be a real process: for what it starts, or for the keyring that it chooses."""
    if words[:1] and words[0] in _PROCESSES:
        return True
    own_practice_org = "SFRUNBOOK_PRACTICE" not in environ
    on_practice = words[0] in ("check", "login") and (len(words) == 1 or words[1] == "practice" or "=" in words[1])
    return (own_practice_org and on_practice) or "PYTHON_KEYRING_BACKEND" in environ


def invoke(words: Sequence[str], *, typed: str, environ: Mapping[str, str], folder: Path) -> tuple[int, str, str]:
    """Exit code, standard output and standard error; raises what a process would show as a traceback."""
    from sfrunbook.cli import app

    with _process_of_its_own(environ, folder):
        result = CliRunner().invoke(app, list(words), input=typed, prog_name="sfrunbook")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


@contextmanager
def _process_of_its_own(environ: Mapping[str, str], folder: Path) -> Iterator[None]:
    """Environment, working and temporary folder, known secrets and log filters as a new process has them."""
    loggers = [one for one in logging.root.manager.loggerDict.values() if isinstance(one, logging.Logger)]
    filters = [(one, one.level, list(one.filters)) for one in loggers]
    factory = logging.getLogRecordFactory()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for name in set(os.environ) - set(environ):
            patch.delenv(name)
        for name, value in environ.items():
            patch.setenv(name, value)
        patch.setattr(tempfile, "tempdir", None)
        patch.setattr(secret, "_known", set())
        patch.setattr(secret, "_snapshot", frozenset())
        patch.setattr(secret, "_listeners", [])
        try:
            yield
        finally:
            logging.setLogRecordFactory(factory)
            for logger, level, before in filters:
                logger.setLevel(level)
                logger.filters[:] = before
