"""Collects every text that people read, each with the file and line that it comes from.

Sources are read and not run: Python by its syntax tree, TOML by its values, templates and widgets by their literals.
"""

from __future__ import annotations

import ast
import html
import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from html.parser import HTMLParser
from pathlib import Path

__all__ = ["GAP", "Kind", "Text", "texts"]

#: what a placeholder is replaced by
GAP = "…"
#: values that no one reads as a sentence
_NOT_READ = {"source", "match", "pattern", "confirmed_by", "favoured_by", "ruled_out_by", "code", "url", "test"}
#: the practice org's answers in Salesforce's own words
_QUOTES = tuple(f"sfrunbook/practice/{room}/" for room in ("rest", "oauth", "soql", "records"))
_TOML = ("sfrunbook/**/*.toml", "tests/partners/partner_causes.toml", "tests/diagnosis/matrix.toml")
#: made from rows and from strings of docs/build_*.py, which are read where they are written
_GENERATED = {"diagnosis-matrix.md", "partner-causes.md", "schedulers.md"}
_GENERATED_PART = re.compile(r"<!-- (\w+):begin -->.*?<!-- \1:end -->", re.DOTALL)
_PROSE = re.compile(r"[A-Za-z'\u2019…-]{2,}[,;:.]? [A-Za-z'\u2019…-]{2,}")
_NOT_PROSE = re.compile(
    r"^[Ee]xamples?:|^const |^<!doctype |\(\?|\\|\bSELECT [A-Z]|xmlns=|\w_\w+ \w+_\w|[{;]\s*\n|\{ [\w-]+: |"
    r"\w\|\w|=\{|\bfunction\("
)
_BLOCK = {
    "p",
    "li",
    "dt",
    "dd",
    "td",
    "th",
    "h1",
    "h2",
    "h3",
    "h4",
    "summary",
    "label",
    "button",
    "a",
    "div",
    "br",
    "tr",
}


class Kind(StrEnum):
    """Where a text is read; it decides how long a sentence may be."""

    INTERFACE = "interface"
    NOTEBOOK = "notebook"
    DOCS = "docs"


@dataclass(frozen=True, kw_only=True)
class Text:
    """One paragraph, heading, row value or literal."""

    path: str
    line: int
    kind: Kind
    words: str
    heading: bool = False


def texts(root: Path) -> Iterator[Text]:
    """Every text, file by file."""
    for pattern in _TOML:
        for path in sorted(root.glob(pattern)):
            if not _named(path, root).startswith(_QUOTES):
                yield from _toml(path, root)
    for path in sorted(root.glob("sfrunbook/**/*.tsv")):
        yield from _table(path, root)
    for path in sorted(root.glob("sfrunbook/**/*.schema.json")):
        yield from _schema(path, root)
    for path in sorted(root.glob("sfrunbook/**/*.py")):
        if not _named(path, root).startswith(_QUOTES):
            yield from _python(path, root, Kind.INTERFACE)
    for path in sorted((*root.glob("sfrunbook/**/*.html.j2"), *root.glob("sfrunbook/**/*.html"))):
        yield from _template(path, root)
    for path in sorted(root.glob("sfrunbook/report/schedule_templates/*.j2")):
        yield from _comments(path, root)
    for path in sorted(root.glob("sfrunbook/**/*.js")):
        yield from _script(path, root)
    for path in sorted(root.glob("notebooks/*.ipynb")):
        yield from _notebook(path, root)
    for path in sorted((*root.glob("*.md"), *root.glob("docs/*.md"))):
        if path.name not in _GENERATED:
            yield from _page(path, root)
    for path in sorted(root.glob("docs/build_*.py")):
        yield from _python(path, root, Kind.DOCS)


def _named(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()


def _line_of(part: str, content: str) -> int:
    """The line of the first place of a text; 1 where it is written in pieces."""
    at = content.find(part[:40])
    return content.count("\n", 0, at) + 1 if at >= 0 else 1


def _reads_as_prose(words: str) -> bool:
    return bool(_PROSE.search(words)) and not _NOT_PROSE.search(words)


def _toml(path: Path, root: Path) -> Iterator[Text]:
    content = path.read_text("utf-8")
    kind = Kind.INTERFACE if _named(path, root).startswith("sfrunbook/") else Kind.DOCS
    for words in _values(tomllib.loads(content)):
        if _reads_as_prose(words):
            filled = re.sub(r"\{\w+\}", GAP, words)
            yield Text(path=_named(path, root), line=_line_of(words, content), kind=kind, words=filled)


def _table(path: Path, root: Path) -> Iterator[Text]:
    """The column `meaning` of a table; the others quote Salesforce or are read by programs."""
    head, *lines = path.read_text("utf-8").splitlines()
    column = head.split("\t").index("meaning")
    for number, line in enumerate(lines, 2):
        if words := line.split("\t")[column]:
            yield Text(path=_named(path, root), line=number, kind=Kind.INTERFACE, words=words)


def _schema(path: Path, root: Path) -> Iterator[Text]:
    """What a JSON Schema says of its fields; the rest of it is read by programs only."""
    content = path.read_text("utf-8")
    for found in re.finditer(r'"(?:title|description)": "((?:[^"\\]|\\.)*)"', content):
        line = content.count("\n", 0, found.start()) + 1
        yield Text(path=_named(path, root), line=line, kind=Kind.INTERFACE, words=json.loads(f'"{found[1]}"'))


def _values(node: object, key: str = "") -> Iterator[str]:
    if isinstance(node, dict):
        for name, value in node.items():
            yield from _values(value, name)
    elif isinstance(node, list):
        for value in node:
            yield from _values(value, key)
    elif isinstance(node, str) and key not in _NOT_READ:
        yield node


def _python(path: Path, root: Path, kind: Kind) -> Iterator[Text]:
    tree = ast.parse(path.read_text("utf-8"))
    name = _named(path, root)
    for line, words in sorted(_literals(tree, commands=name.startswith("sfrunbook/cli/"))):
        if _reads_as_prose(words):
            for offset, paragraph in _paragraphs(words) if kind is Kind.DOCS else [(0, words)]:
                yield Text(path=name, line=line + offset, kind=kind, words=paragraph)


def _literals(tree: ast.Module, *, commands: bool) -> Iterator[tuple[int, str]]:
    """Literals of a module, and of its docstrings those of checks, scenarios and commands."""
    inside: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            docstring = node.body[0] if node.body else None
            if isinstance(docstring, ast.Expr) and not _is_shown(node, commands=commands):
                inside.add(docstring.value)
        if isinstance(node, ast.JoinedStr):
            inside.update(node.values)
            parts = [str(one.value) if isinstance(one, ast.Constant) else GAP for one in node.values]
            yield node.lineno, "".join(parts)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in inside:
            yield node.lineno, re.sub(r"\{\w*\}", GAP, node.value)


def _is_shown(node: ast.AST, *, commands: bool) -> bool:
    """Whether people read the docstring: it is a check's claim, a scenario's symptom or a command's help."""
    if not isinstance(node, ast.FunctionDef):
        return False
    called = {
        one.func.id for one in node.decorator_list if isinstance(one, ast.Call) and isinstance(one.func, ast.Name)
    }
    return bool(called & {"check", "scenario"}) or (commands and not node.name.startswith("_"))


class _Blocks(HTMLParser):
    """The text of a page, cut where a block begins or ends."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[int, str]] = []
        self._hidden = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden = tag in ("style", "script")
        self.found += [(self.getpos()[0], value) for name, value in attrs if value and name in ("title", "aria-label")]
        self._cut(tag)

    def handle_endtag(self, tag: str) -> None:
        self._hidden = False
        self._cut(tag)

    def handle_data(self, data: str) -> None:
        if not self._hidden and self.found and self.found[-1][1] != "\n":
            self.found[-1] = (self.found[-1][0], self.found[-1][1] + data)
        elif not self._hidden:
            self.found.append((self.getpos()[0], data))

    def _cut(self, tag: str) -> None:
        if tag in _BLOCK:
            self.found.append((self.getpos()[0], "\n"))


def _template(path: Path, root: Path) -> Iterator[Text]:
    content = path.read_text("utf-8")
    statements = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
    for found in statements.finditer(content):
        for words in re.findall(r'"([^"]*)"', found[0]):
            if _reads_as_prose(words):
                line = content.count("\n", 0, found.start()) + 1
                yield Text(path=_named(path, root), line=line, kind=Kind.INTERFACE, words=words)
    plain = statements.sub(lambda found: (GAP if found[0][1] == "{" else "") + "\n" * found[0].count("\n"), content)
    blocks = _Blocks()
    blocks.feed(plain)
    for line, words in blocks.found:
        one = " ".join(words.split())
        if _reads_as_prose(one):
            yield Text(path=_named(path, root), line=line, kind=Kind.INTERFACE, words=one)


def _comments(path: Path, root: Path) -> Iterator[Text]:
    """What a schedule's file says to whoever installs it."""
    held: list[str] = []
    for number, line in enumerate([*path.read_text("utf-8").splitlines(), ""], 1):
        comment = re.search(r"(?:^|\s)# (.+)", line)
        if held and not (comment and line.lstrip().startswith("#")):
            words = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", GAP, " ".join(held))
            yield Text(path=_named(path, root), line=number - len(held), kind=Kind.INTERFACE, words=words)
            held = []
        held += [comment[1]] if comment else []


def _script(path: Path, root: Path) -> Iterator[Text]:
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        for found in re.finditer(r'"([^"\n]+)"|`([^`\n]+)`', line.partition("// ")[0]):
            words = re.sub(r"\$\{[^}]*\}", GAP, found[1] or found[2])
            if _reads_as_prose(words):
                yield Text(path=_named(path, root), line=number, kind=Kind.INTERFACE, words=words)


def _notebook(path: Path, root: Path) -> Iterator[Text]:
    for number, cell in enumerate(json.loads(path.read_text("utf-8"))["cells"], 1):
        source = "".join(cell["source"])
        if cell["cell_type"] == "code":
            source = "\n\n".join(re.findall(r"# (.+)", source))
        for _, words in _paragraphs(source):
            heading = words.startswith("#")
            yield Text(
                path=_named(path, root), line=number, kind=Kind.NOTEBOOK, words=words.lstrip("# "), heading=heading
            )


def _page(path: Path, root: Path) -> Iterator[Text]:
    content = _GENERATED_PART.sub(lambda found: "\n" * found[0].count("\n"), path.read_text("utf-8"))
    if path.name == "CHANGELOG.md":
        content = "\n## ".join(content.split("\n## ")[:2])
    for line, words in _paragraphs(content):
        yield Text(path=_named(path, root), line=line + 1, kind=Kind.DOCS, words=words.lstrip("# "))


def _paragraphs(content: str) -> Iterator[tuple[int, str]]:
    """Paragraphs, items, cells and headings of Markdown without its code, each with its first line from 0."""
    content = re.sub(r"```.*?```|<!--.*?-->", lambda found: "\n" * found[0].count("\n"), content, flags=re.DOTALL)
    start, held = 0, ""
    for number, line in enumerate([*content.splitlines(), ""]):
        new = re.match(r"\s*(?:[-*] |\d+\. |\||#|$)", line)
        if new or line.startswith("    ") or held.startswith("#"):
            yield from _cells(start, held)
            start, held = number, "" if line.startswith("    ") and not new else line
        else:
            start, held = (start, f"{held} {line.strip()}") if held else (number, line)
    yield from _cells(start, held)


def _cells(line: int, words: str) -> Iterator[tuple[int, str]]:
    parts = re.split(r"(?<!\\)\|", words) if words.lstrip().startswith("|") else [words]
    for part in parts:
        one = html.unescape(re.sub(r"^\s*(?:[-*]|\d+\.) ", "", part).strip())
        if re.search(r"[A-Za-z]{2}", one):
            yield line, one
