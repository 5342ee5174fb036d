"""The trees at the left of Setup, as Lightning Experience and as Salesforce Classic show them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sfrunbook.practice.web import paths

__all__ = ["CLASSIC_TREE", "LIGHTNING_TREE", "Branch"]


@dataclass(frozen=True)
class Branch:
    """A heading of the tree; `links` are (text, address), `branches` stand below them."""

    name: str
    links: tuple[tuple[str, str], ...] = ()
    branches: tuple[Branch, ...] = ()

    @property
    def as_paths(self) -> tuple[tuple[str, str], ...]:
        """Every link below this heading with the whole click path to it."""
        own = tuple((f"{self.name} > {text}", address) for text, address in self.links)
        below = tuple((f"{self.name} > {path}", address) for each in self.branches for path, address in each.as_paths)
        return own + below


def _branches(tree: dict[str, Any]) -> tuple[Branch, ...]:
    """Headings with what is below them: an address, or a heading of its own."""
    return tuple(
        Branch(
            name,
            links=tuple((text, below) for text, below in inside.items() if isinstance(below, str)),
            branches=_branches({text: below for text, below in inside.items() if not isinstance(below, str)}),
        )
        for name, inside in tree.items()
    )


# Click paths: Connected Apps in Classic and App Manager, External Client Apps and OAuth Usage in Lightning are
# confirmed; where the remaining pages hang in the tree is likely.
LIGHTNING_TREE = _branches(
    {
        "Administration": {"Users": paths.USERS},
        "Platform Tools": {
            "Apps": {
                "App Manager": paths.APP_MANAGER,
                "Connected Apps": {
                    "Connected Apps OAuth Usage": paths.USAGE,
                    "Manage Connected Apps": paths.MANAGE_CONNECTED_APPS,
                },
                "External Client Apps": {
                    "External Client App Manager": paths.ECA_MANAGER,
                    "Settings": paths.ECA_SETTINGS,
                },
            }
        },
        "Settings": {
            "Identity": {
                "Login History": paths.LOGIN_HISTORY,
                "OAuth and OpenID Connect Settings": paths.OAUTH_SETTINGS,
            },
            "Security": {
                "API Access Control": paths.API_ACCESS_CONTROL,
                "View Setup Audit Trail": paths.AUDIT_TRAIL,
            },
        },
    }
)
CLASSIC_TREE = _branches(
    {
        "Administer": {
            "Manage Users": {"Users": paths.USERS, "Login History": paths.LOGIN_HISTORY},
            "Manage Apps": {
                "Connected Apps": paths.MANAGE_CONNECTED_APPS,
                "Connected Apps OAuth Usage": paths.USAGE,
            },
            "Security Controls": {
                "API Access Control": paths.API_ACCESS_CONTROL,
                "OAuth and OpenID Connect Settings": paths.OAUTH_SETTINGS,
                "View Setup Audit Trail": paths.AUDIT_TRAIL,
            },
        },
        "Build": {"Create": {"Apps": paths.CLASSIC_APPS}},
    }
)
