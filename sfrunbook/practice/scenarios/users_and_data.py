"""Scenarios about the user and about what the org answers to calls that are right."""

from __future__ import annotations

from sfrunbook.practice.scenarios.registry import UnknownScenario, scenario
from sfrunbook.practice.scenarios.stage import Stage

__all__: list[str] = []

_JSON = ((b"content-type", b"application/json;charset=UTF-8"),)


@scenario()
def user_inactive(stage: Stage, user: str = "") -> None:
    """The user was deactivated.

    Symptom: The user can't log in. Refreshes return invalid_grant, “inactive user”, and API calls fail with 401.
    """
    stage.change_users(user, is_active=False)


@scenario()
def user_frozen(stage: Stage, user: str = "") -> None:
    """An administrator froze the user.

    Symptom: The same as for a deactivated user, but Active stays checked.
    """
    stage.change_users(user, is_frozen=True)


@scenario()
def password_expired(stage: Stage, user: str = "", tokens_too: bool = False) -> None:
    """The user's password has expired.

    Symptom: The login stops at Change Your Password. With tokens_too=yes, refreshes return invalid_grant, “inactive
    user”.
    """
    stage.change_users(user, password_expired=True)
    if tokens_too:
        stage.settings(expired_password_blocks_tokens=True)


@scenario(causes=(14,))
def records_hidden(stage: Stage, objects: str = "", user: str = "") -> None:
    """Users without “View All Data” see no records of objects with an owner. Separate several objects with ;.

    Symptom: A query returns no rows, COUNT() returns 0, and a record's ID returns 404 NOT_FOUND. Describe and
    limits/recordCount still work.
    """
    stage.change_users(user, unshared_objects=_named(objects) or _with_owner())


@scenario(causes=(14,))
def object_hidden(stage: Stage, objects: str = "Account", user: str = "") -> None:
    """Users without “View All Data” have no Read permission on an object. Separate several objects with ;.

    Symptom: A query returns 400 INVALID_TYPE, “sObject type is not supported”. Describe returns 404 NOT_FOUND.
    """
    stage.change_users(user, unreadable_objects=_named(objects))


@scenario(causes=(14,))
def field_hidden(stage: Stage, fields: str = "Account.Industry", user: str = "") -> None:
    """Users other than System Administrators can't see a field. Separate several fields with ;.

    Symptom: A query returns 400 INVALID_FIELD, “No such column”, as for a missing field. Describe doesn't list the
    field.
    """
    names = _named(fields)
    if not names or not all(name.count(".") == 1 for name in names):
        raise UnknownScenario("fields of field-hidden look like Account.Industry.")
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
    """The org has used all its API calls of the day.

    Symptom: 403 REQUEST_LIMIT_EXCEEDED, “TotalRequests Limit exceeded.”. The header Sforce-Limit-Info shows no calls
    left.
    """
    stage.settings(daily_limit_reached=True)


@scenario()
def login_rate_exceeded(stage: Stage, times: int = 0) -> None:
    """There were too many logins within an hour.

    Symptom: The token endpoint returns 400 rate_limit_exceeded, “login rate exceeded” (the status is a guess).
    """
    body = b'{"error":"rate_limit_exceeded","error_description":"login rate exceeded"}'
    stage.fault("reply", path="/services/oauth2/token", status=400, headers=_JSON, body=body, times=times)


@scenario()
def userinfo_refused(stage: Stage) -> None:
    """The userinfo address rejects every token, but API calls work.

    Symptom: 403 with the text Bad_OAuth_Token. A refresh doesn't help.
    """
    kind = ((b"content-type", b"text/plain;charset=UTF-8"),)
    stage.fault("reply", path="/services/oauth2/userinfo", status=403, headers=kind, body=b"Bad_OAuth_Token")


@scenario()
def revoke_refused(stage: Stage) -> None:
    """The revocation endpoint doesn't recognize the token.

    Symptom: 400 with error=invalid_token. The token stays valid.
    """
    kind = ((b"content-type", b"application/x-www-form-urlencoded;charset=UTF-8"),)
    body = b"error=invalid_token&error_description=invalid%20token"
    stage.fault("reply", path="/services/oauth2/revoke", status=400, headers=kind, body=body)
