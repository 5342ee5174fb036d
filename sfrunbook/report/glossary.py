"""Ten words of the trade, explained in a tooltip where a card uses them first."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

__all__ = ["GLOSSARY", "glossed"]

GLOSSARY = {
    "approval": "Salesforce creates one each time a user presses Allow for an app. It keeps 5 per user and app.",
    "callback URL": "The address Salesforce sends the browser to after a login. It must be listed in the app.",
    "Consumer Key": "The app's name in OAuth (client_id). It isn't a secret.",
    "Consumer Secret": "The app's password in OAuth (client_secret).",
    "External Client App": "The kind of app Salesforce offers for new apps since Spring '26.",
    "My Domain": "Your org's own address, such as acme.my.salesforce.com.",
    "PKCE": "An extra check at login. It protects you if someone copies the login's code (RFC 7636).",
    "refresh token": "A login returns it. It gets new access without another login.",
    "scope": "What an app may do, such as Full access (full).",
    "Service Domain": "The host of your Cyclr, such as app-h.cyclr.com.",
}
_TERMS = re.compile(rf"\b({'|'.join(map(re.escape, GLOSSARY))})s?\b", re.IGNORECASE)
_BY_NAME = {name.casefold(): meaning for name, meaning in GLOSSARY.items()}


def glossed(text: str) -> Markup:
    """A text, escaped, with a tooltip on the first use of each word of the glossary."""
    used: set[str] = set()

    def explained(match: re.Match[str]) -> str:
        name = match[1].casefold()
        if name in used:
            return match[0]
        used.add(name)
        return f'<abbr title="{escape(_BY_NAME[name])}">{match[0]}</abbr>'

    return Markup(_TERMS.sub(explained, str(escape(text))))  # noqa: S704 -- escaped above
