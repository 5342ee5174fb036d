"""Checks of Consumer Key and Consumer Secret that need no login."""

from __future__ import annotations

from sfrunbook.checks.registration import login_host_is_salesforce
from sfrunbook.checks.registry import Answer, Context, check, failed, passed, skipped, undecided
from sfrunbook.core.model import GrantKind, Skip
from sfrunbook.core.secrets.shape import shape_of_client_secret
from sfrunbook.salesforce.oauth.probe_token import CredentialAnswer, probe_credentials

__all__ = ["STAGE"]

STAGE = "credentials"


@check(STAGE)
def consumer_secret_is_kept(context: Context) -> Answer:
    """The Consumer Secret is saved."""
    if context.connection.public:
        return skipped(Skip.DOES_NOT_APPLY, "This app needs no Consumer Secret.")
    if context.connection.grant_kind is GrantKind.JWT_BEARER:
        return skipped(Skip.DOES_NOT_APPLY, "The JWT Bearer Flow uses a private key instead.")
    if context.client_secret:
        return passed("The Consumer Secret is saved and can be read.")
    return failed("secret-missing", connection=context.connection.name)


@check(STAGE, requires=(consumer_secret_is_kept,))
def consumer_secret_is_well_formed(context: Context) -> Answer:
    """The Consumer Secret has the right format."""
    secret = context.client_secret
    if reasons := " ".join(shape_of_client_secret(secret.reveal()) if secret else ()):
        return failed("client-secret-shape", reasons, reasons=reasons)
    return passed("The format is right: it has the length and characters of a Consumer Secret.")


@check(STAGE, requires=(login_host_is_salesforce, consumer_secret_is_kept, consumer_secret_is_well_formed))
def consumer_key_and_secret_are_accepted(context: Context) -> Answer:
    """Salesforce accepts the Consumer Key and the Consumer Secret."""
    connection = context.connection
    probe = probe_credentials(
        context.http, connection.login_url, connection.client_id, context.client_secret, connection.redirect_uri
    )
    if probe.answer is CredentialAnswer.ACCEPTED:
        return passed(probe.reason)
    refused = probe.answer in (CredentialAnswer.SECRET_REFUSED, CredentialAnswer.CLIENT_UNKNOWN)
    return undecided(probe.reason, probe.failure, failed=refused)
