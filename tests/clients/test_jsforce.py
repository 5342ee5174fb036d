"""jsforce of Node.js goes through its ordinary first steps, as `tests/node_clients/jsforce_tour.mjs` tells them."""

from __future__ import annotations

import json
import select
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

FOLDER = Path(__file__).parents[1] / "node_clients"
NODE = FOLDER / "node_modules" / ".bin" / "node"
KINDS = ("external_client_app", "connected_app")

pytestmark = [
    pytest.mark.node,
    pytest.mark.skipif(not NODE.exists(), reason="tests/node_clients/node_modules is absent; `make test` installs it"),
]


class Tour:
    """The running program: JSON lines in, JSON lines out."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process = process
        self._input = process.stdin
        self._output = process.stdout

    def say(self, **value: str) -> None:
        self._input.write(json.dumps(value) + "\n")
        self._input.flush()

    def hear(self) -> dict[str, Any]:
        readable, _, _ = select.select([self._output], [], [], 60)
        line = self._output.readline() if readable else ""
        assert line, f"jsforce said nothing; exit code {self._process.poll()}"
        return json.loads(line)


@contextmanager
def running_tour() -> Iterator[Tour]:
    command = [str(NODE), "jsforce_tour.mjs"]
    with subprocess.Popen(command, cwd=FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Tour(process)
        finally:
            process.kill()


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def toured(
    practice_world: Any, kind: str, consent: Callable[..., str], carried: Callable[[str], dict[str, str]]
) -> dict[str, Any]:
    """What the tour says at its end, with the authorize address that it made and what the callback carried."""
    app = practice_world.app(kind=kind)
    with running_tour() as tour:
        tour.say(
            loginUrl=practice_world.my_domain(),
            clientId=app["client_id"],
            clientSecret=app["client_secret"],
            redirectUri=app["callback_urls"][0],
        )
        url = tour.hear()["url"]
        arrived = carried(consent(practice_world, url))
        tour.say(code=arrived["code"])
        return {**tour.hear(), "url": url, "state": arrived["state"]}


@pytest.fixture
def query(practice_world: Any) -> Callable[[str], dict[str, Any]]:
    """The same questions by a raw request, with the token of another app and user."""
    app = practice_world.app(kind="unattended")
    host = practice_world.my_domain()
    credentials = {"client_id": app["client_id"], "client_secret": app["client_secret"]}
    sent = {"grant_type": "client_credentials", **credentials}
    token = requests.post(f"{host}/services/oauth2/token", data=sent, timeout=10).json()["access_token"]

    def query(soql: str) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {token}"}
        address = f"{host}/services/data/v68.0/query"
        return requests.get(address, params={"q": soql}, headers=headers, timeout=10).json()

    return query


def test_jsforce_goes_from_the_authorize_address_to_rows_and_back_out(
    practice_world: Any, kind: str, toured: dict[str, Any], query: Callable[[str], dict[str, Any]]
) -> None:
    asked = {name: values[0] for name, values in parse_qs(urlsplit(toured["url"]).query).items()}
    assert len(asked["code_challenge"]) == 43
    assert "code_challenge_method" not in asked
    assert toured["state"] == "from-jsforce"

    user = query(f"SELECT Id FROM User WHERE Username = '{practice_world.user()['username']}'")["records"][0]
    assert (toured["organizationId"], toured["userId"]) == (practice_world.org()["org_id"], user["Id"])
    assert toured["identityOrg"] == practice_world.org()["org_id"]

    names = [row["Name"] for row in query("SELECT Id, Name FROM Account ORDER BY Name LIMIT 3")["records"]]
    tasks = query("SELECT COUNT() FROM Task")["totalSize"]
    assert toured["names"] == names
    assert toured["pagedMoreThanOnce"] is True
    assert (toured["taskTotal"], toured["tasksFetched"]) == (tasks, tasks)
    assert toured["autoFetched"] == 2300
    assert (toured["changedName"], toured["deleted"], toured["stillThere"]) == ("Changed by jsforce", [True, True], 0)
    assert toured["retrieved"] == [["First of jsforce", "1"], ["Second of jsforce", "1"]]
    assert toured["undone"] == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "REQUIRED_FIELD_MISSING"]
    assert toured["destroyed"] == [True, True]
    assert toured["bulk"] == [2, 1, 0]
    assert toured["bulkRows"] == ["Bulk jsforce 1", "Bulk jsforce 2"]
    assert toured["searched"] == toured["bulkRows"]
    assert (toured["updated"], toured["deletedLater"]) == (True, True)
    assert toured["soap"].startswith("INVALID_LOGIN: ")
    assert toured["describedName"] == "Account"
    assert toured["malformed"] == "MALFORMED_QUERY"

    assert toured["renewed"] is True
    assert toured["rotated"] is (kind == "external_client_app")
    assert toured["afterRevoke"] == "invalid_grant"
