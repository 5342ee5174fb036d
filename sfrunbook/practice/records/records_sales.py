"""Makes the accounts, contacts, opportunities, leads, cases and tasks of a practice org."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, TypeVar

from sfrunbook.practice.records.objects import PICKLISTS, SCHEMA
from sfrunbook.practice.records.record_store import Record, Store, Value
from sfrunbook.practice.records.records_derived import derive

__all__ = ["SalesRows"]

_ACCOUNTS = 120
_CONTACTS = 200
_OPPORTUNITIES = 150
_LEADS = 80
_CASES = 90
_TASKS = 2400

_Item = TypeVar("_Item")
_WORDS: dict[str, list[Any]] = tomllib.loads(Path(__file__).with_name("sample_words.toml").read_text(encoding="utf-8"))


class SalesRows:
    """One maker for each object; every draw comes from one random source, so the order of making is fixed."""

    def __init__(
        self, store: Store, random: Random, midnight: datetime, owners: Sequence[str], queues: Sequence[str]
    ) -> None:
        self._store = store
        self._random = random
        self._midnight = midnight
        self._owners = owners
        self._queues = queues
        self._accounts: list[Record] = []
        self._contacts: list[Record] = []

    def build(self) -> None:
        for type_name in ("Account", "Contact", "Opportunity", "Lead", "Case", "Task"):
            self._store.start_ids_at(type_name, self._random.randrange(62**5, 62**6))
        for number in range(_ACCOUNTS):
            self._accounts.append(self._put("Account", self._account(number)))
        for number in range(_CONTACTS):
            self._contacts.append(self._put("Contact", self._contact(number)))
        for number in range(_OPPORTUNITIES):
            self._put("Opportunity", self._opportunity(number))
        for _ in range(_LEADS):
            self._put("Lead", self._lead())
        for number in range(_CASES):
            self._put("Case", self._case(number))
        seed = self._random.random()
        self._store.fill_later("Task", lambda: self._tasks(Random(seed)))  # noqa: S311 - practice data

    def _put(self, type_name: str, values: dict[str, Value]) -> Record:
        record = self._record(type_name, values)
        self._store.put(record)
        return record

    def _record(self, type_name: str, values: dict[str, Value]) -> Record:
        prefix = SCHEMA.objects[type_name.lower()].key_prefix or "000"
        row = {"Id": self._store.new_id(type_name, prefix), "OwnerId": self._pick(self._owners)} | self._stamps()
        return Record(type_name, derive(type_name, row | values))

    def _pick(self, items: Sequence[_Item]) -> _Item:
        return self._random.choice(items)

    def _maybe(self, items: Sequence[_Item], chance: float = 0.8) -> _Item | None:
        """One of the items, or now and then nothing."""
        item = self._random.choice(items)
        return item if self._random.random() < chance else None

    def _stamps(self) -> dict[str, Value]:
        created = self._midnight - timedelta(seconds=self._random.randrange(1, 700 * 86400))
        modified = created + timedelta(seconds=self._random.randrange(int((self._midnight - created).total_seconds())))
        return {
            "CreatedDate": created,
            "CreatedById": self._pick(self._owners),
            "LastModifiedDate": modified,
            "LastModifiedById": self._pick(self._owners),
            "SystemModstamp": modified,
        }

    def _account(self, number: int) -> dict[str, Value]:
        stems, ends = _WORDS["company_stems"], _WORDS["company_ends"]
        stem, end = stems[number % len(stems)], ends[(number * 7) % len(ends)]
        name = _WORDS["special_companies"][number // 12] if number % 12 == 5 else f"{stem} {end}"
        parent = self._pick(self._accounts) if number > 20 and self._random.random() < 0.15 else None
        regions = [region for region in PICKLISTS["regions"] if self._random.random() < 0.35]
        return {
            "Name": name,
            "Type": self._maybe(PICKLISTS["account types"]),
            "ParentId": parent.id if parent else None,
            **self._place("Billing"),
            **(self._place("Shipping") if self._random.random() < 0.4 else {}),
            "Phone": self._phone(),
            "AccountNumber": f"CD{self._random.randrange(10**6):06d}",
            "Website": self._maybe([f"https://{_plain(name)}.example"]),
            "Industry": self._maybe(PICKLISTS["industries"], 0.85),
            "AnnualRevenue": self._maybe([self._random.randrange(1, 900) * 1_000_000.0], 0.75),
            "NumberOfEmployees": self._maybe([self._random.randrange(3, 25_000)], 0.85),
            "Ownership": self._maybe(("Public", "Private", "Subsidiary"), 0.6),
            "Rating": self._maybe(PICKLISTS["ratings"], 0.6),
            "Description": self._maybe([f"{name} buys through {self._pick(PICKLISTS['lead sources']).lower()}."], 0.4),
            "AccountSource": self._maybe(PICKLISTS["lead sources"], 0.6),
            "External_Id__c": f"EXT-{number + 1:04d}",
            "Regions__c": ";".join(regions) or None,
        }

    def _contact(self, number: int) -> dict[str, Value]:
        first, last = self._pick(_WORDS["first_names"]), self._pick(_WORDS["last_names"])
        account = self._pick(self._accounts) if number % 25 else None
        boss = self._pick(self._contacts) if number > 40 and self._random.random() < 0.3 else None
        interests = [interest for interest in PICKLISTS["interests"] if self._random.random() < 0.3]
        born = self._midnight.date() - timedelta(days=self._random.randrange(8000, 23000))
        return {
            "AccountId": account.id if account else None,
            "FirstName": first if number % 40 else None,
            "LastName": last,
            "Salutation": self._maybe(("Mr.", "Ms.", "Dr."), 0.5),
            "Email": self._maybe([f"{_plain(first)}.{_plain(last)}{number}@example.com"], 0.92),
            "Phone": self._phone(),
            "MobilePhone": self._maybe([self._phone()], 0.5),
            "Title": self._maybe(_WORDS["titles"]),
            "Department": self._maybe(_WORDS["departments"], 0.7),
            "LeadSource": self._maybe(PICKLISTS["lead sources"], 0.7),
            "Birthdate": self._maybe([born], 0.4),
            "ReportsToId": boss.id if boss else None,
            "HasOptedOutOfEmail": self._random.random() < 0.1,
            "Interests__c": ";".join(interests) or None,
            **(self._place("Mailing") if self._random.random() < 0.6 else {}),
        }

    def _opportunity(self, number: int) -> dict[str, Value]:
        account = self._pick(self._accounts) if number % 30 else None
        stage = self._pick(PICKLISTS["stages"])
        past = stage.startswith("Closed")
        days = self._random.randrange(0, 500) * -1 if past else self._random.randrange(-10, 200)
        name = account.values["Name"] if account else "Walk-in"
        return {
            "AccountId": account.id if account else None,
            "Name": f"{name} - {self._pick(('Renewal', 'New Licences', 'Expansion', 'Pilot', 'Services'))}"[:120],
            "StageName": stage,
            "Amount": self._maybe([self._random.randrange(5, 4000) * 250.0], 0.93),
            "CloseDate": self._midnight.date() + timedelta(days=days),
            "Type": self._maybe(("Existing Business", "New Business")),
            "NextStep": None if past else self._maybe(("Send quote", "Call back", "Arrange demo"), 0.6),
            "LeadSource": self._maybe(PICKLISTS["lead sources"], 0.6),
        }

    def _lead(self) -> dict[str, Value]:
        first, last = self._pick(_WORDS["first_names"]), self._pick(_WORDS["last_names"])
        status = self._random.choices(PICKLISTS["lead statuses"], (5, 3, 1, 1))[0]
        converted = status == "Closed - Converted"
        company = f"{self._pick(_WORDS['company_stems'])} {self._pick(_WORDS['company_ends'])}"
        return {
            "FirstName": first,
            "LastName": last,
            "Title": self._maybe(_WORDS["titles"]),
            "Company": company,
            **self._place(""),
            "Phone": self._maybe([self._phone()]),
            "Email": self._maybe([f"{_plain(last)}@{_plain(company)}.example"], 0.9),
            "LeadSource": self._maybe(PICKLISTS["lead sources"]),
            "Status": status,
            "Industry": self._maybe(PICKLISTS["industries"]),
            "Rating": self._maybe(PICKLISTS["ratings"], 0.5),
            "NumberOfEmployees": self._maybe([self._random.randrange(1, 5000)], 0.6),
            "OwnerId": self._pick(self._queues) if self._random.random() < 0.25 else self._pick(self._owners),
            "ConvertedDate": self._midnight.date() - timedelta(days=3) if converted else None,
            "ConvertedAccountId": self._pick(self._accounts).id if converted else None,
        }

    def _case(self, number: int) -> dict[str, Value]:
        contact = self._maybe(self._contacts, 0.9)
        status = self._random.choices(PICKLISTS["case statuses"], (3, 3, 1, 4))[0]
        closed = self._midnight - timedelta(hours=self._random.randrange(1, 48))
        return {
            "CaseNumber": f"{1000 + number:08d}",
            "ContactId": contact.id if contact else None,
            "AccountId": contact.values["AccountId"] if contact else None,
            "Type": self._maybe(("Problem", "Feature Request", "Question")),
            "Status": status,
            "Reason": self._maybe(("Installation", "Equipment", "Performance", "Other"), 0.6),
            "Origin": self._pick(("Phone", "Email", "Web")),
            "Subject": self._maybe(_WORDS["subjects"], 0.97),
            "Priority": self._random.choices(("High", "Medium", "Low"), (2, 5, 3))[0],
            "ClosedDate": closed if status == "Closed" else None,
            "IsEscalated": status == "Escalated",
            "OwnerId": self._pick(self._queues) if self._random.random() < 0.3 else self._pick(self._owners),
        }

    def _tasks(self, random: Random) -> Iterator[Record]:
        self._random = random
        who = [*self._store.rows("Contact"), *self._store.rows("Lead")]
        what = [*self._store.rows("Account"), *self._store.rows("Opportunity"), *self._store.rows("Case")]
        for _ in range(_TASKS):
            person, thing = self._maybe(who, 0.7), self._maybe(what, 0.8)
            days = random.randrange(-400, 60)
            done = days < 0 and random.random() < 0.9
            values: dict[str, Value] = {
                "WhoId": person.id if person else None,
                "WhatId": thing.id if thing and not (person and person.type == "Lead") else None,
                "Subject": random.choice(("Call", "Email", "Send Letter", "Send Quote", "Other")),
                "ActivityDate": self._midnight.date() + timedelta(days=days),
                "Status": "Completed" if done else random.choice(("Not Started", "In Progress")),
                "Priority": random.choice(("Normal", "Normal", "High", "Low")),
            }
            yield self._record("Task", values)

    def _place(self, stem: str) -> dict[str, Value]:
        city, state, code, country, north, east = self._pick(_WORDS["cities"])
        street = f"{self._random.randrange(1, 300)} {self._pick(_WORDS['company_stems'])} Street"
        parts = {"Street": street, "City": city, "State": state or None, "PostalCode": code, "Country": country}
        place: dict[str, Value] = {"Latitude": north, "Longitude": east}
        return {f"{stem}{part}": value for part, value in (parts | place).items()}

    def _phone(self) -> str:
        return f"+44 20 7946 {self._random.randrange(10000):04d}"


def _plain(text: str) -> str:
    """The letters and digits of a name in lower case ASCII, as an address would have them."""
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return "".join(character for character in letters.lower() if character.isalnum()) or "company"
