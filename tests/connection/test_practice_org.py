"""A connection to a practice org gets the practice Cyclr and the values for every form, whatever it is called."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.errors import raises_problem
from support.runbook_support import free_port, session_of
from support.scripted_host import Answer, ScriptedHost

from sfrunbook.connection import OpenConnection, open_connection
from sfrunbook.connection.manage import add_connection
from sfrunbook.connection.planned_failures import PlannedFailures
from sfrunbook.core.model import Connection
from sfrunbook.store.wrapping_key import create_key_file


def own_connection(folder: Path, login_url: str, client_id: str, ca_file: str | None = None) -> OpenConnection:
    """A connection that somebody added, here to an org of another process."""
    create_key_file(folder / "key")
    environ = {"SFRUNBOOK_HOME": str(folder / "home"), "SFRUNBOOK_KEY_FILE": str(folder / "key")}
    variables = {"service_domain": "app-h.cyclr.com"}
    connection = Connection(name="acme", login_url=login_url, client_id=client_id, variables=variables, ca_file=ca_file)
    add_connection(connection, None, environ)
    return open_connection("acme", environ)


def new_app(world: Any) -> dict[str, Any]:
    """An app that somebody made in Setup after the practice org started."""
    app: dict[str, Any] = world.control("POST", "/apps", {"org": "first", "name": "Our Cyclr"})
    return app


def test_an_own_connection_finds_the_practice_cyclr_and_the_values_for_every_form(
    fresh_world: Any, tmp_path: Path
) -> None:
    app = new_app(fresh_world)
    org = own_connection(tmp_path, fresh_world.my_domain(), app["client_id"]).practice_org
    assert org is not None
    cyclr, values = fresh_world.ready["cyclr"], org.values
    shown = {name: f"http://{host}" for name, host in values.variables.items() if name != "account_id"}
    assert shown == {
        "console_host": cyclr["console_url"],
        "service_domain": cyclr["service_url"],
        "api_host": cyclr["api_url"],
    }
    assert values.variables["account_id"] == cyclr["accounts"][0]["id"]
    assert values.properties == {"isSandbox": "false", "InstanceUrl": fresh_world.my_domain()}
    assert values.console_url == cyclr["console_url"]
    given = [(each.name, each.secret.reveal()) for each in (values.console_user, values.partner_api, values.user)]
    api, user = cyclr["api_clients"][0], fresh_world.user()
    assert given == [
        (cyclr["console_user"]["username"], cyclr["console_user"]["password"]),
        (api["client_id"], api["client_secret"]),
        (user["username"], user["password"]),
    ]
    assert values.app is not None
    assert (values.app.name, values.app.secret.reveal()) == (app["client_id"], app["client_secret"])
    for secret in (user["password"], api["client_secret"], app["client_secret"]):
        assert secret not in f"{org!r} {values!r}"


def test_an_app_that_the_org_does_not_have_has_no_values(fresh_world: Any, tmp_path: Path) -> None:
    org = own_connection(tmp_path, fresh_world.my_domain(), "3MVG9" + "a" * 80).practice_org
    assert org is not None
    assert org.values.app is None


@pytest.mark.parametrize(("host", "short"), [("login_url", "first"), ("test_url", "second")])
def test_the_login_hosts_lead_to_the_org_whose_users_log_in_there(
    practice_world: Any, tmp_path: Path, host: str, short: str
) -> None:
    org = own_connection(tmp_path, practice_world.ready[host], practice_world.app(short)["client_id"]).practice_org
    assert org is not None
    assert org.values.user.name == practice_world.user(short)["username"]
    sandbox = "true" if short == "second" else "false"
    assert org.values.properties == {"isSandbox": sandbox, "InstanceUrl": practice_world.my_domain(short)}


def test_a_practice_org_with_tls_is_found_too(practice_world_tls: Any, tmp_path: Path) -> None:
    world = practice_world_tls
    org = own_connection(tmp_path, world.my_domain("second"), world.app("second")["client_id"], world.ca_file)
    assert org.practice_org is not None
    assert org.practice_org.values.user.name == world.user("second")["username"]


def test_the_practice_connection_is_one_of_them(fresh_world: Any, tmp_path: Path) -> None:
    opened = open_connection("practice", session_of(fresh_world, tmp_path / "session"))
    assert opened.practice_org is not None
    assert opened.practice_org.values.variables == opened.connection.variables


def test_an_app_of_an_own_connection_can_be_broken_and_its_sessions_ended(fresh_world: Any, tmp_path: Path) -> None:
    app = new_app(fresh_world)
    opened = own_connection(tmp_path, fresh_world.my_domain(), app["client_id"])
    assert opened.practice_org is not None
    PlannedFailures(opened.practice_org).break_it("refresh-scope-removed")
    assert fresh_world.control("GET", f"/apps/{app['client_id']}")["scopes"] == ["full"]
    assert opened.partner.end_sessions is not None
    opened.partner.end_sessions()


def test_a_real_org_is_not_asked(tmp_path: Path) -> None:
    """Sockets to other machines are closed to the tests, so a question would fail."""
    assert own_connection(tmp_path, "https://acme.my.salesforce.com", "3MVG9" + "a" * 80).practice_org is None


def test_a_practice_org_that_has_ended_is_reported(tmp_path: Path) -> None:
    opened = own_connection(tmp_path, f"http://127.0.0.1:{free_port()}", "3MVG9" + "a" * 80)
    with raises_problem("practice-world-gone"):
        _ = opened.practice_org
    assert opened.partner.end_sessions is None


@pytest.mark.parametrize("about", ['{"control_url": "https://control.example"}', "[]", "<html>", "{}"])
def test_another_program_at_the_address_is_no_practice_org(tmp_path: Path, about: str) -> None:
    with ScriptedHost({"/practice-org": [Answer(200, about)]}) as host:
        assert own_connection(tmp_path, host.origin, "3MVG9" + "a" * 80).practice_org is None
