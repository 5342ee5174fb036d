"""Empty answers and unknown names: what others of the org see tells whether something is missing or only hidden."""

from __future__ import annotations

import pytest
from support.evidence_support import Bench, told, verdicts
from support.matrix_support import FLOWS

from sfrunbook.core.errors import problem
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.diagnosis.evidence import ASKED_BY_PARTNER
from sfrunbook.diagnosis.investigate import investigate

NOBODY = "SELECT Id FROM Account WHERE Name = 'nobody at all'"
INDUSTRY = "SELECT Id, Industry FROM Account LIMIT 5"


@pytest.fixture
def bench(fresh_world, tmp_path):
    return Bench(fresh_world, tmp_path)


def asked(bench, query, name="acme"):
    """What the checks make of a test query."""
    subject = bench.open(name)
    subject.change(test_query=query)
    return told(subject.checks.run("data", only=["test-query-returns-rows"]))


def because(diagnosis):
    return {one.cause.code: one.because for one in diagnosis.ranked}


def test_who_sees_rows_where_the_user_sees_none_proves_that_they_are_not_shared(bench):
    bench.logged_in("acme")
    bench.administrator()
    bench.scenario("records-hidden")
    found = asked(bench, "SELECT Id, Name FROM Account LIMIT 5")
    assert verdicts(found) == {"records-not-shared": "confirmed", "no-such-records": "ruled_out"}
    assert because(found)["records-not-shared"] == (
        "The same query with another login of this org finds records (checked with the login of administrator)."
    )


def test_where_nobody_finds_any_there_are_none_though_the_object_has_records(bench):
    bench.logged_in("acme")
    bench.administrator()
    found = asked(bench, NOBODY)
    assert verdicts(found) == {"no-such-records": "confirmed", "records-not-shared": "ruled_out"}
    assert because(found)["no-such-records"] == (
        "The same query with a login that has “View All Data” finds no records (checked with the login of "
        "administrator)."
    )


def test_another_login_that_may_not_see_all_proves_nothing_by_finding_none(bench):
    bench.logged_in("acme")
    bench.logged_in("colleague", kind="connected_app", profile="Standard User")
    bench.scenario("records-hidden")
    found = asked(bench, "SELECT Id FROM Account")
    assert verdicts(found) == {"records-not-shared": "possible", "no-such-records": "possible"}


def test_a_user_with_view_all_data_needs_nobody_else(bench):
    bench.administrator()
    found = asked(bench, NOBODY, "administrator")
    assert verdicts(found) == {"no-such-records": "confirmed", "records-not-shared": "ruled_out"}
    assert because(found)["no-such-records"] == ("The user has “View All Data” (source: permission sets).")
    found = asked(bench, "SELECT Id FROM Acount", "administrator")
    assert verdicts(found) == {"object-mistyped": "confirmed", "object-not-readable": "ruled_out"}


def test_the_org_s_own_count_is_no_hint_where_the_query_has_a_condition(bench):
    bench.logged_in("acme")
    bench.scenario("records-hidden")
    first = {query: next(iter(verdicts(asked(bench, query)))) for query in (NOBODY, "SELECT Id FROM Account LIMIT 3")}
    assert first == {NOBODY: "no-such-records", "SELECT Id FROM Account LIMIT 3": "records-not-shared"}


def test_rows_of_the_asking_user_s_own_scope_are_not_compared(bench):
    bench.logged_in("acme")
    bench.administrator()
    bench.scenario("records-hidden")
    found = asked(bench, "SELECT Id FROM Account USING SCOPE mine")
    assert "confirmed" not in verdicts(found).values()


@pytest.mark.parametrize("flow", ["query", "check data"])
def test_a_name_that_is_none_is_told_from_an_object_without_read(bench, flow):
    acme = bench.logged_in("acme")
    bench.administrator()
    acme.change(test_query="SELECT Id FROM Acount")
    found = FLOWS[flow](bench, acme).diagnosis
    assert verdicts(found) == {"object-mistyped": "confirmed", "object-not-readable": "ruled_out"}
    bench.scenario("object-hidden")
    acme.change(test_query="SELECT Id FROM Account")
    found = FLOWS[flow](bench, acme).diagnosis
    assert verdicts(found) == {"object-not-readable": "confirmed", "object-mistyped": "ruled_out"}


def test_a_field_that_nobody_sees_stays_undecided_and_the_typing_mistake_comes_first(bench):
    bench.logged_in("acme")
    bench.administrator()
    found = asked(bench, "SELECT Id, Industri FROM Account")
    assert verdicts(found) == {"field-mistyped": "possible", "field-not-visible": "possible"}
    assert because(found)["field-mistyped"] == (
        "Another login of this org doesn't see the field either (checked with the login of administrator)."
    )
    bench.scenario("field-hidden")
    found = asked(bench, INDUSTRY)
    assert verdicts(found) == {"field-not-visible": "confirmed", "field-mistyped": "ruled_out"}


def test_a_witness_that_is_refused_says_nothing_of_the_object(bench):
    bench.logged_in("acme")
    bench.administrator()
    bench.scenario("object-hidden")
    bench.scenario("user-frozen", user=bench.world.user(profile="System Administrator")["username"])
    found = asked(bench, "SELECT Id FROM Account")
    assert verdicts(found) == {"object-not-readable": "possible", "object-mistyped": "possible"}


def test_for_a_partner_the_login_of_the_connection_itself_is_another_pair_of_eyes(bench):
    acme = bench.logged_in("acme")
    query = {"query": "SELECT Id FROM Account LIMIT 1"}
    empty = diagnosis_of(problem("cyclr-method-without-rows", **query, **{ASKED_BY_PARTNER: "yes"}))
    assert verdicts(investigate(acme.records, empty)) == {"nothing-visible": "confirmed", "nothing-there": "ruled_out"}
    bench.scenario("records-hidden")
    assert verdicts(investigate(acme.records, empty)) == {"nothing-visible": "possible", "nothing-there": "possible"}
    unknown = diagnosis_of(problem("cyclr-method-without-rows", query="", **{ASKED_BY_PARTNER: "yes"}))
    bench.clear_journal()
    assert verdicts(investigate(acme.records, unknown)) == {"nothing-visible": "possible", "nothing-there": "possible"}
    assert bench.asked() == []


def test_it_costs_few_requests_and_none_of_them_changes_anything(bench):
    bench.logged_in("acme")
    bench.logged_in("colleague", kind="connected_app", profile="Standard User")
    bench.scenario("records-hidden")
    acme = bench.open("acme")
    empty = diagnosis_of(problem("zero-rows", query="SELECT Id FROM Account"))
    bench.clear_journal()
    investigate(acme.records, empty)
    requests = bench.asked()
    assert len(requests) <= 6
    assert {(method, path.rsplit("/v60.0/")[-1].strip("/")) for method, path, _ in requests} == {
        ("GET", "query"),
        ("GET", "limits/recordCount"),
    }
