"""The links beside click paths: to the Setup of a connection's org, and to its partner's console; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sfrunbook.core.model import Connection, Failure, Remedy, Stage

if TYPE_CHECKING:
    from sfrunbook.partners import PartnerProfile
    from sfrunbook.salesforce.setup_links import SetupLink

__all__ = ["NO_PAGES", "Pages", "links_for", "links_hint", "pages_of"]

#: stages whose host has no Setup: it is the partner's, or it did not answer
_NO_SETUP = (Stage.PARTNER, Stage.TRANSPORT)


@dataclass(frozen=True, kw_only=True)
class Pages:
    """Where a connection's screens are; empty where that is not known."""

    #: address of the org, its My Domain
    org: str = ""
    #: id of the External Client App, `0xI…`
    app_id: str = ""
    profile: PartnerProfile | None = None
    variables: Mapping[str, str] = field(default_factory=dict)


NO_PAGES = Pages()


def pages_of(
    connection: Connection, profile: PartnerProfile | None = None, *, instance_url: str = "", app_id: str = ""
) -> Pages:
    """The screens of a connection; `instance_url` is the org's own address, for one that logs in at a shared host."""
    from sfrunbook.salesforce.setup_links import setup_origin

    org = setup_origin(connection.login_url) or setup_origin(instance_url)
    return Pages(org=org, app_id=app_id, profile=profile, variables=connection.variables)


def links_for(where: str, pages: Pages, failure: Failure | None = None) -> tuple[SetupLink, ...]:
    """The links for a click path; without a known org, those for the host of `failure` if that is an org's own."""
    if pages == NO_PAGES and failure is None:
        return ()  # before the imports, which would slow down every `explain`
    from sfrunbook.partners.console import console_link
    from sfrunbook.salesforce.setup_links import links_in, setup_origin

    org = setup_origin(pages.org)
    if not org and failure and failure.stage not in _NO_SETUP:
        org = setup_origin(failure.host)
    links = links_in(where, org, app_id=pages.app_id)
    console = console_link(pages.profile, pages.variables, where) if pages.profile else None
    return (*links, console) if console else links


def links_hint(remedies: Iterable[Remedy], pages: Pages, failure: Failure | None = None) -> str:
    """What to do where a link of these steps doesn't open its page; empty where they have none."""
    links = tuple(link for remedy in remedies for link in links_for(remedy.where, pages, failure))
    if not links:
        return ""
    from sfrunbook.salesforce.setup_links import search_hint

    return search_hint(links)
