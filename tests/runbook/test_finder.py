"""What is said of a login address and of the partner's values while they are typed."""

from __future__ import annotations

import pytest

from sfrunbook import partners
from sfrunbook.core.model import OrgKind, Status
from sfrunbook.partners import Variable
from sfrunbook.partners.hints import Hint, hint_for
from sfrunbook.runbook.forms.finder import find, name_for

WHERE = "Setup > My Domain shows it, such as acme.my.salesforce.com."


@pytest.mark.parametrize(
    ("typed", "use"),
    [
        ("acme", "acme.my.salesforce.com"),
        ("acme--dev", "acme--dev.sandbox.my.salesforce.com"),
        ("acme.lightning.force.com", "acme.my.salesforce.com"),
        (
            "https://acme--dev.sandbox.lightning.force.com/lightning/page/home",
            "acme--dev.sandbox.my.salesforce.com",
        ),
        ("acme.my.salesforce-setup.com", "acme.my.salesforce.com"),
        ("acme.my.site.com", "acme.my.salesforce.com"),
        ("acme.my.saleforce.com", "acme.my.salesforce.com"),
        ("acme.ligthning.force.com", "acme.my.salesforce.com"),
        ("acme.salesforce.com", "acme.my.salesforce.com"),
        ("acme.salesforce.mil", "acme.my.salesforce.mil"),
        ("acme.lightning.sfcrmapps.cn", "acme.my.sfcrmproducts.cn"),
        ("ada@acme.com", ""),
        ("https://ada@acme.com", ""),
        ("na123.salesforce.com", ""),
        ("example.com", ""),
        ("ftp://acme.my.salesforce.com", ""),
        ("a b c", ""),
        ("http://[", ""),
    ],
)
def test_an_address_that_is_no_login_address_is_refused_and_mended_where_it_can_be(typed: str, use: str) -> None:
    found = find(typed)
    assert (found.status, found.use) == (Status.FAILED, use)
    assert found.sentence.endswith(".")
    if use:
        assert find(use).status is Status.PASSED


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("acme.my.salesforce.com", "acme.my.salesforce.com is the My Domain of a production org."),
        ("http://acme.my.salesforce.com/lightning", "acme.my.salesforce.com is the My Domain of a production org."),
        ("acme--dev.sandbox.my.salesforce.com", "acme--dev.sandbox.my.salesforce.com is the My Domain of a sandbox."),
        (
            "x-dev-ed.develop.my.salesforce.com",
            "x-dev-ed.develop.my.salesforce.com is the My Domain of a developer org.",
        ),
        ("acme.my.salesforce.mil", "acme.my.salesforce.mil is the My Domain of a production org."),
        (
            "acme--uat.sandbox.my.sfcrmproducts.cn",
            "acme--uat.sandbox.my.sfcrmproducts.cn is the My Domain of a sandbox.",
        ),
        ("\u201chttps:/acme.my.salesforce.com.\u201d", "acme.my.salesforce.com is the My Domain of a production org."),
        ("http://localhost:8443/", "localhost:8443 is a practice org on this machine."),
    ],
)
def test_a_login_address_is_told_what_it_is(typed: str, told: str) -> None:
    found = find(typed)
    assert (found.status, found.sentence) == (Status.PASSED, told)


def test_an_address_of_another_kind_of_org_than_was_said_is_a_warning() -> None:
    found = find("acme--dev.sandbox.my.salesforce.com", OrgKind.PRODUCTION)
    assert (found.status, found.org_kind) == (Status.WARNING, OrgKind.SANDBOX)
    assert "is the My Domain of a sandbox, and you chose a production org." in found.sentence


@pytest.mark.parametrize(
    ("typed", "expected", "use"),
    [
        ("login.salesforce.com", OrgKind.PRODUCTION, ""),
        ("login.salesforce.com", OrgKind.SANDBOX, "test.salesforce.com"),
        ("test.salesforce.com", OrgKind.SANDBOX, ""),
        ("test.salesforce.com", OrgKind.PRODUCTION, "login.salesforce.com"),
        ("login.sfcrmproducts.cn", OrgKind.SANDBOX, "test.sfcrmproducts.cn"),
    ],
)
def test_a_login_host_of_no_org_is_taken_with_a_warning(typed: str, expected: OrgKind, use: str) -> None:
    found = find(typed, expected)
    assert (found.status, found.use) == (Status.WARNING, use)


def test_nothing_typed_is_to_do_and_no_fault() -> None:
    assert find("  ").sentence == f"Enter the org's own login address. {WHERE}"
    assert find("").status is Status.SKIPPED


def test_a_name_is_taken_from_a_my_domain_and_from_nothing_else() -> None:
    assert name_for("https://acme--dev.sandbox.my.salesforce.com") == "acme--dev"
    assert [name_for(one) for one in ("login.salesforce.com", "localhost:1", "nonsense", "")] == [""] * 4


CYCLR = partners.load("cyclr")
SERVICE, CONSOLE = CYCLR.variables[:2]


@pytest.mark.parametrize(
    ("typed", "status", "use"),
    [
        ("", Status.WARNING, ""),
        ("acme-h.cyclr.com", Status.PASSED, ""),
        ("acme", Status.FAILED, ""),
        ("https://acme-h.cyclr.com/connector/callback", Status.FAILED, "acme-h.cyclr.com"),
        ("Acme-H.cyclr.com", Status.FAILED, "acme-h.cyclr.com"),
        ("api.eu.cyclr.com", Status.FAILED, ""),
        ("https://api.cyclr.com/v1.0", Status.FAILED, ""),
        ("my.cyclr.com", Status.FAILED, ""),
        ("acme.my.salesforce.com", Status.FAILED, ""),
        ("two words", Status.FAILED, ""),
        ("acme-h.eu.cyclr.com", Status.WARNING, "eu.cyclr.com"),
        ("acme-h.cyclr.uk", Status.WARNING, "my.cyclr.uk"),
    ],
)
def test_a_service_domain_is_judged_while_it_is_typed(typed: str, status: Status, use: str) -> None:
    hint = hint_for(CYCLR, SERVICE, {"service_domain": typed, "console_host": "my.cyclr.com"})
    assert (hint.status, hint.use) == (status, use)
    assert hint.sentence.endswith(".")


COMPARE = "Compare it with Partner Console > Settings > General Settings > Service Domain."
AT_CYCLR = f"Cyclr's Service Domains usually end in -h.cyclr.com, -h.eu.cyclr.com or -h.cyclr.uk. {COMPARE}"
MISSPELT = f"It may be misspelled: Cyclr's own hosts end in -h.cyclr.com, -h.eu.cyclr.com or -h.cyclr.uk. {COMPARE}"
US_SHAPE = "acme-h.cyclr.com looks right. It looks like Cyclr's US instance."
OF_ONES_OWN = f"This isn't Cyclr's host, so it must be your own domain. {COMPARE}"


@pytest.mark.parametrize(
    ("typed", "told", "host"),
    [
        ("acme.cyclr.com", AT_CYCLR, "acme.cyclr.com"),
        ("acme.eu.cyclr.com", AT_CYCLR, "acme.eu.cyclr.com"),
        ("acme-h.au.cyclr.com", AT_CYCLR, "acme-h.au.cyclr.com"),
        ("https://Acme.cyclr.com/connector/callback", AT_CYCLR, "acme.cyclr.com"),
        ("acme-h.cylcr.com", MISSPELT, "acme-h.cylcr.com"),
        ("acme-h.cyclr.co.uk", MISSPELT, "acme-h.cyclr.co.uk"),
        ("cyclr.acme.com", MISSPELT, "cyclr.acme.com"),
        ("integration.acme.com", OF_ONES_OWN, "integration.acme.com"),
        ("https://integration.acme.com/connector/callback", OF_ONES_OWN, "integration.acme.com"),
    ],
)
def test_a_host_that_cyclr_gives_to_nobody_is_a_question_and_no_suggestion(typed: str, told: str, host: str) -> None:
    hint = hint_for(CYCLR, SERVICE, {"service_domain": typed, "console_host": "my.cyclr.com"})
    assert hint == Hint(
        status=Status.WARNING,
        sentence=told,
        use=host,
        variable="service_domain",
        sure=f"The Partner Console shows {host}",
    )


def test_a_doubtful_host_is_taken_from_whoever_stands_by_it_and_by_no_other_name() -> None:
    values = {"service_domain": "acme.cyclr.com"}
    taken = Hint(status=Status.PASSED, sentence="Used, as you confirmed: The Partner Console shows acme.cyclr.com.")
    assert hint_for(CYCLR, SERVICE, values, sure="acme.cyclr.com") == taken
    assert hint_for(CYCLR, SERVICE, values, sure="other.cyclr.com").sure
    api = {"service_domain": "api.cyclr.com"}
    assert hint_for(CYCLR, SERVICE, api, sure="api.cyclr.com").status is Status.FAILED


@pytest.mark.parametrize(("region", "console"), [("us2", "us2.cyclr.com"), ("apac", "apac.cyclr.com")])
def test_a_shape_that_is_only_guessed_is_called_a_guess(region: str, console: str) -> None:
    hint = hint_for(CYCLR, SERVICE, {"service_domain": f"acme-h.{region}.cyclr.com", "console_host": console})
    assert hint == Hint(
        status=Status.WARNING,
        sentence=f"acme-h.{region}.cyclr.com may be right. This is our best guess. {COMPARE}",
    )


@pytest.mark.parametrize(
    ("variable", "typed", "told"),
    [
        (SERVICE, "acme-h.cyclr.com", US_SHAPE),
        (SERVICE, "localhost:4711", "localhost:4711 looks right. It is the practice Cyclr on this machine."),
        (CONSOLE, "my.cyclr.uk", "my.cyclr.uk looks right."),
        (CONSOLE, "localhost:4711", "localhost:4711 looks right. It is the practice Cyclr on this machine."),
    ],
)  # fmt: skip
def test_a_known_shape_is_named(variable: Variable, typed: str, told: str) -> None:
    hint = hint_for(CYCLR, variable, {variable.name: typed, "console_host": typed})
    assert hint == Hint(status=Status.PASSED, sentence=told)


def test_an_empty_service_domain_says_whose_the_default_is() -> None:
    told = (
        "If you leave it empty, app-h.cyclr.com is used. Cyclr's guide uses this one. Check yours: Partner Console > "
        "Settings > General Settings > Service Domain."
    )
    assert hint_for(CYCLR, SERVICE, {}) == Hint(status=Status.WARNING, sentence=told)


@pytest.mark.parametrize(
    ("typed", "status", "sure"),
    [
        ("acme-h.cyclr.com", Status.FAILED, ""),
        ("docs.cyclr.com", Status.FAILED, ""),
        ("au.cyclr.com", Status.WARNING, "My Partner Console is at au.cyclr.com"),
        ("cyclr.acme.example", Status.WARNING, "My Partner Console is at cyclr.acme.example"),
    ],
)
def test_a_console_that_is_none_of_the_known_ones_is_asked_for(typed: str, status: Status, sure: str) -> None:
    hint = hint_for(CYCLR, CONSOLE, {"console_host": typed})
    assert (hint.status, hint.sure) == (status, sure)


def test_a_service_domain_that_goes_with_the_region_is_fine() -> None:
    values = {"service_domain": "acme-h.eu.cyclr.com", "console_host": "eu.cyclr.com"}
    assert hint_for(CYCLR, SERVICE, values).status is Status.PASSED


def test_every_region_of_the_profile_is_a_console_host_that_fits_its_own_pattern() -> None:
    assert [one.value for one in CONSOLE.option] == [
        "my.cyclr.com",
        "us2.cyclr.com",
        "my.cyclr.uk",
        "eu.cyclr.com",
        "apac.cyclr.com",
    ]
    for one in CONSOLE.option:
        assert hint_for(CYCLR, CONSOLE, {"console_host": one.value}).status is Status.PASSED
