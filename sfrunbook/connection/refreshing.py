"""The refresh of a grant as a critical section: one process at a time, and each step durable before the next.

The order makes it safe against a kill at any moment: the mark "sent" is durable before the request leaves; the new
tokens are durable before any caller gets them; the same write clears the mark. A mark without its process therefore
means that the answer was lost, and the refresh token is not sent again until the user decides so.
New tokens whose reply failed the org check are durable too, in quarantine, and that write clears the mark as well.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from datetime import datetime

from sfrunbook.core.errors import RunbookError, problem
from sfrunbook.core.model import Grant
from sfrunbook.core.moments import local_and_utc
from sfrunbook.store.grant_record import Quarantined, StoredGrant
from sfrunbook.store.grants import GrantStore

__all__ = ["current_grant", "quarantine_problem", "refresh_stored"]

#: the waits between attempts to write new tokens; a full disk often has room again in a moment
_WAITS_SECONDS = (0.2, 0.5, 1.0)

#: what a refresh returns: a grant to use, or tokens to put in quarantine
Arrived = Grant | Quarantined
#: new tokens that could not be written, by store and connection: the only copy, until the process ends
_unwritten: dict[tuple[str, str], Arrived] = {}

Request = Callable[[Grant, Callable[[Arrived], None]], Grant]


def refresh_stored(
    store: GrantStore,
    connection: str,
    request: Request,
    *,
    now: Callable[[], datetime],
    last_known: Grant | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Grant:
    """The next generation of a grant, or the generation that another process stored after `last_known`.

    `request` gets the grant and a function that stores the new grant, and sends the refresh token once.
    Raises RunbookError: `no-grant-yet`, `no-refresh-token`, `grant-quarantined` when an earlier reply failed the org
    check, `refresh-undecided` when an earlier answer was lost, `refresh-outcome-unknown` when this one is,
    `refreshed-but-not-kept`, or what `request` raises.
    """
    with store.lock(connection):
        unwritten = _write_pending(store, connection)
        record = store.record(connection)
        grant = unwritten if isinstance(unwritten, Grant) else (record.grant if record else None)
        if grant is None:
            raise problem("no-grant-yet", connection=connection)
        if last_known is not None and grant.generation > last_known.generation:
            return grant
        _check_sendable(grant, unwritten, record)
        arrived: list[Arrived] = []

        def save(fresh: Arrived) -> None:
            arrived.append(fresh)
            _save(store, connection, fresh, sleep)

        store.mark_sent(connection, now())
        try:
            return request(grant, save)
        except RunbookError as error:
            # after new tokens arrived, the old refresh token may be spent: only the write of the new clears the mark
            if not arrived and error.code != "refresh-outcome-unknown":
                with contextlib.suppress(RunbookError):
                    store.clear_sent(connection)
            raise


def _check_sendable(grant: Grant, unwritten: Arrived | None, record: StoredGrant | None) -> None:
    """Raise the problem with sending the refresh token of `grant` now."""
    connection = grant.connection
    if grant.refresh_token is None:
        raise problem("no-refresh-token", connection=connection)
    if unwritten is not None:
        raise problem("refreshed-but-not-kept", connection=connection, reason="the disk still isn't writable")
    if record and record.quarantined:
        raise quarantine_problem(record.quarantined)
    if record and record.sent:
        at = local_and_utc(record.sent.at)
        raise problem("refresh-undecided", connection=connection, at=at, generation=record.sent.generation)


def current_grant(store: GrantStore, connection: str) -> Grant | None:
    """The current grant: from the store, or one that only this process has, which is written now if possible."""
    unwritten = _write_pending(store, connection)
    return unwritten if isinstance(unwritten, Grant) else store.load(connection)


def quarantine_problem(quarantined: Quarantined) -> RunbookError:
    """The error of a refresh that is not tried, since the tokens to use are in quarantine."""
    at = local_and_utc(quarantined.at)
    return problem("grant-quarantined", connection=quarantined.grant.connection, at=at, reason=quarantined.reason)


def _write_pending(store: GrantStore, connection: str) -> Arrived | None:
    """Try again to write what only this process has; returns it if it still cannot be written."""
    unwritten = _unwritten.get((store.place, connection))
    if unwritten is None:
        return None
    try:
        _write(store, unwritten)
    except RunbookError as error:
        if error.code != "grant-stale":
            return unwritten
    del _unwritten[store.place, connection]
    return None


def _save(store: GrantStore, connection: str, fresh: Arrived, sleep: Callable[[float], None]) -> None:
    """Write new tokens, with a few retries; where all fail, they stay in this process."""
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
    _unwritten[store.place, connection] = fresh
    raise problem("refreshed-but-not-kept", connection=connection, reason=reason)


def _write(store: GrantStore, arrived: Arrived) -> None:
    if isinstance(arrived, Quarantined):
        store.quarantine(arrived)
    else:
        store.save(arrived)
