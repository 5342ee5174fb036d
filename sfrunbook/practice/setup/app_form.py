"""The form of a new or edited app: its values, their errors, and the app that they describe."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from sfrunbook.practice.org.entities import App
from sfrunbook.practice.org.ip_ranges import check_ranges
from sfrunbook.practice.org.settings import Settings
from sfrunbook.practice.org.tokens import public_key_of
from sfrunbook.practice.org.world import api_name_from
from sfrunbook.practice.setup.callbacks import addresses_in, callback_errors
from sfrunbook.practice.setup.flags import Box, boxes_for, changes_of, ticked_on
from sfrunbook.practice.setup.scopes import SCOPES, rows_of, scopes_of
from sfrunbook.practice.web.forms import Sent

__all__ = ["EMAIL", "AppForm"]

EMAIL = re.compile(r"[^@\s<>\"]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9-]+)+")
_API_NAME = re.compile(r"[A-Za-z](?:_?[A-Za-z0-9])*")
_API_NAME_RULE = (
    "The API Name can only contain underscores and alphanumeric characters. It must be unique, begin with a letter, "
    "not include spaces, not end with an underscore, and not contain two consecutive underscores."
)
_MUST = "You must enter a value"
_LENGTHS = {"name": 80, "api_name": 80, "contact_email": 80, "contact_phone": 40, "info_url": 255, "description": 255}
_BOXES_OF_LINES = ("callbacks", "certificate", "ip_ranges")
_LABELS = {
    "api_name": "API Name",
    "contact_email": "Contact Email",
    "contact_phone": "Contact Phone",
    "info_url": "Info URL",
    "description": "Description",
}


@dataclass(kw_only=True)
class AppForm:
    """The values of the form, valid or not; `errors` are sentences by field."""

    kind: str
    boxes: tuple[Box, ...]
    values: dict[str, str] = field(default_factory=dict)
    distribution: str = ""
    oauth: bool = False
    scopes: list[str] = field(default_factory=list)
    ticked: set[str] = field(default_factory=set)
    errors: dict[str, list[str]] = field(default_factory=dict)

    @property
    def name_label(self) -> str:
        return "Connected App Name" if self.kind == "connected_app" else "External Client App Name"

    @property
    def available(self) -> list[str]:
        return [row for row in SCOPES if row not in self.scopes]

    @classmethod
    def blank(cls, kind: str, settings: Settings) -> AppForm:
        """A new app with today's defaults."""
        boxes = boxes_for(kind, settings)
        return cls(
            kind=kind,
            boxes=boxes,
            distribution="local",
            ticked={box.name for box in boxes if box.default},
        )

    @classmethod
    def of(cls, app: App, settings: Settings) -> AppForm:
        """The app as it is now."""
        values = {name: getattr(app, name) for name in _LENGTHS}
        values["callbacks"] = "\n".join(app.callback_urls)
        values["certificate"] = "\n".join(app.jwt_keys)
        values["ip_ranges"] = "\n".join(app.refresh_ip_ranges)
        return cls(
            kind=app.kind,
            boxes=boxes_for(app.kind, settings, app),
            values=values,
            distribution=app.distribution,
            oauth=app.oauth_enabled,
            scopes=rows_of(app.scopes),
            ticked=ticked_on(app),
        )

    def fill(self, sent: Sent) -> None:
        """Take what was typed, nothing of it lost; a locked box stays ticked whatever was sent."""
        self.values = {name: sent.text(name) for name in _LENGTHS}
        self.values |= {name: sent.raw(name) for name in _BOXES_OF_LINES}
        self.distribution = sent.text("distribution")
        self.oauth = "oauth" in sent
        self.scopes = list(dict.fromkeys(row for row in sent.all("scope") if row in SCOPES or row in self.scopes))
        if "add_scope" in sent:
            self.scopes += [row for row in dict.fromkeys(sent.all("available")) if row in self.available]
        if "remove_scope" in sent:
            self.scopes = [row for row in self.scopes if row not in sent.all("selected")]
        self.ticked = {box.name for box in self.boxes if box.locked or f"box_{box.name}" in sent}

    def check(self, taken: set[str], http_hosts: tuple[str, ...]) -> bool:
        """Whether it can be saved; `taken` are the API names of the other apps of this kind, in lower case."""
        self.errors = {}
        self._check_basics(taken)
        if self.kind == "external_client_app" and self.distribution not in ("local", "packaged"):
            self._wrong("distribution", f"Distribution State: {_MUST}")
        if self.oauth:
            self.errors |= (
                {"callbacks": wrong} if (wrong := callback_errors(self.values["callbacks"], http_hosts)) else {}
            )
            if not self.scopes:
                self._wrong("scopes", "Selected OAuth Scopes: Select at least one scope.")
            self._check_certificate()
            self._check_ranges()
        return not self.errors

    def _check_basics(self, taken: set[str]) -> None:
        values = self.values
        if not values["name"]:
            self._wrong("name", f"{self.name_label}: {_MUST}")
        values["api_name"] = values["api_name"] or api_name_from(values["name"])
        if values["name"] and not _API_NAME.fullmatch(values["api_name"]):
            self._wrong("api_name", f"API Name: {_API_NAME_RULE}" if values["api_name"] else f"API Name: {_MUST}")
        elif values["api_name"].casefold() in taken:
            self._wrong("api_name", "API Name: This name is already used by another app. Enter a different name.")
        if not values["contact_email"]:
            self._wrong("contact_email", f"Contact Email: {_MUST}")
        elif not EMAIL.fullmatch(values["contact_email"]):
            self._wrong("contact_email", "Contact Email: Enter an e-mail address, such as name@example.com.")
        if values["info_url"] and not values["info_url"].startswith(("https://", "http://")):
            self._wrong("info_url", "Info URL: Enter an address that begins with https:// or http://.")
        for name, most in _LENGTHS.items():
            if len(values[name]) > most:
                self._wrong(name, f"{_LABELS.get(name, self.name_label)}: data value too large (max length={most})")

    def _check_certificate(self) -> None:
        if "jwt_bearer" not in self.ticked:
            return
        try:
            public_key_of(self.values["certificate"].strip())
        except ValueError:
            self._wrong("certificate", "Certificate: Paste an RSA certificate in PEM form.")

    def _check_ranges(self) -> None:
        ranges = addresses_in(self.values["ip_ranges"])
        if "ip_allowlist" in self.ticked and not ranges:
            self._wrong("ip_ranges", f"Refresh Token IP Ranges: {_MUST}")
        try:
            check_ranges(ranges, allow_list=True)
        except ValueError as wrong:
            sentence = str(wrong)
            self._wrong("ip_ranges", f"Refresh Token IP Ranges: {sentence[:1].upper()}{sentence[1:]}.")

    def _wrong(self, name: str, sentence: str) -> None:
        self.errors.setdefault(name, []).append(sentence)

    def changes(self, app: App | None) -> dict[str, Any]:
        """The fields of `App` for what was typed; without OAuth its settings stay as they were."""
        fields: dict[str, Any] = {name: self.values[name] for name in _LENGTHS}
        fields["oauth_enabled"] = self.oauth
        if self.kind == "external_client_app":
            fields["distribution"] = self.distribution
        if self.oauth or app is None:
            certificate = self.values["certificate"].strip()
            fields |= changes_of(self.boxes, self.ticked, app)
            fields["callback_urls"] = addresses_in(self.values["callbacks"]) if self.oauth else ()
            scopes = scopes_of(self.scopes)
            fields["scopes"] = app.scopes if app is not None and set(app.scopes) == set(scopes) else scopes
            fields["refresh_ip_ranges"] = addresses_in(self.values["ip_ranges"])
            fields["jwt_keys"] = (certificate,) if certificate and "jwt_bearer" in self.ticked else ()
        return fields
