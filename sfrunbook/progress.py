"""How far each connection has come, on disk, so that a closed browser or a restarted kernel loses nothing."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from sfrunbook.durable_file import write_durably
from sfrunbook.model import Status

__all__ = ["STEPS", "Progress", "Step", "StepState"]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of the road: the notebook that does it and what is true when it is done."""

    name: str
    notebook: str
    outcome: str


STEPS = (
    Step(name="start", notebook="00_start.ipynb", outcome="A connection is chosen and its host answers"),
    Step(name="register", notebook="01_register_app.ipynb", outcome="The app is registered with every Callback URL"),
    Step(
        name="credentials",
        notebook="02_enter_credentials.ipynb",
        outcome="Consumer Key and Consumer Secret are kept and accepted",
    ),
    Step(name="authorize", notebook="03_authorize.ipynb", outcome="A person has allowed access; a grant is held"),
    Step(name="query", notebook="04_test_query.ipynb", outcome="A test query returns rows"),
    Step(name="partner", notebook="05_cyclr_setup.ipynb", outcome="A method of the partner's connector returns data"),
)


@dataclass(frozen=True, kw_only=True)
class StepState:
    """How a step ended the last time it was tried."""

    status: Status
    #: UTC, ISO 8601
    at: str


class Progress:
    """The step states of one connection, in `<folder>/<name>.json`: `{step: {"status", "at"}}`.

    A damaged file is treated as no progress: every step proves itself again, so nothing can be lost by it.
    """

    def __init__(self, folder: Path, connection: str) -> None:
        self._path = folder / f"{connection}.json"

    def states(self) -> Mapping[str, StepState]:
        """State of each step that was ever tried."""
        try:
            raw = json.loads(self._path.read_text("utf-8"))
            return {name: StepState(status=Status(one["status"]), at=str(one["at"])) for name, one in raw.items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return {}

    def record(self, step: str, status: Status, at: datetime) -> None:
        """Remember how `step` ended; a folder that cannot be written only costs the memory of it."""
        states = {**self.states(), step: StepState(status=status, at=at.isoformat(timespec="seconds"))}
        text = json.dumps({name: asdict(state) for name, state in states.items()}, indent=1)
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_durably(self._path, text.encode())

    def forget(self) -> None:
        """Forget every step."""
        self._path.unlink(missing_ok=True)
