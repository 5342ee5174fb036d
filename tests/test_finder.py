"""What is said of a login address and of the partner's values while they are typed."""

from __future__ import annotations

import pytest

from sfrunbook import partner
from sfrunbook.model import OrgKind, Status
from sfrunbook.oauth.finder import find, name_for
from sfrunbook.partner_hints import hint_for

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
    assert found.told.endswith(".")
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
        ("http://localhost:8443/", "localhost:8443 is a practice org on this machine."),
    ],
)
def test_a_login_address_is_told_what_it_is(typed: str, told: str) -> None:
    found = find(typed)
    assert (found.status, found.told) == (Status.PASSED, told)


def test_an_address_of_another_kind_of_org_than_was_said_is_a_warning() -> None:
    found = find("acme--dev.sandbox.my.salesforce.com", OrgKind.PRODUCTION)
    assert (found.status, found.org_kind) == (Status.WARNING, OrgKind.SANDBOX)
    assert "is the My Domain of a sandbox, and you chose a production org." in found.told


@pytest.mark.parametrize(
    ("typed", "expected", "use"),
    [
        ("login.salesforce.com", OrgKind.PRODUCTION, ""),
        ("login.salesforce.com", OrgKind.SANDBOX, "test.salesforce.com"),
        ("test.salesforce.com", OrgKind.SANDBOX, ""),
        ("test.salesforce.com", OrgKind.PRODUCTION, "login.salesforce.com"),
    ],
)
def test_a_login_host_of_no_org_is_taken_with_a_warning(typed: str, expected: OrgKind, use: str) -> None:
    found = find(typed, expected)
    assert (found.status, found.use) == (Status.WARNING, use)


def test_nothing_typed_is_to_do_and_no_fault() -> None:
    assert find("  ").told == f"Enter the org's own login address. {WHERE}"
    assert find("").status is Status.SKIPPED


def test_a_name_is_taken_from_a_my_domain_and_from_nothing_else() -> None:
    assert name_for("https://acme--dev.sandbox.my.salesforce.com") == "acme--dev"
    assert [name_for(one) for one in ("login.salesforce.com", "localhost:1", "nonsense", "")] == [""] * 4


CYCLR = partner.load("cyclr")
SERVICE, CONSOLE = CYCLR.variables[:2]


@pytest.mark.parametrize(
    ("typed", "status", "use"),
    [
        ("", Status.PASSED, ""),
        ("acme-h.cyclr.com", Status.PASSED, ""),
        ("integration.acme.com", Status.PASSED, ""),
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
    assert hint.told.endswith(".")


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
