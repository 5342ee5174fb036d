"""Links beside click paths: where an org's own host is known, in HTML, in a new tab; the words always stay."""

from dataclasses import replace
from html.parser import HTMLParser
from textwrap import dedent

from support.each import for_each
from test_report import RUN

from sfrunbook import partners
from sfrunbook.core.model import (
    Cause,
    Connection,
    Diagnosis,
    Failure,
    Finding,
    Mark,
    RankedCause,
    Remedy,
    Run,
    Stage,
    Status,
    Verdict,
)
from sfrunbook.report.cards import checks_card, diagnosis_card, findings_card, run_card, run_page
from sfrunbook.report.links import Pages, links_for, pages_of
from sfrunbook.report.text import diagnosis_text

ORG = "https://acme.my.salesforce.com"
SETUP = f"{ORG}/lightning/setup"
CONNECTION = Connection(name="acme", login_url=ORG, client_id="3MVG9abcd", variables={"console_host": "eu.cyclr.com"})
PAGES = pages_of(CONNECTION, partners.load("cyclr"))
CAUSE = Cause(
    code="a",
    summary="Summary.",
    tell="Tell.",
    remedies=(
        Remedy(who="Salesforce administrator", where="Setup > Identity > Login History", what="Read it."),
        Remedy(who="Salesforce administrator", where="Setup > Security > API Access Control", what="Look."),
        Remedy(who="Cyclr partner", where="Cyclr Partner Console > Settings > General Settings", what="Compare."),
        Remedy(who="You", where="Log in to Salesforce", what="Log in."),
    ),
)
DIAGNOSIS = Diagnosis(
    code="some-error",
    what="It broke.",
    why="Why.",
    causes=(CAUSE, replace(CAUSE, code="b")),
    source="https://example.com/errors",
    mark=Mark.CONFIRMED,
    failure=Failure(stage=Stage.TOKEN, host="login.salesforce.com", error="invalid_grant"),
)


class _Links(HTMLParser):
    """The links of a page other than the source of a diagnosis."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[dict[str, str | None]] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag == "a" and dict(attrs)["href"] != DIAGNOSIS.source:
            self.found.append(dict(attrs))


def hrefs(html):
    return [link["href"] for link in _Links(html).found]


def test_each_screen_of_every_cause_has_its_link_in_a_new_tab():
    html = diagnosis_card(DIAGNOSIS, PAGES).html
    addresses = [f"{SETUP}/OrgLoginHistory/home", f"{SETUP}/SetupOneHome/home", "https://eu.cyclr.com"]
    assert hrefs(html) == addresses * 2
    assert all((link["rel"], link["target"]) == ("noopener noreferrer", "_blank") for link in _Links(html).found)
    assert html.count("If a link doesn&#39;t open the page, search Setup for Login History or API Access Control.") == 2
    assert html.count("Setup &gt; Identity &gt; Login History (<a ") == 2


def test_judged_causes_have_links_as_well():
    ranked = tuple(RankedCause(cause=one, verdict=Verdict.POSSIBLE, because="Because.") for one in DIAGNOSIS.causes)
    assert len(hrefs(diagnosis_card(replace(DIAGNOSIS, ranked=ranked), PAGES).html)) == 6


def test_without_an_org_of_its_own_there_is_no_link():
    html = diagnosis_card(DIAGNOSIS).html
    assert hrefs(html) == [] and "search Setup" not in html
    assert "Setup &gt; Identity &gt; Login History:" in html


@for_each(
    ("stage", "host", "leads"),
    [
        (Stage.DATA, "acme.my.salesforce.com", True),
        (Stage.TOKEN, "127.0.0.1:8443", True),
        (Stage.TOKEN, "acme.my.salesforce.com.evil.example", False),
        (Stage.TOKEN, "", False),
        (Stage.PARTNER, "localhost:8443", False),
        (Stage.TRANSPORT, "acme.my.salesforce.com", False),
    ],
)
def test_the_host_that_failed_has_the_screens_where_it_is_an_orgs_own(stage, host, leads):
    found = replace(DIAGNOSIS, failure=Failure(stage=stage, host=host))
    assert bool(hrefs(diagnosis_card(found).html)) is leads


def test_the_connection_says_where_the_screens_are_even_if_another_host_failed():
    found = replace(DIAGNOSIS, failure=Failure(stage=Stage.DATA, host="other.my.salesforce.com"))
    assert "other.my.salesforce.com" not in "".join(hrefs(diagnosis_card(found, PAGES).html))


def test_an_org_that_is_logged_in_to_at_a_shared_host_is_known_by_its_own_address():
    shared = replace(CONNECTION, login_url="https://login.salesforce.com")
    assert pages_of(shared).org == ""
    assert pages_of(shared, instance_url=ORG).org == ORG


def test_findings_and_runs_have_the_links_of_their_host():
    finding = Finding(check="c", claim="It works", status=Status.FAILED, diagnosis=DIAGNOSIS)
    run: Run = replace(RUN, findings=(finding,))
    in_setup = [f"{SETUP}/OrgLoginHistory/home", f"{SETUP}/SetupOneHome/home"] * 2
    assert hrefs(findings_card([finding]).html) == []
    assert hrefs(checks_card([finding], Pages(org=ORG)).html) == in_setup
    assert hrefs(run_card(run).html) == hrefs(run_page(run)) == in_setup


def test_a_guessed_address_says_so():
    remedy = Remedy(who="You", where="Setup > Apps > External Client Apps > Settings", what="Look.")
    html = diagnosis_card(replace(DIAGNOSIS, causes=(replace(CAUSE, remedies=(remedy,)),)), PAGES).html
    assert "Open External Client App Settings</a>, our best guess)" in html


def test_a_console_with_an_invalid_or_unknown_host_has_no_link():
    where = "Cyclr Partner Console > Settings"
    bad = replace(CONNECTION, variables={"console_host": 'evil.example/"><script>'})
    assert links_for(where, pages_of(bad, partners.load("cyclr"))) == ()
    assert links_for(where, pages_of(CONNECTION)) == ()
    assert links_for("Connectors > Salesforce", PAGES) == ()


def test_text_has_the_words_only_and_with_a_connection_the_addresses_too():
    first = "1. Salesforce administrator: Setup > Identity > Login History: Read it.\n2. Salesforce"
    assert first in diagnosis_text(DIAGNOSIS)
    assert "https" not in diagnosis_text(DIAGNOSIS).replace(DIAGNOSIS.source, "")
    assert diagnosis_card(DIAGNOSIS, PAGES).text == diagnosis_text(DIAGNOSIS)
    steps = dedent(f"""\
        1. Salesforce administrator: Setup > Identity > Login History: Read it.
           Open Login History: {SETUP}/OrgLoginHistory/home
        2. Salesforce administrator: Setup > Security > API Access Control: Look.
           Open Setup Home: {SETUP}/SetupOneHome/home
        3. Cyclr partner: Cyclr Partner Console > Settings > General Settings: Compare.
           Open the Partner Console: https://eu.cyclr.com
        4. You: Log in to Salesforce: Log in.
        If a link doesn't open the page, search Setup for Login History or API Access Control.
        Other possible cause: Summary. How to recognize it: Tell.
        """)
    assert steps in diagnosis_text(DIAGNOSIS, PAGES)
