"""Scenarios about codes, sessions and approvals: too late, too often, or ended by somebody else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sfrunbook.practice.org.entities import AccessToken, Approval, Code
from sfrunbook.practice.org.ledger import SetAside
from sfrunbook.practice.scenarios.registry import scenario
from sfrunbook.practice.scenarios.stage import Stage

__all__: list[str] = []


@scenario()
def session_timeout(stage: Stage, minutes: float = 15.0, app: str = "") -> None:
    """Access tokens expire after this many minutes without use.

    Symptom: 401 INVALID_SESSION_ID after 1 to 1.5 times as long, because an early use doesn't count. A refresh fixes
    it.
    """
    stage.change_apps(app, session_timeout_seconds=minutes * 60)


def _put_back(stage: Stage, taken: SetAside) -> None:
    stage.ledger.put_back(taken)


def _of(stage: Stage, app: str, user: str) -> Callable[[Approval | AccessToken | Code], bool]:
    clients = {each.client_id for each in stage.apps(app)}
    people = {each.user_id for each in stage.users(user)}
    return lambda each: each.client_id in clients and each.user_id in people


@scenario(undo=_put_back)
def sessions_ended(stage: Stage, app: str = "", user: str = "") -> SetAside:
    """All current access tokens have expired. Refresh tokens are still valid.

    Symptom: 401 INVALID_SESSION_ID, “Session expired or invalid”. A refresh fixes it.
    """
    chosen = _of(stage, app, user)
    return stage.ledger.set_aside(lambda each: isinstance(each, AccessToken) and chosen(each))


@scenario(undo=_put_back)
def revoked_elsewhere(stage: Stage, app: str = "", user: str = "") -> SetAside:
    """Someone pressed Revoke for all current approvals.

    Symptom: Refreshes return invalid_grant, “expired access/refresh token”. API calls fail with 401, and OauthToken
    has no row.
    """
    return stage.ledger.set_aside(_of(stage, app, user))


@dataclass(frozen=True, kw_only=True)
class _Sixth:
    added: list[Approval]
    dropped: list[SetAside]


def _undo_sixth(stage: Stage, changes: _Sixth) -> None:
    numbers = {each.approval_id for each in changes.added}
    stage.ledger.set_aside(lambda each: isinstance(each, Approval) and each.approval_id in numbers)
    for taken in changes.dropped:
        stage.ledger.put_back(taken)


@scenario(undo=_undo_sixth)
def sixth_approval(stage: Stage, count: int = 5, app: str = "", user: str = "") -> _Sixth:
    """Each user approves the app several more times elsewhere, so Salesforce removes the older approvals.

    Symptom: Refreshes of the older logins return invalid_grant, “expired access/refresh token”. OauthToken shows
    newer rows.
    """
    chosen = _of(stage, app, user)
    victims = [each for each in stage.ledger.approvals.values() if chosen(each)]
    pairs = {(each.user_id, each.client_id): each.scopes for each in victims}
    ended = {each.approval_id for each in victims}
    taken = stage.ledger.set_aside(
        lambda each: (
            each.approval_id in ended
            if isinstance(each, Approval)
            else isinstance(each, AccessToken) and each.approval is not None and each.approval.approval_id in ended
        )
    )
    world, changes = stage.world, _Sixth(added=[], dropped=[taken])
    for (user_id, client_id), scopes in pairs.items():
        for _ in range(min(count, world.settings.approval_limit)):
            changes.added.append(stage.ledger.approve(world.users[user_id], world.apps[client_id], scopes))
    return changes


@scenario()
def code_expired(stage: Stage) -> None:
    """Authorization codes expire at once, as when you wait too long.

    Symptom: invalid_grant, “expired authorization code”.
    """
    stage.settings(code_lifetime_seconds=0.0)


@scenario()
def code_replayed(stage: Stage, revokes: bool = False) -> None:
    """A proxy sends every code exchange twice, and the program gets the second reply.

    Symptom: invalid_grant, “expired authorization code”. Login History shows “Failed: Invalid Nonce”. With
    revokes=yes, the first exchange's tokens are revoked too.
    """
    stage.fault("repeated", path="/services/oauth2/token", grant="authorization_code")
    if revokes:
        stage.settings(code_replay_revokes=True)


@scenario()
def rotated_reply_lost(stage: Stage, times: int = 1) -> None:
    """Salesforce rotates the refresh token, but the connection breaks before the reply arrives.

    Symptom: A network error. The program still has the used refresh token. Sending it again revokes the approval.
    """
    stage.fault("lost", path="/services/oauth2/token", grant="refresh_token", times=times)


@scenario()
def refresh_repeated(stage: Stage) -> None:
    """A proxy sends every refresh twice, and the program gets the second reply.

    Symptom: With rotation on, invalid_grant at once, and the approval is revoked.
    """
    stage.fault("repeated", path="/services/oauth2/token", grant="refresh_token")
