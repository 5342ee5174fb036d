"""Every check of every stage: each of its outcomes, against practice orgs over sockets."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest
from support.runbook_support import free_port, own_callback, session_of

from sfrunbook.checks import STAGES, Answer, Check, checks_of, run_checks
from sfrunbook.checks.registry import Context
from sfrunbook.connection import OpenConnection, open_connection
from sfrunbook.core.errors import problem
from sfrunbook.core.http import Reply
from sfrunbook.core.model import Finding, GrantKind, OrgKind, Skip, Status
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.salesforce.api import Salesforce

KEY = "3MVG9" + "c1H2e3K4" * 10
PASSED, FAILED, WARNING, SKIPPED, INCONCLUSIVE = (
    Status.PASSED,
    Status.FAILED,
    Status.WARNING,
    Status.SKIPPED,
    Status.INCONCLUSIVE,
)


@pytest.fixture(scope="module")
def opened(practice_world: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenConnection]:
    """A connection to the practice org, its secret kept and a grant held."""
    folder = tmp_path_factory.mktemp("checks") / "session"
    made = open_connection("practice", session_of(practice_world, folder, callback_urls=[own_callback(practice_world)]))
    made.keep_client_secret(made.practice.client_secret)
    made.login.log_in_unattended()
    yield made
    made.grants.revoke()


@pytest.fixture
def context(opened: OpenConnection) -> Context:
    return Context(
        connection=opened.connection,
        profile=opened.profile,
        http=opened.http,
        client_secret=opened.client_secret(),
        grant=opened.grants.stored(),
        salesforce=opened.org.api(),
    )


def changed(
    context: Context,
    *,
    connection: dict[str, Any] | None = None,
    grant: dict[str, Any] | None = None,
    no_grant: bool = False,
    **more: Any,
) -> Context:
    """The same context with some of it changed, and nothing of it asked yet."""
    fields = {field.name: getattr(context, field.name) for field in dataclasses.fields(context)} | more
    if connection:
        fields["connection"] = dataclasses.replace(context.connection, **connection)
    if no_grant:
        fields["grant"] = None
    if grant:
        fields["grant"] = dataclasses.replace(context.grant, **grant)
    return Context(**fields)


def findings(stage: str, context: Context) -> dict[str, Finding]:
    return {finding.check: finding for finding in run_checks(stage, context)}


def statuses(stage: str, context: Context) -> dict[str, Status]:
    return {name: finding.status for name, finding in findings(stage, context).items()}


# --- the registry ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("one", [one for stage in STAGES for one in checks_of(stage)], ids=lambda one: one.name)
def test_a_check_claims_something_in_one_sentence_and_requires_only_what_comes_before(one: Check) -> None:
    names = [other.name for stage in STAGES for other in checks_of(stage)]
    before = names[: names.index(one.name)]
    assert one.claim.endswith(".")
    assert one.claim[0].isupper()
    assert set(one.requires) <= set(before)


def test_no_two_checks_have_the_same_name() -> None:
    names = [one.name for stage in STAGES for one in checks_of(stage)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("stage", STAGES)
def test_everything_passes_where_everything_is_right(context: Context, stage: str) -> None:
    assert set(statuses(stage, context).values()) == {PASSED}


def test_one_check_can_be_made_alone(context: Context) -> None:
    (finding,) = run_checks("registration", context, only=("consumer-key-is-well-formed",))
    assert finding.check == "consumer-key-is-well-formed"


def test_an_outage_is_never_a_failed_check(context: Context) -> None:
    away = changed(context, connection={"login_url": f"http://127.0.0.1:{free_port()}"})
    found = statuses("registration", away)
    assert found["login-host-is-salesforce"] is INCONCLUSIVE
    assert FAILED not in found.values()


# --- registration ----------------------------------------------------------------------------------------------------


def test_a_host_that_is_no_salesforce_hides_every_consequence(context: Context, practice_world: Any) -> None:
    found = findings("registration", changed(context, connection={"login_url": practice_world.ready["control_url"]}))
    assert found["login-host-is-salesforce"].status is FAILED
    assert found["login-host-is-salesforce"].diagnosis.code == "not-a-salesforce-host"
    assert found["consumer-key-is-known"].status is SKIPPED
    assert found["consumer-key-is-known"].detail == ("Waiting for: The login address is a Salesforce login page.")


def test_a_key_that_was_cut_off_is_seen_before_anything_is_sent(context: Context, practice_world: Any) -> None:
    cut = changed(context, connection={"client_id": context.connection.client_id[:40]})
    found = findings("registration", cut)
    assert found["consumer-key-is-well-formed"].status is FAILED
    assert found["consumer-key-is-well-formed"].diagnosis.code == "client-id-shape"
    assert found["callback-urls-are-registered"].status is SKIPPED


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (84, "84 characters. Most Consumer Keys have 85: check that you copied all of it."),
        (85, "The format is right: 85 characters, starting with 3MVG9."),
    ],
)
def test_a_key_that_is_a_little_short_passes_with_a_hint(context: Context, length: int, said: str) -> None:
    short = changed(context, connection={"client_id": ("3MVG9" + "aB3dE" * 16)[:length]})
    (found,) = run_checks("registration", short, only=("consumer-key-is-well-formed",))
    assert (found.status, found.detail) == (PASSED, said)


def test_an_unknown_key_is_refuted_and_its_callbacks_are_not_judged(context: Context) -> None:
    found = findings("registration", changed(context, connection={"client_id": KEY}))
    assert found["consumer-key-is-known"].status is FAILED
    assert found["consumer-key-is-known"].diagnosis.code == "client-id-not-known"
    assert found["callback-urls-are-registered"].status is SKIPPED


def test_a_callback_that_is_missing_is_named(context: Context) -> None:
    elsewhere = {"variables": {"service_domain": "acme-h.cyclr.uk"}}
    found = findings("registration", changed(context, connection=elsewhere))
    missing = found["callback-urls-are-registered"]
    assert (missing.status, missing.diagnosis.code) == (FAILED, "callback-not-registered")
    assert "https://acme-h.cyclr.uk/connector/callback" in missing.diagnosis.why
    assert missing.evidence["https://acme-h.cyclr.uk/connector/callback"] == "not registered"
    assert missing.detail == "https://acme-h.cyclr.uk/connector/callback isn't registered."


def test_callbacks_that_are_all_registered_are_counted(context: Context) -> None:
    found = findings("registration", context)["callback-urls-are-registered"]
    assert (found.status, found.detail) == (PASSED, "All 2 callback URLs are registered.")


@pytest.mark.parametrize(
    ("end", "fault"),
    [("/", "is registered with a slash at the end: remove it."), ("", None)],
)
def test_a_callback_that_is_registered_with_a_slash_at_its_end_is_told_as_that(
    context: Context, practice_world: Any, end: str, fault: str | None
) -> None:
    path, wanted = (
        f"/apps/{context.connection.client_id}",
        context.profile.callback_urls(context.connection.variables)[0],
    )
    before = practice_world.control("GET", path)["callback_urls"]
    changed_urls = [*(each for each in before if each != wanted), wanted + end]
    practice_world.control("POST", path, {"callback_urls": changed_urls})
    try:
        found = findings("registration", changed(context))["callback-urls-are-registered"]
    finally:
        practice_world.control("POST", path, {"callback_urls": before})
    if fault is None:
        assert found.status is PASSED
    else:
        assert (found.status, found.diagnosis.code) == (FAILED, "callback-not-registered")
        assert found.detail == f"{wanted} {fault} Copy this line: {wanted}"


def test_a_callback_of_this_runbook_that_is_missing_is_an_offer_and_no_failure(context: Context) -> None:
    callback = f"http://localhost:{free_port()}/callback"
    found = findings("registration", changed(context, connection={"redirect_uri": callback}))
    assert found["callback-urls-are-registered"].status is PASSED
    missing = found["runbook-callback-is-registered"]
    assert (missing.status, missing.skip, missing.diagnosis) == (SKIPPED, Skip.OPTIONAL, None)
    assert missing.detail == "Not registered. It's optional: with it, you needn't paste an address at login."
    assert missing.evidence == {callback: "not registered"}


def test_a_callback_that_cannot_be_listened_at_is_pasted_by_hand(context: Context) -> None:
    wanted = "https://app-h.cyclr.com/connector/callback"
    found = findings("registration", changed(context, connection={"redirect_uri": wanted}))
    assert (
        found["runbook-callback-is-registered"].detail == f"{wanted} is registered: you paste its address after login."
    )


def test_an_app_that_does_not_demand_pkce_gets_a_warning(context: Context, practice_world: Any) -> None:
    app = next(one for one in practice_world.ready["cyclr"]["apps"] if one["kind"] == "connected_app")
    found = statuses("registration", changed(context, connection={"client_id": app["client_id"]}))
    assert found["pkce-is-demanded"] is WARNING
    assert found["callback-urls-are-registered"] is PASSED
    assert found["runbook-callback-is-registered"] is SKIPPED


# --- credentials -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("secret", "expected"),
    [
        (None, (FAILED, SKIPPED, SKIPPED)),
        (Secret("0123456789ABCDEF" * 3), (PASSED, FAILED, SKIPPED)),
        (Secret(KEY), (PASSED, FAILED, SKIPPED)),
        (Secret("0123456789ABCDEF" * 4), (PASSED, PASSED, FAILED)),
    ],
    ids=["none", "cut off", "the key", "another app's"],
)
def test_a_secret_that_is_wrong_fails_at_the_first_thing_that_shows_it(
    context: Context, secret: Secret | None, expected: tuple[Status, ...]
) -> None:
    assert tuple(statuses("credentials", changed(context, client_secret=secret)).values()) == expected


def test_no_finding_about_a_secret_holds_any_of_it(context: Context) -> None:
    cut = Secret("FEDCBA9876543210" * 3)
    for finding in run_checks("credentials", changed(context, client_secret=cut)):
        assert cut.reveal()[:16] not in repr(finding)


def test_an_unknown_key_fails_with_its_secret(context: Context) -> None:
    found = findings("credentials", changed(context, connection={"client_id": KEY}))
    assert found["consumer-key-and-secret-are-accepted"].status is FAILED
    assert found["consumer-key-and-secret-are-accepted"].diagnosis.code == "client-id-not-known"


def test_a_host_that_is_away_leaves_key_and_secret_undecided(context: Context) -> None:
    away = changed(context, connection={"login_url": f"http://127.0.0.1:{free_port()}"})
    assert statuses("credentials", away)["consumer-key-and-secret-are-accepted"] is INCONCLUSIVE


# --- grant -----------------------------------------------------------------------------------------------------------


def test_without_a_grant_only_that_is_said(context: Context) -> None:
    found = findings("grant", changed(context, no_grant=True))
    first, *others = found.values()
    assert (first.status, first.diagnosis.code) == (FAILED, "no-grant-yet")
    assert {finding.status for finding in others} == {SKIPPED}


@pytest.mark.parametrize(
    ("changes", "check", "status", "code"),
    [
        ({"scopes": ("api",)}, "granted-scopes-cover-the-need", FAILED, "scope-missing"),
        ({"refresh_token": None}, "refresh-token-came", FAILED, "no-refresh-token-came"),
        ({"signature_valid": None}, "reply-was-signed-by-the-app", SKIPPED, None),
        ({"signature_valid": False}, "reply-was-signed-by-the-app", WARNING, None),
        ({"org_id": "00D000000000001AAA"}, "grant-is-of-the-pinned-org", FAILED, "wrong-org"),
        ({"access_token": Secret("00D000000000001!nothing")}, "access-token-is-active", WARNING, None),
        ({"kind": GrantKind.CLIENT_CREDENTIALS}, "granted-scopes-cover-the-need", SKIPPED, None),
        ({"kind": GrantKind.JWT_BEARER, "refresh_token": None}, "refresh-token-came", SKIPPED, None),
    ],
)
def test_a_grant_that_is_not_what_was_asked_for_is_told_by_one_check(
    context: Context, changes: dict[str, Any], check: str, status: Status, code: str | None
) -> None:
    found = findings("grant", changed(context, grant=changes, connection={"org_id": context.grant.org_id}))
    assert found[check].status is status
    assert (found[check].diagnosis.code if found[check].diagnosis else None) == code
    assert {one.status for name, one in found.items() if name != check} <= {PASSED, SKIPPED}


def test_a_pinned_org_is_compared_without_regard_to_the_length_of_its_id(context: Context) -> None:
    pinned = changed(context, connection={"org_id": context.grant.org_id[:15]})
    assert statuses("grant", pinned)["grant-is-of-the-pinned-org"] is PASSED


# --- data ------------------------------------------------------------------------------------------------------------


def test_without_a_grant_no_data_is_asked_for(context: Context) -> None:
    found = statuses("data", changed(context, salesforce=None))
    first, *others = found.values()
    assert (first, set(others)) == (FAILED, {SKIPPED})


def test_an_org_of_another_kind_than_declared_gets_a_warning(context: Context) -> None:
    found = findings("data", changed(context, connection={"org_kind": OrgKind.SANDBOX}))
    assert found["org-says-who-it-is"].status is WARNING
    assert "You entered sandbox, but the org is production." in found["org-says-who-it-is"].detail
    assert found["test-query-returns-rows"].status is PASSED


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("SELECT Id FROM Account WHERE Name = 'nobody at all'", WARNING, "zero-rows"),
        ("SELECT Nothing FROM Account", FAILED, None),
        ("SELECT Id FROM", FAILED, None),
    ],
)
def test_a_test_query_without_rows_or_without_sense_is_told(
    context: Context, query: str, status: Status, code: str | None
) -> None:
    found = findings("data", changed(context, connection={"test_query": query}))["test-query-returns-rows"]
    assert found.status is status
    assert found.diagnosis is not None
    assert code in (None, found.diagnosis.code)


class Told:
    """An org that answers every request for its limits as it was told to, and everything else as the practice org."""

    def __init__(self, answers: Any, text: str, status: int = 200) -> None:
        self._answers, self._text, self._status = answers, text, status

    def get(self, path_or_url: str, params: Any = None) -> Reply:
        if "/limits" not in path_or_url:
            return self._answers.get(path_or_url, params)
        return Reply(method="GET", url=path_or_url, status=self._status, headers={}, text=self._text)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ('{"DailyApiRequests": {"Max": 15000, "Remaining": 14000}}', PASSED),
        ('{"DailyApiRequests": {"Max": 15000, "Remaining": 1500}}', PASSED),
        ('{"DailyApiRequests": {"Max": 15000, "Remaining": 1499}}', WARNING),
    ],
)
def test_a_daily_limit_that_is_nearly_used_up_gets_a_warning(
    opened: OpenConnection, context: Context, text: str, status: Status
) -> None:
    asked = opened.org.api()
    told = Salesforce(Told(asked._answers, text), identity_url=opened.grants.stored().identity_url)
    assert statuses("data", changed(context, salesforce=told))["daily-limit-has-room"] is status


def test_a_check_that_meets_a_problem_becomes_its_finding(context: Context) -> None:
    def look(_context: Context) -> Answer:
        """It meets a problem."""
        raise problem("wrong-org", expected="a", seen="b")

    from sfrunbook.checks import registry

    made = registry.check("trial")(look)
    try:
        (finding,) = run_checks("trial", context)
    finally:
        registry._REGISTRY.pop(made.name, None)
    assert (finding.status, finding.diagnosis.code) == (FAILED, "wrong-org")


def test_what_needs_something_that_was_left_out_is_left_out_too_and_does_not_wait(context: Context) -> None:
    found = findings("credentials", changed(context, connection={"public": True}))
    assert {one.skip for one in found.values()} == {Skip.DOES_NOT_APPLY}
    assert found["consumer-key-and-secret-are-accepted"].detail == (
        "Skipped, because it needs: The Consumer Secret is saved."
    )
    by_hand = findings("partner", changed(context, partner=None))
    assert {one.skip for one in by_hand.values()} == {Skip.OPTIONAL}
    waiting = findings("grant", changed(context, no_grant=True))
    assert waiting["access-token-is-active"].skip is Skip.TO_DO
