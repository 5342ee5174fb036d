"""Account level of the API: templates, cycles, their runs, transactions and incidents.

Addresses and states confirmed by Cyclr's public API tests; the items hold what their readers need (shape likely).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sfrunbook.practice.cyclr.asked import Asked, Refused, Route, as_utc, flag, page_of, text_of
from sfrunbook.practice.cyclr.desk import CyclrDesk
from sfrunbook.practice.cyclr.entities import Cycle, Incident, Step, Template, Transaction
from sfrunbook.practice.cyclr.runs import Runs

__all__ = ["cycle_routes"]

_CYCLES_AT_MOST = 1_000


def cycle_routes(desk: CyclrDesk, runs: Runs) -> tuple[Route, ...]:
    cycles, account, cycle = _Cycles(desk, runs), "account", "/cycles/{cycle}"
    return (
        Route(method="GET", path="/templates", level="partner", handler=cycles.templates),
        Route(method="GET", path="/templates/{template}", level="partner", handler=cycles.template),
        Route(method="POST", path="/templates/{template}/install", level=account, handler=cycles.install),
        Route(method="GET", path="/cycles", level=account, handler=cycles.list),
        Route(method="POST", path="/cycles", level=account, handler=cycles.create, status=201),
        Route(method="GET", path="/cycles/transactions", level=account, handler=cycles.transactions),
        Route(method="GET", path="/cycles/incidents/{level}", level=account, handler=cycles.incidents),
        Route(method="GET", path=cycle, level=account, handler=cycles.get),
        Route(method="PUT", path=cycle, level=account, handler=cycles.update),
        Route(method="PATCH", path=cycle, level=account, handler=cycles.update),
        Route(method="DELETE", path=cycle, level=account, handler=cycles.delete),
        Route(method="PUT", path=f"{cycle}/activate", level=account, handler=cycles.activate),
        Route(method="PUT", path=f"{cycle}/deactivate", level=account, handler=cycles.deactivate),
        Route(method="GET", path=f"{cycle}/steps", level=account, handler=cycles.steps),
        Route(method="GET", path=f"{cycle}/transactions", level=account, handler=cycles.transactions),
        Route(method="GET", path=f"{cycle}/transactions/{{transaction}}", level=account, handler=cycles.transaction),
        Route(method="GET", path=f"{cycle}/incidents", level=account, handler=cycles.incidents),
    )


class _Cycles:
    def __init__(self, desk: CyclrDesk, runs: Runs) -> None:
        self._desk = desk
        self._runs = runs

    # templates

    def templates(self, asked: Asked) -> Any:  # noqa: ANN401 - JSON
        return [_template_json(each) for each in asked.instance.templates]

    def _template(self, asked: Asked) -> Template:
        found = next((each for each in asked.instance.templates if each.template_id == asked.found["template"]), None)
        if found is None:
            raise Refused(404, "Template not found.")
        return found

    def template(self, asked: Asked) -> Any:  # noqa: ANN401 - JSON
        return _template_json(self._template(asked))

    def install(self, asked: Asked) -> Any:  # noqa: ANN401 - JSON
        """A cycle from the template; its step takes the account's newest connector of that name (guess)."""
        template = self._template(asked)
        if template.status == "Draft":
            raise Refused(400, "The template is a draft and cannot be installed.")
        cycle = self._new(asked, template.name, template.description)
        fitting = [
            each.number
            for each in asked.instance.connectors.values()
            if (each.account_id, each.library_name) == (cycle.account_id, template.connector_name)
        ]
        step = Step(
            step_id=asked.cyclr.mint.guid(),
            name=template.method_name,
            connector_number=fitting[-1] if fitting else 0,
            method_name=template.method_name,
        )
        cycle.steps.append(step)
        return self._json(asked, cycle)

    def _new(self, asked: Asked, name: str, description: str) -> Cycle:
        if len(asked.instance.cycles) >= _CYCLES_AT_MOST:
            raise Refused(400, "This practice Cyclr can't store more cycles.")
        account_id = asked.account.account_id
        cycle = Cycle(cycle_id=asked.cyclr.mint.guid(), account_id=account_id, name=name, description=description)
        asked.instance.cycles[cycle.cycle_id] = cycle
        return cycle

    # cycles

    def _own(self, asked: Asked) -> Sequence[Cycle]:
        return [each for each in asked.instance.cycles.values() if each.account_id == asked.account.account_id]

    def _cycle(self, asked: Asked) -> Cycle:
        found = asked.instance.cycles.get(asked.found["cycle"])
        if found is None or found.account_id != asked.account.account_id:
            raise Refused(404, "Cycle not found.")
        return found

    def list(self, asked: Asked) -> Any:  # noqa: ANN401 - JSON
        wanted = asked.query.get("connectorname", "").casefold()
        rows = [self._json(asked, each) for each in self._own(asked)]
        rows = [each for each in rows if not wanted or any(wanted == name.casefold() for name in each["Connectors"])]
        return page_of(asked, rows, self._desk.settings.cyclr_page_size)

    def create(self, asked: Asked) -> Any:  # noqa: ANN401 - JSON
        """An empty cycle."""
        name = text_of(asked.body, "Name").strip()
        if not name:
            raise Refused(400, "The Name field is required.")
        return self._json(asked, self._new(asked, name, text_of(asked.body, "Description")))

    def get(self, asked: Asked) -> Any:  # noqa: ANN401 - JSON
        return self._json(asked, self._cycle(asked))

    def update(self, asked: Asked) -> Any:  # noqa: ANN401 - JSON
        """While it runs: 409 (confirmed)."""
        cycle, sent = self._cycle(asked), asked.body
        if cycle.status == "Running":
            raise Refused(409, "The cycle is running and cannot be edited.")
        name, description = text_of(sent, "Name", cycle.name), text_of(sent, "Description", cycle.description)
        cycle.name, cycle.description = name.strip() or cycle.name, description
        return self._json(asked, cycle)

    def delete(self, asked: Asked) -> Any:  # noqa: ANN401 - JSON
        gone = self.get(asked)
        del asked.instance.cycles[asked.found["cycle"]]
        return gone

    async def activate(self, asked: Asked) -> Any:  # noqa: ANN401 - JSON
        """Runs it before the answer comes; with RunOnce it stops again, else it stays Running without further runs.

        Both are simplifications: a real cycle runs a little later, and at its interval.
        """
        cycle, sent = self._cycle(asked), asked.body
        run_once, interval = flag(sent, "RunOnce"), sent.get("Interval", cycle.interval)
        if not isinstance(interval, int) or isinstance(interval, bool) or not 0 < interval < 10**6:
            raise Refused(400, "The request is invalid.")
        if cycle.status == "Running":
            raise Refused(409, "The cycle is running already.")
        if not cycle.steps:
            raise Refused(400, "The cycle has no steps.")
        cycle.status, cycle.interval = "Running", interval
        await self._runs.once(asked.instance.region, cycle.cycle_id)
        now = self._desk.cyclr.instances[asked.instance.region].cycles.get(cycle.cycle_id, cycle)
        if run_once:
            now.status = "Stopped"
        return self._json(asked, now)

    def deactivate(self, asked: Asked) -> Any:  # noqa: ANN401 - JSON
        cycle = self._cycle(asked)
        cycle.status = "Stopped"
        return self._json(asked, cycle)

    def steps(self, asked: Asked) -> Any:  # noqa: ANN401 - JSON
        return [self._step_json(asked, each) for each in self._cycle(asked).steps]

    def _step_json(self, asked: Asked, step: Step) -> dict[str, Any]:
        connector = asked.instance.connectors.get(step.connector_number)
        installed = {"Id": connector.number, "Name": connector.name} if connector is not None else None
        return {"Id": step.step_id, "Name": step.name, "StepType": "Connector", "AccountConnector": installed}

    def _json(self, asked: Asked, cycle: Cycle) -> dict[str, Any]:
        names = [
            each.library_name for step in cycle.steps if (each := asked.instance.connectors.get(step.connector_number))
        ]
        return {
            "Id": cycle.cycle_id,
            "Name": cycle.name,
            "Description": cycle.description,
            "Status": cycle.status,
            "Interval": cycle.interval,
            "Connectors": names,
            "ErrorCount": len(cycle.incidents),
        }

    # what came of it

    def _chosen(self, asked: Asked) -> Sequence[Cycle]:
        return [self._cycle(asked)] if "cycle" in asked.found else self._own(asked)

    def transactions(self, asked: Asked) -> Any:  # noqa: ANN401 - JSON
        wanted = asked.query.get("status", "").casefold()
        rows = [
            _transaction_json(cycle, each)
            for cycle in self._chosen(asked)
            for each in cycle.transactions
            if wanted in ("", each.status.casefold())
        ]
        return page_of(asked, rows, self._desk.settings.cyclr_page_size)

    def transaction(self, asked: Asked) -> Any:  # noqa: ANN401 - JSON
        cycle = self._cycle(asked)
        for each in cycle.transactions:
            if each.transaction_id == asked.found["transaction"]:
                return _transaction_json(cycle, each)
        raise Refused(404, "Transaction not found.")

    def incidents(self, asked: Asked) -> Any:  # noqa: ANN401 - JSON
        level = asked.found.get("level")
        if level not in (None, "error", "warning"):
            raise Refused(404, "Incident level not found.")
        rows = [
            _incident_json(cycle, each)
            for cycle in self._chosen(asked)
            for each in cycle.incidents
            if level in (None, each.level.lower())
        ]
        return page_of(asked, rows, self._desk.settings.cyclr_page_size)


def _template_json(template: Template) -> dict[str, Any]:
    return {
        "Id": template.template_id,
        "Name": template.name,
        "Description": template.description,
        "Status": template.status,
        "Connectors": [{"Name": template.connector_name}],
    }


def _transaction_json(cycle: Cycle, transaction: Transaction) -> dict[str, Any]:
    return {
        "Id": transaction.transaction_id,
        "CycleId": cycle.cycle_id,
        "CycleName": cycle.name,
        "Status": transaction.status,
        "StartedOn": as_utc(transaction.started),
        "CompletedOn": as_utc(transaction.completed),
        "RecordCount": transaction.rows,
    }


def _incident_json(cycle: Cycle, incident: Incident) -> dict[str, Any]:
    return {
        "CycleId": cycle.cycle_id,
        "CycleName": cycle.name,
        "IncidentLevel": incident.level,
        "ShortMessage": incident.message,
        "FullMessage": incident.detail,
        "StepId": incident.step_id,
        "StepName": incident.step_name,
        "TransactionId": incident.transaction_id,
        "Timestamp": as_utc(incident.at),
    }
