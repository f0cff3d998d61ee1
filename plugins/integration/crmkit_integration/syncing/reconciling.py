"""Comparing both sides whole, without changing anything; and what a run would do, without doing it.

Counts, a check sum of either side, and each difference by name. Values stay where they are: a difference names the
customer, the record and the field. Must not know the doors.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import attrs
from attrs import define, frozen

from crmkit import CRM, CrmkitError, new_id
from crmkit_integration.syncing.connectors import RemoteRecord
from crmkit_integration.syncing.deciding import canonical, same
from crmkit_integration.syncing.fields import OwnRecord
from crmkit_integration.syncing.judging import Pair, given_values
from crmkit_integration.syncing.running import WHY, Runner, open_runner

KEPT = 1000
"""Most differences that are kept by name; all are counted."""


@frozen(kw_only=True)
class Planned:
    """One thing that a run would do. ``before`` is what stands there now, ``after`` what would."""

    act: str
    customer_id: UUID | None = None
    external_id: str | None = None
    field: str = ""
    before: Any = attrs.field(default=None, repr=False)
    after: Any = attrs.field(default=None, repr=False)


def plan_run(crm: CRM, sync_id: UUID, *, everything: bool = False) -> list[Planned]:
    """Return what a run would do now. Raises as a run does."""
    runner = open_runner(crm, sync_id)
    return [
        planned
        for batch in runner.batches(runner.work(everything=everything))
        for pair, ours, theirs in batch
        for planned in _planned(runner, pair, ours, theirs)
    ]


def _planned(runner: Runner, pair: Pair, ours: OwnRecord | None, theirs: RemoteRecord | None) -> list[Planned]:
    verdict = runner.verdict(pair, ours, theirs)
    about: dict[str, Any] = {"customer_id": pair.customer_id, "external_id": pair.external_id}
    if verdict.act == "add_here" and theirs is not None:
        return [
            Planned(act="add_here", **about, field=name, after=value)
            for name, value in given_values(theirs.values).items()
        ]
    if verdict.act == "add_there":
        values = pair.pending if pair.pending is not None else given_values(ours.values if ours is not None else {})
        return [Planned(act="add_there", **about, field=name, after=value) for name, value in values.items()]
    if verdict.act == "change" and ours is not None and theirs is not None:
        found = [Planned(act="pair", **about)] if pair.id is None else []
        decision = verdict.decision
        found += [
            Planned(act="change_here", **about, field=name, before=ours.values.get(name), after=value)
            for name, value in decision.to_ours.items()
        ]
        found += [
            Planned(act="change_there", **about, field=name, before=theirs.values.get(name), after=value)
            for name, value in decision.to_theirs.items()
        ]
        found += [
            Planned(act="conflict", **about, field=each.field, before=each.ours, after=each.theirs)
            for each in decision.conflicts
        ]
        return found
    gone = verdict.act in ("gone", "gone_here", "gone_there") and pair.state != verdict.act
    return [Planned(act=verdict.act, **about)] if gone else []


@define(kw_only=True)
class Reconciliation:
    """How both sides compare. ``differences`` are by kind: ``value`` with its field, ``only_here``, ``only_there``,
    ``gone_here``, ``gone_there``, ``refused``; the check sums are equal where no value differs."""

    counts: Counter[str] = attrs.field(factory=Counter)
    checksums: dict[str, str] = attrs.field(factory=dict)
    differences: list[dict[str, Any]] = attrs.field(factory=list)

    @property
    def equal(self) -> bool:
        """Say whether both sides have the same customers with the same values."""
        return not self.counts["differences"]

    def differ(self, kind: str, pair: Pair, name: str = "") -> None:
        """Note a difference."""
        self.counts["differences"] += 1
        self.counts[f"differences.{kind}"] += 1
        if len(self.differences) < KEPT:
            found = {"kind": kind, "customer_id": _text(pair.customer_id), "external_id": pair.external_id}
            self.differences.append({**found, **({"field": name} if name else {})})


def compare(crm: CRM, sync_id: UUID) -> Reconciliation:
    """Compare both sides. Raises as a run does."""
    runner = open_runner(crm, sync_id)
    result = Reconciliation()
    sums = [0, 0]
    for batch in runner.batches(runner.work(everything=True)):
        for pair, ours, theirs in batch:
            here = ours if ours is not None and not ours.deleted else None
            there = theirs if theirs is not None and not theirs.deleted else None
            result.counts["ours"] += here is not None
            result.counts["theirs"] += there is not None
            if here is not None and there is not None:
                result.counts["pairs"] += 1
                _compare_values(runner, result, sums, pair, here.values, there.values)
            else:
                _compare_presence(result, pair, here, there)
    result.checksums = {"ours": f"{sums[0]:032x}", "theirs": f"{sums[1]:032x}"}
    return result


def _compare_values(
    runner: Runner,
    result: Reconciliation,
    sums: list[int],
    pair: Pair,
    ours: Mapping[str, Any],
    theirs: Mapping[str, Any],
) -> None:
    for name in runner.plan.fields:
        here, there = ours.get(name), theirs.get(name)
        for side, value in enumerate((here, there)):
            # A sum does not depend on the order in which the pairs come.
            mark = runner.plan.mark([str(pair.external_id), name, canonical(value)]).partition(":")[2]
            sums[side] = (sums[side] + int(mark, 16)) % 2**128
        if not same(here, there):
            result.differ("value", pair, name)


def _compare_presence(result: Reconciliation, pair: Pair, here: OwnRecord | None, there: RemoteRecord | None) -> None:
    if here is None and there is None:
        return
    known = pair.id is not None
    if pair.state in ("failed", "not_taken") or (known and pair.external_id is None):
        result.differ("refused" if pair.state != "new" else "only_here", pair)
    elif here is not None:
        result.differ("gone_there" if known else "only_here", pair)
    else:
        result.differ("gone_here" if known else "only_there", pair)


def reconcile(crm: CRM, sync_id: UUID) -> UUID:
    """Compare both sides, keep the report and return its id. Raises as a run does."""
    held = new_id()
    began = crm.run(crm.system(WHY), "integration.sync.begin", {"held_by": held, "kind": "reconcile"}, target=sync_id)
    common: dict[str, Any] = {"held_by": held, "run_id": began.id}
    try:
        found = compare(crm, sync_id)
    except CrmkitError as error:
        values = {**common, "state": "failed", "reason": error.render("en")[:500]}
        crm.run(crm.system(WHY), "integration.sync.end", values, target=sync_id)
        raise
    values = {
        **common,
        "state": "done",
        "counts": dict(found.counts),
        "checksums": found.checksums,
        "differences": found.differences,
    }
    crm.run(crm.system(WHY), "integration.sync.end", values, target=sync_id)
    return began.id


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)
