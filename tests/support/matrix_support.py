"""Drives the product's real flows through a practice org with scenarios on, and tells what each of them ended with."""

from __future__ import annotations

import re
import shutil
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sfrunbook import checks
from sfrunbook.connection import OpenConnection
from sfrunbook.core.errors import RunbookError
from sfrunbook.core.model import Diagnosis, Finding, GrantKind, Mark, Status, Verdict
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.diagnosis.diagnose import diagnose, diagnosis_of, finding_for_app_kind, for_app_kind
from sfrunbook.diagnosis.pasted.read_text import explain_text
from sfrunbook.practice.visitor import VisitRefused, visit
from sfrunbook.salesforce.oauth.callback import parse_address
from support.evidence_support import Bench

__all__ = ["FLOWS", "TABLE", "Row", "Site", "Step", "answers_of", "rows_of_table", "told"]

TABLE = Path(__file__).parents[1] / "diagnosis" / "matrix.toml"
_SAYS = re.compile(r"shows an error: (?P<error>\S+) \((?P<description>.*)\)$")
_BAD = (Status.FAILED, Status.INCONCLUSIVE, Status.WARNING)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the table: a scenario in one flow of the product, and what must come out."""

    scenario: str
    #: the verb that meets it; empty where no flow can
    flow: str = ""
    connection: str = "acme"
    #: tells two lines of one scenario and flow apart
    variant: str = ""
    #: the test query, where it is not the connection's own
    query: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    #: verbs that go before, such as a refresh whose answer gets lost
    first: tuple[str, ...] = ()
    after_hours: float = 0.0
    #: how long the person of a login leaves its answer lying
    linger_minutes: float = 0.0
    #: whether the data was checked while the scenario was on and an administrator could be asked
    checked_before: bool = False
    #: whether another connection with a living grant of an administrator can be asked
    witness: bool = True
    #: code of the catalogue row; empty where nothing may be told
    row: str = ""
    cause: str = ""
    outcome: str = ""
    #: why it does not show, or why no more than this can be told
    why: str = ""
    #: file of the tests that meets it, where no flow of this table does
    test: str = ""

    @property
    def name(self) -> str:
        return ".".join(part for part in (self.scenario, self.flow.replace(" ", "-"), self.variant) if part)


@dataclass(frozen=True, kw_only=True)
class Step:
    """What one verb ended with; no diagnosis where it went well."""

    name: str
    diagnosis: Diagnosis | None = None

    @property
    def row(self) -> str:
        return self.diagnosis.code if self.diagnosis else ""

    @property
    def cause(self) -> str:
        return self.diagnosis.causes[0].code if self.diagnosis else ""

    @property
    def verdict(self) -> str:
        """`confirmed`, `possible`, or `only` where the row knows no second cause."""
        if self.diagnosis is None:
            return "no fault"
        if self.diagnosis.ranked:
            return self.diagnosis.ranked[0].verdict.value
        return "only" if len(self.diagnosis.causes) == 1 else "possible"

    @property
    def left(self) -> tuple[str, ...]:
        """Causes that are not ruled out, in order."""
        if self.diagnosis is None:
            return ()
        if not self.diagnosis.ranked:
            return tuple(one.code for one in self.diagnosis.causes)
        return tuple(one.cause.code for one in self.diagnosis.ranked if one.verdict is not Verdict.RULED_OUT)


def rows_of_table() -> tuple[Row, ...]:
    document = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    return tuple(Row(**{**one, "first": tuple(one.get("first", ()))}) for one in document["row"])


class Site:
    """A practice world and a user of this machine, prepared once and put back for each situation."""

    def __init__(self, world: Any, folder: Path) -> None:
        self.world = world
        self._start = folder / "start"
        self._start.mkdir()
        bench = Bench(world, self._start)
        _prepare(bench)
        world.control("POST", "/snapshots", {"name": "prepared"})

    def open(self, folder: Path) -> Bench:
        """Everything as it was prepared, in a folder of its own."""
        self.world.control("POST", "/snapshots/prepared")
        if folder.exists():
            shutil.rmtree(folder)
        shutil.copytree(self._start, folder)
        return Bench(self.world, folder)

    def meet(self, row: Row, folder: Path) -> Step:
        """Turn the scenario on and go through the flow."""
        bench = self.open(folder)
        bench.scenario(row.scenario, **row.parameters)
        bench.linger = timedelta(minutes=row.linger_minutes)
        if row.checked_before:
            bench.open(row.connection).checks.run("data")
        if not row.witness:
            _leave_alone(bench, row.connection)
        if row.after_hours:
            bench.advance(timedelta(hours=row.after_hours))
            if row.witness:
                bench.log_in(bench.open("administrator"), profile="System Administrator")
        subject = bench.open(row.connection)
        if row.query:
            subject.change(test_query=row.query)
        for flow in row.first:
            FLOWS[flow](bench, subject)
        return FLOWS[row.flow](bench, subject)


def _leave_alone(bench: Bench, connection: str) -> None:
    """Nobody else is left who could be asked."""
    for name in [one for one in bench.book.names() if one != connection]:
        bench.book.remove(name)


def _prepare(bench: Bench) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    unattended = bench.world.app(kind="unattended")
    pem = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    bench.world.control("POST", f"/apps/{unattended['client_id']}", {"jwt_keys": [pem.decode()]})
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    worked = ("acme", "installed", "shared", "mirror")
    for name, changes in (
        ("acme", {}),
        ("installed", {"kind": "connected_app"}),
        ("shared", {"login_url": bench.world.login_url}),
    ):
        bench.logged_in(name, **changes)
        bench.advance(timedelta(minutes=5))
    _sandbox(bench)
    bench.add("new", registered_at=bench.now() - timedelta(days=1))
    bench.add("saved", registered_at=bench.now() + timedelta(hours=3, minutes=22))
    bench.add("entrance", login_url=bench.world.login_url)
    machine = bench.add("machine", kind="unattended", grant_kind=GrantKind.CLIENT_CREDENTIALS)
    signed = bench.add("signed", kind="unattended", grant_kind=GrantKind.JWT_BEARER)
    signed.store.put_secret("signing-key", Secret(private.decode()))
    username = bench.world.user(profile="Standard User")["username"]
    signed.change(private_key="store:signing-key", username=username, client_secret=None)
    for subject in (machine, signed):
        subject.grants.request_unattended()
    for name in worked:
        subject = bench.open(name)
        subject.checks.run("grant")
        subject.checks.run("data")
    bench.advance(timedelta(hours=3))
    for name in worked:
        bench.open(name).grants.refresh()
    for name in ("machine", "signed"):
        bench.open(name).grants.request_unattended()
    bench.administrator()
    bench.advance(timedelta(minutes=25))


def _sandbox(bench: Bench) -> None:
    name = next(one["name"] for one in bench.world.ready["orgs"] if one["kind"] == "sandbox")
    app = bench.world.app(org=name)
    subject = bench.add("mirror", login_url=bench.world.my_domain(name), client_id=app["client_id"])
    subject.keep_client_secret(Secret(app["client_secret"]))
    pending, url = subject.login.begin()
    user = bench.world.user(org=name, profile="Standard User")
    landing = visit(url, user["username"], user["password"], ca_file=bench.world.ca_file)
    subject.login.finish(parse_address(landing, pending))


def told(step: Step, row: Row, world: Any) -> str:
    """What happened, the first cause and its steps, as a person reads them; hosts and ids by their names.

    Where another cause comes first, the right one follows with its steps.
    """
    if step.diagnosis is None:
        raise AssertionError(f"{row.name}: nothing was told")
    causes = {one.code: one for one in step.diagnosis.causes}
    lines = [step.diagnosis.what]
    for code in dict.fromkeys((step.cause, row.cause)):
        lines += ["", f"{causes[code].summary}"]
        for number, one in enumerate(causes[code].remedies, 1):
            guess = " (A guess.)" if one.mark is Mark.GUESS else ""
            lines += [f"  {number}. {one.who}: {one.where}", f"     {one.what}{guess}"]
    return _named("\n".join(lines) + "\n", world)


def _named(text: str, world: Any) -> str:
    names = {world.login_url: "login host", world.test_url: "test host"}
    for org in world.ready["orgs"]:
        names |= {org["my_domain_url"]: f"my domain of {org['name']}", org["org_id"]: f"org id of {org['name']}"}
    for value, name in names.items():
        text = text.replace(value.partition("://")[2] or value, f"<{name}>")
    return text


def _step(name: str, subject: OpenConnection, act: Callable[[], object]) -> Step:
    """One verb; what is raised is looked into as notebooks and command line do it."""
    try:
        act()
    except RunbookError as error:
        weighed = subject.explain_failure(diagnosis_of(error))
        return Step(name=name, diagnosis=for_app_kind(weighed, subject.connection.app_kind))
    return Step(name=name)


def _log_in(bench: Bench, subject: OpenConnection) -> Step:
    """The person pastes the address where the browser ended, or the words on the page that it ended on."""
    user = _user_of(bench, subject)
    shown: list[str] = []

    def pasted() -> str:
        try:
            landing = visit(shown[-1], user["username"], user["password"], ca_file=bench.world.ca_file)
            bench.advance(bench.linger)
            return landing
        except VisitRefused as refused:
            said = _SAYS.search(str(refused))
            if said is None or said["error"] == "HTTP":
                raise
            return urlencode({"error": said["error"], "error_description": said["description"]})

    def act() -> None:
        subject.login.log_in(shown.append, pasted, receive=False, timeout_seconds=1)

    try:
        return _step("login", subject, act)
    except VisitRefused as refused:  # the person stands before a page that says no and goes nowhere
        words = str(refused)
        if words.startswith("No answer"):
            return Step(name="login")  # what the person sees then is the browser's own page
        if "HTTP status" in words:
            words = refused.page
        diagnosis = subject.explain_failure(diagnose(explain_text(words, subject.connection)))
        return Step(name="login", diagnosis=for_app_kind(diagnosis, subject.connection.app_kind))


def _user_of(bench: Bench, subject: OpenConnection) -> dict[str, str]:
    host = urlsplit(subject.connection.login_url).netloc
    org = next((one for one in bench.world.ready["orgs"] if urlsplit(one["my_domain_url"]).netloc == host), None)
    return bench.world.user(org=org["name"] if org else "first", profile="Standard User")


def _refresh(bench: Bench, subject: OpenConnection) -> Step:
    return _step("refresh", subject, subject.grants.refresh)


def _query(bench: Bench, subject: OpenConnection) -> Step:
    return _step("query", subject, lambda: subject.org.api_or_raise().query(subject.connection.test_query))


def _who(bench: Bench, subject: OpenConnection) -> Step:
    return _step("who", subject, lambda: subject.org.api_or_raise().identity())


def _revoke(bench: Bench, subject: OpenConnection) -> Step:
    return _step("revoke", subject, subject.grants.revoke)


def _unattended(bench: Bench, subject: OpenConnection) -> Step:
    return _step("unattended", subject, subject.grants.request_unattended)


def _check(stage: str) -> Callable[[Bench, OpenConnection], Step]:
    def flow(bench: Bench, subject: OpenConnection) -> Step:
        return next(iter(answers_of(subject, (stage,))), Step(name=f"check {stage}"))

    return flow


def answers_of(subject: OpenConnection, stages: tuple[str, ...] = checks.STAGES) -> tuple[Step, ...]:
    """Every complaint of the checks of some stages, in order; one without a diagnosis is told by the check's name."""
    kind = subject.connection.app_kind
    found = [finding_for_app_kind(one, kind) for one in subject.checks.run_all(stages).findings if one.status in _BAD]
    return tuple(_complaint(one) for one in found)


def _complaint(finding: Finding) -> Step:
    return Step(name=finding.check, diagnosis=finding.diagnosis)


#: the product's verbs by the word of the table
FLOWS: Mapping[str, Callable[[Bench, OpenConnection], Step]] = {
    "login": _log_in,
    "refresh": _refresh,
    "query": _query,
    "who": _who,
    "revoke": _revoke,
    "unattended": _unattended,
    **{f"check {stage}": _check(stage) for stage in checks.STAGES},
}
