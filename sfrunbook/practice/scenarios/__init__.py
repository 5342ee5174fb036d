"""Scenarios: named functions that each turn one thing wrong in a practice world, and can be undone."""

from __future__ import annotations

from importlib import import_module

from sfrunbook.practice.scenarios.registry import SCENARIOS, Scenario, UnknownScenario, find, parse
from sfrunbook.practice.scenarios.running import Running

__all__ = ["SCENARIOS", "Running", "Scenario", "UnknownScenario", "find", "parse"]

for _name in (
    "hosts_and_orgs",
    "app_policies",
    "sessions_and_tokens",
    "users_and_data",
    "transport",
    "cyclr_side",
    "cyclr_api",
):
    import_module(f"{__name__}.{_name}")  # fills the register
