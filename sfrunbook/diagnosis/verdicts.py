"""From a diagnosis and what was gathered to causes in order: confirmed, possible, ruled out, each with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from sfrunbook.core.model import Cause, Diagnosis, Known, RankedCause, Verdict
from sfrunbook.diagnosis.catalogue import CauseRules, rows
from sfrunbook.diagnosis.facts import facts
from sfrunbook.diagnosis.rules import Rule

__all__ = ["facts_wanted", "rank_causes"]

_NOTHING_KNOWN = "What we checked neither confirms nor rules this out."
_ONLY_ONE_LEFT = "All other known causes are ruled out."


def facts_wanted(diagnosis: Diagnosis) -> frozenset[str]:
    """Names of the facts that tell this diagnosis's causes apart; empty when there is nothing to tell apart."""
    entry = rows().get(diagnosis.code)
    if entry is None or len(diagnosis.causes) < 2:
        return frozenset()
    return frozenset(name for rules in entry.cause_rules.values() for rule in rules.rules for name in rule.names)


def rank_causes(diagnosis: Diagnosis, known: Mapping[str, Known]) -> Diagnosis:
    """The same diagnosis with its causes judged and put in order; pure and total, and no cause gets lost.

    A cause that is both confirmed and ruled out stays possible and says so. Possible causes with a fact that speaks
    for them come first, and one whose fix is to wait comes last; otherwise the order of the row stays.
    """
    entry = rows().get(diagnosis.code)
    rules = entry.cause_rules if entry else {}
    judged = [_judge(cause, rules.get(cause.code, CauseRules()), known) for cause in diagnosis.causes]
    ranked = [cause for _, cause in sorted(judged, key=lambda pair: pair[0])]
    left = [place for place, cause in enumerate(ranked) if cause.verdict is not Verdict.RULED_OUT]
    if len(left) == 1 and len(ranked) > 1 and ranked[left[0]].verdict is Verdict.POSSIBLE:
        last = ranked[left[0]]
        ranked[left[0]] = replace(last, because=f"{_ONLY_ONE_LEFT} {last.because}")
    return replace(diagnosis, causes=tuple(cause.cause for cause in ranked), ranked=tuple(ranked))


def _judge(cause: Cause, rules: CauseRules, known: Mapping[str, Known]) -> tuple[int, RankedCause]:
    """The place of the cause among the others, and the cause with its verdict."""
    supports, contradicts = _first(rules.confirmed_by, known), _first(rules.ruled_out_by, known)
    favoured, undecided = (3, 3) if rules.waits else (1, 2)
    if supports and contradicts:
        because = f"The facts disagree. For: {_sentences(supports, known)} Against: {_sentences(contradicts, known)}"
        return favoured, RankedCause(cause=cause, verdict=Verdict.POSSIBLE, because=because)
    if supports:
        return 0, RankedCause(cause=cause, verdict=Verdict.CONFIRMED, because=_sentences(supports, known))
    if contradicts:
        return 4, RankedCause(cause=cause, verdict=Verdict.RULED_OUT, because=_sentences(contradicts, known))
    if hint := _first(rules.favoured_by, known):
        return favoured, RankedCause(cause=cause, verdict=Verdict.POSSIBLE, because=_sentences(hint, known))
    because = _undecided(rules, known)
    return undecided, RankedCause(cause=cause, verdict=Verdict.POSSIBLE, because=because, undecided=True)


def _first(rules: Iterable[Rule], known: Mapping[str, Known]) -> Rule | None:
    return next((rule for rule in rules if rule.holds(known)), None)


def _sentences(rule: Rule, known: Mapping[str, Known]) -> str:
    """The facts of a rule in words; what is stored on this machine needs no word on how it was learnt."""
    return " ".join(_sentence(name, known[name]) for name in rule.names)


def _sentence(name: str, fact: Known) -> str:
    text = facts()[name].sentence(fact.value)
    return f"{text.removesuffix('.')} ({fact.how})." if fact.how else text


def _undecided(rules: CauseRules, known: Mapping[str, Known]) -> str:
    open_rules = [rule for rule in rules.rules if rule.holds(known) is None]
    missing = dict.fromkeys(facts()[name].label for rule in open_rules for name in rule.names if name not in known)
    return f"We couldn't check {'; '.join(missing)}." if missing else _NOTHING_KNOWN
