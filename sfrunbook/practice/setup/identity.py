"""The identity challenge in front of consumer details, and the practice mailbox its code comes to."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from urllib.parse import quote

from sfrunbook.practice.setup.desk import Desk, Visit
from sfrunbook.practice.web.forms import moment
from sfrunbook.practice.web.pages import local_path
from sfrunbook.practice.web.paths import IDENTITY, MAILBOX
from sfrunbook.practice.web.wire import Answer, Call, redirect

__all__ = ["Identity"]


class Identity:
    """Sends a code by practice mail and asks for it.

    Confirmed: key and secret are shown behind a challenge, an e-mailed code being common. Life of the code, tries and
    how long a passed challenge counts are settings (guesses).
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> dict[str, Callable[[Call], Answer]]:
        guarded = self._desk.guarded
        return {
            IDENTITY: guarded(self._challenge, admin=False),
            MAILBOX: guarded(self._mailbox, admin=False),
        }

    def demand(self, visit: Visit, target: str) -> Answer | None:
        """The way to the challenge, or `None` for a user who has just passed one."""
        if visit.session.identity_confirmed_until > self._desk.world.clock.time():
            return None
        return redirect(f"{IDENTITY}?retURL={quote(target, safe='')}")

    def _challenge(self, visit: Visit) -> Answer:
        target = local_path(visit.sent.text("retURL") or visit.call.parameters.get("retURL", "/"))
        session, world = visit.session, self._desk.world
        if visit.posted and "resend" not in visit.sent:
            error = self._try(visit)
            return self._form(visit, target, error) if error else redirect(target)
        if "resend" in visit.sent or not session.identity_code or session.identity_code_expires <= world.clock.time():
            self._send(visit)
        return self._form(visit, target)

    def _try(self, visit: Visit) -> str:
        """Nothing when the code is right, else the sentence for its field."""
        session, world = visit.session, self._desk.world
        if not session.identity_code or session.identity_code_expires <= world.clock.time():
            session.identity_code = ""
            return "This verification code has expired. Select Resend Code to get a new one."
        typed = visit.sent.text("code").replace(" ", "")
        if not hmac.compare_digest(typed.encode(), session.identity_code.encode()):
            session.identity_code_tries += 1
            if session.identity_code_tries >= world.settings.identity_code_tries:
                session.identity_code = ""
                return "That was one wrong code too many. Select Resend Code to get a new one."
            return "Invalid or expired verification code. Try again."
        session.identity_code = ""
        session.identity_confirmed_until = world.clock.time() + world.settings.identity_confirmed_seconds
        return ""

    def _send(self, visit: Visit) -> None:
        session, world = visit.session, self._desk.world
        session.identity_code = world.mint.digits(6)
        session.identity_code_expires = world.clock.time() + world.settings.identity_code_seconds
        session.identity_code_tries = 0
        world.send_mail(
            visit.user,
            "Verify your identity in Salesforce",
            f"You are about to view the consumer details of an app.\nVerification Code: {session.identity_code}\n"
            "If this was not you, change your password.",
        )

    def _form(self, visit: Visit, target: str, error: str = "") -> Answer:
        name, _, domain = visit.user.email.partition("@")
        masked = f"{name[:1]}{'*' * max(1, len(name) - 1)}@{domain}"
        return self._desk.page(
            visit, "identity.html", "Verify Your Identity", target=target, error=error, masked=masked
        )

    def _mailbox(self, visit: Visit) -> Answer:
        letters = [
            {"at": moment(each.at), "subject": each.subject, "lines": each.body.split("\n")}
            for each in self._desk.world.mail
            if each.user_id == visit.user.user_id
        ]
        return self._desk.page(visit, "mailbox.html", "Practice mailbox", letters=letters[::-1])
