"""Judges what a method's response proves; pure, and no row is stored."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sfrunbook.salesforce.reading import objects_in

__all__ = ["MethodResponse", "judge_response", "judge_text"]

_LONGEST = 2_000_000
_ID = re.compile(r"[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?")
_ID_NAMES = frozenset({"id", "user_id"})
_SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


@dataclass(frozen=True, kw_only=True)
class MethodResponse:
    """The shape of a response: how many rows, and how many ids of Salesforce among them."""

    #: None when the response has no list of rows, not even an empty list
    rows: int | None
    ids: int
    #: what does not look like a response of Salesforce, in sentences
    doubts: tuple[str, ...] = ()

    @property
    def is_proof(self) -> bool:
        """Whether this looks like rows of an org."""
        return bool(self.rows) and bool(self.ids) and not self.doubts


def judge_text(text: str) -> MethodResponse:
    """The shape of a pasted response, with or without words around it."""
    text = text.strip()[:_LONGEST]
    for start in [found.start() for found in re.finditer(r"[{\[]", text)][:50]:
        try:
            found, _ = json.JSONDecoder().raw_decode(text[start:])
        except (ValueError, RecursionError):
            continue
        return judge_response(found)
    doubt = "It has no data in braces, as a Method Response does." if text else "Nothing was pasted."
    return MethodResponse(rows=None, ids=0, doubts=(doubt,))


def judge_response(answer: Any) -> MethodResponse:  # noqa: ANN401 -- JSON
    """The shape of a response that was received."""
    rows, total = _rows(answer)
    if rows is None:
        return MethodResponse(rows=None, ids=0, doubts=("It has no list of records.",))
    ids = [value for row in rows for value in _ids(row)]
    good = [value for value in ids if is_salesforce_id(value)]
    doubts = []
    if rows and not good:
        doubts.append("No record has a Salesforce Id (15 or 18 letters and digits).")
    if len(good) < len(ids):
        doubts.append(f"{len(ids) - len(good)} of its Ids aren't Salesforce Ids.")
    if total is not None and total < len(rows):
        doubts.append(f"Its totalSize is {total}, but it has {len(rows)} records.")
    return MethodResponse(rows=len(rows), ids=len(good), doubts=tuple(doubts))


def is_salesforce_id(text: str) -> bool:
    """Whether a text is an id of Salesforce: 15 characters, or 18 whose last three encode the case of the others.

    Source: https://help.salesforce.com/s/articleView?id=000385008&type=1 (confirmed).
    """
    if not _ID.fullmatch(text) or not any(sign.isdigit() for sign in text):
        return False
    if len(text) == 15:
        return True
    parts = (text[0:5], text[5:10], text[10:15])
    return text[15:] == "".join(
        _SUFFIX[sum(1 << place for place, sign in enumerate(part) if "A" <= sign <= "Z")] for part in parts
    )


def _rows(answer: Any) -> tuple[list[Mapping[str, Any]] | None, int | None]:  # noqa: ANN401 -- JSON
    """The list of records at any depth, such as below `Response`, and totalSize where there is one."""
    if isinstance(answer, str) and answer.lstrip()[:1] in ("{", "["):
        try:
            answer = json.loads(answer)
        except (ValueError, RecursionError):
            return None, None
    if isinstance(answer, list):
        return objects_in(answer), None
    if not isinstance(answer, dict):
        return None, None
    total = answer.get("totalSize")
    total = total if isinstance(total, int) and not isinstance(total, bool) else None
    if isinstance(answer.get("records"), list):
        return objects_in(answer["records"]), total
    if any(name in answer for name in ("user_id", "organization_id")):
        return [answer], total
    for name, value in answer.items():
        if "request" not in name.lower() and isinstance(value, dict | list | str):
            rows, inner = _rows(value)
            if rows is not None:
                return rows, total if total is not None else inner
    return None, total


def _ids(row: Mapping[str, Any]) -> Iterator[str]:
    for name, value in row.items():
        if name.lower() in _ID_NAMES and isinstance(value, str):
            yield value
