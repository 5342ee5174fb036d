"""Resources that find records without SOQL: search, recent, tabs, and an object's updated and deleted records.

Source: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/ (resources, shapes and codes are
documented, words likely where nothing else is said).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from sfrunbook.practice.records.caller_rows import CallerStore
from sfrunbook.practice.records.org_facts import Caller
from sfrunbook.practice.records.record_store import Record, encode
from sfrunbook.practice.records.schema import Field, Schema, SObject
from sfrunbook.practice.rest.query import QueryService
from sfrunbook.practice.rest.reply import Answer, RestError, compact

__all__ = ["changed", "recent", "search", "summary", "tabs"]

_FIND = re.compile(r"\s*FIND\s*\{([^{}]*)\}(?:\s+IN\s+(ALL|NAME|EMAIL|PHONE)\s+FIELDS)?\s*", re.IGNORECASE)
_RETURNED = re.compile(r"\s*(\w+)\s*(?:\(((?:[^()]|\([^()]*\))*)\))?\s*(,|$)")
_CLAUSE = re.compile(r"\b(WHERE|USING|ORDER\s+BY|LIMIT)\b", re.IGNORECASE)
_LIMIT = re.compile(r"\s*\bLIMIT\s+(\d{1,4})\s*$", re.IGNORECASE)
_WORDS = re.compile(r"[\w@.+-]+")
_MOST_FOUND, _LONGEST_SEARCH = 2000, 20_000
_TEXTS = frozenset({"string", "email", "phone", "textarea", "picklist", "url"})
_WINDOW = timedelta(days=30)


def search(text: str, version: str, schema: Schema, rows: CallerStore, queries: QueryService, caller: Caller) -> Answer:
    """`{"searchRecords": [...]}` of one term or phrase; of SOSL only FIND, IN and RETURNING are known here (own)."""
    found = _FIND.match(text[:_LONGEST_SEARCH])
    if found is None:
        raise _malformed("No search term found. The search term must be enclosed in braces.")
    term, where = found[1], (found[2] or "ALL").upper()
    words = [word.lower() for word in _WORDS.findall(term)]
    if len("".join(words)) < 2:
        raise _malformed(f"search term must be longer than one character: {term[:40]}")
    if {"and", "or", "not"} & set(words) and '"' not in term:
        raise _malformed("The practice org searches for one term or phrase, without AND, OR and NOT.")
    records: list[dict[str, Any]] = []
    for name, fields, rest, most in _returned(text[found.end() :], schema):
        query = {"q": " ".join(("SELECT", fields, "FROM", name, rest))}
        every = _all_pages(queries, version, query, caller)
        sobject = schema.objects[name.lower()]  # the query would have refused another
        matching = (each for each in every if _has(rows.find(_id_of(each), sobject.name), sobject, words, where))
        records += islice(matching, most)
    return Answer(body=compact({"searchRecords": records[:_MOST_FOUND]}))


def _returned(text: str, schema: Schema) -> list[tuple[str, str, str, int]]:
    """Object, fields, the rest of its SOQL and its limit; without RETURNING every object that can be searched."""
    if not text.strip():
        searched = [each.name for each in schema.objects.values() if each.searchable and each.layoutable]
        return [(name, "Id", "", _MOST_FOUND) for name in searched if schema.objects[name.lower()].queryable]
    word, _, rest = text.strip().partition(" ")
    if word.upper() != "RETURNING" or not rest.strip():
        raise _malformed(f"unexpected token: '{word[:40]}'. The practice org knows FIND, IN and RETURNING.")
    parts, at = [], 0
    while at < len(rest):
        match = _RETURNED.match(rest, at)
        if match is None or match.end() == at:
            raise _malformed(f"unexpected token: '{rest[at : at + 40].strip()}'")
        inner, at = match[2] or "Id", match.end()
        limit = _LIMIT.search(inner)
        inner = inner[: limit.start()] if limit else inner
        clause = _CLAUSE.search(inner)
        cut = clause.start() if clause else len(inner)
        parts.append((match[1], inner[:cut].strip() or "Id", inner[cut:], int(limit[1]) if limit else _MOST_FOUND))
    return parts


def _all_pages(queries: QueryService, version: str, query: Mapping[str, str], caller: Caller) -> list[dict[str, Any]]:
    page = json.loads(queries.query(version, query, "", caller).body)
    records: list[dict[str, Any]] = page["records"]
    while not page["done"]:
        page = json.loads(queries.more(version, page["nextRecordsUrl"].rpartition("/")[2], "", caller).body)
        records += page["records"]
    return records


def _id_of(record: dict[str, Any]) -> str:
    """Empty for a row of an aggregate, which is no record."""
    return str(record["attributes"].get("url", "")).rpartition("/")[2]


def _has(row: Record | None, sobject: SObject, words: list[str], where: str) -> bool:
    """Whether every word of the term begins a word of the fields that are searched (a guess at the real index)."""
    if row is None:
        return False
    texts = [str(row.values.get(each.name) or "") for each in sobject.fields if _searched(each, where)]
    known = _WORDS.findall(" ".join(texts).lower())
    return all(any(each.startswith(word) for each in known) for word in words)


def _searched(item: Field, where: str) -> bool:
    if where == "NAME":
        return item.name_field or item.name in ("FirstName", "LastName")
    return item.type == where.lower() if where in ("EMAIL", "PHONE") else item.type in _TEXTS


def changed(query: Mapping[str, str], kind: str, sobject: SObject, rows: CallerStore, now: datetime) -> Answer:
    """`updated` gives ids, `deleted` ids with times, of at most 30 days; seconds do not count (documented)."""
    start, end = (_minute(query.get(name, ""), name) for name in ("start", "end"))
    if end - start < timedelta(minutes=1):
        raise _wrong_date("endDate has to be at least one minute greater than startDate")
    if now - start > _WINDOW:
        raise _wrong_date("startDate cannot be more than 30 days ago")
    every = [(row, row.values["SystemModstamp"]) for row in rows.all_rows(sobject.name)]
    found = [(row, at) for row, at in every if isinstance(at, datetime) and start <= at < end]
    covered = {"latestDateCovered": _text(min(end, now.replace(second=0, microsecond=0)))}
    if kind == "updated":
        return Answer(body=compact({"ids": [row.id for row, _ in found if not row.deleted], **covered}))
    gone = [{"id": row.id, "deletedDate": _text(at)} for row, at in found if row.deleted]
    return Answer(body=compact({"deletedRecords": gone, "earliestDateAvailable": _text(now - _WINDOW), **covered}))


def _minute(text: str, name: str) -> datetime:
    """A `+` that came unencoded is a space by now."""
    try:
        return datetime.fromisoformat(text.replace(" ", "+")).astimezone(UTC).replace(second=0, microsecond=0)
    except (ValueError, OverflowError):
        raise _wrong_date(f"{name} is not a date and time: {text[:40]}") from None


def recent(query: Mapping[str, str], version: str, schema: Schema, rows: CallerStore) -> Answer:
    """The newest changes of all objects, in place of what the caller looked at last (own)."""
    limit = query.get("limit", "")
    most = min(int(limit), 200) if limit.isascii() and limit.isdigit() and len(limit) < 5 else 200
    shown = [each.name for each in schema.objects.values() if each.layoutable and each.createable and not each.virtual]
    every = [row for name in shown for row in rows.rows(name)]
    newest = sorted(every, key=lambda row: str(row.values.get("SystemModstamp")), reverse=True)[:most]
    return Answer(body=compact([summary(row, version) for row in newest]))


def summary(row: Record, version: str) -> dict[str, Any]:
    """A record as lists of recent items show it."""
    url = f"/services/data/v{version}/sobjects/{row.type}/{row.id}"
    name = row.values.get("Name") or row.values.get("CaseNumber") or row.values.get("Subject")
    return {"attributes": {"type": row.type, "url": url}, "Id": row.id, "Name": name}


def tabs(schema: Schema, origin: str) -> Answer:
    """One tab for each object with pages; the real list has icons and colors as well."""
    shown = [each for each in schema.objects.values() if each.layoutable and each.createable and not each.virtual]
    rows = [
        {
            "custom": False,
            "label": each.label_plural,
            "name": f"standard-{each.name}",
            "sobjectName": each.name,
            "url": f"{origin}/{each.key_prefix}/o",
        }
        for each in shown
    ]
    return Answer(body=compact(rows))


def _text(moment: datetime) -> str:
    return str(json.loads(encode(moment.astimezone(UTC).replace(microsecond=0))))


def _malformed(message: str) -> RestError:
    return RestError(400, "MALFORMED_SEARCH", message)


def _wrong_date(message: str) -> RestError:
    return RestError(400, "INVALID_REPLICATION_DATE", message)
