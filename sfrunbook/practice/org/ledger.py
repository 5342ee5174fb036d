"""What grants leave behind in an org: codes, approvals, refresh tokens and access tokens, and how each of them ends."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from sfrunbook.practice.org.entities import AccessToken, App, Approval, AuthorizeRequest, Code, User
from sfrunbook.practice.org.ids import make_id
from sfrunbook.practice.org.tokens import order_scopes
from sfrunbook.practice.org.words import words
from sfrunbook.practice.org.world import World

__all__ = ["Issued", "Ledger", "SetAside", "granted_scopes"]

_CODES_KEPT = 20_000
_SPENT_KEPT = 20_000
_LONE_ACCESS_KEPT = 20_000


@dataclass(frozen=True, kw_only=True)
class Issued:
    """What a grant gives: the access token, and a refresh token where one is due."""

    access: AccessToken
    refresh_token: str = ""


@dataclass(frozen=True, kw_only=True)
class SetAside:
    """What was taken out of a ledger, whole."""

    approvals: list[Approval]
    access: list[AccessToken]
    codes: list[Code]


class Ledger:
    """Every token of one world. All changes happen between two awaits, so two refreshes at once cannot interleave."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.approvals: dict[str, Approval] = {}
        self._codes: OrderedDict[str, Code] = OrderedDict()
        self._refresh: dict[str, Approval] = {}
        self._spent: dict[str, Approval] = {}
        self._access: dict[str, AccessToken] = {}
        self._lone: OrderedDict[str, None] = OrderedDict()
        self._of_user_app: dict[tuple[str, str], list[Approval]] = {}
        self._numbers = 0
        world.on_new_key.append(self._rename_app)

    # codes

    def issue_code(self, request: AuthorizeRequest, user: User, scopes: tuple[str, ...]) -> Code:
        code = Code(
            code=self._world.mint.code(),
            user_id=user.user_id,
            client_id=request.client_id,
            redirect_uri=request.redirect_uri,
            scopes=scopes,
            challenge=request.challenge,
            nonce=request.nonce,
            expires=self._world.clock.time() + self._world.settings.code_lifetime_seconds,
        )
        self._codes[code.code] = code
        while len(self._codes) > _CODES_KEPT:
            self._codes.popitem(last=False)
        return code

    def code(self, value: str) -> Code | None:
        return self._codes.get(value)

    # approvals

    def live_approvals(self, user_id: str, client_id: str) -> list[Approval]:
        """Oldest first."""
        return [each for each in self._of_user_app.get((user_id, client_id), ()) if not each.revoked]

    def approve(self, user: User, app: App, scopes: tuple[str, ...]) -> Approval:
        """A new approval; drops the oldest one of this user and app when the limit is passed."""
        now = self._world.clock.time()
        self._numbers += 1
        approval = Approval(
            approval_id=make_id("0CQ", self._numbers),
            user_id=user.user_id,
            client_id=app.client_id,
            scopes=scopes,
            created=now,
            last_used=now,
            last_refreshed=now,
            token_since=now,
            refresh_token=self._world.mint.refresh_token(),
            delete_token=self._world.mint.opaque(64),
        )
        self.approvals[approval.approval_id] = approval
        self._refresh[approval.refresh_token] = approval
        family = self._of_user_app.setdefault((user.user_id, app.client_id), [])
        family.append(approval)
        settings = self._world.settings
        live = [each for each in family if not each.revoked]
        if settings.approval_dropped == "least_recently_used":
            live = [*sorted(live[:-1], key=lambda each: each.last_used), approval]
        for victim in live[: max(0, len(live) - settings.approval_limit)]:
            self.revoke(victim, keep_access=not settings.access_tokens_die_with_approval)
        return approval

    def revoke(self, approval: Approval, *, keep_access: bool = False) -> None:
        """End an approval: its refresh token at once, and its access tokens unless they are kept."""
        approval.revoked = True
        self._refresh.pop(approval.refresh_token, None)
        for spent in approval.spent:
            self._spent.pop(spent, None)
        approval.spent.clear()
        if not keep_access:
            for token in approval.access:
                self._access.pop(token, None)
        approval.access.clear()
        self.approvals.pop(approval.approval_id, None)
        family = self._of_user_app.get((approval.user_id, approval.client_id), [])
        if approval in family:
            family.remove(approval)

    def revoke_all(self, user_id: str, client_id: str) -> None:
        """End every approval and every access token of this user and app."""
        for approval in self.live_approvals(user_id, client_id):
            self.revoke(approval)
        for token in [
            each.token for each in self._access.values() if (each.user_id, each.client_id) == (user_id, client_id)
        ]:
            self._access.pop(token, None)
            self._lone.pop(token, None)

    def approval_of(self, refresh_token: str) -> Approval | None:
        """The live approval that this refresh token belongs to, if the token is its current one."""
        return self._refresh.get(refresh_token)

    def approval_to_delete(self, delete_token: str) -> Approval | None:
        return next((each for each in self.approvals.values() if each.delete_token == delete_token), None)

    def replayed(self, refresh_token: str) -> bool:
        """Handle the use of a spent refresh token as the setting says; true when it was one.

        Confirmed: the current refresh token and all its access tokens are revoked. How far beyond that is a setting.
        """
        approval = self._spent.get(refresh_token)
        if approval is None:
            return False
        if self._world.settings.rotation_replay == "revoke_grant":
            self.revoke(approval)
        elif self._world.settings.rotation_replay == "revoke_user_app":
            self.revoke_all(approval.user_id, approval.client_id)
        return True

    def rotate(self, approval: Approval) -> str:
        """Give the approval a new refresh token and kill the old one at once."""
        old = approval.refresh_token
        del self._refresh[old]
        if len(approval.spent) < _SPENT_KEPT:
            approval.spent.append(old)
            self._spent[old] = approval
        approval.refresh_token = self._world.mint.refresh_token()
        approval.token_since = self._world.clock.time()
        self._refresh[approval.refresh_token] = approval
        return approval.refresh_token

    # access tokens

    def issue_access(
        self,
        user: User,
        app: App | None,
        scopes: tuple[str, ...],
        approval: Approval | None = None,
        *,
        address: str = "",
    ) -> AccessToken:
        """A new session, or by setting the newest live one of its approval; one from SOAP login() has no app."""
        world = self._world
        if approval is not None and world.settings.access_token_shared and approval.access:
            live = self.access(approval.access[-1])
            if live is not None:
                return live
        now = world.clock.time()
        timeout = app.session_timeout_seconds if app is not None else None
        issued = AccessToken(
            token=world.mint.access_token(user.org_id),
            user_id=user.user_id,
            client_id=app.client_id if app is not None else "",
            scopes=frozenset(scopes),
            issued=now,
            last_activity=now,
            timeout_seconds=world.settings.session_timeout_seconds if timeout is None else timeout,
            approval=approval,
            client_ip=address,
        )
        self._access[issued.token] = issued
        if approval is None:
            self._lone[issued.token] = None
            if len(self._lone) > _LONE_ACCESS_KEPT:
                self._access.pop(self._lone.popitem(last=False)[0], None)
        else:
            approval.access.append(issued.token)
            if len(approval.access) > world.settings.access_tokens_kept:
                self._access.pop(approval.access.pop(0), None)
        return issued

    def access(self, token: str) -> AccessToken | None:
        """The live session of this access token, without counting as a use of it.

        A user who is inactive or frozen has none, nor has anybody through an app that is blocked or gone (likely).
        """
        found = self._access.get(token)
        if found is None:
            return None
        if self._world.clock.time() - found.last_activity > found.timeout_seconds:
            self.end_access(token)
            return None
        world = self._world
        user, app = world.users[found.user_id], world.apps.get(found.client_id)
        if not user.is_active or user.is_frozen or (found.client_id and app is None):
            return None
        if app is not None and world.is_blocked(app, user.org_id):
            return None
        return found

    def use_access(self, token: str) -> AccessToken | None:
        """The same, and the use is noted where the org would note it.

        Confirmed: last activity is only written once half the window has passed.
        """
        found = self.access(token)
        if found is not None:
            now = self._world.clock.time()
            if now - found.last_activity >= found.timeout_seconds * self._world.settings.activity_written_after:
                found.last_activity = now
        return found

    # setting aside, as a sandbox refresh and scenarios do

    def set_aside(self, chosen: Callable[[Approval | AccessToken | Code], bool]) -> SetAside:
        """Take out every approval, access token and code that is chosen; `put_back` undoes exactly this."""
        taken = SetAside(
            approvals=[each for each in self.approvals.values() if chosen(each)],
            access=[each for each in self._access.values() if chosen(each)],
            codes=[each for each in self._codes.values() if chosen(each)],
        )
        for approval in taken.approvals:
            del self.approvals[approval.approval_id]
            self._refresh.pop(approval.refresh_token, None)
            for spent in approval.spent:
                self._spent.pop(spent, None)
            self._of_user_app[approval.user_id, approval.client_id].remove(approval)
        for access in taken.access:
            self._access.pop(access.token, None)
            self._lone.pop(access.token, None)
        for code in taken.codes:
            self._codes.pop(code.code, None)
        return taken

    def put_back(self, taken: SetAside) -> None:
        for approval in taken.approvals:
            self.approvals[approval.approval_id] = approval
            self._refresh[approval.refresh_token] = approval
            self._spent.update(dict.fromkeys(approval.spent, approval))
            family = self._of_user_app.setdefault((approval.user_id, approval.client_id), [])
            family.append(approval)
            family.sort(key=lambda each: each.created)
        self.approvals = dict(sorted(self.approvals.items(), key=lambda item: item[1].created))
        for access in taken.access:
            self._access[access.token] = access
            if access.approval is None:
                self._lone[access.token] = None
        for code in taken.codes:
            self._codes[code.code] = code

    def _rename_app(self, old: str, new: str) -> None:
        for approval in [each for each in self.approvals.values() if each.client_id == old]:
            self._of_user_app.pop((approval.user_id, old), None)
            approval.client_id = new
            self._of_user_app.setdefault((approval.user_id, new), []).append(approval)
        for access in self._access.values():
            if access.client_id == old:
                access.client_id = new
        for code in self._codes.values():
            if code.client_id == old:
                code.client_id = new

    def end_access(self, token: str) -> bool:
        """End this one access token; true when there was one."""
        found = self._access.pop(token, None)
        self._lone.pop(token, None)
        if found is not None and found.approval is not None and token in found.approval.access:
            found.approval.access.remove(token)
        return found is not None

    def expire_access(self, *, client_id: str = "", user_id: str = "") -> int:
        """End every access token of this app and user (each empty: of all); gives how many."""
        doomed = [
            token
            for token, each in self._access.items()
            if client_id in ("", each.client_id) and user_id in ("", each.user_id)
        ]
        for token in doomed:
            self.end_access(token)
        return len(doomed)


def granted_scopes(app: App, requested: tuple[str, ...]) -> tuple[str, ...] | None:
    """The scopes a request gets, in the server's order; `None` when the app lacks one of them.

    No scope asked for means all of the app's (confirmed); `full` covers everything but refresh_token (confirmed).
    """
    own = {_plain(name) for name in app.scopes}
    asked = {_plain(name) for name in requested} or own
    lacking = asked - own
    if lacking and not ("full" in own and "refresh_token" not in lacking and lacking <= _COVERED_BY_FULL):
        return None
    return order_scopes(frozenset(asked))


def _plain(name: str) -> str:
    return "refresh_token" if name == "offline_access" else name


_COVERED_BY_FULL = frozenset(
    words(
        "api web chatter_api visualforce openid id profile email address phone custom_permissions wave_api "
        "eclair_api lightning content"
    )
)
