"""The practice org's notion of SOQL against that of @jetstreamapp/soql-parser-js, both ways."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from random import Random

import pytest
from support.soql_corpus import DIFFERENCES, INVALID, VALID
from support.soql_statements import broken_statement, right_statement

from sfrunbook.practice.soql import SoqlError, parse

CLIENTS = Path(__file__).parents[1] / "node_clients"
GENERATED = 400
_PATH = r"[A-Za-z]\w*\.[\w.]+"
# Where a broken statement parts the two, for the reasons of DIFFERENCES. The first line is for what the practice org
# refuses (looked for up to the refused word and from there on), the second for what the oracle refuses.
_ONLY_ORACLE = (
    ("conditions side by side, or AND and OR mixed", r"(WHERE|HAVING) .*[\w')] *$", r"(AND|OR|NOT|\(|[A-Za-z])"),
    ("a path as alias", r"[\w)] *$", _PATH),
    ("GROUP as alias", r"[\w)] *$", r"GROUP\b"),
    ("values without a parenthesis", r"\b(IN|INCLUDES|EXCLUDES) *$", r"['\w+-.]"),
    ("a list after a comparison", r"([=<>]|LIKE) *$", r"\("),
    ("a function of a value", r"\w+ *\( *$", r"('x'|7)"),
    ("categories without a parenthesis", r"DATA CATEGORY .* (AT|ABOVE|BELOW) \w+ *$", r","),
)
_ONLY_OURS = (
    ("several objects after FROM", re.compile(rf"FROM [\w.]+( \w+)? , ({_PATH}|\w+)")),
    ("OFFSET after a condition", re.compile(r"(WHERE|HAVING) .*OFFSET \d")),
)


def _taken(statement: str) -> bool:
    try:
        parse(statement)
    except SoqlError:
        return False
    return True


def _explained(statement: str, *, by_us: bool) -> bool:
    if by_us:
        return any(pattern.search(statement) for _, pattern in _ONLY_OURS)
    with pytest.raises(SoqlError) as refusal:
        parse(statement)
    before, after = statement[: refusal.value.offset], statement[refusal.value.offset :]
    return any(
        re.search(left, before, re.IGNORECASE) and re.match(right, after, re.IGNORECASE)
        for _, left, right in _ONLY_ORACLE
    )


def _oracle(statements: list[str]) -> list[bool]:
    """The verdicts of the JavaScript parser, from one Node.js process."""
    node = shutil.which("node", path=str(CLIENTS / "node_modules" / ".bin")) or shutil.which("node")
    if node is None or not (CLIENTS / "node_modules" / "@jetstreamapp" / "soql-parser-js").is_dir():
        pytest.skip("needs Node.js and the packages of tests/node_clients (npm ci)")
    lines = "".join(f"{json.dumps(statement)}\n" for statement in statements)
    done = subprocess.run(
        [node, "soql_oracle.mjs"], cwd=CLIENTS, input=lines, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    verdicts = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(verdicts) == len(statements)
    return verdicts


def test_every_right_statement_is_taken() -> None:
    assert [statement for statement in VALID if not _taken(statement)] == []


def test_every_wrong_statement_is_refused() -> None:
    assert [statement for statement in INVALID if _taken(statement)] == []


def test_every_difference_is_about_a_statement_of_the_corpus_and_gives_its_reason() -> None:
    assert set(DIFFERENCES) <= {*VALID, *INVALID}
    assert all(reason.endswith(".") for reason in DIFFERENCES.values())
    assert len({*VALID, *INVALID}) == len(VALID) + len(INVALID) >= 250


@pytest.mark.node
def test_the_oracle_agrees_on_every_statement_but_those_listed() -> None:
    verdicts = dict(zip([*VALID, *INVALID], _oracle([*VALID, *INVALID]), strict=True))
    wanted = dict.fromkeys(VALID, True) | dict.fromkeys(INVALID, False)
    disagreed = {statement for statement, verdict in verdicts.items() if verdict is not wanted[statement]}
    assert disagreed == set(DIFFERENCES)


@pytest.mark.node
def test_the_oracle_and_the_practice_org_take_every_generated_statement() -> None:
    random = Random(20261123)
    statements = [right_statement(random) for _ in range(GENERATED)]
    assert [statement for statement in statements if not _taken(statement)] == []
    verdicts = _oracle(statements)
    assert [statement for statement, verdict in zip(statements, verdicts, strict=True) if not verdict] == []


@pytest.mark.node
def test_the_oracle_agrees_on_broken_statements_but_for_the_known_differences() -> None:
    random = Random(20261123)
    statements = [broken_statement(random) for _ in range(GENERATED)]
    verdicts = _oracle(statements)
    assert GENERATED // 2 > sum(verdicts) > 0
    for statement, verdict in zip(statements, verdicts, strict=True):
        taken = _taken(statement)
        known = taken == verdict or _explained(statement, by_us=taken)
        assert known, f"practice org: {taken}, oracle: {verdict}: {statement}"
