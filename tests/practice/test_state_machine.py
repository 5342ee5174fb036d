"""Any sequence of logins, refreshes, revocations, policy changes and clock jumps, against a small model of its own.

The model below knows only what the public facts say of grants; it shares no code with the practice world.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from urllib.parse import urlencode

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from support.inside import ENDED, EXPIRED, FORM, ORIGINS, VERIFIER, Inside
from support.tails import long_or

from sfrunbook.practice.records.org_facts import Caller

OK = (200, "", "")
INACTIVE = (400, "invalid_grant", "inactive user")
APP_BLOCKED = (400, "app_blocked", "this app is blocked by admin")
EXPIRED_CODE = (400, "invalid_grant", "expired authorization code")
WRONG_VERIFIER = (400, "invalid_grant", "invalid code verifier")
HOUR, DAY = 3_600.0, 86_400.0
# Odd spans, so that no sum of them comes near a round limit.
JUMPS = st.sampled_from([61.0, 701.0, 4_001.0, 15_013.0, 90_007.0, 700_001.0, 2_700_011.0])
PEOPLE = st.sampled_from(["admin", "integration"])
KINDS = st.sampled_from(["external_client_app", "connected_app"])
ANY = st.integers(0, 10_000)
WORLD = Inside()


@dataclass
class Session:
    """An access token; `noted` is the last activity that the org has written down."""

    token: str
    noted: float
    timeout: float
    user: str
    kind: str
    alive: bool = True


@dataclass
class Grant:
    """An approval with its current refresh token, the spent ones, and its access tokens."""

    user: str
    kind: str
    token: str
    created: float
    refreshed: float
    used: float
    count: int = 1
    alive: bool = True
    spent: list[str] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)

    def end(self):
        self.alive = False
        for session in self.sessions:
            session.alive = False


@dataclass
class Code:
    value: str
    user: str
    kind: str
    refreshable: bool
    made: float
    spent: bool = False


@dataclass
class App:
    rotates: bool
    idle: float | None
    lifetime: float | None = None
    timeout: float = 2 * HOUR
    blocked: bool = False


class Approvals(RuleBasedStateMachine):
    """Rules are what clients, users and administrators do; each checks the reply against the model."""

    @initialize()
    def first_day(self):
        WORLD.practice.reset()
        WORLD.settle()
        self.apps = {
            "external_client_app": App(rotates=True, idle=30 * DAY),
            "connected_app": App(rotates=False, idle=None),
        }
        self.active = {"admin": True, "integration": True}
        self.limit, self.dropped, self.replay = 5, "oldest", "revoke_grant"
        self.grants: list[Grant] = []
        self.lone: list[Session] = []
        self.codes: list[Code] = []

    # the model's own arithmetic

    @property
    def now(self):
        return WORLD.practice.clock.time()

    def play(self, user, kind):
        WORLD.user, WORLD.app = WORLD.find_user(short=user), WORLD.find_app(kind=kind)
        return self.apps[kind]

    def live(self, user, kind):
        return [each for each in self.grants if each.alive and (each.user, each.kind) == (user, kind)]

    def sessions(self):
        return [*self.lone, *(session for grant in self.grants for session in grant.sessions)]

    def too_old(self, grant, app):
        ended = app.lifetime is not None and self.now - grant.created >= app.lifetime
        return ended or (app.idle is not None and self.now - grant.refreshed > app.idle)

    def new_session(self, grant_or_code, token):
        app = self.apps[grant_or_code.kind]
        return Session(token, self.now, app.timeout, grant_or_code.user, grant_or_code.kind)

    def make_room(self, user, kind):
        live = self.live(user, kind)
        if self.dropped == "least_recently_used":
            live = [*sorted(live[:-1], key=lambda each: each.used), live[-1]]
        for victim in live[: max(0, len(live) - self.limit)]:
            victim.end()

    def refused_for_now(self, user, app):
        if app.blocked:
            return APP_BLOCKED
        return OK if self.active[user] else INACTIVE

    # what people and clients do

    @rule(user=PEOPLE, kind=KINDS, refreshable=st.booleans())
    def authorize(self, user, kind, refreshable):
        app = self.play(user, kind)
        landing = WORLD.landed(scope="api refresh_token" if refreshable else "api")
        if not self.active[user]:
            assert landing == {}
        elif app.blocked:
            assert landing["error"] == "OAUTH_APP_BLOCKED"
        else:
            self.codes.append(Code(landing["code"], user, kind, refreshable, self.now))

    @precondition(lambda self: self.codes)
    @rule(which=ANY, right=st.sampled_from([True, True, True, False]))
    def exchange(self, which, right):
        code = self.codes[which % len(self.codes)]
        app = self.play(code.user, code.kind)
        reply = WORLD.exchange(code.value, code_verifier=VERIFIER if right else VERIFIER[::-1])
        if code.spent or self.now - code.made > 900:
            assert WORLD.refused(reply) == EXPIRED_CODE
        elif not right:
            assert WORLD.refused(reply) == WRONG_VERIFIER
            code.spent = True
        elif (refusal := self.refused_for_now(code.user, app)) != OK:
            assert WORLD.refused(reply) == refusal
        else:
            self.take(code, reply)

    def take(self, code, reply):
        assert reply[0] == 200
        code.spent = True
        session = self.new_session(code, reply[1]["access_token"])
        assert ("refresh_token" in reply[1]) is code.refreshable
        if not code.refreshable:
            self.lone.append(session)
            return
        grant = Grant(code.user, code.kind, reply[1]["refresh_token"], self.now, self.now, self.now)
        grant.sessions.append(session)
        self.grants.append(grant)
        self.make_room(code.user, code.kind)

    @rule(user=PEOPLE, kind=KINDS)
    def approve_six_times(self, user, kind):
        app = self.play(user, kind)
        if self.refused_for_now(user, app) != OK:
            return
        for _ in range(6):
            self.authorize(user, kind, refreshable=True)
            self.exchange(len(self.codes) - 1, right=True)
        assert len(self.live(user, kind)) == self.limit

    @precondition(lambda self: self.grants)
    @rule(which=ANY, which_token=ANY, current=st.sampled_from([True, True, True, False]))
    def refresh(self, which, which_token, current):
        grant = self.grants[which % len(self.grants)]
        self.play(grant.user, grant.kind)
        token = grant.token if current or not grant.spent else grant.spent[which_token % len(grant.spent)]
        self.judge_refresh(grant, token, WORLD.refresh(token))

    def judge_refresh(self, grant, token, reply):
        app = self.apps[grant.kind]
        if not grant.alive:
            assert WORLD.refused(reply) == EXPIRED
        elif token != grant.token:
            assert WORLD.refused(reply) == EXPIRED
            self.replayed(grant)
        elif (refusal := self.count_use(grant, app)) != OK:
            assert WORLD.refused(reply) == refusal
        elif self.too_old(grant, app):
            assert WORLD.refused(reply) == EXPIRED
            grant.end()
        else:
            self.renew(grant, app, reply)

    def count_use(self, grant, app):
        grant.count, grant.used = grant.count + 1, self.now
        return self.refused_for_now(grant.user, app)

    def renew(self, grant, app, reply):
        assert reply[0] == 200
        assert ("refresh_token" in reply[1]) is app.rotates
        grant.refreshed = self.now
        if app.rotates:
            grant.spent.append(grant.token)
            grant.token = reply[1]["refresh_token"]
            assert grant.token not in grant.spent
        grant.sessions.append(self.new_session(grant, reply[1]["access_token"]))

    def replayed(self, grant):
        if self.replay == "refuse":
            return
        grant.end()
        if self.replay == "revoke_user_app":
            for each in self.live(grant.user, grant.kind):
                each.end()
            for session in self.sessions():
                session.alive = session.alive and (session.user, session.kind) != (grant.user, grant.kind)

    @precondition(lambda self: any(grant.alive for grant in self.grants))
    @rule(which=ANY)
    def refresh_twice_at_once(self, which):
        living = [grant for grant in self.grants if grant.alive]
        grant = living[which % len(living)]
        self.play(grant.user, grant.kind)
        token = grant.token
        for reply in asyncio.run(two_at_once(token)):
            self.judge_refresh(grant, token, reply)

    @precondition(lambda self: self.sessions())
    @rule(which=ANY)
    def use(self, which):
        session = self.sessions()[which % len(self.sessions())]
        assert WORLD.reached(session.token) == (OK if self.used(session) else ENDED)

    def used(self, session):
        if self.now - session.noted > session.timeout:
            session.alive = False
        if not session.alive or not self.active[session.user] or self.apps[session.kind].blocked:
            return False
        if self.now - session.noted >= session.timeout / 2:
            session.noted = self.now
        return True

    @precondition(lambda self: self.sessions())
    @rule(which=ANY, part=st.sampled_from([0.21, 0.44, 0.56, 0.83]))
    def use_once_within_the_window_and_again_near_its_end(self, which, part):
        session = self.sessions()[which % len(self.sessions())]
        for share in (part, 0.93):
            WORLD.advance(seconds=session.timeout * share)
            assert WORLD.reached(session.token) == (OK if self.used(session) else ENDED)

    @precondition(lambda self: any(grant.alive for grant in self.grants))
    @rule(which=ANY)
    def refresh_the_oldest_and_approve_once_more(self, which):
        living = [grant for grant in self.grants if grant.alive]
        chosen = living[which % len(living)]
        oldest = self.grants.index(self.live(chosen.user, chosen.kind)[0])
        self.refresh(oldest, 0, current=True)
        self.authorize(chosen.user, chosen.kind, refreshable=True)
        if self.codes:
            self.exchange(len(self.codes) - 1, right=True)

    @precondition(lambda self: self.grants)
    @rule(which=ANY)
    def revoke_grant(self, which):
        grant = self.grants[which % len(self.grants)]
        status = WORLD.post("/services/oauth2/revoke", token=grant.token).status
        assert status == (200 if grant.alive else 400)
        grant.end()

    @precondition(lambda self: self.sessions())
    @rule(which=ANY)
    def revoke_session(self, which):
        session = self.sessions()[which % len(self.sessions())]
        ended = self.now - session.noted > session.timeout
        usable = session.alive and not ended and self.active[session.user] and not self.apps[session.kind].blocked
        status = WORLD.post("/services/oauth2/revoke", token=session.token).status
        assert status == (200 if usable else 400)
        session.alive = session.alive and not usable and not ended

    # what time and administrators do

    @rule(seconds=JUMPS)
    def wait(self, seconds):
        WORLD.advance(seconds=seconds)

    @rule(kind=KINDS, rotates=st.booleans())
    def change_rotation(self, kind, rotates):
        self.apps[kind].rotates = rotates
        self.change(kind, rotates_refresh_token=rotates)

    @rule(
        kind=KINDS,
        idle=st.sampled_from([None, 2 * HOUR, 30 * DAY]),
        lifetime=st.sampled_from([None, None, 0.0, 10 * DAY]),
    )
    def change_refresh_policy(self, kind, idle, lifetime):
        self.apps[kind].idle, self.apps[kind].lifetime = idle, lifetime
        self.change(kind, refresh_idle_seconds=idle, refresh_lifetime_seconds=lifetime, limits_idle_refresh=False)

    @rule(kind=KINDS, timeout=st.sampled_from([900.0, 2 * HOUR, DAY]))
    def change_session_timeout(self, kind, timeout):
        self.apps[kind].timeout = timeout
        self.change(kind, session_timeout_seconds=timeout)

    @rule(kind=KINDS, blocked=st.booleans())
    def block(self, kind, blocked):
        self.apps[kind].blocked = blocked
        self.change(kind, blocked=blocked)

    @rule(user=PEOPLE, active=st.sampled_from([True, True, False]))
    def activate(self, user, active):
        self.active[user] = active
        WORLD.world.change_user(WORLD.find_user(short=user).user_id, is_active=active)

    @rule(
        limit=st.sampled_from([4, 5]),
        dropped=st.sampled_from(["oldest", "least_recently_used"]),
        replay=st.sampled_from(["refuse", "revoke_grant", "revoke_user_app"]),
    )
    def change_settings(self, limit, dropped, replay):
        self.limit, self.dropped, self.replay = limit, dropped, replay
        WORLD.settings(approval_limit=limit, approval_dropped=dropped, rotation_replay=replay)

    def change(self, kind, **fields):
        WORLD.world.change_app(WORLD.find_app(kind=kind).client_id, **fields)

    # what always holds

    @invariant()
    def oauth_token_tells_the_live_approvals_and_their_use(self):
        if not hasattr(self, "grants"):
            return
        names = {"Cyclr": "external_client_app", "Cyclr (Connected App)": "connected_app"}
        told = sorted(
            (row["User"]["Username"].partition("@")[0], names[row["AppName"]], row["UseCount"]) for row in rows()
        )
        assert told == sorted((each.user, each.kind, each.count) for each in self.grants if each.alive)

    @invariant()
    def nobody_has_more_approvals_than_five_for_one_app(self):
        if hasattr(self, "grants"):
            for user in self.active:
                for kind in self.apps:
                    assert len(self.live(user, kind)) <= 5

    @invariant()
    def no_token_belongs_to_two_grants(self):
        if hasattr(self, "grants"):
            tokens = [token for grant in self.grants for token in (grant.token, *grant.spent)]
            tokens += [session.token for session in self.sessions()]
            assert len(tokens) == len(set(tokens))

    def teardown(self):
        if hasattr(self, "grants"):
            for session in self.sessions():
                assert WORLD.reached(session.token) == (OK if self.used(session) else ENDED)


def rows():
    """OauthToken as an administrator sees it, asked without a token so that nothing is used by asking."""
    admin = WORLD.find_user()
    caller = Caller(user_id=admin.user_id, profile=admin.profile, scopes=frozenset({"api"}), client_id="", app_name="")
    query = {"q": "SELECT AppName, User.Username, UseCount FROM OauthToken"}
    half = WORLD.practice.data.api(admin.org_id)
    body = half.answer("GET", "/services/data/v68.0/query", query, {}, b"", caller)[2]
    return json.loads(body)["records"]


async def two_at_once(token):
    """The same refresh twice, as ASGI calls whose bodies arrive in turns; gives both replies as they were answered."""
    fields = {"grant_type": "refresh_token", "refresh_token": token, **WORLD.credentials()}
    body = urlencode(fields).encode()
    site, replies = WORLD.sites[ORIGINS[2]], []

    async def one():
        parts = [{"type": "http.request", "body": body[:40], "more_body": True}]
        parts.append({"type": "http.request", "body": body[40:], "more_body": False})

        async def receive():
            await asyncio.sleep(0)
            return parts.pop(0)

        sent = []

        async def send(message):
            sent.append(message)
            await asyncio.sleep(0)
            if message["type"] == "http.response.body":
                replies.append((sent[0]["status"], json.loads(message["body"])))

        scope = {
            "type": "http",
            "method": "POST",
            "path": "/services/oauth2/token",
            "query_string": b"",
            "headers": [(b"content-type", FORM.encode())],
        }
        await site(scope, receive, send)

    await asyncio.gather(one(), one())
    return replies


TestApprovals = Approvals.TestCase
TestApprovals.settings = settings(max_examples=long_or(500, 40), stateful_step_count=30, deadline=None)
