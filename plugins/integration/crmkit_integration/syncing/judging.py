"""What becomes of a customer here and its record over there, as a whole: paired, added, changed, or gone. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal
from uuid import UUID

from attrs import evolve, field, frozen

from crmkit_integration.syncing.connectors import RemoteRecord
from crmkit_integration.syncing.deciding import Agreed, Decision, Mark, Side, Terms, decide, is_empty
from crmkit_integration.syncing.fields import OwnRecord

Act = Literal["none", "add_here", "add_there", "change", "gone_here", "gone_there", "gone"]


@frozen(kw_only=True)
class Pair:
    """A pair as it is kept: ``settled`` says whose value somebody has said to hold, by field."""

    id: UUID | None = None
    customer_id: UUID | None = None
    external_id: str | None = None
    state: str = "paired"
    agreed: Agreed = field(factory=dict[str, tuple[str, str]])
    pending: Mapping[str, Any] | None = field(default=None, repr=False)
    settled: Mapping[str, Side] = field(factory=dict[str, Side])


@frozen(kw_only=True)
class Verdict:
    """What is to be done with a pair."""

    act: Act
    decision: Decision = field(factory=Decision)


def judge(terms: Terms, pair: Pair, ours: OwnRecord | None, theirs: RemoteRecord | None, mark: Mark) -> Verdict:
    """Return what becomes of a pair, or of a record that has none yet.

    Nobody is ever deleted: what is gone on one side is marked, and not brought back from the other.
    """
    here = ours is not None and not ours.deleted
    there = theirs is not None and not theirs.deleted
    if pair.id is not None and pair.external_id is None:
        # It is being added over there, or was, and whoever did stopped.
        return Verdict(act="add_there" if terms.outwards and (here or pair.pending is not None) else "none")
    if pair.state == "not_taken" and pair.customer_id is None:
        return Verdict(act="add_here" if terms.inwards and there else "none")
    if pair.id is None and here != there:
        if here:
            return Verdict(act="add_there" if terms.outwards else "none")
        return Verdict(act="add_here" if terms.inwards else "none")
    if here and there and ours is not None and theirs is not None:
        decision = decide(
            terms,
            ours.values,
            theirs.values,
            pair.agreed,
            mark,
            ours_at=ours.changed_at,
            theirs_at=theirs.changed_at,
            settled=pair.settled,
        )
        return Verdict(act="change", decision=decision)
    if pair.id is None:
        return Verdict(act="none")
    return Verdict(act="gone" if not here and not there else "gone_here" if not here else "gone_there")


def given_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that say something: what a new record begins with."""
    return {name: value for name, value in values.items() if not is_empty(value)}


def renewed(
    agreed: Agreed, ours: Mapping[str, Any], theirs: Mapping[str, Any], marks: Mapping[int, Mark], current: int
) -> Agreed:
    """Return what was agreed on with marks under the current version of the key, where values are still the same."""
    found: dict[str, tuple[str, str]] = {}
    for name, (one, other) in agreed.items():
        found[name] = (
            _renewed(one, ours.get(name), marks, current),
            _renewed(other, theirs.get(name), marks, current),
        )
    return found


def _renewed(mark: str, value: Any, marks: Mapping[int, Mark], current: int) -> str:
    version = int(mark.partition(":")[0] or 0)
    known = marks.get(version)
    if version == current or known is None or known(value) != mark:
        return mark
    return marks[current](value)


def with_agreed(pair: Pair, agreed: Agreed) -> Pair:
    """Return a pair that agrees on something else."""
    return evolve(pair, agreed=agreed)
