"""Every scenario of the practice world in the product's real flows: the right row, first cause and remedy."""

from __future__ import annotations

import importlib.util
import inspect
import json
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.each import for_each
from support.matrix_pairs import Journey, Pair, hidden, one_way_through, pairs, pool
from support.matrix_support import FLOWS, Row, Site, rows_of_table, told
from support.worlds import World

from sfrunbook.core import http_session
from sfrunbook.diagnosis.catalogue import rows
from sfrunbook.practice.scenarios import SCENARIOS

TESTS = Path(__file__).parents[1]
TEXTS = TESTS / "samples" / "matrix"
ROWS = rows_of_table()
MET = [row for row in ROWS if row.flow]
FAULTS = [row for row in MET if row.row]
PAIRS = pairs()
#: how many of the pairs are tried in every run; the rest in a long one
SAMPLE = 8
#: rows that neither a scenario nor a sample reaches, with the test that does, or the reason why none can
ELSEWHERE = tomllib.loads((TESTS / "diagnosis" / "matrix_elsewhere.toml").read_text(encoding="utf-8"))


def names(row: Row) -> str:
    return row.name


@pytest.fixture(scope="module")
def site(module_world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """On this module's world; time limits are short and nothing is waited for between repeats."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(http_session, "_READ_SECONDS", 0.4)
        for opener in (http_session.equip, http_session.open_session):
            patch.setitem(opener.__kwdefaults__, "backoff_seconds", 0.0)
        yield Site(module_world, tmp_path_factory.mktemp("matrix"))


@pytest.fixture(scope="module")
def alone(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Pair], dict[str, Journey]]:
    """What each scenario of a pair shows by itself on the way through all verbs."""
    folder, known = tmp_path_factory.mktemp("alone") / "user", dict[str, Journey]()

    def journeys(pair: Pair) -> dict[str, Journey]:
        for row in (pair.one, pair.other):
            if row.scenario not in known:
                known[row.scenario] = one_way_through(site, folder, pool()[row.scenario])
        return known

    return journeys


def test_every_scenario_is_in_the_table_and_the_table_names_no_other():
    assert {row.scenario for row in ROWS} == set(SCENARIOS)


def test_a_line_of_the_table_says_all_that_it_must():
    for row in ROWS:
        assert set(row.parameters) <= set(SCENARIOS[row.scenario].parameters), row.name
        assert row.outcome in ("confirmed", "only", "possible", "among", "wrong", "no fault", "not shown"), row.name
        assert bool(row.row) == bool(row.cause) == (row.outcome not in ("no fault", "not shown")), row.name
        assert bool(row.flow) == (row.outcome != "not shown"), row.name
        assert row.why or row.outcome in ("confirmed", "only", "possible"), row.name
        assert not row.flow or row.flow in FLOWS, row.name
    assert [name for name, count in Counter(row.name for row in ROWS).items() if count > 1] == []


@for_each("row", [row for row in ROWS if row.scenario.startswith("cyclr-") or row.test], ids=names)
def test_a_scenario_of_the_partners_side_is_named_in_the_test_that_meets_it(row):
    assert row.outcome == "not shown"
    assert re.search(rf"(?<![a-z-]){row.scenario}(?![a-z-])", (TESTS / row.test).read_text(encoding="utf-8"))


def test_where_an_administrator_can_be_asked_the_right_cause_comes_first_in_every_line_unless_its_fix_is_to_wait():
    lines = [row for row in FAULTS if row.witness and row.outcome not in ("confirmed", "only", "possible")]
    assert [row.name for row in lines if not rows()[row.row].cause_rules[row.cause].waits] == []
    assert {row.outcome for row in lines} == {"among"}


def test_every_line_without_a_witness_has_its_twin_with_one():
    asked = {(row.scenario, row.flow) for row in FAULTS if row.witness}
    assert {(row.scenario, row.flow) for row in FAULTS if not row.witness} <= asked


@pytest.mark.parametrize("row", MET, ids=names)
def test_a_scenario_is_explained_as_the_table_says(row, site, tmp_path):
    step = site.meet(row, tmp_path / "user")
    assert step.row == row.row
    if row.outcome == "among":
        assert row.cause in step.left[1:]
    elif row.outcome == "wrong":
        assert row.cause not in step.left, "it is right now: say so in the table"
    elif row.outcome == "no fault":
        assert step.diagnosis is None
        return
    else:
        assert (step.cause, step.verdict) == (row.cause, row.outcome)
    assert told(step, row, site.world) == (TEXTS / f"{row.name}.txt").read_text(encoding="utf-8")


def test_no_expected_text_is_left_over():
    assert {path.stem for path in TEXTS.glob("*.txt")} == {row.name for row in FAULTS}


def test_every_row_of_the_catalogue_is_reached_or_says_where_else_it_is():
    samples = [json.loads(path.read_text("utf-8"))["row"] for path in (TESTS / "samples").glob("*/reply.json")]
    texts = [json.loads(path.read_text("utf-8")) for path in (TESTS / "samples" / "real-world").glob("*.json")]
    transport = (TESTS / "samples" / "transport-texts.tsv").read_text("utf-8").splitlines()[1:]
    reached = {row.row for row in FAULTS} | set(samples) | {one["expected"] for each in texts for one in each}
    reached |= {line.partition("\t")[0] for line in transport}
    assert sorted(set(rows()) - reached - set(ELSEWHERE)) == [], "reached by no sample, text or scenario"
    assert sorted(set(ELSEWHERE) & reached) == [], "reached, and in matrix_elsewhere.toml all the same"


@for_each("code", ELSEWHERE)
def test_a_row_that_is_reached_elsewhere_is_named_in_a_test_there_or_cannot_be_reached(code):
    said = ELSEWHERE[code]
    assert set(said) in ({"test"}, {"unreachable"})
    if "test" in said:
        assert re.search(rf"(?<![a-z-]){code}(?![a-z-])", (TESTS / said["test"]).read_text(encoding="utf-8"))
    else:
        assert len(said["unreachable"]) > 20


def test_at_least_sixty_pairs_are_tried_and_each_has_two_faults():
    assert len({pair.name for pair in PAIRS}) >= 60
    assert len({one.scenario for pair in PAIRS for one in (pair.one, pair.other)}) >= 30


@pytest.mark.parametrize(
    "pair",
    [*PAIRS[:SAMPLE], *(pytest.param(pair, marks=pytest.mark.long) for pair in PAIRS[SAMPLE:])],
    ids=lambda pair: pair.name,
)
def test_of_two_faults_neither_hides_the_other_unless_it_comes_before(pair, site, alone, tmp_path):
    together = one_way_through(site, tmp_path / "user", pair.one, pair.other)
    assert hidden(pair, alone(pair), together) == []


def test_the_page_on_the_matrix_is_up_to_date():
    path = TESTS.parent / "docs" / "build_matrix.py"
    spec = importlib.util.spec_from_file_location("build_matrix", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert path.with_name("diagnosis-matrix.md").read_text(encoding="utf-8") == module.built(), inspect.getdoc(module)
