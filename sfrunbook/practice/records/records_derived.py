"""The fields that Salesforce works out itself: full names, compound addresses, stage and status flags."""

from __future__ import annotations

from datetime import date

from sfrunbook.practice.records.objects import SCHEMA, STAGES
from sfrunbook.practice.records.record_store import Value

__all__ = ["derive"]

_PARTS = ("Street", "City", "State", "PostalCode", "Country")


def derive(type_name: str, values: dict[str, Value]) -> dict[str, Value]:
    """The row with every field of its object, those that are worked out included.

    A Case or Task, which have no field Name, still get one for those who reach them as `What.Name`.
    """
    sobject = SCHEMA.objects[type_name.lower()]
    row: dict[str, Value] = {field.name: values.get(field.name) for field in sobject.fields}
    for field in sobject.fields:
        if field.type == "boolean" and row[field.name] is None:
            row[field.name] = False
        elif field.type == "address":
            row[field.name] = _address(row, field.name.removesuffix("Address"))
    if sobject.field("LastName"):
        row["Name"] = " ".join(str(row[part]) for part in ("FirstName", "LastName") if row[part])
    if type_name == "Opportunity":
        _opportunity(row)
    elif type_name in ("Case", "Task"):
        row["Name"] = row["CaseNumber"] if type_name == "Case" else row["Subject"]
        row["IsClosed"] = row["Status"] in ("Closed", "Completed")
    elif type_name == "Lead":
        row["IsConverted"] = row["Status"] == "Closed - Converted"
    return row


def _address(row: dict[str, Value], stem: str) -> dict[str, str | float | None] | None:
    """The parts in the order of their names; the accuracy of the place is never told here."""
    parts = {part: row.get(f"{stem}{part}") for part in _PARTS}
    place = {name: row.get(f"{stem}{name.capitalize()}") for name in ("latitude", "longitude")}
    if not any(parts.values()) and None in place.values():
        return None
    whole: dict[str, str | float | None] = {"geocodeAccuracy": None}
    for part, value in parts.items():
        whole[part[0].lower() + part[1:]] = None if value is None else str(value)
    for name, value in place.items():
        whole[name] = float(value) if isinstance(value, int | float) else None
    return dict(sorted(whole.items()))


def _opportunity(row: dict[str, Value]) -> None:
    stage, amount, close = str(row["StageName"]), row["Amount"], row["CloseDate"]
    chance = STAGES.get(stage, 0) if row["Probability"] is None else row["Probability"]
    chance = chance if isinstance(chance, int | float) else 0
    row["Probability"] = float(chance)
    row["ExpectedRevenue"] = round(amount * chance / 100, 2) if isinstance(amount, int | float) else None
    row["IsClosed"] = stage.startswith("Closed")
    row["IsWon"] = stage == "Closed Won"
    row["ForecastCategory"] = {"Closed Won": "Closed", "Closed Lost": "Omitted"}.get(
        stage, "Forecast" if chance >= 90 else "Pipeline"
    )
    if isinstance(close, date):
        row["FiscalYear"] = close.year
        row["FiscalQuarter"] = (close.month - 1) // 3 + 1
