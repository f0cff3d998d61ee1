"""What becomes of one pair of records: pure, field by field, and the same however often it is asked.

Of every field both sides keep a mark (a keyed hash) of the value that they had when they last agreed. Whoever differs
from the own mark has changed since. Values that are equal agree, whoever changed them. Must not know databases.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import attrs
from attrs import field, frozen

Owner = Literal["ours", "theirs", "newest"]
Policy = Literal["ours", "theirs", "newest", "ask"]
Side = Literal["ours", "theirs"]
Mark = Callable[[Any], str]
Agreed = Mapping[str, Sequence[str]]
"""The marks of both sides, ours first, by field."""


@frozen(kw_only=True)
class Terms:
    """Who owns which field, and who wins where both changed a field that nobody owns."""

    owners: Mapping[str, Owner]
    policy: Policy = "newest"
    inwards: bool = True
    """Whether anything is changed here."""
    outwards: bool = True
    """Whether anything is changed over there."""


@frozen(kw_only=True)
class Difference:
    """A field that both sides have changed, and that nobody has settled."""

    field: str
    ours: Any = attrs.field(repr=False)
    theirs: Any = attrs.field(repr=False)


@frozen(kw_only=True)
class Decision:
    """What is to be written on either side, what nobody can decide, and what both agree on already.

    ``agreed`` has the marks of what needs no writing; those of what is written follow when it was.
    """

    to_ours: Mapping[str, Any] = field(factory=dict[str, Any], repr=False)
    to_theirs: Mapping[str, Any] = field(factory=dict[str, Any], repr=False)
    conflicts: tuple[Difference, ...] = ()
    agreed: Agreed = field(factory=dict[str, tuple[str, str]])

    @property
    def idle(self) -> bool:
        """Say whether there is nothing to do."""
        return not self.to_ours and not self.to_theirs and not self.conflicts


def decide(
    terms: Terms,
    ours: Mapping[str, Any],
    theirs: Mapping[str, Any],
    agreed: Agreed,
    mark: Mark,
    *,
    ours_at: datetime | None = None,
    theirs_at: datetime | None = None,
    settled: Mapping[str, Side] | None = None,
) -> Decision:
    """Return what becomes of a pair. The instants (UTC) say when either record was changed last; ``settled`` whose
    value somebody has said to hold, by field.

    A field that somebody has never agreed on counts as changed on both sides, save that an empty value never stands
    against one that is there.
    """
    to_ours: dict[str, Any] = {}
    to_theirs: dict[str, Any] = {}
    conflicts: list[Difference] = []
    kept: dict[str, tuple[str, str]] = {}
    for name, owner in terms.owners.items():
        here, there = ours.get(name), theirs.get(name)
        marks = (mark(here), mark(there))
        before = agreed.get(name)
        if same(here, there):
            kept[name] = marks
            continue
        if before is not None and tuple(before) == marks:
            # One side writes it otherwise than the other: that was known when they agreed.
            kept[name] = marks
            continue
        winner = _winner(terms, owner, name, here, there, before, marks, ours_at, theirs_at, settled or {})
        if winner is None:
            conflicts.append(Difference(field=name, ours=here, theirs=there))
        elif winner == "ours" and terms.outwards:
            to_theirs[name] = here
        elif winner == "theirs" and terms.inwards:
            to_ours[name] = there
    return Decision(to_ours=to_ours, to_theirs=to_theirs, conflicts=tuple(conflicts), agreed=kept)


def _winner(
    terms: Terms,
    owner: Owner,
    name: str,
    here: Any,
    there: Any,
    before: Sequence[str] | None,
    marks: tuple[str, str],
    ours_at: datetime | None,
    theirs_at: datetime | None,
    settled: Mapping[str, Side],
) -> Side | None:
    if owner != "newest":
        return owner
    if name in settled:
        return settled[name]
    if before is None:
        if is_empty(here) != is_empty(there):
            return "theirs" if is_empty(here) else "ours"
        changed = (True, True)
    else:
        changed = (before[0] != marks[0], before[1] != marks[1])
    if changed == (True, False):
        return "ours"
    if changed == (False, True):
        return "theirs"
    if not terms.outwards or not terms.inwards:
        return "ours" if terms.outwards else "theirs"
    if terms.policy == "ask":
        return None
    if terms.policy != "newest":
        return terms.policy
    if ours_at is None or theirs_at is None or ours_at == theirs_at:
        return "ours"
    return "ours" if ours_at > theirs_at else "theirs"


def is_empty(value: Any) -> bool:
    """Say whether a value says nothing."""
    return value is None or value == "" or value == []


def same(here: Any, there: Any) -> bool:
    """Say whether two values say the same; nothing is the same however it is written."""
    return (is_empty(here) and is_empty(there)) or canonical(here) == canonical(there)


def canonical(value: Any) -> str:
    """Return the one text of a value: what marks and check sums are made over."""
    return json.dumps(None if is_empty(value) else value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
