"""A second pair of Consumer Key and Consumer Secret: staged beside the first, rotated into its place, or dropped."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from sfrunbook.practice.org.entities import App, StagedCredentials
from sfrunbook.practice.org.ids import make_id
from sfrunbook.practice.org.world import World

__all__ = ["STAGED_FOR_SECONDS", "consumer_id", "drop_staged", "rotate_staged", "stage", "staged_pairs"]

Part = Literal["both", "key", "secret"]
STAGED_FOR_SECONDS = 30 * 86_400.0


def consumer_id(app: App) -> str:
    """The id under which the REST resource knows the app's one consumer; its prefix is a guess."""
    return f"888{app.app_id[3:]}"


def staged_pairs(world: World, app: App) -> tuple[StagedCredentials, ...]:
    """The app's staged pairs as they are now: an Active one ends after 30 days (confirmed)."""
    now = world.clock.time()
    return tuple(
        replace(each, state="Expired") if each.state == "Active" and each.expires_at <= now else each
        for each in app.staged
    )


def stage(world: World, app: App, created_by: str, renews: Part = "both") -> StagedCredentials:
    """A new pair for the app, or only half of it new; raises `ValueError` while another one is staged.

    That there is one place is likely. A staged pair does not work before it is rotated in (confirmed: invalid_client).
    """
    if any(each.state != "Expired" for each in staged_pairs(world, app)):
        raise ValueError("This app already has staged credentials. Rotate or delete them first.")
    now = world.clock.time()
    pair = StagedCredentials(
        staged_id=make_id("89F", world.next_serial()),
        client_id=app.client_id if renews == "secret" else world.mint.consumer_key(),
        client_secret=app.client_secret if renews == "key" else world.mint.consumer_secret(),
        created_at=now,
        expires_at=now + STAGED_FOR_SECONDS,
        created_by=created_by,
    )
    world.change_app(app.client_id, staged=(pair,))
    return pair


def rotate_staged(world: World, app: App, staged_id: str) -> StagedCredentials:
    """Put the staged pair in force; the old one takes its place as Rotated until it is deleted (likely).

    Approvals and tokens go over to the new key: they belong to the app (guess). Gives the pair that is staged then;
    raises `LookupError` for a pair that is not there, `ValueError` for one that is not Active.
    """
    pair = next((each for each in staged_pairs(world, app) if each.staged_id == staged_id), None)
    if pair is None:
        raise LookupError("no such staged credentials")
    if pair.state != "Active":
        raise ValueError(f"These staged credentials are {pair.state.lower()}.")
    old = replace(pair, client_id=app.client_id, client_secret=app.client_secret, state="Rotated")
    world.edit_app(app.client_id, client_id=pair.client_id, client_secret=pair.client_secret, staged=(old,))
    if old.client_id != pair.client_id:
        world.former_keys[old.client_id] = pair.client_id
    return old


def drop_staged(world: World, app: App, staged_id: str) -> None:
    """Forget a staged pair; one that was Rotated stops working. Raises `LookupError`."""
    kept = tuple(each for each in app.staged if each.staged_id != staged_id)
    if len(kept) == len(app.staged):
        raise LookupError("no such staged credentials")
    for each in app.staged:
        if each.staged_id == staged_id:
            world.former_keys.pop(each.client_id, None)
    world.change_app(app.client_id, staged=kept)
