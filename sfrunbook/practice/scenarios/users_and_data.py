"""Scenarios about the user and about what the org answers to calls that are right."""

from __future__ import annotations

from sfrunbook.practice.scenarios.registry import UnknownScenario, scenario
from sfrunbook.practice.scenarios.stage import Stage

__all__: list[str] = []

_JSON = ((b"content-type", b"application/json;charset=UTF-8"),)


@scenario()
def user_inactive(stage: Stage, user: str = "") -> None:
    """The user has been deactivated.

    Symptom: no login; invalid_grant, inactive user, for refreshes; 401 for live access tokens.
    """
    stage.change_users(user, is_active=False)


@scenario()
def user_frozen(stage: Stage, user: str = "") -> None:
    """The user has been frozen.

    Symptom: as for a deactivated user, but IsActive stays true.
    """
    stage.change_users(user, is_frozen=True)


@scenario()
def password_expired(stage: Stage, user: str = "", tokens_too: bool = False) -> None:
    """The user's password has expired.

    Symptom: the login stops at Change Your Password; with tokens_too=yes refreshes give invalid_grant, inactive user.
    """
    stage.change_users(user, password_expired=True)
    if tokens_too:
        stage.settings(expired_password_blocks_tokens=True)


@scenario(causes=(14,))
def records_hidden(stage: Stage, objects: str = "", user: str = "") -> None:
    """Users who lack "View All Data" see no record of objects with an owner, or of those named with ;.

    Symptom: 200 without rows, COUNT() is 0, a record by its Id is 404 NOT_FOUND. Describe and limits/recordCount go on.
    """
    stage.change_users(user, unshared_objects=_named(objects) or _with_owner())


@scenario(causes=(14,))
def object_hidden(stage: Stage, objects: str = "Account", user: str = "") -> None:
    """The users who lack "View All Data" have no Read on an object, or on several with ; between.

    Symptom: 400 INVALID_TYPE, sObject type is not supported; its describe is 404 NOT_FOUND.
    """
    stage.change_users(user, unreadable_objects=_named(objects))


@scenario(causes=(14,))
def field_hidden(stage: Stage, fields: str = "Account.Industry", user: str = "") -> None:
    """The users who are no System Administrators (or the one named) may not see a field, or several with ; between.

    Symptom: 400 INVALID_FIELD, No such column, as if the field did not exist; describe leaves it out.
    """
    names = _named(fields)
    if not names or not all(name.count(".") == 1 for name in names):
        raise UnknownScenario("fields of field-hidden are named as Account.Industry.")
    for each in stage.users(user):
        if user or each.profile != "System Administrator":
            stage.change_users(each.username, unreadable_fields=names)


def _named(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";") if part.strip())


def _with_owner() -> tuple[str, ...]:
    from sfrunbook.practice.records.objects import SCHEMA  # only when it is asked for, as the records are

    return tuple(each.name for each in SCHEMA.objects.values() if each.field("OwnerId") is not None)


@scenario()
def daily_limit_reached(stage: Stage) -> None:
    """The org has used up its API calls of the day.

    Symptom: 403 REQUEST_LIMIT_EXCEEDED, TotalRequests Limit exceeded., with Sforce-Limit-Info at its end.
    """
    stage.settings(daily_limit_reached=True)


@scenario()
def login_rate_exceeded(stage: Stage, times: int = 0) -> None:
    """Too many logins in an hour.

    Symptom: 400 rate_limit_exceeded, login rate exceeded, from the token endpoint (status a guess).
    """
    body = b'{"error":"rate_limit_exceeded","error_description":"login rate exceeded"}'
    stage.fault("reply", path="/services/oauth2/token", status=400, headers=_JSON, body=body, times=times)


@scenario()
def userinfo_refused(stage: Stage) -> None:
    """The userinfo address refuses every token while the data API takes it.

    Symptom: 403 and the plain text Bad_OAuth_Token; a refresh does not help.
    """
    kind = ((b"content-type", b"text/plain;charset=UTF-8"),)
    stage.fault("reply", path="/services/oauth2/userinfo", status=403, headers=kind, body=b"Bad_OAuth_Token")


@scenario()
def revoke_refused(stage: Stage) -> None:
    """Revoke answers that it does not know the token.

    Symptom: 400 and the form-encoded body error=invalid_token; the token goes on working.
    """
    kind = ((b"content-type", b"application/x-www-form-urlencoded;charset=UTF-8"),)
    body = b"error=invalid_token&error_description=invalid%20token"
    stage.fault("reply", path="/services/oauth2/revoke", status=400, headers=kind, body=body)
