"""`sfrunbook connections add` with the credentials of the partner's API; the secret is nowhere but in the store."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.runbook_support import Shell, holding, make_shell

from sfrunbook.core.secrets.secret import Secret
from sfrunbook.store.secret_place import open_store

KEY = "3MVG9" + "a1B2c3D4" * 10
SECRET = "C0FFEE00" * 8
API_ID = "98247330-0a5d-4c80-9347-4ae8dcf716b0"
API_SECRET = "bT9JFzgYWRQ5iPLhFMwZrZcI1OOF2h3G"
PARTNER = ("--partner-client-id", API_ID)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return make_shell(tmp_path / "user")


def add(shell: Shell, *more: str, said: str = "") -> Any:
    words = [
        "--login-url",
        "acme.my.salesforce.com",
        "--client-id",
        KEY,
        "--variable",
        "service_domain=app-h.cyclr.com",
    ]
    return shell.run("connections", "add", "acme", *words, *more, said=said)


def shown(shell: Shell) -> dict[str, Any]:
    return json.loads(shell.run("connections", "show", "acme", "--json").stdout)


def kept(shell: Shell) -> Secret | None:
    return open_store(shell.home, "acme", shell.environ).get_secret("partner-api--acme")


def test_both_secrets_come_by_standard_input_one_line_each_and_are_kept_encrypted(shell: Shell) -> None:
    done = add(
        shell,
        *PARTNER,
        "--partner-account",
        "contoso",
        "--secret-stdin",
        "--partner-secret-stdin",
        said=f"{SECRET}\n{API_SECRET}\n",
    )
    assert done.returncode == 0, done.stderr
    connection = shown(shell)
    assert connection["variables"] == {"service_domain": "app-h.cyclr.com", "account_id": "contoso"}
    assert connection["partner_client_id"] == API_ID
    assert connection["partner_client_secret"] == "store:partner-api--acme"
    assert kept(shell) == Secret(API_SECRET)
    assert holding(shell.folder, {"secret of the app": SECRET, "secret of the API": API_SECRET}) == []


def test_the_secret_of_the_api_alone_comes_by_standard_input(shell: Shell) -> None:
    done = add(shell, *PARTNER, "--public", "--partner-secret-stdin", said=f"{API_SECRET}\n")
    assert (done.returncode, kept(shell)) == (0, Secret(API_SECRET))


def test_a_reference_is_kept_as_it_is(shell: Shell) -> None:
    done = add(shell, *PARTNER, "--public", "--partner-secret-ref", "env:CYCLR_API_SECRET")
    assert done.returncode == 0, done.stderr
    assert shown(shell)["partner_client_secret"] == "env:CYCLR_API_SECRET"
    assert kept(shell) is None


def test_a_secret_in_the_place_of_a_reference_is_refused_and_not_repeated(shell: Shell) -> None:
    done = add(shell, *PARTNER, "--public", "--partner-secret-ref", API_SECRET)
    assert done.returncode == 2
    assert API_SECRET not in done.stdout + done.stderr


def test_a_secret_without_the_id_that_it_belongs_to_is_a_usage_error(shell: Shell) -> None:
    done = add(shell, "--public", "--partner-secret-stdin", said=API_SECRET)
    assert done.returncode == 2
    assert "give the Client ID of this secret" in " ".join(done.stderr.replace("│", " ").split())


def test_a_connection_that_is_changed_keeps_the_credentials_of_the_api(shell: Shell) -> None:
    add(shell, *PARTNER, "--public", "--partner-secret-stdin", said=API_SECRET)
    assert add(shell, "--public", "--replace").returncode == 0
    connection = shown(shell)
    assert connection["partner_client_id"] == API_ID
    assert connection["partner_client_secret"] == "store:partner-api--acme"


def test_help_names_the_options_and_none_of_them_takes_the_secret_itself(shell: Shell) -> None:
    told = " ".join(shell.run("connections", "add", "--help").stdout.replace("│", " ").split())
    for option in ("--partner-account", "--partner-client-id", "--partner-secret-ref", "--partner-secret-stdin"):
        assert option in told
    assert "Client ID of the partner's API, not of the app in Salesforce." in told
    assert "--partner-client-secret" not in told
