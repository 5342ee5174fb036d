"""Links into Setup: which screens a click path names, and that no other host than an org's own becomes a link."""

import re

from support.each import for_each

from sfrunbook import partners
from sfrunbook.connection.unattended import choices
from sfrunbook.core.model import AppKind, Mark
from sfrunbook.diagnosis.catalogue import rows
from sfrunbook.salesforce.setup_links import SCREENS, links_in, search_hint, setup_link, setup_origin

ORG = "https://acme.my.salesforce.com"
MANAGER = "Setup > Apps > External Client Apps > External Client App Manager > your app > Settings tab"
#: no stable path known: the link leads to Setup Home, and this is the word for Quick Find
NO_STABLE_PATH = {
    "API Access Control",
    "Auth. Providers",
    "CORS",
    "Debug Logs",
    "Named Credentials",
    "Remote Site Settings",
    "Certificate and Key Management",
    "Agents",
    "Apps",
    "Installed Packages",
    "Object Manager",
    "Sharing Settings",
    "Single Sign-On Settings",
    "Transaction Security Policies",
}
#: places in the org that have no link at all, and why
NO_LINK = {
    "Setup > Environments > Sandboxes (in the production org)": "the address of the production org is not known",
    "the user's picture > Settings > My Personal Information > Advanced User Details > OAuth Connected Apps": (
        "each user's personal settings, outside Setup; no stable path known"
    ),
    "the Dev Hub org: App Launcher > Active Scratch Orgs": "the address of the Dev Hub org is not known",
}


def places():
    """Every click path of the catalogue, of the profiles and of the set-up of unattended logins."""
    for entry in rows().values():
        for cause in entry.causes:
            for remedy in cause.remedies:
                yield remedy.where
    for name in partners.names():
        profile = partners.load(name)
        for form in profile.forms:
            yield from (form.path, form.reveal, form.policies, form.app_path)
        yield from (step.where for step in profile.steps)
    for choice in choices().values():
        yield from (step.where(kind, connection="acme") for step in choice.steps for kind in AppKind)


def test_every_click_path_into_setup_has_a_link():
    without = {
        where
        for where in places()
        if len(links_in(where, ORG)) < len(set(re.findall(r"(?<!> )\bSetup > [^.;]*", where)))
        or (re.search(r"App Launcher|the user's picture", where))
    }
    assert without == set(NO_LINK)


def test_a_screen_without_a_stable_path_leads_to_setup_home_and_names_the_word_for_quick_find():
    assert {screen.search for screen in SCREENS if not screen.path} == NO_STABLE_PATH
    (link,) = links_in("Setup > Security > API Access Control", ORG)
    assert (link.label, link.url) == ("Setup Home", f"{ORG}/lightning/setup/SetupOneHome/home")
    assert search_hint((link,)) == "If the link doesn't open the page, search Setup for API Access Control."


@for_each(
    ("where", "labels"),
    [
        ("Setup > Identity > Login History", ["Login History"]),
        ("Setup > Users > Users > the user's name", ["Users"]),
        ("Setup > Users > Permission Sets > a permission set > Object Settings", ["Permission Sets"]),
        ("Setup > Apps > External Client Apps > Settings", ["External Client App Settings"]),
        ("Setup > Apps > Connected Apps > Connected Apps OAuth Usage (both kinds)", ["Connected Apps OAuth Usage"]),
        (
            f"External Client App: {MANAGER}. Connected App: Setup > Apps > App Manager > your app",
            [
                "External Client App Manager",
                "App Manager",
            ],
        ),
        ("Setup > Apps > App Manager. Connected App: Setup > Apps > App Manager > Edit", ["App Manager"]),
        ("Cyclr Console > Connectors > Setup > Users", []),
        ("the notebook's Login History", []),
        ("Setup > Somewhere > Else", []),
    ],
)
def test_the_deepest_screen_of_a_click_path_is_found(where, labels):
    assert [link.label for link in links_in(where, ORG)] == labels


def test_an_app_whose_id_is_known_has_a_page_of_its_own():
    own = f"{ORG}/lightning/setup/ManageExternalClientApplication/0xIgK0000000001AAA/detail"
    (link,) = links_in(MANAGER, ORG, app_id="0xIgK0000000001AAA")
    assert (link.url, link.mark) == (own, Mark.GUESS)
    manager = setup_link(ORG, SCREENS[0])
    for other in ("", "0H4gK0000000001AAA", "0xIgK0000000001AA", "0xIgK000000/../AAA"):
        assert links_in(MANAGER, ORG, app_id=other) == (manager,)
    new = "Setup > Apps > External Client Apps > External Client App Manager > New External Client App"
    assert links_in(new, ORG, app_id="0xIgK0000000001AAA") == (manager,)


@for_each(
    ("address", "origin"),
    [
        ("https://acme.my.salesforce.com", "https://acme.my.salesforce.com"),
        ("acme.my.salesforce.mil", "https://acme.my.salesforce.mil"),
        ("acme--uat.sandbox.my.sfcrmproducts.cn", "https://acme--uat.sandbox.my.sfcrmproducts.cn"),
        ("https://ACME.my.salesforce.com/services/oauth2/token", "https://acme.my.salesforce.com"),
        ("acme--uat.sandbox.my.salesforce.com", "https://acme--uat.sandbox.my.salesforce.com"),
        ("127.0.0.1:8443", "http://127.0.0.1:8443"),
        ("https://127.0.0.1:8443", "https://127.0.0.1:8443"),
        ("[::1]:8443", "http://[::1]:8443"),
    ],
)
def test_links_lead_to_an_org_of_its_own(address, origin):
    assert setup_origin(address) == origin
    assert [link.url for link in links_in("Setup > Identity > Login History", address)] == [
        f"{origin}/lightning/setup/OrgLoginHistory/home"
    ]


@for_each(
    "address",
    [
        "",
        "https://login.salesforce.com",
        "https://test.salesforce.com",
        "http://acme.my.salesforce.com",
        "https://acme.my.salesforce.com:8443",
        "https://acme.my.salesforce.com.evil.example",
        "https://acme.my.salesforce.com@evil.example",
        "https://acme-my.salesforce.com.co",
        "https://acmemy.salesforce.com",
        "https://\u0430cme.my.salesforce.com",
        "https://acme.my.salesforce.com%2eevil.example",
        "https://evil.example/acme.my.salesforce.com",
        "https://evil.example\\.my.salesforce.com",
        "https://127.0.0.1.evil.example",
        "https://localhost.evil.example",
        "https://api.cyclr.com",
        "https://na224.salesforce.com",
        "https://acme.lightning.force.com",
        "javascript://127.0.0.1/%0aalert(1)",
        "acme.my.salesforce.com:x",
        "the practice org of this session",
    ],
)
def test_no_other_host_becomes_a_link(address):
    assert setup_origin(address) == ""
    assert links_in("Setup > Identity > Login History", address) == ()
    assert setup_link(address, SCREENS[0]) is None
