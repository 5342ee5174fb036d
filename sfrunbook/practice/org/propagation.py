"""The delay until an edit in Setup reaches the servers; until then they use the values from before it."""

from __future__ import annotations

from dataclasses import replace

from sfrunbook.practice.org.entities import App

__all__ = ["Propagation"]

# What takes its time; policies count at once (likely: the notices speak of callbacks, scopes and keys).
_SLOW = (
    "client_id",
    "callback_urls",
    "scopes",
    "client_secret",
    "oauth_enabled",
    "pkce_required",
    "secret_required_for_code",
    "secret_required_for_refresh",
)


class Propagation:
    """Remembers what edited apps were before, as long as some server may still think so."""

    def __init__(self) -> None:
        self._earlier: dict[str, list[tuple[float, App]]] = {}

    def note(self, before: App, after: App, *, now: float, delay_seconds: float) -> None:
        """An edit has been made at `now`."""
        waiting = [each for each in self._earlier.pop(before.client_id, []) if each[0] > now - delay_seconds]
        if delay_seconds and any(getattr(before, name) != getattr(after, name) for name in _SLOW):
            waiting.append((now, before))
        if waiting:
            self._earlier[after.client_id] = waiting

    def known_app(self, app: App, client_id: str, *, now: float, delay_seconds: float) -> App | None:
        """The app as the servers know it by this consumer key; `None` while the key is too new for them.

        An old key always names the app: the pair that the rotation replaced proves it.
        """
        if app.client_id not in self._earlier:
            return app
        waiting = [
            earlier for replaced_at, earlier in self._earlier[app.client_id] if replaced_at > now - delay_seconds
        ]
        if not waiting or client_id != app.client_id:
            return app
        if waiting[0].client_id != client_id:
            return None
        return replace(app, **{name: getattr(waiting[0], name) for name in _SLOW})

    def forget(self, client_id: str) -> None:
        self._earlier.pop(client_id, None)
