"""Checks of the app's registration, all made from outside: no login, no secret."""

from __future__ import annotations

from collections.abc import Mapping

from sfrunbook.checks.registry import Answer, Context, check, local, skipped
from sfrunbook.core.http import origin_of
from sfrunbook.core.model import Failure, Skip, Status
from sfrunbook.core.secrets.shape import shape_of_callback, shape_of_client_id
from sfrunbook.diagnosis.diagnose import diagnose
from sfrunbook.salesforce.oauth.hosts import classify, discover
from sfrunbook.salesforce.oauth.probe import CallbackAnswer, CallbackProbe
from sfrunbook.salesforce.oauth.redirect import can_receive

__all__ = ["STAGE"]

STAGE = "registration"
_HOST = "login-host-is-salesforce"
_SHAPE = "consumer-key-is-well-formed"
_KEY = "consumer-key-is-known"


@check(STAGE)
def login_host_is_salesforce(context: Context) -> Answer:
    """The login host answers as a login host of Salesforce."""
    origin = origin_of(context.connection.login_url)
    discover(context.http, origin)
    told = f"{origin} answers as a login host of Salesforce does: it is {classify(origin).told}."
    return Answer(status=Status.PASSED, detail=told)


@check(STAGE)
def consumer_key_is_well_formed(context: Context) -> Answer:
    """The Consumer Key looks like one."""
    wrong = shape_of_client_id(context.connection.client_id)
    if wrong:
        diagnosis = local("client-id-shape", reasons=" ".join(wrong))
        return Answer(status=Status.FAILED, detail=" ".join(wrong), diagnosis=diagnosis)
    return Answer(
        status=Status.PASSED, detail=f"{len(context.connection.client_id)} characters, beginning as Consumer Keys do."
    )


@check(STAGE, requires=(_HOST, _SHAPE))
def consumer_key_is_known(context: Context) -> Answer:
    """Salesforce knows the app of this Consumer Key."""
    report = context.registration_probe
    if report.client_id_known:
        return Answer(status=Status.PASSED, detail="Salesforce knows an app with this Consumer Key.")
    return _not_proved(report.control, failed=report.client_id_known is False)


@check(STAGE, requires=(_HOST, _SHAPE, _KEY))
def callback_urls_are_registered(context: Context) -> Answer:
    """Every Callback URL of the partner is registered in the app."""
    wanted = context.profile.callback_urls(context.connection.variables)
    probes = [probe for probe in context.registration_probe.callbacks if probe.callback in wanted]
    evidence = _evidence(probes)
    for answer, status in (
        (CallbackAnswer.NOT_REGISTERED, Status.FAILED),
        (CallbackAnswer.INCONCLUSIVE, Status.INCONCLUSIVE),
        (CallbackAnswer.UNKNOWN_CLIENT, Status.INCONCLUSIVE),
    ):
        found = [probe for probe in probes if probe.answer is answer]
        if found:
            return _unregistered(found, status, evidence)
    told = f"Registered: {', '.join(wanted)}. A made-up one was refused, as it must be."
    return Answer(status=Status.PASSED, detail=told, evidence=evidence)


@check(STAGE, requires=(_HOST, _SHAPE, _KEY))
def runbook_callback_is_registered(context: Context) -> Answer:
    """The Callback URL that this runbook logs in with is registered in the app."""
    redirect_uri = context.connection.redirect_uri
    if wrong := shape_of_callback(redirect_uri):
        diagnosis = local("callback-shape", callback=redirect_uri, reasons=" ".join(wrong))
        return Answer(status=Status.FAILED, detail=" ".join(wrong), diagnosis=diagnosis)
    (probe,) = (one for one in context.registration_probe.callbacks if one.callback == redirect_uri)
    if probe.answer is CallbackAnswer.REGISTERED:
        way = "is received by itself" if can_receive(redirect_uri) else "is pasted by hand"
        return Answer(status=Status.PASSED, detail=f"{redirect_uri} is registered; the answer of a login {way}.")
    return _unregistered([probe], _status_of(probe), _evidence([probe]))


@check(STAGE, requires=(_HOST, _SHAPE, _KEY))
def pkce_is_demanded(context: Context) -> Answer:
    """The app demands a proof key (PKCE), so that a stolen authorization code is worthless."""
    demanded = context.registration_probe.pkce_required
    if demanded is None:
        return skipped(Skip.TO_DO, "Register a Callback URL first: it is asked with one.")
    if demanded:
        told = "It does: a login without a proof key is refused. Whether the partner sends one is told in its notebook."
        return Answer(status=Status.PASSED, detail=told)
    return Answer(
        status=Status.WARNING,
        detail="A login without a proof key is accepted. This runbook sends one all the same; "
        "tick Require Proof Key for Code Exchange (PKCE) if the partner platform sends one too.",
    )


def _not_proved(probe: CallbackProbe, *, failed: bool) -> Answer:
    return Answer(
        status=Status.FAILED if failed else Status.INCONCLUSIVE,
        detail=probe.reason,
        diagnosis=diagnose(probe.failure) if probe.failure else None,
    )


def _unregistered(probes: list[CallbackProbe], status: Status, evidence: Mapping[str, str]) -> Answer:
    detail = " ".join(f"{probe.callback}: {probe.reason}" for probe in probes)
    if status is Status.FAILED and any(probe.callback.endswith("/") for probe in probes):
        detail += " It ends in a slash; without one it is another Callback URL."
    failure: Failure | None = probes[0].failure
    diagnosis = (
        local("callback-not-registered", callback=", ".join(probe.callback for probe in probes))
        if status is Status.FAILED
        else diagnose(failure)
        if failure
        else None
    )
    return Answer(status=status, detail=detail, diagnosis=diagnosis, evidence=evidence)


def _status_of(probe: CallbackProbe) -> Status:
    return Status.FAILED if probe.answer is CallbackAnswer.NOT_REGISTERED else Status.INCONCLUSIVE


def _evidence(probes: list[CallbackProbe]) -> dict[str, str]:
    return {probe.callback: probe.answer.value.replace("_", " ") for probe in probes}
