"""The page that a browser shows after a login, when its answer reached the listener on this machine."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from html import escape
from pathlib import Path

__all__ = ["CONNECTED", "HEADERS", "NOT_ALLOWED", "NOT_FOUND", "NOT_GRANTED", "NOT_OURS", "OVER", "LandingPage"]

_STYLE = Path(__file__).with_suffix(".css").read_text("utf-8")
_SCRIPT = Path(__file__).with_suffix(".js").read_text("utf-8")


def _source(text: str) -> str:
    """How a Content Security Policy names an inline text that it lets in."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": f"default-src 'none'; style-src {_source(_STYLE)}; script-src {_source(_SCRIPT)}; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Connection": "close",
}


@dataclass(frozen=True, kw_only=True)
class LandingPage:
    """Fixed words: nothing of the request is in the page."""

    title: str
    text: str
    kind: str = ""
    closes_itself: bool = False

    @property
    def html(self) -> str:
        script = f"<script>{_SCRIPT}</script>" if self.closes_itself else ""
        return (
            '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width">'
            f"<title>{escape(self.title)} - sfrunbook</title><style>{_STYLE}</style></head>\n"
            f'<body><main class="{self.kind}"><h1>{escape(self.title)}</h1><p>{escape(self.text)}</p>'
            f'<p class="brand">sfrunbook</p></main>{script}</body></html>\n'
        )


CONNECTED = LandingPage(
    title="Access was granted",
    text="Return to sfrunbook \u2013 this tab closes itself.",
    kind="connected",
    closes_itself=True,
)
NOT_GRANTED = LandingPage(title="Access wasn't granted", text="Go back to sfrunbook to see why.", kind="not-granted")
NOT_OURS = LandingPage(
    title="This answer belongs to another login",
    text="Nothing was changed. Go back to sfrunbook and use the link that it shows now.",
)
OVER = LandingPage(title="This login is over", text="Its answer was already received. Go back to sfrunbook.")
NOT_FOUND = LandingPage(title="Nothing here", text="This page only receives the answer of a Salesforce login.")
NOT_ALLOWED = LandingPage(
    title="This request isn't allowed", text="This page only receives the answer of a Salesforce login, by GET."
)
