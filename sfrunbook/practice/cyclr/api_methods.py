"""Account level of the API: executing and testing methods, and trigger lookups.

Sources: docs.cyclr.com/api/call-a-connector-method (confirmed); what a test answers is a setting.
"""

from __future__ import annotations

from typing import Any

from sfrunbook.practice.cyclr.asked import Asked, Refused, Route, check_uuid
from sfrunbook.practice.cyclr.calls import Calls, Outcome
from sfrunbook.practice.cyclr.desk import CyclrDesk
from sfrunbook.practice.cyclr.entities import LibraryConnector
from sfrunbook.practice.cyclr.library import LIMIT, Method, find_method, library_of, parameter_id, triggers_of

__all__ = ["check_values", "method_routes"]

_ONE = "/account/connectors/{id}"
_LONGEST_VALUE = 20_000
_MOST_LIMIT = 2_000


def method_routes(desk: CyclrDesk, calls: Calls) -> tuple[Route, ...]:
    methods = _Methods(desk, calls)
    executing = [
        Route(method=verb, path=f"{_ONE}/{path}", level="account", handler=handler, executes=True)
        for verb, path, handler in (
            ("POST", "methods/{method}", methods.execute),
            ("GET", "methods/{method}", methods.execute_by_query),
            ("POST", "methods/{method}/body", methods.execute_body),
            ("POST", "test/{method}", methods.test),
            ("GET", "test/{method}", methods.test),
        )
    ]
    trigger = Route(
        method="POST", path=f"{_ONE}/triggers/{{trigger}}", level="account", handler=methods.trigger, looks_up=True
    )
    return (*executing, trigger)


class _Methods:
    def __init__(self, desk: CyclrDesk, calls: Calls) -> None:
        self._desk = desk
        self._calls = calls

    def _named(self, asked: Asked) -> tuple[LibraryConnector, Method]:
        """Unknown: 404; a malformed unique identifier: 400 (confirmed)."""
        wanted, library = asked.found["method"], library_of(asked.instance, asked.connector())
        if not (wanted.isascii() and wanted.isdigit()):
            check_uuid(wanted)
        found = find_method(library, wanted)
        if found is None:
            raise Refused(404, "Method not found.")
        return library, found

    async def execute(self, asked: Asked) -> Any:  # noqa: ANN401 - JSON
        """What Salesforce answered, or Cyclr's word for what went wrong."""
        return self._answered(await self._run(asked))

    async def execute_by_query(self, asked: Asked) -> Any:  # noqa: ANN401 - JSON
        """The older form: parameters by their ids in the query (guess)."""
        library, method = self._named(asked)
        ids = {str(parameter_id(library, method, each)): each.name for each in method.fields}
        values = {ids[name]: value for name, value in asked.query.items() if name in ids}
        check_values(method, values)
        return self._answered(await self._call(asked, method, values))

    async def execute_body(self, asked: Asked) -> Any:  # noqa: ANN401 - JSON
        """The body as it is, for methods that write."""
        _, method = self._named(asked)
        if method.verb == "GET" or not isinstance(asked.sent, dict):
            raise Refused(400, "The request is invalid.")
        return self._answered(await self._call(asked, method, {}, asked.sent))

    async def test(self, asked: Asked) -> Any:  # noqa: ANN401 - JSON
        outcome = await self._run(asked)
        if self._desk.settings.cyclr_test_shape == "response":
            return self._answered(outcome)
        return {
            "Request": outcome.request,
            "MethodResponse": outcome.response,
            "StatusCode": outcome.status,
            "Error": f"{outcome.failure}: {outcome.detail}" if outcome.failure else None,
        }

    async def trigger(self, asked: Asked) -> Any:  # noqa: ANN401 - JSON
        """The lookup of a drop-down: here the names of the org's objects."""
        connector = asked.connector()
        known = {str(each["Id"]) for each in triggers_of(library_of(asked.instance, connector))}
        if asked.found["trigger"] not in known:
            raise Refused(404, "Trigger not found.")
        answered = self._answered(
            await self._calls.send(asked.instance.region, connector.number, "GET", "/sobjects", {})
        )
        return [{"Value": each["name"]} for each in answered.get("sobjects", ())]

    async def _run(self, asked: Asked) -> Outcome:
        library, method = self._named(asked)
        values = _values(library, method, asked.body)
        check_values(method, values)
        return await self._call(asked, method, values)

    async def _call(
        self, asked: Asked, method: Method, values: dict[str, str], body: dict[str, Any] | None = None
    ) -> Outcome:
        return await self._calls.method(asked.instance.region, asked.connector().number, method, values, body)

    def _answered(self, outcome: Outcome) -> Any:  # noqa: ANN401 - JSON
        if not outcome.failure:
            return outcome.response
        settings = self._desk.settings
        more = {"Detail": outcome.detail} if settings.cyclr_method_error_detail else {}
        raise Refused(settings.cyclr_method_error_status, outcome.failure, **more)


def _values(library: LibraryConnector, method: Method, sent: dict[str, Any]) -> dict[str, str]:
    """Values by name; ids that are not this method's are refused (confirmed: 400)."""
    values: dict[str, str] = {}
    for group, are_fields in (("Parameters", False), ("Fields", True)):
        given = sent.get(group) or {}
        if not isinstance(given, dict):
            raise Refused(400, "The request is invalid.")
        ids = {str(parameter_id(library, method, each)): each for each in method.fields if each.is_field == are_fields}
        for key, value in given.items():
            if key not in ids:
                raise Refused(400, f"{group[:-1]} {key[:60]} does not belong to this method.")
            if isinstance(value, bool) or not isinstance(value, str | int | float):
                raise Refused(400, "The request is invalid.")
            values[ids[key].name] = str(value)
    return values


def check_values(method: Method, values: dict[str, str]) -> None:
    """Raises `Refused` for a missing value, a limit that is no number, or a text that cannot be sent."""
    for each in method.fields:
        if not each.optional and not values.get(each.name, "").strip():
            raise Refused(400, f"{each.description} is required.")
    limit = values.get(LIMIT, "")
    if limit and not (limit.isascii() and limit.isdigit() and len(limit) < 6 and 0 < int(limit) <= _MOST_LIMIT):
        raise Refused(400, f"The limit is a number from 1 to {_MOST_LIMIT}.")
    for value in values.values():
        if len(value) > _LONGEST_VALUE or any(0xD800 <= ord(each) < 0xE000 for each in value):
            raise Refused(400, "The request is invalid.")
