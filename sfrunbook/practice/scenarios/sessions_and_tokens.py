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
    """Sessions of the apps expire after this many idle minutes. Use in the first half is not noted.

    Symptom: 401 INVALID_SESSION_ID after one to one and a half times as long; a refresh fixes it.
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
    """Every access token of today has expired; refresh tokens are still valid.

    Symptom: 401 INVALID_SESSION_ID, Session expired or invalid; a refresh fixes it.
    """
    chosen = _of(stage, app, user)
    return stage.ledger.set_aside(lambda each: isinstance(each, AccessToken) and chosen(each))


@scenario(undo=_put_back)
def revoked_elsewhere(stage: Stage, app: str = "", user: str = "") -> SetAside:
    """Somebody pressed Revoke for every approval that is alive now.

    Symptom: invalid_grant, expired access/refresh token; 401 for its access tokens; no row in OauthToken.
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
    """Each user of an app approves it so often elsewhere that the approvals of today are dropped as the oldest.

    Symptom: invalid_grant, expired access/refresh token, for the older grants; OauthToken shows newer rows.
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
    """Codes expire at once, as when someone takes too long.

    Symptom: invalid_grant, expired authorization code.
    """
    stage.settings(code_lifetime_seconds=0.0)


@scenario()
def code_replayed(stage: Stage, revokes: bool = False) -> None:
    """Something between client and org sends every code exchange twice; the client sees the second answer.

    Symptom: invalid_grant, expired authorization code, and Failed: Invalid Nonce in Login History. With revokes=yes the
    grant of the first exchange is ended too.
    """
    stage.fault("repeated", path="/services/oauth2/token", grant="authorization_code")
    if revokes:
        stage.settings(code_replay_revokes=True)


@scenario()
def rotated_reply_lost(stage: Stage, times: int = 1) -> None:
    """The org refreshes and rotates, and the reply never arrives: the connection is reset.

    Symptom: a transport error. The refresh token that the client has is spent, and revokes all when sent again.
    """
    stage.fault("lost", path="/services/oauth2/token", grant="refresh_token", times=times)


@scenario()
def refresh_repeated(stage: Stage) -> None:
    """Something between client and org sends every refresh twice; the client sees the second answer.

    Symptom: with rotation on, invalid_grant at once, and the whole grant is gone.
    """
    stage.fault("repeated", path="/services/oauth2/token", grant="refresh_token")
