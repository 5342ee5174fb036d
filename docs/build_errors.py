"""Writes docs/errors/ from the catalogue: a table of all errors, and a page for each. Run it after a change of a row.

With `--check` nothing is written, and the exit code is 1 where a page is missing, left over or not up to date.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from sfrunbook.core.model import AppKind, Cause, Mark, Remedy
from sfrunbook.core.words import how_sure, marks_legend
from sfrunbook.diagnosis.catalogue import Entry, Match, is_family, rows
from sfrunbook.diagnosis.facts import facts
from sfrunbook.diagnosis.published import Published, entries, source_of
from sfrunbook.diagnosis.transport import runtimes
from sfrunbook.report.letter import UNCONFIRMED

__all__ = ["FOLDER", "built", "main"]

FOLDER = Path(__file__).with_name("errors")
#: the page with every published code
PUBLISHED = "published-codes.md"
_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
#: more are not listed on the page of a row
_MOST_CODES = 30
_SPECIAL = re.compile(r"([\\`*\[\]|])")
#: headings of the tables of a step that differs by program
_STEPS = {
    "trust_step": "Trust step: add a root certificate",
    "tls_step": "TLS step: turn on TLS 1.2",
    "proxy_step": "Proxy step: set the proxy",
}
_HEAD = "<!-- Made from the catalogue by docs/build_errors.py: change the row, then run that. -->"


def built() -> Mapping[str, str]:
    """Every page by its file name."""
    pages = {f"{entry.code}.md": _page(entry) for entry in rows().values()}
    return {"README.md": _index(), PUBLISHED: _published(), **pages}


def main(arguments: list[str]) -> int:
    wanted = built()
    found = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
    if arguments == ["--check"]:
        return int(found != wanted)
    FOLDER.mkdir(exist_ok=True)
    for name in found.keys() - wanted.keys():
        (FOLDER / name).unlink()
    for name, text in wanted.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    return 0


def _index() -> str:
    lines = [
        _HEAD,
        "",
        "# Errors that sfrunbook explains",
        "",
        "`sfrunbook explain TEXT` explains an error code, a sentence, a reply, a pasted address or a Status of Login",
        "History. Words in *italics* are filled in from the failure. The mark says how sure we are.",
        "",
        marks_legend(marks=Mark),
        "",
        f"[Every published code and its answer]({PUBLISHED}) lists what Salesforce and Cyclr publish, by code.",
        "",
        "| Code | What happened | Stage | Mark |",
        "| --- | --- | --- | --- |",
    ]
    for entry in sorted(rows().values(), key=lambda entry: entry.code):
        cells = (f"[{entry.code}]({entry.code}.md)", _words(entry.what), entry.stage.value, entry.mark.value)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _published() -> str:
    lines = [
        _HEAD,
        "",
        "# Every published code and its answer",
        "",
        f"sfrunbook has an answer for these {len(entries())} codes, statuses and texts of Salesforce and Cyclr.",
        "Search this page for yours. The answer leads to the page with the steps. An answer that begins with",
        "`published-` is for a whole group of codes. The mark says how sure we are of the answer, not of the code.",
        "",
        marks_legend(marks=Mark),
        "",
        "| Code or text | What it means | Answer | Mark | Source |",
        "| --- | --- | --- | --- | --- |",
    ]
    for one in sorted(entries(), key=lambda one: ((one.code or one.text).lower(), one.text, one.kind)):
        answer, source = f"[{one.answer}]({one.answer}.md)", f"[{_words(one.source)}]({source_of(one)})"
        mark = one.mark if is_family(one.answer) else rows()[one.answer].mark
        lines.append(f"| {_named(one)} | {_words(one.meaning)} | {answer} | {mark} | {source} |")
    return "\n".join([*lines, "", "[All errors](README.md)"]) + "\n"


def _named(one: Published) -> str:
    return ": ".join([f"`{one.code}`"] * bool(one.code) + [_words(one.text)] * bool(one.text))


def _page(entry: Entry) -> str:
    lines = [_HEAD, "", f"# {entry.code}", "", _words(entry.what), "", f"**Why.** {_words(entry.why)}", ""]
    if seen := [one for match in entry.matches[1:] if (one := _seen(match))] + _listed(entry):
        lines += ["**Recognized by**", "", *(f"- {one}" for one in dict.fromkeys(seen)), ""]
    if entry.infrastructure:
        lines += ["This is an outage or a missing reply. The checked settings may still be correct.", ""]
    for number, cause in enumerate(entry.causes, 1):
        lines += [f"## {number}. {_words(cause.summary)}", "", *_cause(cause, entry), ""]
    lines += _by_program(entry)
    lines += [
        f"Stage: {entry.stage.value}. {how_sure(entry.mark, entry.source)}. Source: <{entry.source}>",
        "",
        "[All errors](README.md)",
    ]
    return "\n".join(lines) + "\n"


def _by_program(entry: Entry) -> Iterator[str]:
    """What the placeholders of a step say for each program, where the row has any."""
    texts = " ".join(remedy.what for cause in entry.causes for remedy in cause.remedies)
    for name in dict.fromkeys(name for name in _PLACEHOLDER.findall(texts) if name.endswith("_step")):
        yield f"## {_STEPS[name]}"
        yield from ("", "| Program | What to do | Source |", "| --- | --- | --- |")
        for runtime in runtimes().values():
            yield f"| {runtime.label} | {_words(runtime.steps[name])} | <{runtime.sources[name]}> |"
        yield ""


def _seen(match: Match) -> str:
    """A pattern in words; the description is a regular expression, and stands as it is."""
    parts = [f"error {' or '.join(f'`{one}`' for one in sorted(match.errors - {''}))}"] if match.errors - {""} else []
    parts += [f"HTTP {' or '.join(map(str, sorted(match.statuses)))}"] if match.statuses else []
    parts += [f"a description that fits `{match.described}`"] if match.described and match.described != r"^\s*$" else []
    parts += ["no description"] if match.described == r"^\s*$" else []
    parts += [f"{name} being `{value}`" for name, value in match.evidence.items()]
    return ", with ".join(parts)


def _listed(entry: Entry) -> list[str]:
    """The published codes that lead here, for a family only how many there are."""
    codes = [_named(one) for one in entries() if one.answer == entry.code]
    if len(codes) > _MOST_CODES or is_family(entry.code):
        return [f"{len(codes)} [published codes]({PUBLISHED})"]
    return [f"published as {'; '.join(dict.fromkeys(codes))}"] if codes else []


def _cause(cause: Cause, entry: Entry) -> Iterator[str]:
    yield f"How to recognize it: {_words(cause.tell)}"
    yield ""
    rules = entry.cause_rules[cause.code]
    if rules.rules:
        labels = dict.fromkeys(facts()[name].label for rule in rules.rules for name in rule.names)
        yield f"sfrunbook checks: {'; '.join(labels)}."
        yield ""
    elif len(entry.causes) > 1:
        yield f"sfrunbook can't tell it from the other causes. {_words(rules.no_rules_because)}"
        yield ""
    for number, remedy in enumerate(cause.remedies, 1):
        yield from _step(number, remedy, is_guess=entry.mark is Mark.GUESS)


def _step(number: int, remedy: Remedy, *, is_guess: bool) -> Iterator[str]:
    guessed = f" {UNCONFIRMED}" if remedy.mark is Mark.GUESS and not is_guess else ""
    what = f"{_words(remedy.what)}{guessed}"
    if remedy.place(None) == remedy.place(AppKind.CONNECTED_APP):
        yield f"{number}. **{remedy.who}**: {_words(remedy.where)}: {what}"
        return
    yield f"{number}. **{remedy.who}**: {what}"
    for kind in AppKind:
        yield f"   - {kind.label}: {_words(remedy.place(kind))}"


def _words(text: str) -> str:
    """A text of the catalogue as Markdown shows it unchanged, its placeholders in italics."""
    parts = _PLACEHOLDER.split(text)
    plain = [_SPECIAL.sub(r"\\\1", part).replace("<", "&lt;") for part in parts[::2]]
    names = [f"*{name.replace('_', ' ')}*" for name in parts[1::2]]
    return "".join(piece for pair in zip(plain, [*names, ""], strict=True) for piece in pair)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
