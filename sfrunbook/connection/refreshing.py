"""The refresh of a grant as a critical section: one process at a time, written down before it is sent and used.

The order is what makes it safe against a kill at any moment: the mark "sent" is durable before the request leaves; the
new tokens are durable before anybody gets them; the mark goes with the same write. A mark that is found without its
process therefore means that the answer was lost, and the refresh token is not sent again until a person says so.
New tokens whose reply failed the org check are durable too, in quarantine, and the mark goes with that write as well.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from datetime import datetime

from sfrunbook.core.errors import RunbookError, problem
from sfrunbook.core.model import Grant
from sfrunbook.store.grant_record import Quarantined
from sfrunbook.store.grants import GrantStore

__all__ = ["held_grant", "quarantine_problem", "refresh_kept", "unkept_grant"]

#: the waits between attempts to write tokens that have come; a full disk often has room again in a moment
_WAITS_SECONDS = (0.2, 0.5, 1.0)

#: what a refresh returns: a grant to use, or tokens to put in quarantine
Arrived = Grant | Quarantined
#: what came and could not be written, by store and connection: the last copy, so it lives as long as the process
_unkept: dict[tuple[str, str], Arrived] = {}

Request = Callable[[Grant, Callable[[Arrived], None]], Grant]


def refresh_kept(
    store: GrantStore,
    connection: str,
    request: Request,
    *,
    now: Callable[[], datetime],
    seen: Grant | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Grant:
    """The next generation of a grant, or the one that another process made since `seen`.

    `request` gets the grant and a function that keeps the new one, and sends the refresh token once.
    Raises RunbookError: `no-grant-yet`, `no-refresh-token`, `grant-quarantined` when an earlier reply failed the org
    check, `refresh-undecided` when an earlier answer was lost, `refresh-outcome-unknown` when this one is,
    `refreshed-but-not-kept`, or what `request` raises.
    """
    with store.lock(connection):
        unkept = _write_unkept(store, connection)
        kept = store.record(connection)
        held = unkept if isinstance(unkept, Grant) else (kept.grant if kept else None)
        if held is None:
            raise problem("no-grant-yet", connection=connection)
        if seen is not None and held.generation > seen.generation:
            return held
        if held.refresh_token is None:
            raise problem("no-refresh-token", connection=connection)
        if unkept is not None:
            raise problem("refreshed-but-not-kept", connection=connection, reason="the disk still cannot be written")
        if kept and kept.quarantined:
            raise quarantine_problem(kept.quarantined)
        if kept and kept.sent:
            at = kept.sent.at.strftime("%Y-%m-%d %H:%M UTC")
            raise problem("refresh-undecided", connection=connection, at=at, generation=kept.sent.generation)
        came: list[Arrived] = []

        def keep(fresh: Arrived) -> None:
            came.append(fresh)
            _keep(store, connection, fresh, sleep)

        store.mark_sent(connection, now())
        try:
            return request(held, keep)
        except RunbookError as error:
            # once new tokens came, the one that was sent may be spent: only the write of the new ones clears the mark
            if not came and error.code != "refresh-outcome-unknown":
                with contextlib.suppress(RunbookError):
                    store.clear_sent(connection)
            raise


def held_grant(store: GrantStore, connection: str) -> Grant | None:
    """The grant that is held: in the store, or in this process only, which is written then if it can be."""
    unkept = _write_unkept(store, connection)
    return unkept if isinstance(unkept, Grant) else store.load(connection)


def quarantine_problem(quarantined: Quarantined) -> RunbookError:
    """The error of a refresh that is not tried, since the tokens to use are in quarantine."""
    at = quarantined.at.strftime("%Y-%m-%d %H:%M UTC")
    return problem("grant-quarantined", connection=quarantined.grant.connection, at=at, reason=quarantined.reason)


def _write_unkept(store: GrantStore, connection: str) -> Arrived | None:
    """Try once more to write what is in this process only; gives it back if that still cannot be done."""
    unkept = _unkept.get((store.place, connection))
    if unkept is None:
        return None
    try:
        _write(store, unkept)
    except RunbookError as error:
        if error.code != "grant-stale":
            return unkept
    del _unkept[store.place, connection]
    return None


def unkept_grant(store: GrantStore, connection: str) -> Arrived | None:
    """What is in this process only, since it could not be written."""
    return _unkept.get((store.place, connection))


def _keep(store: GrantStore, connection: str, fresh: Arrived, sleep: Callable[[float], None]) -> None:
    """Write new tokens, again and again for a moment if need be; where that fails, hold them in this process."""
    reason = ""
    for wait_seconds in (*_WAITS_SECONDS, None):
        try:
            _write(store, fresh)
        except RunbookError as error:
            if error.code != "store-unwritable":
                raise
            reason = error.failure.evidence.get("reason", "")
            if wait_seconds is not None:
                sleep(wait_seconds)
        else:
            return
    _unkept[store.place, connection] = fresh
    raise problem("refreshed-but-not-kept", connection=connection, reason=reason)


def _write(store: GrantStore, arrived: Arrived) -> None:
    if isinstance(arrived, Quarantined):
        store.quarantine(arrived)
    else:
        store.save(arrived)
