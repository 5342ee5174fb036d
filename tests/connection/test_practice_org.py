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
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.salesforce.oauth.redirect import LoopbackReceiver
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


def org_after_login(opened: OpenConnection, world: Any, short: str) -> str:
    """The org whose scripted user logged in."""
    app, callback = world.app(short), f"http://localhost:{free_port()}/callback"
    path = f"/apps/{app['client_id']}"
    world.control("POST", path, {"callback_urls": [*world.control("GET", path)["callback_urls"], callback]})
    opened.keep_client_secret(Secret(app["client_secret"]))
    pending, url = opened.login.begin(callback)
    with LoopbackReceiver(callback, pending=pending) as receiver:
        assert opened.practice_org is not None
        opened.practice_org.visit(url)
        return opened.login.finish(receiver.wait()).org_id


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
    assert (values.console_url, values.console_user) == (cyclr["console_url"], cyclr["console_user"]["username"])
    api = cyclr["api_clients"][0]
    assert (values.partner_api.name, values.partner_api.secret.reveal()) == (api["client_id"], api["client_secret"])
    assert values.app is not None
    assert (values.app.name, values.app.secret.reveal()) == (app["client_id"], app["client_secret"])
    for secret in (fresh_world.user()["password"], api["client_secret"], app["client_secret"]):
        assert secret not in f"{org!r} {values!r}"


def test_an_app_that_the_org_does_not_have_has_no_values(fresh_world: Any, tmp_path: Path) -> None:
    org = own_connection(tmp_path, fresh_world.my_domain(), "3MVG9" + "a" * 80).practice_org
    assert org is not None
    assert org.values.app is None


@pytest.mark.parametrize(("host", "short"), [("login_url", "first"), ("test_url", "second")])
def test_the_login_hosts_lead_to_the_org_whose_users_log_in_there(
    fresh_world: Any, tmp_path: Path, host: str, short: str
) -> None:
    opened = own_connection(tmp_path, fresh_world.ready[host], fresh_world.app(short)["client_id"])
    assert org_after_login(opened, fresh_world, short) == fresh_world.org(short)["org_id"]


def test_a_practice_org_with_tls_is_found_too(practice_world_tls: Any, tmp_path: Path) -> None:
    world = practice_world_tls
    opened = own_connection(tmp_path, world.my_domain("second"), world.app("second")["client_id"], world.ca_file)
    assert org_after_login(opened, world, "second") == world.org("second")["org_id"]


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
