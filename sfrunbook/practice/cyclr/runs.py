"""A run of a cycle: calls the method of its step, records the transaction, and reports an error to the webhooks."""

from __future__ import annotations

import asyncio

from sfrunbook.practice.cyclr.asked import as_utc
from sfrunbook.practice.cyclr.calls import NOT_AUTHENTICATED, Calls, Outcome
from sfrunbook.practice.cyclr.desk import CyclrDesk
from sfrunbook.practice.cyclr.entities import Cycle, Delivery, Incident, Instance, Step, Transaction
from sfrunbook.practice.cyclr.library import METHODS

__all__ = ["Runs"]

_TRANSACTIONS_KEPT = 200


class Runs:
    def __init__(self, desk: CyclrDesk, calls: Calls) -> None:
        self._desk = desk
        self._calls = calls
        self._sending: set[asyncio.Task[None]] = set()

    async def once(self, region: str, cycle_id: str) -> None:
        """Run the cycle one time. What is noted has its place only while the cycle is still there."""
        cycle = self._desk.cyclr.instances[region].cycles[cycle_id]
        started, step = self._desk.now(), cycle.steps[0]
        method = next(each for each in METHODS if each.name == step.method_name)
        if step.connector_number:
            outcome = await self._calls.method(region, step.connector_number, method, {})
        else:
            detail = "The step has no connector in this account."
            outcome = Outcome(request={}, failure=NOT_AUTHENTICATED, detail=detail)
        instance = self._desk.cyclr.instances[region]
        if cycle_id in instance.cycles:
            self._note(instance, instance.cycles[cycle_id], step, started, outcome)

    def _note(self, instance: Instance, cycle: Cycle, step: Step, started: float, outcome: Outcome) -> None:
        transaction = Transaction(
            transaction_id=self._desk.cyclr.mint.guid(),
            started=started,
            completed=self._desk.now(),
            status="Error" if outcome.failure else "Completed",
            rows=0 if outcome.failure else outcome.rows,
        )
        cycle.transactions.append(transaction)
        del cycle.transactions[:-_TRANSACTIONS_KEPT]
        if not outcome.failure:
            return
        detail = f"{outcome.detail}\nRequest: {outcome.request.get('Method', '')} {outcome.request.get('Url', '')}"
        incident = Incident(
            level="Error",
            message=outcome.failure,
            detail=detail.strip(),
            step_id=step.step_id,
            step_name=step.name,
            transaction_id=transaction.transaction_id,
            at=transaction.completed,
        )
        cycle.incidents.append(incident)
        del cycle.incidents[:-_TRANSACTIONS_KEPT]
        self._report(instance, cycle, incident)

    def _report(self, instance: Instance, cycle: Cycle, incident: Incident) -> None:
        """Both webhooks, the Console's and the account's, get the same body (fields confirmed)."""
        account = instance.accounts[cycle.account_id]
        body = {
            "Timestamp": as_utc(incident.at),
            "AccountId": account.account_id,
            "AccountExternalId": account.account_id,
            "AccountName": account.name,
            "CycleId": cycle.cycle_id,
            "CycleName": cycle.name,
            "StepId": incident.step_id,
            "StepName": incident.step_name,
            "StepType": "Connector",
            "TransactionId": incident.transaction_id,
            "Message": incident.message,
            "Detail": incident.detail,
            "IncidentLevel": incident.level,
        }
        for webhook in (instance.webhook, account.webhook):
            if webhook.enabled and webhook.url:
                delivery = Delivery(at=incident.at, url=webhook.url, body=body)
                instance.deliveries.append(delivery)
                self._start(delivery, instance.outbound_ip)

    def _start(self, delivery: Delivery, address: str) -> None:
        """In the background: a webhook that is slow keeps no run waiting."""

        async def send() -> None:
            reply = await self._desk.outbound.send("POST", delivery.url, claims=address, json=delivery.body)
            delivery.outcome = str(reply.status) if reply.status else reply.text

        task = asyncio.get_running_loop().create_task(send())
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)
