"""Checks of the app's registration from outside: no login, no secret."""

from __future__ import annotations

from collections.abc import Mapping

from sfrunbook.checks.registry import Answer, Context, check, failed, passed, skipped, undecided
from sfrunbook.core.http import origin_of
from sfrunbook.core.model import Skip, Status
from sfrunbook.core.secrets.shape import shape_of_callback, shape_of_client_id
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
    return passed(f"{origin} answers as a login host of Salesforce does: it is {classify(origin).description}.")


@check(STAGE)
def consumer_key_is_well_formed(context: Context) -> Answer:
    """The Consumer Key looks like one."""
    if reasons := " ".join(shape_of_client_id(context.connection.client_id)):
        return failed("client-id-shape", reasons, reasons=reasons)
    return passed(f"{len(context.connection.client_id)} characters, beginning as Consumer Keys do.")


@check(STAGE, requires=(_HOST, _SHAPE))
def consumer_key_is_known(context: Context) -> Answer:
    """Salesforce knows the app of this Consumer Key."""
    report = context.registration_probe
    if report.client_id_known:
        return passed("Salesforce knows an app with this Consumer Key.")
    return undecided(report.control.reason, report.control.failure, failed=report.client_id_known is False)


@check(STAGE, requires=(_HOST, _SHAPE, _KEY))
def callback_urls_are_registered(context: Context) -> Answer:
    """Every Callback URL of the partner is registered in the app."""
    wanted = context.profile.callback_urls(context.connection.variables)
    probes = [probe for probe in context.registration_probe.callbacks if probe.callback in wanted]
    for answer in (CallbackAnswer.NOT_REGISTERED, CallbackAnswer.INCONCLUSIVE, CallbackAnswer.UNKNOWN_CLIENT):
        if found := [probe for probe in probes if probe.answer is answer]:
            return _unregistered(found, _evidence(probes))
    return passed(f"Registered: {', '.join(wanted)}. A made-up one was refused, as it must be.", _evidence(probes))


@check(STAGE, requires=(_HOST, _SHAPE, _KEY))
def runbook_callback_is_registered(context: Context) -> Answer:
    """The Callback URL that this runbook logs in with is registered in the app."""
    redirect_uri = context.connection.redirect_uri
    if reasons := " ".join(shape_of_callback(redirect_uri)):
        return failed("callback-shape", reasons, callback=redirect_uri, reasons=reasons)
    (probe,) = (probe for probe in context.registration_probe.callbacks if probe.callback == redirect_uri)
    if probe.answer is CallbackAnswer.REGISTERED:
        way = "is received by itself" if can_receive(redirect_uri) else "is pasted by hand"
        return passed(f"{redirect_uri} is registered; the answer of a login {way}.")
    return _unregistered([probe], _evidence([probe]))


@check(STAGE, requires=(_HOST, _SHAPE, _KEY))
def pkce_is_demanded(context: Context) -> Answer:
    """The app demands a proof key (PKCE), so that a stolen authorization code is worthless."""
    demanded = context.registration_probe.pkce_required
    if demanded is None:
        return skipped(Skip.TO_DO, "Register a Callback URL first: it is asked with one.")
    if demanded:
        return passed(
            "It does: a login without a proof key is refused. Whether the partner sends one is told in its notebook."
        )
    return Answer(
        status=Status.WARNING,
        detail="A login without a proof key is accepted. This runbook sends one all the same; "
        "tick Require Proof Key for Code Exchange (PKCE) if the partner platform sends one too.",
    )


def _unregistered(probes: list[CallbackProbe], evidence: Mapping[str, str]) -> Answer:
    """The answer about Callback URLs that all got the same reply, and not that they are registered."""
    detail = " ".join(f"{probe.callback}: {probe.reason}" for probe in probes)
    if probes[0].answer is not CallbackAnswer.NOT_REGISTERED:
        return undecided(detail, probes[0].failure, evidence=evidence)
    if any(probe.callback.endswith("/") for probe in probes):
        detail += " It ends in a slash; without one it is another Callback URL."
    callbacks = ", ".join(probe.callback for probe in probes)
    return failed("callback-not-registered", detail, evidence=evidence, callback=callbacks)


def _evidence(probes: list[CallbackProbe]) -> dict[str, str]:
    return {probe.callback: probe.answer.value.replace("_", " ") for probe in probes}
