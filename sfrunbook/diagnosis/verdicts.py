"""From a diagnosis and what was gathered to causes in order: confirmed, possible, ruled out, each with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from sfrunbook.core.model import Cause, Diagnosis, Known, Verdict, WeighedCause
from sfrunbook.diagnosis.catalogue import CauseRules, rows
from sfrunbook.diagnosis.facts import facts
from sfrunbook.diagnosis.rules import Rule

__all__ = ["facts_wanted", "weigh"]

_NOTHING_KNOWN = "What was gathered neither confirms it nor rules it out."
_ONLY_ONE_LEFT = "Every other known cause is ruled out."


def facts_wanted(diagnosis: Diagnosis) -> frozenset[str]:
    """Names of the facts that tell this diagnosis's causes apart; empty when there is nothing to tell apart."""
    entry = rows().get(diagnosis.code)
    if entry is None or len(diagnosis.causes) < 2:
        return frozenset()
    return frozenset(name for rules in entry.cause_rules.values() for rule in rules.rules for name in rule.names)


def weigh(diagnosis: Diagnosis, known: Mapping[str, Known]) -> Diagnosis:
    """The same diagnosis with its causes weighed and put in order; pure and total, and no cause gets lost.

    A cause that is both confirmed and ruled out stays possible and says so. Causes of one verdict keep their order of
    likelihood, but for those that a fact speaks for.
    """
    entry = rows().get(diagnosis.code)
    rules = entry.cause_rules if entry else {}
    weighed = [(_weighed(cause, rules.get(cause.code, CauseRules()), known)) for cause in diagnosis.causes]
    weighed.sort(key=lambda pair: pair[0])
    causes = tuple(cause for _, cause in weighed)
    left = [cause for cause in causes if cause.verdict is not Verdict.RULED_OUT]
    if len(left) == 1 and len(causes) > 1 and left[0].verdict is Verdict.POSSIBLE:
        because = f"{_ONLY_ONE_LEFT} {left[0].because}"
        causes = tuple(replace(cause, because=because) if cause is left[0] else cause for cause in causes)
    return replace(diagnosis, causes=tuple(weighed_cause.cause for weighed_cause in causes), weighed=causes)


def _weighed(cause: Cause, rules: CauseRules, known: Mapping[str, Known]) -> tuple[int, WeighedCause]:
    """The cause with its verdict, and its place among the others."""
    for_it, against_it = _first(rules.confirmed_by, known), _first(rules.ruled_out_by, known)
    if for_it and against_it:
        because = f"The facts disagree. {_said(for_it, known)} But: {_said(against_it, known)}"
        return 1, WeighedCause(cause=cause, verdict=Verdict.POSSIBLE, because=because)
    if for_it:
        return 0, WeighedCause(cause=cause, verdict=Verdict.CONFIRMED, because=_said(for_it, known))
    if against_it:
        return 3, WeighedCause(cause=cause, verdict=Verdict.RULED_OUT, because=_said(against_it, known))
    if hint := _first(rules.favoured_by, known):
        return 1, WeighedCause(cause=cause, verdict=Verdict.POSSIBLE, because=_said(hint, known))
    because = _undecided(rules, known)
    return 2, WeighedCause(cause=cause, verdict=Verdict.POSSIBLE, because=because, undecided=True)


def _first(rules: Iterable[Rule], known: Mapping[str, Known]) -> Rule | None:
    return next((rule for rule in rules if rule.holds(known)), None)


def _said(rule: Rule, known: Mapping[str, Known]) -> str:
    """The facts of a rule in words; what is stored on this machine needs no word on how it was learnt."""
    return " ".join(_sentence(name, known[name]) for name in rule.names)


def _sentence(name: str, fact: Known) -> str:
    text = facts()[name].sentence(fact.value)
    return f"{text.removesuffix('.')} ({fact.how})." if fact.how else text


def _undecided(rules: CauseRules, known: Mapping[str, Known]) -> str:
    open_rules = [rule for rule in rules.rules if rule.holds(known) is None]
    missing = dict.fromkeys(facts()[name].label for rule in open_rules for name in rule.names if name not in known)
    return f"It could not be learnt: {'; '.join(missing)}." if missing else _NOTHING_KNOWN
