"""The trees at the left of Setup, as Lightning Experience and as Salesforce Classic show them."""

from __future__ import annotations

from dataclasses import dataclass

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


# Click paths: Connected Apps in Classic and App Manager, External Client Apps and OAuth Usage in Lightning are
# confirmed; where the remaining pages hang in the tree is likely.
LIGHTNING_TREE = (
    Branch("Administration", links=(("Users", paths.USERS),)),
    Branch(
        "Platform Tools",
        branches=(
            Branch(
                "Apps",
                links=(("App Manager", paths.APP_MANAGER),),
                branches=(
                    Branch(
                        "Connected Apps",
                        links=(
                            ("Connected Apps OAuth Usage", paths.USAGE),
                            ("Manage Connected Apps", paths.MANAGE_CONNECTED_APPS),
                        ),
                    ),
                    Branch(
                        "External Client Apps",
                        links=(
                            ("External Client App Manager", paths.ECA_MANAGER),
                            ("Settings", paths.ECA_SETTINGS),
                        ),
                    ),
                ),
            ),
        ),
    ),
    Branch(
        "Settings",
        branches=(
            Branch(
                "Identity",
                links=(
                    ("Login History", paths.LOGIN_HISTORY),
                    ("OAuth and OpenID Connect Settings", paths.OAUTH_SETTINGS),
                ),
            ),
            Branch(
                "Security",
                links=(
                    ("API Access Control", paths.API_ACCESS_CONTROL),
                    ("View Setup Audit Trail", paths.AUDIT_TRAIL),
                ),
            ),
        ),
    ),
)
CLASSIC_TREE = (
    Branch(
        "Administer",
        branches=(
            Branch("Manage Users", links=(("Users", paths.USERS), ("Login History", paths.LOGIN_HISTORY))),
            Branch(
                "Manage Apps",
                links=(
                    ("Connected Apps", paths.MANAGE_CONNECTED_APPS),
                    ("Connected Apps OAuth Usage", paths.USAGE),
                ),
            ),
            Branch(
                "Security Controls",
                links=(
                    ("API Access Control", paths.API_ACCESS_CONTROL),
                    ("OAuth and OpenID Connect Settings", paths.OAUTH_SETTINGS),
                    ("View Setup Audit Trail", paths.AUDIT_TRAIL),
                ),
            ),
        ),
    ),
    Branch("Build", branches=(Branch("Create", links=(("Apps", paths.CLASSIC_APPS),)),)),
)
