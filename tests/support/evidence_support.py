"""Connections to a practice org that are kept, used and broken, as the product would meet them."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sfrunbook.connection import OpenConnection
from sfrunbook.connection.records import Records
from sfrunbook.core.errors import RunbookError
from sfrunbook.core.model import AppKind, Connection, Diagnosis, Finding, Verdict
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.practice.visitor import visit
from sfrunbook.salesforce.oauth.callback import parse_address
from sfrunbook.salesforce.oauth.session import authorize_url
from sfrunbook.store.connections import ConnectionBook
from sfrunbook.store.secret_place import open_store
from sfrunbook.store.wrapping_key import create_key_file


class Bench:
    """Open connections of one user of this machine, on one practice world, all by the practice clock."""

    def __init__(self, world: Any, folder: Path) -> None:
        self.world = world
        self.folder = folder
        self.book = ConnectionBook(folder)
        #: how long the person takes between the browser's last page and the paste
        self.linger = timedelta()
        if not (folder / "key").exists():
            create_key_file(folder / "key")

    def now(self) -> datetime:
        return datetime.fromisoformat(self.world.control("GET", "/clock")["now"])

    def open(self, name: str) -> OpenConnection:
        return OpenConnection(
            Records(
                self.book.get(name),
                folder=self.folder,
                open_store=lambda: open_store(self.folder, "acme", {"SFRUNBOOK_KEY_FILE": str(self.folder / "key")}),
                book=self.book,
                clock=self.now,
            )
        )

    def add(self, name: str, *, kind: str = "external_client_app", **changes: Any) -> OpenConnection:
        app = self.world.app(kind=kind)
        given = {
            "login_url": self.world.my_domain(),
            "client_id": app["client_id"],
            "app_kind": AppKind(app["kind"]),
            "redirect_uri": next((url for url in app["callback_urls"] if "localhost" in url), app["callback_urls"][0]),
            "variables": {"service_domain": "app-h.cyclr.com"},
        }
        self.book.add(Connection(name=name, **{**given, **changes}))
        opened = self.open(name)
        opened.keep_client_secret(Secret(app["client_secret"]))
        return opened

    def logged_in(self, name: str, *, profile: str = "Standard User", **changes: Any) -> OpenConnection:
        opened = self.add(name, **changes)
        self.log_in(opened, profile=profile)
        return opened

    def log_in(self, opened: OpenConnection, *, profile: str) -> None:
        pending, _ = opened.login.begin()
        url = authorize_url(pending)
        user = self.world.user(profile=profile)
        landing = visit(url, user["username"], user["password"], ca_file=self.world.ca_file)
        opened.login.finish(parse_address(landing, pending))

    def administrator(self) -> OpenConnection:
        """Another connection to the org, by another app, whose grant lives now and sees everybody's approvals."""
        return self.logged_in("administrator", kind="connected_app", profile="System Administrator")

    def used(self, name: str = "acme", **changes: Any) -> OpenConnection:
        """A connection that has worked: logged in, checked, and renewed some time later."""
        opened = self.logged_in(name, **changes)
        assert all(one.diagnosis is None for one in opened.checks.run("grant"))
        opened.checks.run("data")
        self.advance(timedelta(hours=3))
        opened.grants.refresh()
        return opened

    def advance(self, span: timedelta) -> None:
        self.world.control("POST", "/clock", {"advance_seconds": span.total_seconds()})

    def scenario(self, name: str, **parameters: Any) -> None:
        self.world.control("POST", f"/scenarios/{name}", parameters)

    def asked(self) -> list[tuple[str, str, str]]:
        """Method, path and note of what was asked of the hosts since the journal was cleared."""
        control = self.world.ready["control_url"]
        rows = self.world.control("GET", "/journal")["requests"]
        return [(row["method"], row["path"], row["note"]) for row in rows if row["host"] != control]

    def clear_journal(self) -> None:
        self.world.control("DELETE", "/journal")


def refused(opened: OpenConnection) -> Diagnosis:
    """The diagnosis of a refresh that fails."""
    try:
        opened.grants.refresh()
    except RunbookError as error:
        return diagnosis_of(error)
    raise AssertionError("the refresh was not refused")


def told(findings: tuple[Finding, ...]) -> Diagnosis:
    """The first diagnosis among findings."""
    return next(one.diagnosis for one in findings if one.diagnosis)


def verdicts(diagnosis: Diagnosis) -> dict[str, str]:
    return {one.cause.code: one.verdict.value for one in diagnosis.ranked}


def confirmed(diagnosis: Diagnosis) -> list[str]:
    return [one.cause.code for one in diagnosis.ranked if one.verdict is Verdict.CONFIRMED]
