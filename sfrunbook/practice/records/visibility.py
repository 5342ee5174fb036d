"""What a user can see of an org's data: the objects and fields that exist for them, and objects without records."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from sfrunbook.practice.org.entities import User
from sfrunbook.practice.records.schema import Schema, SObject

__all__ = ["EVERYTHING", "Visibility", "visibility_of", "visible_schema"]


@dataclass(frozen=True, kw_only=True)
class Visibility:
    """Names in lower case; a field is `object.field`."""

    hidden_objects: frozenset[str] = frozenset()
    hidden_fields: frozenset[str] = frozenset()
    unshared_objects: frozenset[str] = frozenset()

    def shares(self, type_name: str) -> bool:
        """Whether records of this object are shared with the user."""
        return type_name.lower() not in self.unshared_objects


EVERYTHING = Visibility()


def visibility_of(user: User, *, views_all_data: bool) -> Visibility:
    """What permissions and sharing leave to this user.

    "View All Data" looks past object permissions and sharing, not past field permissions (confirmed). Source:
    https://help.salesforce.com/s/articleView?id=platform.users_profiles_view_all_mod_all.htm&type=5
    """
    fields = _lower(user.unreadable_fields)
    if views_all_data:
        return Visibility(hidden_fields=fields) if fields else EVERYTHING
    if not (fields or user.unreadable_objects or user.unshared_objects):
        return EVERYTHING
    objects, unshared = _lower(user.unreadable_objects), _lower(user.unshared_objects)
    return Visibility(hidden_objects=objects, hidden_fields=fields, unshared_objects=unshared)


@lru_cache(maxsize=32)
def visible_schema(schema: Schema, visibility: Visibility) -> Schema:
    """The schema without what does not exist for this user: asking for it is answered as any wrong name is.

    That a lookup to a hidden object keeps its id and loses its relationship is a guess.
    """
    if not (visibility.hidden_objects or visibility.hidden_fields):
        return schema
    kept = {name: sobject for name, sobject in schema.objects.items() if name not in visibility.hidden_objects}
    return type(schema)({name: _visible_object(sobject, visibility) for name, sobject in kept.items()})


def _visible_object(sobject: SObject, visibility: Visibility) -> SObject:
    own = f"{sobject.name.lower()}."
    fields = tuple(each for each in sobject.fields if own + each.name.lower() not in visibility.hidden_fields)
    children = tuple(
        each
        for each in sobject.children
        if each.child.lower() not in visibility.hidden_objects
        and f"{each.child}.{each.field}".lower() not in visibility.hidden_fields
    )
    if len(fields) == len(sobject.fields) and len(children) == len(sobject.children):
        return sobject
    return replace(sobject, fields=fields, children=children)


def _lower(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(name.lower() for name in names)
