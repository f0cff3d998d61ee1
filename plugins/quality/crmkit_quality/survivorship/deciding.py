"""Which of two values stays, and which of two records survives, by a rule; with the reason in words.

Pure: values are not looked at, only where they come from and how long they are.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Literal

from attrs import frozen

from crmkit import texts
from crmkit_quality.survivorship.trust import Rule, TrustBook
from crmkit_quality.survivorship.words import Because

_ = texts("crmkit_quality")

Side = Literal["survivor", "absorbed"]


@frozen(kw_only=True)
class Candidate:
    """One of two values that differ: how many characters it has, since when it has stood (UTC), from which source, and
    how many fields of its record have a value."""

    size: int
    since: datetime
    source: str | None = None
    filled: int = 0


@frozen(kw_only=True)
class Decision:
    """Whose value stays, None where a person has to decide, by which rule, and why."""

    take: Side | None
    strategy: str
    because: Because


def decide(rule: Rule, survivor: Candidate, absorbed: Candidate, book: TrustBook) -> Decision:
    """Return whose value stays. Where a rule does not tell the two apart the more recent one does, and of two that are
    as recent the survivor's."""
    if rule.strategy == "manual":
        return Decision(take=None, strategy="manual", because=Because(text=_("A person decides about this field.")))
    if rule.strategy == "survivor":
        because = Because(text=_("The surviving record's value stays."))
        return Decision(take="survivor", strategy="survivor", because=because)
    better = _BY[rule.strategy](rule, survivor, absorbed, book)
    if better is not None:
        return Decision(take=better[0], strategy=rule.strategy, because=better[1])
    take: Side = "absorbed" if absorbed.since > survivor.since else "survivor"
    text = (
        _("The rule does not tell the two apart, and this one is more recent.")
        if absorbed.since != survivor.since
        else _("The rule does not tell the two apart: the surviving record's value stays.")
    )
    return Decision(take=take, strategy=rule.strategy, because=Because(text=text))


Better = tuple[Side, Because] | None


def _by_trust(rule: Rule, survivor: Candidate, absorbed: Candidate, book: TrustBook) -> Better:
    own, theirs = book.rank(survivor.source, rule.sources), book.rank(absorbed.source, rule.sources)
    if own == theirs:
        return None
    take: Side = "survivor" if own > theirs else "absorbed"
    won, lost = (survivor, absorbed) if own > theirs else (absorbed, survivor)
    values = {"source": book.title(won.source), "other": book.title(lost.source)}
    if own[0] != theirs[0]:
        return take, Because(text=_("{source} comes before {other} in the order of sources."), values=values)
    values = {**values, "trust": book.trust(won.source), "less": book.trust(lost.source)}
    return take, Because(text=_("{source} is trusted more ({trust}) than {other} ({less})."), values=values)


def _by_time(rule: Rule, survivor: Candidate, absorbed: Candidate, book: TrustBook) -> Better:
    if survivor.since == absorbed.since:
        return None
    take: Side = "survivor" if survivor.since > absorbed.since else "absorbed"
    return take, Because(text=_("It is the more recent one."))


def _by_completeness(rule: Rule, survivor: Candidate, absorbed: Candidate, book: TrustBook) -> Better:
    if survivor.filled == absorbed.filled:
        return None
    take: Side = "survivor" if survivor.filled > absorbed.filled else "absorbed"
    most, least = max(survivor.filled, absorbed.filled), min(survivor.filled, absorbed.filled)
    text = _("Its record is more complete: {most} fields have a value, {least} of the other.")
    return take, Because(text=text, values={"most": most, "least": least})


def _by_length(rule: Rule, survivor: Candidate, absorbed: Candidate, book: TrustBook) -> Better:
    if survivor.size == absorbed.size:
        return None
    take: Side = "survivor" if survivor.size > absorbed.size else "absorbed"
    return take, Because(text=_("It is the longer one."))


_BY: dict[str, Callable[[Rule, Candidate, Candidate, TrustBook], Better]] = {
    "trusted_source": _by_trust,
    "most_recent": _by_time,
    "most_complete": _by_completeness,
    "longest": _by_length,
}


# --- records ---------------------------------------------------------------------------------------------------------


@frozen(kw_only=True)
class Standing:
    """What speaks for a record as the one that survives: how much happened to it, when it was made (UTC), how many of
    its fields have a value, and how far their sources are trusted on average."""

    history: int
    created_at: datetime
    filled: int
    trust: float


def first_survives(strategy: str, first: Standing, second: Standing) -> tuple[bool, Because]:
    """Return whether the first of two records survives, and why. What the rule does not tell apart the history decides,
    then age; of two that are alike in all the first one survives."""
    for name in dict.fromkeys((strategy, "history", "oldest")):
        ahead, text = _AHEAD[name](first, second), _WHY[name]
        if ahead:
            return ahead > 0, Because(text=text)
    return True, Because(text=_("The two records tell nothing that speaks for either."))


def _compared(one: float, other: float) -> int:
    return (one > other) - (one < other)


_AHEAD: dict[str, Callable[[Standing, Standing], int]] = {
    "history": lambda first, second: _compared(first.history, second.history),
    "oldest": lambda first, second: _compared(second.created_at.timestamp(), first.created_at.timestamp()),
    "most_complete": lambda first, second: _compared(first.filled, second.filled),
    "trusted_source": lambda first, second: _compared(round(first.trust, 6), round(second.trust, 6)),
}
_WHY = {
    "history": _("More has happened to it."),
    "oldest": _("It is the older record."),
    "most_complete": _("More of its fields have a value."),
    "trusted_source": _("Its values come from more trusted sources."),
}
