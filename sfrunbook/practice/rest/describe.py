"""The describe resources: all objects of the org, and one with its fields and relationships."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sfrunbook.practice.org.words import words
from sfrunbook.practice.records.schema import ChildRelationship, Field, Schema, SObject
from sfrunbook.practice.rest.reply import compact

__all__ = ["describe", "describe_global", "object_info"]

_NAMESPACES = {"ID": "tns", "address": "urn"}
_NUMERIC = frozenset({"currency", "double", "percent"})
_NEVER_DESCRIBED = [
    "implementedBy",
    "implementsInterfaces",
    "listviewable",
    "lookupLayoutable",
    "networkScopeFieldName",
]
# What is the same for all objects and fields here.
_OBJECT_CONSTANTS: dict[str, Any] = {
    **dict.fromkeys(
        ["activateable", "customSetting", "deepCloneable", "deprecatedAndHidden", "isInterface", "isSubtype"], False
    ),
    **dict.fromkeys(("associateEntityType", "associateParentEntity")),
}
_FIELD_CONSTANTS: dict[str, Any] = {
    **dict.fromkeys(
        words(
            "aiPredictionField cascadeDelete caseSensitive dependentPicklist deprecatedAndHidden "
            "displayLocationInDecimal encrypted formulaTreatNullNumberAsZero highScaleNumber htmlFormatted "
            "queryByDistance restrictedDelete restrictedPicklist writeRequiresMasterRead"
        ),
        False,
    ),
    **dict.fromkeys(
        words(
            "calculatedFormula controllerName defaultValueFormula extraTypeInfo filteredLookupInfo "
            "inlineHelpText mask maskType referenceTargetField relationshipOrder"
        )
    ),
}


@lru_cache(maxsize=64)
def describe_global(schema: Schema, version: str) -> str:
    """`{encoding, maxBatchSize, sobjects: [...]}`."""
    objects = [_basics(item, version, in_list=True) for item in schema.objects.values() if item.queryable]
    return compact({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": objects})


@lru_cache(maxsize=512)
def describe(sobject: SObject, version: str) -> str:
    """The whole description; Source: https://developer.salesforce.com/docs/platform/api-rest/guide/resources-sobject-describe.html."""
    whole: dict[str, Any] = {
        "actionOverrides": [],
        "childRelationships": [_child(item) for item in sobject.children],
        "compactLayoutable": sobject.layoutable,
        "fields": [_field(item) for item in sobject.fields],
        "hasSubtypes": sobject.name in ("Account", "Contact", "User"),
        "namedLayoutInfos": [],
        "recordTypeInfos": _record_types(sobject, version),
        "searchLayoutable": sobject.layoutable,
        "sobjectDescribeOption": "FULL",
        "supportedScopes": _scopes(sobject),
        **dict.fromkeys(_NEVER_DESCRIBED),
    }
    return compact(dict(sorted((whole | _basics(sobject, version)).items())))


def object_info(sobject: SObject, version: str, recent: list[dict[str, Any]]) -> str:
    """`{objectDescribe, recentItems}`."""
    return compact({"objectDescribe": _basics(sobject, version, in_list=True), "recentItems": recent})


def _basics(sobject: SObject, version: str, *, in_list: bool = False) -> dict[str, Any]:
    base = f"/services/data/v{version}/sobjects/{sobject.name}"
    urls = {"rowTemplate": f"{base}/{{ID}}", "describe": f"{base}/describe", "sobject": base}
    if sobject.layoutable:
        urls |= {"layouts": f"{base}/describe/layouts", "compactLayouts": f"{base}/describe/compactLayouts"}
    if not in_list:
        urls |= {"uiDetailTemplate": "/{ID}", "uiEditTemplate": "/{ID}/e", "uiNewRecord": f"/{sobject.key_prefix}/e"}
    facts = {
        "createable": sobject.createable,
        "custom": sobject.name.endswith("__c"),
        "deletable": sobject.deletable,
        "feedEnabled": sobject.layoutable,
        "hasSubtypes": sobject.name in ("Account", "Contact", "User"),
        "keyPrefix": sobject.key_prefix,
        "label": sobject.label,
        "labelPlural": sobject.label_plural,
        "layoutable": sobject.layoutable,
        "mergeable": sobject.name in ("Account", "Contact", "Lead", "Case"),
        "mruEnabled": sobject.layoutable,
        "name": sobject.name,
        "queryable": sobject.queryable,
        "replicateable": sobject.queryable,
        "retrieveable": True,
        "searchable": sobject.searchable,
        "triggerable": sobject.layoutable,
        "undeletable": sobject.deletable,
        "updateable": sobject.createable or sobject.name == "Organization",
        "urls": urls,
    }
    return dict(sorted((_OBJECT_CONSTANTS | facts).items()))


def _field(item: Field) -> dict[str, Any]:
    double = item.type in _NUMERIC
    text = item.soap_type in ("string", "ID")
    facts = {
        "aggregatable": not item.long_text and item.type not in ("address", "boolean", "multipicklist"),
        "autoNumber": item.name == "CaseNumber",
        "byteLength": item.length * 3 if text and item.soap_type != "ID" else item.length,
        "calculated": item.calculated,
        "compoundFieldName": item.compound,
        "createable": item.createable,
        "custom": item.custom,
        "defaultValue": False if item.type == "boolean" else None,
        "defaultedOnCreate": item.defaulted,
        "digits": 8 if item.type == "int" else 0,
        "externalId": item.external_id,
        "filterable": item.filterable,
        "groupable": item.groupable,
        "idLookup": item.name == "Id" or item.external_id or item.name in ("Email", "Username"),
        "label": item.label,
        "length": item.length,
        "name": item.name,
        "nameField": item.name_field,
        "namePointing": len(item.reference_to) > 1,
        "nillable": item.nillable,
        "permissionable": item.custom or (item.nillable and item.createable),
        "picklistValues": [_picklist_value(value) for value in item.picklist],
        "polymorphicForeignKey": len(item.reference_to) > 1,
        "precision": item.precision if double else 0,
        "referenceTo": list(item.reference_to),
        "relationshipName": item.relationship_name,
        "scale": item.scale if double else 0,
        "searchPrefilterable": item.type == "reference",
        "soapType": f"{_NAMESPACES.get(item.soap_type, 'xsd')}:{item.soap_type}",
        "sortable": item.sortable,
        "type": item.type,
        "unique": item.external_id,
        "updateable": item.updateable,
    }
    return dict(sorted((_FIELD_CONSTANTS | facts).items()))


def _picklist_value(value: str) -> dict[str, Any]:
    return {"active": True, "defaultValue": False, "label": value, "validFor": None, "value": value}


def _child(item: ChildRelationship) -> dict[str, Any]:
    return {
        "cascadeDelete": item.cascade_delete,
        "childSObject": item.child,
        "deprecatedAndHidden": False,
        "field": item.field,
        "junctionIdListNames": [],
        "junctionReferenceTo": [],
        "relationshipName": item.name,
        "restrictedDelete": False,
    }


def _record_types(sobject: SObject, version: str) -> list[dict[str, Any]]:
    if not sobject.layoutable:
        return []
    master = "012000000000000AAA"
    layout = f"/services/data/v{version}/sobjects/{sobject.name}/describe/layouts/{master}"
    return [
        {
            "active": True,
            "available": True,
            "defaultRecordTypeMapping": True,
            "developerName": "Master",
            "master": True,
            "name": "Master",
            "recordTypeId": master,
            "urls": {"layout": layout},
        }
    ]


def _scopes(sobject: SObject) -> list[dict[str, str]]:
    scopes = [{"label": f"All {sobject.label_plural.lower()}", "name": "everything"}]
    if sobject.field("OwnerId"):
        scopes.append({"label": f"My {sobject.label_plural.lower()}", "name": "mine"})
    return scopes
