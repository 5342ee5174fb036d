"""Calls a method of an installed connector: request, refresh after a 401, and outcome."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from sfrunbook.practice.cyclr.authentication import Authentication
from sfrunbook.practice.cyclr.desk import CyclrDesk
from sfrunbook.practice.cyclr.entities import Tokens
from sfrunbook.practice.cyclr.library import LIMIT, SOQL, Method
from sfrunbook.practice.cyclr.outbound import Reply

__all__ = ["NOT_AUTHENTICATED", "NOT_CALLED", "Calls", "Outcome"]

NOT_AUTHENTICATED = "Failed to authenticate the connector"
NOT_CALLED = "Failed to call the method"
_USUAL_LIMIT = "200"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """`failure` is empty when all went well, else one of Cyclr's words (confirmed); `detail` is Salesforce's answer."""

    request: dict[str, Any]
    response: Any = field(default=None, repr=False)
    failure: str = ""
    detail: str = ""
    status: int = 0

    @property
    def rows(self) -> int:
        """How many records came; one for a single object."""
        records = self.response.get("records") if isinstance(self.response, dict) else None
        return len(records) if isinstance(records, list) else int(self.response is not None)


class Calls:
    """Calls Salesforce with a connector's tokens."""

    def __init__(self, desk: CyclrDesk, authentication: Authentication) -> None:
        self._desk = desk
        self._authentication = authentication

    async def method(
        self,
        region: str,
        number: int,
        method: Method,
        values: dict[str, str],
        body: Any = None,  # noqa: ANN401 - JSON
    ) -> Outcome:
        """Call a method with values by the names of its fields; `body` takes the place of what it would write."""
        query = {}
        if method.soql:
            query["q"] = f"{method.soql} LIMIT {values.get(LIMIT) or _USUAL_LIMIT}"
        elif SOQL in values:
            query["q"] = values[SOQL]
        written = body
        if written is None and method.verb != "GET":
            written = {each.name: values[each.name] for each in method.fields if each.is_field and each.name in values}
        return await self.send(region, number, method.verb, method.path, query, written)

    async def send(
        self,
        region: str,
        number: int,
        verb: str,
        path: str,
        query: dict[str, str],
        written: Any = None,  # noqa: ANN401
    ) -> Outcome:
        tokens = self._tokens(region, number)
        request: dict[str, Any] = {"Method": verb, "Url": path, "Headers": {"Authorization": "Bearer [redacted]"}}
        if tokens is None:
            return Outcome(request=request, failure=NOT_AUTHENTICATED, detail="The connector is not authenticated.")
        request["Url"] = self._address(tokens, path, query)
        if written is not None:
            request["Body"] = written
        reply = await self._once(region, tokens, verb, request["Url"], written)
        if reply.status == 401:
            refused = await self._authentication.refresh(region, number, tokens.access_token)
            if refused is not None:
                return Outcome(request=request, failure=NOT_AUTHENTICATED, detail=refused.raw, status=refused.status)
            tokens = self._tokens(region, number) or tokens
            request["Url"] = self._address(tokens, path, query)
            reply = await self._once(region, tokens, verb, request["Url"], written)
        if 200 <= reply.status < 300:
            return Outcome(request=request, response=reply.json, status=reply.status)
        failure = NOT_AUTHENTICATED if reply.status == 401 else NOT_CALLED
        return Outcome(request=request, response=reply.json, failure=failure, detail=reply.raw, status=reply.status)

    def _tokens(self, region: str, number: int) -> Tokens | None:
        connector = self._desk.connector(region, number)
        return connector.tokens if connector is not None and connector.authenticated else None

    def _address(self, tokens: Tokens, path: str, query: dict[str, str]) -> str:
        base = f"{tokens.instance_url}/services/data/v{self._desk.settings.cyclr_api_version}{path}"
        if path == "identity":
            base = tokens.identity_url
        return f"{base}?{urlencode(query)}" if query else base

    async def _once(self, region: str, tokens: Tokens, verb: str, url: str, written: Any) -> Reply:  # noqa: ANN401 - JSON
        options: dict[str, Any] = {"headers": {"Authorization": f"Bearer {tokens.access_token}"}}
        if written is not None:
            options["json"] = written
        address = self._desk.cyclr.instances[region].outbound_ip
        return await self._desk.outbound.send(verb, url, claims=address, **options)
