"""What has worked for a connection before, and when: a failure afterwards has other causes than a failure before."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sfrunbook.core.model import Grant
from sfrunbook.core.moments import moment
from sfrunbook.store.json_file import JsonFile, from_json, table_of, to_json

__all__ = ["CREDENTIALS", "History", "Policy", "Success"]

#: stage of a success that says that the Consumer Secret was accepted
CREDENTIALS = "credentials"
_SUCCESSES_AT_MOST = 40


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

    @property
    def is_idle_limit(self) -> bool:
        """Whether the time starts anew at every refresh."""
        return self.kind == "inactivity"

    @property
    def description(self) -> str:
        """The policy in the words of the Salesforce screen."""
        if self.kind == "none":
            return "Refresh token is valid until revoked"
        if not self.hours:
            return "Immediately expire refresh token"
        span = f"{self.hours / 24:g} days" if self.hours >= 24 else f"{self.hours:g} hours"
        kind = "Expire refresh token if not used for" if self.is_idle_limit else "Expire refresh token after"
        return f"{kind} {span}"

    def ends(self, grant: Grant) -> datetime | None:
        """When the grant expires, under an idle limit unless it is refreshed before; None for never."""
        if self.kind == "none":
            return None
        return (grant.issued_at if self.is_idle_limit else grant.approved_at) + timedelta(hours=self.hours)

    def idle_over(self, *, since: datetime, now: datetime) -> bool:
        """Whether the idle limit has passed since the last use."""
        return self.is_idle_limit and (now - since).total_seconds() > self.hours * 3600

    def lifetime_over(self, *, since: datetime, now: datetime) -> bool:
        """Whether the fixed lifetime has passed since the approval."""
        return self.kind == "lifetime" and (now - since).total_seconds() >= self.hours * 3600


class History:
    """One connection's record, in `<folder>/<name>.json`; no secret is in it.

    JSON: `{"successes": [{"stage", "host", "client_id", "at"}], "approval": {"approved_at", "generation", "cut_off"},
    "app_name", "login": {"begun_at", "code_sent"}, "secret_kept", "introspects",
    "callbacks": {"client_id", "answers"}, "policy": {"kind", "hours", "at"}}`.
    A damaged or missing file is an empty history, and one that cannot be written costs only what was to be noted.
    """

    def __init__(self, folder: Path, connection: str) -> None:
        self._file = JsonFile[dict[str, Any]](
            folder / f"{connection}.json", parse=dict, dump=dict, default={}, survives_power_cut=False
        )

    def successes(self) -> tuple[Success, ...]:
        return _successes(self._file.load())

    def note_success(self, stage: str, *, host: str, client_id: str, at: datetime) -> None:
        """Note that a stage passed now, in place of an earlier success of the same kind."""
        new = Success(stage=stage, host=host, client_id=client_id, at=at.replace(microsecond=0))

        def is_other(old: Success) -> bool:
            return (old.stage, old.host, old.client_id) != (stage, host, client_id)

        self._change_successes(lambda known: (*filter(is_other, known), new))

    def forget_stage(self, stage: str) -> None:
        """Forget the successes of a stage, as when another Consumer Secret is entered."""
        self._change_successes(lambda known: tuple(old for old in known if old.stage != stage))

    def note_generation(self, approved_at: datetime, generation: int, *, cut_off: bool = False) -> None:
        """Note the newest generation of an approval, or with `cut_off` that its refresh got no answer."""

        def noted(record: dict[str, Any]) -> dict[str, Any]:
            before = _approval(record, approved_at).get("generation")
            newest = max(generation, before if isinstance(before, int) else 0)
            approval = {"approved_at": approved_at.isoformat(), "generation": newest, "cut_off": cut_off}
            return {**record, "approval": approval}

        self._file.try_change(noted)

    def newest_generation(self, approved_at: datetime) -> int | None:
        generation = _approval(self._file.load(), approved_at).get("generation")
        return generation if isinstance(generation, int) else None

    def was_cut_off(self, approved_at: datetime) -> bool:
        """Whether the last refresh of this approval got no answer."""
        return _approval(self._file.load(), approved_at).get("cut_off") is True

    @property
    def app_name(self) -> str:
        name = self._file.load().get("app_name")
        return name if isinstance(name, str) else ""

    def note_app_name(self, name: str) -> None:
        if name and name != self.app_name:
            self._note(app_name=name)

    def note_login_begun(self, at: datetime) -> None:
        """Note that a login was begun now; an earlier login is forgotten."""
        self._note(login={"begun_at": at.isoformat(), "code_sent": 0})

    def note_code_sent(self) -> None:
        """Note that a code of the login that was begun last is sent."""

        def counted(record: dict[str, Any]) -> dict[str, Any]:
            if not isinstance(record.get("login"), dict):
                return record
            return {**record, "login": {**record["login"], "code_sent": _codes_sent(record) + 1}}

        self._file.try_change(counted)

    @property
    def login_begun(self) -> datetime | None:
        return moment(table_of(self._file.load(), "login").get("begun_at"))

    @property
    def codes_sent(self) -> int:
        """How many codes of that login were sent."""
        return _codes_sent(self._file.load())

    def note_secret_kept(self, at: datetime) -> None:
        self._note(secret_kept=at.isoformat())

    @property
    def secret_kept(self) -> datetime | None:
        return moment(self._file.load().get("secret_kept"))

    def note_introspection(self, at: datetime) -> None:
        """Note that Salesforce called a token of this app active, so the app may ask about tokens."""
        self._note(introspects=at.isoformat())

    @property
    def introspects(self) -> bool:
        """Whether introspection has ever called a token of this app active."""
        return moment(self._file.load().get("introspects")) is not None

    def note_callbacks(self, client_id: str, answers: Mapping[str, str]) -> None:
        """Note what the last check of an app's callback URLs found: `registered`, `not registered` and so on."""
        self._note(callbacks={"client_id": client_id, "answers": dict(answers)})

    def callbacks(self, client_id: str) -> Mapping[str, str]:
        """Callback URL and what the last check of this app found; empty before the first check."""
        noted = table_of(self._file.load(), "callbacks")
        answers = table_of(noted, "answers") if noted.get("client_id") == client_id else {}
        return {callback: answer for callback, answer in answers.items() if isinstance(answer, str)}

    def note_policy(self, policy: Policy, at: datetime) -> None:
        self._note(policy={**to_json(policy), "at": at.isoformat()})

    @property
    def policy(self) -> tuple[Policy, datetime] | None:
        """The Refresh Token Policy as it was read last, and when."""
        noted = table_of(self._file.load(), "policy")
        at, kind, hours = moment(noted.get("at")), noted.get("kind"), noted.get("hours")
        if at is None or not isinstance(kind, str) or not isinstance(hours, int | float):
            return None
        return Policy(kind=kind, hours=float(hours)), at

    def forget(self) -> None:
        self._file.delete()

    def _change_successes(self, change: Callable[[tuple[Success, ...]], tuple[Success, ...]]) -> None:
        def changed(record: dict[str, Any]) -> dict[str, Any]:
            successes = change(_successes(record))[-_SUCCESSES_AT_MOST:]
            return {**record, "successes": to_json(successes)}

        self._file.try_change(changed)

    def _note(self, **values: object) -> None:
        self._file.try_change(lambda record: {**record, **values})


def _successes(record: Mapping[str, Any]) -> tuple[Success, ...]:
    found: list[Success] = []
    successes = record.get("successes")
    for raw in successes if isinstance(successes, list) else ():
        with contextlib.suppress(TypeError, ValueError, AttributeError):
            found.append(from_json(Success, raw))
    return tuple(sorted(found, key=lambda success: success.at))


def _approval(record: Mapping[str, Any], approved_at: datetime) -> Mapping[str, Any]:
    approval = table_of(record, "approval")
    return approval if approval.get("approved_at") == approved_at.isoformat() else {}


def _codes_sent(record: Mapping[str, Any]) -> int:
    sent = table_of(record, "login").get("code_sent")
    return sent if isinstance(sent, int) else 0
