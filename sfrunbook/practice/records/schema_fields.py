"""How fields of the practice org's objects are written down in few words, and their picklists."""

from __future__ import annotations

from typing import Any

from sfrunbook.practice.records.schema import Field

__all__ = [
    "ACCOUNT_TYPES",
    "CASE_STATUSES",
    "INDUSTRIES",
    "INTERESTS",
    "LEAD_SOURCES",
    "LEAD_STATUSES",
    "RATINGS",
    "REGIONS",
    "STAGES",
    "TASK_STATUSES",
    "address",
    "description",
    "fixed",
    "id_field",
    "lookup",
    "make",
    "person",
    "system_fields",
]

_INDUSTRIES = (
    "Agriculture Apparel Banking Biotechnology Chemicals Communications Construction Consulting Education Electronics "
    "Energy Engineering Healthcare Hospitality Insurance Manufacturing Media Retail Technology Transportation Utilities"
)
INDUSTRIES = tuple(_INDUSTRIES.split())
RATINGS = ("Hot", "Warm", "Cold")
LEAD_SOURCES = ("Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Other")
ACCOUNT_TYPES = (
    "Prospect",
    "Customer - Direct",
    "Customer - Channel",
    "Channel Partner / Reseller",
    "Installation Partner",
    "Technology Partner",
    "Other",
)
STAGES = (
    ("Prospecting", 10),
    ("Qualification", 10),
    ("Needs Analysis", 20),
    ("Value Proposition", 50),
    ("Id. Decision Makers", 60),
    ("Perception Analysis", 70),
    ("Proposal/Price Quote", 75),
    ("Negotiation/Review", 90),
    ("Closed Won", 100),
    ("Closed Lost", 0),
)
LEAD_STATUSES = ("Open - Not Contacted", "Working - Contacted", "Closed - Converted", "Closed - Not Converted")
CASE_STATUSES = ("New", "Working", "Escalated", "Closed")
REGIONS = ("EMEA", "AMER", "APAC", "LATAM")
INTERESTS = ("Webinars", "Newsletter", "Events", "Betas")
TASK_STATUSES = ("Not Started", "In Progress", "Completed", "Waiting on someone else", "Deferred")


def make(name: str, kind: str, label: str, length: int = 0, **more: Any) -> Field:  # noqa: ANN401 - keywords of Field
    if kind in ("currency", "double", "percent"):
        more = {"precision": 18, "scale": 2 if kind == "currency" else 0} | more
    if kind in ("picklist", "phone", "email", "url") and not length:
        length = {"picklist": 255, "phone": 40, "email": 80, "url": 255}[kind]
    return Field(name=name, type=kind, label=label, length=length, **more)


def lookup(name: str, label: str, relationship: str, *targets: str, **more: Any) -> Field:  # noqa: ANN401 - as above
    return make(name, "reference", label, 18, relationship_name=relationship, reference_to=targets, **more)


def fixed(name: str, kind: str, label: str, **more: Any) -> Field:  # noqa: ANN401 - as above
    return make(name, kind, label, createable=False, updateable=False, nillable=False, **more)


def system_fields(*, deletable: bool = True) -> tuple[Field, ...]:
    deleted = (fixed("IsDeleted", "boolean", "Deleted"),) if deletable else ()
    created = {"createable": False, "updateable": False, "nillable": False}
    return (
        *deleted,
        fixed("CreatedDate", "datetime", "Created Date", defaulted=True),
        lookup("CreatedById", "Created By ID", "CreatedBy", "User", **created),
        fixed("LastModifiedDate", "datetime", "Last Modified Date", defaulted=True),
        lookup("LastModifiedById", "Last Modified By ID", "LastModifiedBy", "User", **created),
        fixed("SystemModstamp", "datetime", "System Modstamp", defaulted=True),
    )


def id_field(label: str) -> Field:
    return make("Id", "id", label, 18, createable=False, updateable=False, nillable=False, defaulted=True)


def address(stem: str, label: str) -> tuple[Field, ...]:
    part = f"{stem}Address"
    compound = {"createable": False, "updateable": False}
    return (
        make(f"{stem}Street", "textarea", f"{label} Street".strip(), 255, compound=part),
        make(f"{stem}City", "string", f"{label} City".strip(), 40, compound=part),
        make(f"{stem}State", "string", f"{label} State/Province".strip(), 80, compound=part),
        make(f"{stem}PostalCode", "string", f"{label} Zip/Postal Code".strip(), 20, compound=part),
        make(f"{stem}Country", "string", f"{label} Country".strip(), 80, compound=part),
        make(f"{stem}Latitude", "double", f"{label} Latitude".strip(), scale=15, compound=part),
        make(f"{stem}Longitude", "double", f"{label} Longitude".strip(), scale=15, compound=part),
        make(part, "address", f"{label} Address".strip(), **compound),
    )


def person() -> tuple[Field, ...]:
    return (
        make("LastName", "string", "Last Name", 80, nillable=False, compound="Name"),
        make("FirstName", "string", "First Name", 40, compound="Name"),
        make(
            "Salutation", "picklist", "Salutation", 40, picklist=("Mr.", "Ms.", "Mx.", "Dr.", "Prof."), compound="Name"
        ),
        make("Name", "string", "Full Name", 121, nillable=False, createable=False, updateable=False, name_field=True),
    )


def description(label: str = "Description") -> Field:
    return make("Description", "textarea", label, 32000, long_text=True)
