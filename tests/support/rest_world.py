"""One small practice org that the tests of the REST half share."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from sfrunbook.practice.org.entities import User
from sfrunbook.practice.org.ids import make_id
from sfrunbook.practice.records.org_facts import Caller, OrgFacts
from sfrunbook.practice.rest.api import RestApi
from sfrunbook.practice.rest.reply import not_found

ADMIN = make_id("005", 9)
SELLER = make_id("005", 10)
NOW = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)
ORG = OrgFacts(
    org_id=make_id("00D", 77),
    name="Sunrise Trading",
    edition="Developer Edition",
    is_sandbox=False,
    instance_name="EU42",
    instance_url="http://127.0.0.1:8443",
    users=tuple(
        User(
            user_id=user_id,
            org_id=make_id("00D", 77),
            username=f"{first.lower()}@sunrise.example",
            password="practice",
            first_name=first,
            last_name=last,
            email=f"{first.lower()}@sunrise.example",
            profile=profile,
        )
        for user_id, first, last, profile in (
            (ADMIN, "Ada", "Admin", "System Administrator"),
            (SELLER, "Sam", "Seller", "Standard User"),
        )
    ),
)


def caller(user_id: str = ADMIN) -> Caller:
    return Caller(
        user_id=user_id,
        profile="System Administrator",
        scopes=frozenset({"api"}),
        client_id="3MVG9practice",
        app_name="Practice",
    )


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **span: float) -> None:
        self.now += timedelta(**span)


class NothingHappened:
    """The setup rows and the apps of an org where nothing happened yet."""

    def may(self, *_: Any) -> bool:
        return True

    may_see = may

    def rows(self, *_: Any) -> tuple[()]:
        return ()

    def profile_metadata(self, *_: Any) -> dict[str, Any]:
        return {"loginHours": None, "loginIpRanges": []}

    def answer(self, *_: Any) -> None:
        raise not_found()


class World:
    """An API with short ways to call it; every reply must be JSON with the right media type."""

    def __init__(self, seed: int = 1) -> None:
        self.clock = Clock()
        nothing = NothingHappened()
        self.api = RestApi(seed, ORG, self.clock, setup_rows=nothing, apps=nothing)

    def call(
        self,
        method: str,
        path: str,
        query: dict[str, str] | None = None,
        body: Any = None,
        user_id: str = ADMIN,
        **headers: str,
    ) -> tuple[int, Any, dict[str, str]]:
        data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        path = f"/services/data/v68.0{path}"
        status, reply_headers, text = self.api.answer(method, path, query or {}, names, data, caller(user_id))
        return status, json.loads(text) if text else None, reply_headers

    def soql(self, text: str) -> dict[str, Any]:
        status, reply, _ = self.call("GET", "/query", {"q": text})
        assert status == 200, reply
        return reply

    def rows(self, text: str) -> list[dict[str, Any]]:
        return self.soql(text)["records"]

    def column(self, text: str) -> list[Any]:
        """The values of the only field selected."""
        return [next(value for name, value in row.items() if name != "attributes") for row in self.rows(text)]

    def refusal(self, text: str) -> tuple[str, str]:
        status, reply, _ = self.call("GET", "/query", {"q": text})
        assert status == 400, reply
        assert list(reply[0]) == ["message", "errorCode"]
        return reply[0]["errorCode"], reply[0]["message"]
