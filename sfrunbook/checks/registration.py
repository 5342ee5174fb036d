"""Checks of the app's registration from outside: no login, no secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sfrunbook.checks.registry import Answer, Context, check, failed, passed, skipped, undecided
from sfrunbook.core.http import origin_of
from sfrunbook.core.model import Skip, Status
from sfrunbook.core.secrets.shape import hint_of_client_id, shape_of_callback, shape_of_client_id
from sfrunbook.salesforce.oauth.hosts import HostKind, classify, discover
from sfrunbook.salesforce.oauth.probe import CallbackAnswer, CallbackProbe
from sfrunbook.salesforce.oauth.redirect import can_receive

__all__ = ["STAGE"]

STAGE = "registration"


@check(STAGE)
def login_host_is_salesforce(context: Context) -> Answer:
    """The login address is a Salesforce login page."""
    origin = origin_of(context.connection.login_url)
    discover(context.http, origin)
    host = classify(origin)
    which = host.description if host.kind is HostKind.LOOPBACK else f"{origin} is {host.description}"
    return passed(f"Salesforce login page found: {which}.")


@check(STAGE)
def consumer_key_is_well_formed(context: Context) -> Answer:
    """The Consumer Key has the right format."""
    client_id = context.connection.client_id
    if reasons := " ".join(shape_of_client_id(client_id)):
        return failed("client-id-shape", reasons, reasons=reasons)
    right = f"The format is right: {len(client_id)} characters, starting with 3MVG9."
    return passed(hint_of_client_id(client_id) or right)


@check(STAGE, requires=(login_host_is_salesforce, consumer_key_is_well_formed))
def consumer_key_is_known(context: Context) -> Answer:
    """Salesforce knows this Consumer Key."""
    report = context.registration_probe
    if report.client_id_known:
        return passed("Salesforce knows an app with this Consumer Key.")
    return undecided(report.control.reason, report.control.failure, failed=report.client_id_known is False)


@check(STAGE, requires=(login_host_is_salesforce, consumer_key_is_well_formed, consumer_key_is_known))
def callback_urls_are_registered(context: Context) -> Answer:
    """All callback URLs of the partner are registered."""
    wanted = context.profile.callback_urls(context.connection.variables)
    probes = [probe for probe in context.registration_probe.callbacks if probe.callback in wanted]
    for answer in (CallbackAnswer.NOT_REGISTERED, CallbackAnswer.INCONCLUSIVE, CallbackAnswer.UNKNOWN_CLIENT):
        if found := [probe for probe in probes if probe.answer is answer]:
            return _unregistered(found, _evidence(probes))
    every = f"All {len(probes)} callback URLs are" if len(probes) > 1 else "The callback URL is"
    return passed(f"{every} registered.", _evidence(probes))


@check(STAGE, requires=(login_host_is_salesforce, consumer_key_is_well_formed, consumer_key_is_known))
def runbook_callback_is_registered(context: Context) -> Answer:
    """The runbook's own callback URL is registered (optional)."""
    redirect_uri = context.connection.redirect_uri
    if reasons := " ".join(shape_of_callback(redirect_uri)):
        answer = failed("callback-shape", reasons, callback=redirect_uri, reasons=reasons)
        evidence = {redirect_uri: _words(CallbackAnswer.NOT_REGISTERED)}
        return replace(answer, status=Status.WARNING, evidence=evidence)
    (probe,) = (probe for probe in context.registration_probe.callbacks if probe.callback == redirect_uri)
    if probe.answer is CallbackAnswer.REGISTERED:
        way = "your login returns here by itself" if can_receive(redirect_uri) else "you paste its address after login"
        return passed(f"{redirect_uri} is registered: {way}.", _evidence([probe]))
    if probe.answer is CallbackAnswer.NOT_REGISTERED:
        detail = "Not registered. It's optional: with it, you needn't paste an address at login."
        return skipped(Skip.OPTIONAL, detail, _evidence([probe]))
    return undecided(f"{redirect_uri}: {probe.reason}", probe.failure, evidence=_evidence([probe]))


@check(STAGE, requires=(login_host_is_salesforce, consumer_key_is_well_formed, consumer_key_is_known))
def pkce_is_demanded(context: Context) -> Answer:
    """The app requires a proof key (PKCE)."""
    demanded, label = context.registration_probe.pkce_required, context.profile.label
    if demanded is None:
        return skipped(Skip.TO_DO, "Register a callback URL first: this check needs one.")
    if demanded:
        return passed(f"PKCE is required. “Set up {label}” checks whether {label} supports it.")
    detail = f"PKCE isn't required. If {label} supports it, check Require Proof Key for Code Exchange (PKCE)."
    return Answer(status=Status.WARNING, detail=detail)


def _unregistered(probes: list[CallbackProbe], evidence: Mapping[str, str]) -> Answer:
    """The answer about callback URLs that all got the same reply, and not that they are registered."""
    if probes[0].answer is not CallbackAnswer.NOT_REGISTERED:
        detail = " ".join(f"{probe.callback}: {probe.reason}" for probe in probes)
        return undecided(detail, probes[0].failure, evidence=evidence)
    detail = " ".join(_missing(probe) for probe in probes)
    callbacks = ", ".join(probe.callback for probe in probes)
    return failed("callback-not-registered", detail, evidence=evidence, callback=callbacks)


def _missing(probe: CallbackProbe) -> str:
    """What is wrong with the app's line for this callback URL, and the line to copy."""
    if not probe.registered_as:
        return f"{probe.callback} isn't registered."
    if probe.registered_as.endswith("/"):
        fault = f"{probe.callback} is registered with a slash at the end: remove it."
    else:
        fault = f"{probe.callback} is registered without the slash at the end: add it."
    return f"{fault} Copy this line: {probe.callback}"


def _evidence(probes: list[CallbackProbe]) -> dict[str, str]:
    return {probe.callback: _words(probe.answer) for probe in probes}


def _words(answer: CallbackAnswer) -> str:
    return answer.value.replace("_", " ")
