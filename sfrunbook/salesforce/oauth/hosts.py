"""Classifies Salesforce hosts by name, and asks a host whether it is a login host."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import requests

from sfrunbook.core.errors import RunbookError, problem
from sfrunbook.core.http import Reply, is_loopback, origin_of, require_safe, send
from sfrunbook.core.http_failure import failure_of
from sfrunbook.core.model import OrgKind, Stage
from sfrunbook.salesforce.oauth.pasted_address import fault_of, tidied
from sfrunbook.store.json_file import toml_rows

__all__ = ["DOMAINS", "Host", "HostKind", "classify", "discover", "login_url_of"]


class HostKind(StrEnum):
    LOGIN = "login"
    TEST = "test"
    MY_DOMAIN = "my_domain"
    SANDBOX = "sandbox"
    DEVELOPER = "developer"
    SCRATCH = "scratch"
    PLAYGROUND = "playground"
    SITE = "site"
    LIGHTNING = "lightning"
    SETUP = "setup"
    INSTANCE = "instance"
    LOOPBACK = "loopback"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class _Kind:
    """A row of `host_kinds.toml`, which explains the fields."""

    kind: HostKind
    org_kind: OrgKind = OrgKind.UNKNOWN
    login: str = ""
    reason: str = ""


_KINDS = {row.kind: row for row in toml_rows(Path(__file__).with_name("host_kinds.toml"), "kind", _Kind)}
_PARTITIONS = {
    "sandbox": HostKind.SANDBOX,
    "develop": HostKind.DEVELOPER,
    "scratch": HostKind.SCRATCH,
    "trailblaze": HostKind.PLAYGROUND,
}
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_PART = r"(?:\.(?P<partition>(?!my\.)[a-z]+))?"
#: the domain of an org's address, with the hosts of its Lightning and Setup pages: everywhere else, Government Cloud of
#: the Department of Defense, China. Source: https://github.com/forcedotcom/sfdx-core/blob/main/src/util/sfdcUrl.ts and
#: https://github.com/jsforce/jsforce/blob/main/src/connection.ts (likely; the hosts of Setup pages there are a guess)
_CLOUDS = {
    "salesforce.com": (r"lightning\.force\.com", r"(?:my\.)?salesforce-setup\.com"),
    "salesforce.mil": (r"lightning\.(?:crm)?force\.mil", r"(?:my\.)?salesforce-setup\.mil"),
    "sfcrmproducts.cn": (r"lightning\.sfcrm(?:apps|products)\.cn", r"setup\.sfcrm(?:apps|products)\.cn"),
}
#: what every login address ends in
DOMAINS = tuple(_CLOUDS)
_DOMAIN = "|".join(map(re.escape, DOMAINS))
_SHARED = re.compile(rf"(?P<name>login|test)\.(?:{_DOMAIN})")
_MY_DOMAIN = re.compile(rf"(?P<name>{_LABEL}){_PART}\.my\.(?:{_DOMAIN})")
#: a sandbox from before enhanced domains: `acme--dev.cs12.my.salesforce.com`
_OLD_SANDBOX = re.compile(rf"(?P<name>{_LABEL})\.cs\d+\.my\.(?:{_DOMAIN})")
_WRONG_HOSTS = (
    *(
        (kind, re.compile(rf"(?P<name>{_LABEL}){_PART}\.{pages}"), domain)
        for domain, (lightning, setup) in _CLOUDS.items()
        for kind, pages in ((HostKind.LIGHTNING, lightning), (HostKind.SETUP, setup))
    ),
    (HostKind.SITE, re.compile(rf"(?P<name>{_LABEL}){_PART}\.my\.site\.com"), "salesforce.com"),
)
_INSTANCE = re.compile(rf"[a-z]{{2,4}}\d{{1,4}}[a-z]?(?:-api)?\.(?:{_DOMAIN})")


@dataclass(frozen=True, kw_only=True)
class Host:
    """A host by its name alone; the host itself is not asked."""

    origin: str
    kind: HostKind
    #: by the name; what the org reports has precedence
    org_kind: OrgKind
    #: origin of the My Domain that a wrong host belongs to, where the name contains it
    my_domain: str | None = None

    @property
    def can_log_in(self) -> bool:
        """Whether OAuth logins start at hosts of this kind."""
        return bool(_KINDS[self.kind].login)

    @property
    def is_my_domain(self) -> bool:
        """Whether this is the login host of a single org, in any partition."""
        return self.can_log_in and self.kind not in {HostKind.LOGIN, HostKind.TEST, HostKind.LOOPBACK}

    @property
    def description(self) -> str:
        """The host as the end of a sentence."""
        return _KINDS[self.kind].login or "not a Salesforce host by its name"

    @property
    def reason(self) -> str:
        """Why no one logs in at this host, and the right host where it is known; empty for a login host."""
        if self.can_log_in:
            return ""
        hint = f"Use {self.my_domain} instead." if self.my_domain else "Use the address in Setup > My Domain."
        return f"{_KINDS[self.kind].reason} {hint}"


def classify(address: str) -> Host:
    """Classify a full address (`https://…`) by its name alone.

    Source: https://help.salesforce.com/s/articleView?id=sf.domain_name_url_formats.htm (likely): production
    `acme.my`, sandbox `acme--dev.sandbox.my`, developer `.develop.my`, scratch `.scratch.my`, playground
    `.trailblaze.my`.
    """
    origin = origin_of(address)
    name = urlsplit(origin).hostname or ""
    kind, my_domain = _kind_of(name)
    org_kind = _KINDS[kind].org_kind
    if kind is HostKind.MY_DOMAIN and name.count(".") > 3:
        org_kind = OrgKind.UNKNOWN  # a partition that is not in the list, such as .demo or .patch
    return Host(origin=origin, kind=kind, org_kind=org_kind, my_domain=my_domain)


def _kind_of(name: str) -> tuple[HostKind, str | None]:
    if is_loopback(name):
        return HostKind.LOOPBACK, None
    if match := _SHARED.fullmatch(name):
        return (HostKind.LOGIN if match["name"] == "login" else HostKind.TEST), None
    if _OLD_SANDBOX.fullmatch(name):
        return HostKind.SANDBOX, None
    if match := _MY_DOMAIN.fullmatch(name):
        if match["partition"] is None and "--" in match["name"]:
            return HostKind.SANDBOX, None
        return _PARTITIONS.get(match["partition"] or "", HostKind.MY_DOMAIN), None
    for kind, pattern, domain in _WRONG_HOSTS:
        if match := pattern.fullmatch(name):
            middle = f".{match['partition']}" if match["partition"] else ""
            return kind, f"https://{match['name']}{middle}.my.{domain}"
    return (HostKind.INSTANCE if _INSTANCE.fullmatch(name) else HostKind.OTHER), None


def login_url_of(text: str) -> str:
    """The origin to log in at, out of what the user typed or copied from the address bar.

    `tidied` takes off what came along; `https://` is added where it is missing (`http://` on this machine) and
    everything after the host is dropped.
    Raises RunbookError: `not-a-login-address`, `not-a-salesforce-host` or `insecure-address`.
    """
    typed = tidied(text)
    if not typed:
        raise _not_an_address(text, "Nothing was entered.")
    if fault := fault_of(typed):
        raise _not_an_address(text, fault)
    address = typed if "://" in typed else _with_scheme(typed, text)
    try:
        parts = urlsplit(address)
        host = classify(address)
    except ValueError:
        raise _not_an_address(text, "This isn't an address.") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise _not_an_address(text, "An address starts with https://.")
    if host.kind is HostKind.OTHER:
        raise problem("not-a-salesforce-host", host=parts.hostname, reason=host.reason)
    if not host.can_log_in:
        raise _not_an_address(host.origin, host.reason)
    secure = address if host.kind is HostKind.LOOPBACK else address.replace("http://", "https://", 1)
    require_safe(secure)
    return origin_of(secure).removesuffix(":80")


def _with_scheme(typed: str, text: str) -> str:
    if "@" in typed:
        raise _not_an_address(text, "This looks like a username. Enter the address of the login page.")
    guess = f"https://{typed}"
    try:
        name = urlsplit(guess).hostname or ""
    except ValueError:
        name = ""
    if is_loopback(name):
        return f"http://{typed}"
    if "." not in name:
        reason = f"This may be a My Domain name. Its address would be https://{name}.my.salesforce.com."
        raise _not_an_address(text, reason)
    return guess


def _not_an_address(text: str, reason: str) -> RunbookError:
    return problem("not-a-login-address", text=text.strip()[:200], reason=reason)


_ENDPOINTS = (
    "authorization_endpoint",
    "token_endpoint",
    "revocation_endpoint",
    "introspection_endpoint",
    "userinfo_endpoint",
)


def discover(session: requests.Session, origin: str) -> None:
    """Ask a host whether it is Salesforce: `GET /.well-known/openid-configuration`, no login.

    Raises RunbookError: `not-a-salesforce-host` when it has no such document or names endpoints elsewhere,
    `issuer-mismatch` when it calls itself something else, `network-page` when something on the way answers in the place
    of a host that is Salesforce's by its name; an outage is diagnosed as one.
    Source: https://login.salesforce.com/.well-known/openid-configuration (confirmed); that a My Domain names itself
    as issuer is likely.
    """
    reply = send(session, Stage.AUTHORIZE, "GET", f"{origin}/.well-known/openid-configuration")
    if reply.status >= 500 or reply.status == 429:
        raise RunbookError(failure_of(reply, Stage.AUTHORIZE))
    if classify(origin).kind is not HostKind.LOOPBACK and (page := _page_of_the_network(reply)):
        failure = failure_of(reply, Stage.AUTHORIZE)
        raise RunbookError(replace(failure, stage=Stage.TRANSPORT, error="network-page", description=page))
    document = reply.json()
    if not reply.ok or not isinstance(document, dict):
        raise _not_salesforce(origin, f"It has no OpenID configuration (HTTP status {reply.status}).")
    issuer = str(document.get("issuer", "")).rstrip("/")
    if issuer != origin:
        raise problem("issuer-mismatch", expected=origin, seen=issuer or "(none)")
    for name in _ENDPOINTS:
        if not _same_origin(str(document.get(name, "")), origin):
            raise _not_salesforce(origin, f"It names an address on another host as its {name.replace('_', ' ')}.")


def _page_of_the_network(reply: Reply) -> str:
    """What shows that a reply is not of the host that was asked, as a sentence; empty where nothing does.

    A sign-in page or a filter answers with a page, or redirects to a host of its own; a Salesforce host that has no
    such document says 404 or 410, and redirects to another Salesforce host.
    """
    if 300 <= reply.status < 400:
        there = urlsplit(urljoin(reply.url, reply.headers.get("Location", ""))).hostname or ""
        return "" if _is_salesforce(there) else f"It redirects to {there}."
    if reply.status in {404, 410} or not reply.text.lstrip().startswith("<"):
        return ""
    return f"It is a web page (HTTP status {reply.status})."


def _is_salesforce(name: str) -> bool:
    return _kind_of(name)[0] is not HostKind.OTHER or name.endswith(tuple(f".{domain}" for domain in DOMAINS))


def _same_origin(address: str, origin: str) -> bool:
    try:
        return origin_of(address) == origin
    except ValueError:
        return False


def _not_salesforce(origin: str, reason: str) -> RunbookError:
    return problem("not-a-salesforce-host", host=urlsplit(origin).netloc, reason=reason)
