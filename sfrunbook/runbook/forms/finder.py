"""A hint while the login address is typed: which host it is, and the address that was probably meant. Pure."""

from __future__ import annotations

import difflib
import re
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from sfrunbook.core.errors import RunbookError
from sfrunbook.core.model import OrgKind, Status
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.salesforce.oauth.hosts import DOMAINS, Host, HostKind, classify, login_url_of
from sfrunbook.salesforce.oauth.pasted_address import tidied

__all__ = ["Found", "find", "name_for"]

_WHERE = "Setup > My Domain shows it, such as acme.my.salesforce.com."
#: the endings that a misspelt address may have meant; those of a single country are never guessed
_MEANT = ("my.salesforce.com", "salesforce.com", "lightning.force.com", "salesforce-setup.com")
_BARE_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.I)
_ORGS = {
    OrgKind.PRODUCTION: "a production org",
    OrgKind.SANDBOX: "a sandbox",
    OrgKind.DEVELOPER: "a developer org",
    OrgKind.SCRATCH: "a scratch org",
}


@dataclass(frozen=True, kw_only=True)
class Found:
    """What the typed text points at."""

    #: passed: it can be stored; warning: it can, but read why; failed: it cannot
    status: Status
    #: a full sentence or two
    sentence: str
    #: the address to use in its place, without `https://`; empty when there is none
    use: str = ""
    org_kind: OrgKind = OrgKind.UNKNOWN


def find(text: str, expected: OrgKind = OrgKind.UNKNOWN) -> Found:
    """Judge what was typed or pasted as login address; no host is asked.

    `expected` is the kind of org that was chosen; another kind is a warning and never a failure, since a host's name
    only promises what the org itself knows.
    """
    typed = tidied(text)
    if not typed:
        return Found(status=Status.SKIPPED, sentence=f"Enter the org's own login address. {_WHERE}")
    if found := _other_than_host(typed):
        return found
    try:
        host = classify(login_url_of(typed))
    except RunbookError as error:
        return _refused(typed, error)
    return _accepted(host, expected)


def name_for(login_url: str) -> str:
    """A name for the connection to this address: the My Domain's own, such as `acme` or `acme--dev`."""
    try:
        host = classify(login_url_of(login_url))
    except RunbookError:
        return ""
    return (urlsplit(host.origin).hostname or "").partition(".")[0] if host.is_my_domain else ""


def _other_than_host(typed: str) -> Found | None:
    """What is known not to be a host, with what was probably meant."""
    bare = re.sub(r"^[a-z]+://", "", typed, flags=re.I).lower()
    if re.search(r"(?:^|\.)cyclr\.(?:com|uk)$", bare):
        return Found(status=Status.FAILED, sentence=f"This is Cyclr, not Salesforce. {_WHERE}")
    if "@" in bare:
        sentence = f"This is a user name. Enter the address of the login page. {_WHERE}"
        return Found(status=Status.FAILED, sentence=sentence)
    if "." not in bare and bare not in ("localhost", "") and _BARE_NAME.fullmatch(bare):
        # a sandbox's name is the org's name, two dashes and the sandbox's own; its host has a partition of its own
        middle = ".sandbox" if "--" in bare else ""
        sentence = "This may be a My Domain name. Enter the whole address."
        return Found(status=Status.FAILED, sentence=sentence, use=f"{bare}{middle}.my.salesforce.com")
    return _misspelt(bare)


def _misspelt(bare: str) -> Found | None:
    labels = bare.split(".")
    if bare.endswith((*_MEANT, *DOMAINS)) or len(labels) < 2 or labels[-1].isdigit():
        return None
    with suppress(ValueError):
        if classify(f"https://{bare}").kind is not HostKind.OTHER:
            return None
    for length in (3, 2):
        close = difflib.get_close_matches(".".join(labels[-length:]), _MEANT, n=1, cutoff=0.85)
        if close and len(labels) > close[0].count(".") + 1:
            meant = ".".join([*labels[:-length], close[0]])
            host = classify(f"https://{meant}")
            sentence = f"{bare} isn't a Salesforce host. Check its spelling."
            use = (host.my_domain or host.origin).removeprefix("https://")
            return Found(status=Status.FAILED, sentence=sentence, use=use)
    return None


def _refused(typed: str, error: RunbookError) -> Found:
    reason = error.failure.evidence.get("reason", "") or diagnosis_of(error).what
    try:
        host = classify(typed if "://" in typed else f"https://{typed}")
    except ValueError:
        return Found(status=Status.FAILED, sentence=f"{reason} {_WHERE}")
    use = (host.my_domain or "").removeprefix("https://")
    name, _, domain = (urlsplit(host.origin).hostname or "").partition(".")
    if domain in DOMAINS and host.kind is HostKind.OTHER:
        use, reason = f"{name}.my.{domain}", f"A My Domain has my. before {domain}."
    return Found(status=Status.FAILED, sentence=reason, use=use)


def _accepted(host: Host, expected: OrgKind) -> Found:
    name = urlsplit(host.origin).netloc
    kind = host.org_kind
    if host.kind is HostKind.LOOPBACK:
        return Found(status=Status.PASSED, sentence=f"{name} is a practice org on this machine.")
    if host.kind in (HostKind.LOGIN, HostKind.TEST):
        return _common(host, name, expected)
    if expected not in (OrgKind.UNKNOWN, kind) and kind in _ORGS:
        sentence = f"{name} is the My Domain of {_ORGS[kind]}, and you chose {_ORGS[expected]}. Change one of them."
        return Found(status=Status.WARNING, sentence=sentence, org_kind=kind)
    whose = _ORGS.get(kind, "an org whose type we don't know yet")
    return Found(status=Status.PASSED, sentence=f"{name} is the My Domain of {whose}.", org_kind=kind)


def _common(host: Host, name: str, expected: OrgKind) -> Found:
    """The login hosts that belong to no org."""
    sandbox = host.kind is HostKind.TEST
    domain = name.partition(".")[2]
    if sandbox and expected in (OrgKind.PRODUCTION, OrgKind.DEVELOPER):
        sentence = f"{name} logs in to sandboxes only, and you chose {_ORGS[expected]}."
        return Found(status=Status.WARNING, sentence=sentence, use=f"login.{domain}", org_kind=OrgKind.SANDBOX)
    if not sandbox and expected is OrgKind.SANDBOX:
        sentence = f"{name} doesn't log in to sandboxes."
        return Found(status=Status.WARNING, sentence=sentence, use=f"test.{domain}")
    sentence = f"{name} works unless the org blocks it, but it doesn't identify your org. Use the My Domain instead: "
    return Found(status=Status.WARNING, sentence=sentence + _WHERE, org_kind=host.org_kind)
