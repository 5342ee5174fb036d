"""What has worked for a connection before, on disk: when, at which host; so that a later failure can be told apart."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sfrunbook.core.durable_file import write_durably

__all__ = ["CREDENTIALS", "History", "Policy", "Success"]

#: stage under which it is noted that the Consumer Secret was accepted
CREDENTIALS = "credentials"
_KEPT_AT_MOST = 40


@dataclass(frozen=True, kw_only=True)
class Success:
    """The last time that a stage passed at a host with a Consumer Key."""

    stage: str
    host: str
    client_id: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Policy:
    """A Refresh Token Policy: `kind` is inactivity, lifetime or none."""

    kind: str
    hours: float

    def idle_over(self, *, since: datetime, now: datetime) -> bool:
        """Whether the idle limit has passed since the last use."""
        return self.kind == "inactivity" and (now - since).total_seconds() > self.hours * 3600

    def lifetime_over(self, *, since: datetime, now: datetime) -> bool:
        """Whether the fixed lifetime has passed since the approval."""
        return self.kind == "lifetime" and (now - since).total_seconds() >= self.hours * 3600


class History:
    """One connection's record, in `<folder>/<name>.json`; no secret is in it.

    JSON: `{"successes": [{"stage", "host", "client_id", "at"}], "approval": {"approved_at", "generation", "cut_off"},
    "app_name", "login": {"begun_at", "code_sent"}, "secret_kept", "introspects", "policy": {"kind", "hours", "at"}}`.
    A damaged or missing file is an empty history, and one that cannot be written costs the memory only.
    """

    def __init__(self, folder: Path, connection: str) -> None:
        self._path = folder / f"{connection}.json"

    def successes(self) -> tuple[Success, ...]:
        """All that are remembered, oldest first."""
        found = []
        for one in self._read().get("successes", ()):
            with contextlib.suppress(KeyError, TypeError, ValueError):
                at = datetime.fromisoformat(one["at"])
                found.append(Success(stage=one["stage"], host=one["host"], client_id=one["client_id"], at=at))
        return tuple(sorted(found, key=lambda one: one.at))

    def note_success(self, stage: str, *, host: str, client_id: str, at: datetime) -> None:
        """Remember that a stage passed now; an earlier success of the same kind is replaced."""
        new = {"stage": stage, "host": host, "client_id": client_id, "at": at.isoformat(timespec="seconds")}
        others = [
            {"stage": one.stage, "host": one.host, "client_id": one.client_id, "at": one.at.isoformat()}
            for one in self.successes()
            if (one.stage, one.host, one.client_id) != (stage, host, client_id)
        ]
        self._write({**self._read(), "successes": [*others, new][-_KEPT_AT_MOST:]})

    def forget_stage(self, stage: str) -> None:
        """Forget the successes of a stage, as when another Consumer Secret is entered."""
        kept = [one for one in self._read().get("successes", ()) if one.get("stage") != stage]
        self._write({**self._read(), "successes": kept})

    def note_generation(self, approved_at: datetime, generation: int) -> None:
        """Remember the newest generation of an approval; a whole answer ends what was cut off before."""
        newest = max(generation, self.newest_generation(approved_at) or 0)
        approval = {"approved_at": approved_at.isoformat(), "generation": newest, "cut_off": False}
        self._write({**self._read(), "approval": approval})

    def note_cut_off(self, approved_at: datetime, generation: int) -> None:
        """Remember that a refresh was sent and its answer never came."""
        newest = max(generation, self.newest_generation(approved_at) or 0)
        approval = {"approved_at": approved_at.isoformat(), "generation": newest, "cut_off": True}
        self._write({**self._read(), "approval": approval})

    def newest_generation(self, approved_at: datetime) -> int | None:
        """The newest generation that this approval was seen in."""
        generation = self._approval(approved_at).get("generation")
        return generation if isinstance(generation, int) else None

    def was_cut_off(self, approved_at: datetime) -> bool:
        """Whether the last refresh of this approval got no answer."""
        return self._approval(approved_at).get("cut_off") is True

    @property
    def app_name(self) -> str:
        """Name of the app as the org lists it; empty when it was never seen."""
        name = self._read().get("app_name")
        return name if isinstance(name, str) else ""

    def note_app_name(self, name: str) -> None:
        """Remember under which name the org lists the app."""
        if name and name != self.app_name:
            self._write({**self._read(), "app_name": name})

    def note_login_begun(self, at: datetime) -> None:
        """Remember that a login was begun now; of an earlier one nothing is kept."""
        self._write({**self._read(), "login": {"begun_at": at.isoformat(), "code_sent": 0}})

    def note_code_sent(self) -> None:
        """Remember that a code of the login that was begun last is sent."""
        login = self._read().get("login")
        if isinstance(login, dict):
            self._write({**self._read(), "login": {**login, "code_sent": self.codes_sent + 1}})

    @property
    def login_begun(self) -> datetime | None:
        """When the last login was begun."""
        return _moment(self._read().get("login"), "begun_at")

    @property
    def codes_sent(self) -> int:
        """How many codes of that login were sent."""
        login = self._read().get("login")
        sent = login.get("code_sent") if isinstance(login, dict) else 0
        return sent if isinstance(sent, int) else 0

    def note_secret_kept(self, at: datetime) -> None:
        """Remember that another Consumer Secret was entered now."""
        self._write({**self._read(), "secret_kept": at.isoformat()})

    @property
    def secret_kept(self) -> datetime | None:
        """When the Consumer Secret that is held was entered."""
        return _moment(self._read(), "secret_kept")

    def note_introspection(self, at: datetime) -> None:
        """Remember that Salesforce said of a token of this app that it is active, so it may be asked."""
        self._write({**self._read(), "introspects": at.isoformat()})

    @property
    def introspects(self) -> bool:
        """Whether introspection has ever called a token of this app active."""
        return _moment(self._read(), "introspects") is not None

    def note_policy(self, policy: Policy, at: datetime) -> None:
        """Remember the app's Refresh Token Policy as it was read now."""
        noted = {"kind": policy.kind, "hours": policy.hours, "at": at.isoformat()}
        self._write({**self._read(), "policy": noted})

    @property
    def policy(self) -> tuple[Policy, datetime] | None:
        """The Refresh Token Policy as it was read last, and when."""
        noted: Any = self._read().get("policy")
        at = _moment(noted, "at")
        if at is None or not isinstance(noted.get("kind"), str) or not isinstance(noted.get("hours"), int | float):
            return None
        return Policy(kind=noted["kind"], hours=float(noted["hours"])), at

    def forget(self) -> None:
        """Forget everything."""
        self._path.unlink(missing_ok=True)

    def _approval(self, approved_at: datetime) -> Mapping[str, Any]:
        approval = self._read().get("approval")
        if isinstance(approval, dict) and approval.get("approved_at") == approved_at.isoformat():
            return approval
        return {}

    def _read(self) -> dict[str, Any]:
        try:
            raw = json.loads(self._path.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return raw if isinstance(raw, dict) else {}

    def _write(self, whole: Mapping[str, Any]) -> None:
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_durably(self._path, json.dumps(whole, indent=1).encode(), survives_power_cut=False)


def _moment(record: Any, name: str) -> datetime | None:  # noqa: ANN401 - whatever stands in the file
    """An aware moment of a record; None for anything else."""
    try:
        found = datetime.fromisoformat(record[name])
    except (KeyError, TypeError, ValueError):
        return None
    return found if found.tzinfo else None
