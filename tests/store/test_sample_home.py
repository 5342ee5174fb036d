"""A home that version 0.1 wrote, file by file, opens: `sample_home`, under a key of 32 times the letter k."""

from __future__ import annotations

import base64
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sfrunbook.core.model import Connection, Grant, GrantKind, Skip
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.store import secret_place
from sfrunbook.store.approvals import OwnApproval, OwnApprovals
from sfrunbook.store.connections import ConnectionBook
from sfrunbook.store.grant_record import SentMark, StoredGrant
from sfrunbook.store.machine_id import MACHINE_VARIABLE, machine_id
from sfrunbook.store.partner_record import Attested, PartnerRecord
from sfrunbook.store.progress import Progress
from sfrunbook.store.secret_place import Place, open_store
from sfrunbook.store.what_worked import History, Policy, Success

AT = datetime(2026, 11, 23, 9, 0, 0, 123456, tzinfo=UTC)
TO_THE_SECOND = AT.replace(microsecond=0)
GRANT = Grant(
    connection="acme",
    kind=GrantKind.AUTHORIZATION_CODE,
    issuer="https://acme.my.salesforce.com",
    client_id="3MVG9x",
    access_token=Secret("access-2"),
    refresh_token=Secret("refresh-2"),
    instance_url="https://acme.my.salesforce.com",
    identity_url="https://login.salesforce.com/id/00Dxx0000001gPFEAY/005xx000001Sv6AAAS",
    scopes=("full", "refresh_token"),
    org_id="00Dxx0000001gPFEAY",
    user_id="005xx000001Sv6AAAS",
    issued_at=AT,
    approved_at=AT,
    generation=2,
    rotates=True,
    signature_valid=True,
    missing_scopes=("api",),
    moved_from="https://old.my.salesforce.com",
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return shutil.copytree(Path(__file__).with_name("sample_home"), tmp_path / "home")


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    key = tmp_path / "key"
    key.touch(0o600)
    key.write_bytes(base64.b64encode(b"k" * 32))
    return {"SFRUNBOOK_KEY_FILE": str(key), MACHINE_VARIABLE: "the machine of the samples"}


def test_its_grant_and_its_secret_open_and_can_be_replaced(home: Path, environ: dict[str, str]) -> None:
    store = open_store(home, "acme", environ)
    record = StoredGrant(grant=GRANT, sent=SentMark(at=AT, generation=2), used_at=AT, machine=machine_id(environ))
    assert store.record("acme") == record
    assert store.get_secret("acme") == Secret("the Consumer Secret")
    store.clear_sent("acme")
    assert store.load("acme") == GRANT


def test_its_connection_is_read_and_is_the_current_one(home: Path) -> None:
    book = ConnectionBook(home)
    assert book.current() == "acme"
    assert book.get("acme") == Connection(
        name="acme",
        login_url="https://acme.my.salesforce.com",
        client_id="3MVG9x",
        client_secret="store:acme",
        variables={"service_domain": "app-h.cyclr.com"},
        org_id="00Dxx0000001gPFEAY",
        registered_at=AT,
    )
    assert secret_place.chosen(home, "other") is Place.PASSPHRASE


def test_its_connection_is_written_as_it_was(home: Path) -> None:
    before = (home / "connections" / "acme.json").read_bytes()
    ConnectionBook(home).update("acme", org_id="00Dxx0000001gPFEAY")
    assert (home / "connections" / "acme.json").read_bytes() == before


def test_its_progress_is_read_and_is_about_nothing_that_is_there_now(home: Path) -> None:
    progress = Progress(home / "progress", "acme")
    assert [(found.check, found.skip, found.about) for found in progress.findings("start")] == [
        ("a", Skip.OPTIONAL, {})
    ]
    assert progress.answers() == {}


def test_what_worked_is_read(home: Path) -> None:
    history, host = History(home / "history", "acme"), "https://acme.my.salesforce.com"
    success = Success(stage="credentials", host=host, client_id="3MVG9x", at=TO_THE_SECOND)
    assert history.successes() == (success,)
    assert (history.newest_generation(AT), history.was_cut_off(AT)) == (2, True)
    assert (history.app_name, history.login_begun, history.codes_sent) == ("Cyclr", AT, 1)
    assert (history.secret_kept, history.introspects) == (AT, True)
    assert history.policy == (Policy(kind="inactivity", hours=720), AT)


def test_its_approvals_are_read(home: Path) -> None:
    (known,) = OwnApprovals(home).all() or ()
    assert known == OwnApproval(
        org_id=GRANT.org_id,
        user_id=GRANT.user_id,
        client_id=GRANT.client_id,
        connection="acme",
        machine="aa" * 8,
        made_at=AT,
        revocation_refused_at=AT,
    )


def test_its_partner_record_is_read(home: Path) -> None:
    record = PartnerRecord(home / "partner", "acme")
    assert record.authenticated_at("17") == TO_THE_SECOND
    assert record.attested == Attested(at=TO_THE_SECOND, rows=3, ids=3)


def test_no_file_of_the_sample_is_left_out(home: Path) -> None:
    files = sorted(str(path.relative_to(home)) for path in home.rglob("*") if path.is_file())
    assert files == [
        "approvals.json",
        "connections/acme.json",
        "current",
        "grants/acme.grant",
        "grants/acme.secret",
        "history/acme.json",
        "keeping.json",
        "partner/acme.json",
        "progress/acme.json",
    ]
