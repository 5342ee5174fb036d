"""`sfrunbook connections add NAME --replace`: what is given changes, and everything else stays as it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.runbook_support import Shell, make_shell

KEY = "3MVG9" + "k1H2e3K4" * 10
SECRET = "C0FFEE" * 10 + "ABCD"
ENTERED = {
    "--login-url": "acme.my.salesforce.com",
    "--client-id": KEY,
    "--variable": "service_domain=app-h.cyclr.com",
    "--redirect-uri": "http://localhost:18181/callback",
    "--app-kind": "connected_app",
    "--secret-ref": "env:ACME_SECRET",
}


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    made = make_shell(tmp_path / "user")
    done = made.run("connections", "add", "acme", *(word for pair in ENTERED.items() for word in pair))
    assert done.returncode == 0, done.stderr
    return made


def changes(shell: Shell, *words: str, said: str = "") -> dict[str, object]:
    """The fields that a command changed, with their new values."""
    before = shell.connection_file()
    done = shell.run("connections", "add", "acme", "--replace", *words, said=said)
    assert done.returncode == 0, done.stderr
    return {name: value for name, value in shell.connection_file().items() if value != before[name]}


def test_the_command_of_the_card_on_certificates_changes_nothing_else(shell: Shell) -> None:
    (shell.work / "company.pem").write_text("-----BEGIN CERTIFICATE-----\n")
    assert changes(shell, "--ca-file", "company.pem") == {"ca_file": str(shell.work / "company.pem")}


def test_an_option_that_is_given_changes_its_field_only(shell: Shell) -> None:
    assert changes(shell, "--redirect-uri", "http://localhost:19191/callback") == {
        "redirect_uri": "http://localhost:19191/callback"
    }
    assert changes(shell, "--login-url", "\u201chttps:/acme.my.salesforce.mil\u201d.") == {
        "login_url": "https://acme.my.salesforce.mil"
    }
    assert changes(shell, "--variable", "account_id=abc") == {
        "variables": {"service_domain": "app-h.cyclr.com", "account_id": "abc"}
    }


def test_an_app_is_public_or_has_a_secret(shell: Shell) -> None:
    assert changes(shell, "--public") == {"public": True, "client_secret": None}
    assert changes(shell, "--secret-stdin", said=SECRET) == {"public": False, "client_secret": "store:acme"}


@pytest.mark.parametrize("words", [("other",), ("other", "--replace")], ids=" ".join)
def test_a_new_connection_needs_its_login_address_and_its_key(shell: Shell, words: tuple[str, ...]) -> None:
    done = shell.run("connections", "add", *words, "--public")
    assert done.returncode == 2
    assert "--login-url and --client-id" in " ".join(done.stderr.replace("\u2502", " ").split())
