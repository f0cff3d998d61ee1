"""A run of a synchronisation: what was changed on either side since the last one is brought together, in batches.

Kill-safe without a transaction over both systems: what is written is written with keys that make a repeat harmless, the
pair is noted after it was written, and the watermarks are moved on when everything before them is done. Who stops in
between leaves values that are equal on both sides, which agree by themselves the next time. Loop-free for the same
reason: what a run has written comes back as a change, and is equal already. No transaction is open while the other
system is asked. Must not know the doors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from attrs import define, field

from crmkit import (
    CRM,
    CrmkitError,
    new_id,
    texts,
)
from crmkit.errors import StoreError
from crmkit_integration.syncing.connectors import RemoteRecord, RemoteRefused, RemoteUnreachable
from crmkit_integration.syncing.deciding import Terms
from crmkit_integration.syncing.fields import OwnRecord, changes_of, read_own
from crmkit_integration.syncing.judging import Pair, Verdict, given_values
from crmkit_integration.syncing.looking import WHY, Batch, Looker, Work
from crmkit_integration.syncing.plans import open_plan

_ = texts("crmkit_integration")


@define(kw_only=True)
class Runner(Looker):
    """One run of a plan. ``again`` are pairs that were made of what an earlier run had written down, and that may have
    been changed here since."""

    again: list[UUID] = field(factory=list)

    # --- doing --------------------------------------------------------------------------------------------------

    def carry_out(self, work: Work, held: UUID) -> None:
        """Do everything that is to be done, and note it batch by batch."""
        for batch in self.batches(work):
            self._carry_out(held, batch)
        for batch in self.batches(Work(pairs=list(self.again))):
            self._carry_out(held, batch)

    def _carry_out(self, held: UUID, batch: Batch) -> None:
        notes: list[dict[str, Any]] = []
        adding: list[tuple[Pair, OwnRecord | None]] = []
        for pair, ours, theirs in batch:
            verdict = self.verdict(pair, ours, theirs)
            if verdict.act == "add_there" and (ours is not None or pair.pending is not None):
                adding.append((pair, ours))
                continue
            note = self._done(pair, ours, theirs, verdict)
            if note is not None:
                notes.append(note)
        self._note(held, notes)
        if adding:
            self._add_there(held, adding)

    def _done(
        self, pair: Pair, ours: OwnRecord | None, theirs: RemoteRecord | None, verdict: Verdict
    ) -> dict[str, Any] | None:
        if verdict.act == "none":
            return None
        base = {"id": pair.id or new_id(), "customer_id": pair.customer_id, "external_id": pair.external_id}
        if verdict.act in ("gone", "gone_here", "gone_there"):
            state = "gone_there" if verdict.act == "gone_there" else "gone_here"
            if pair.state == state:
                return None
            self.count(state)
            return {**base, "state": state, "agreed": pair.agreed}
        try:
            if verdict.act == "add_here":
                assert theirs is not None
                return {**base, **self._add_here(theirs)}
            assert ours is not None
            assert theirs is not None
            return {**base, **self._change(pair, ours, theirs, verdict)}
        except RemoteRefused as error:
            reason = error.reason
        except (StoreError, RemoteUnreachable):
            raise
        except CrmkitError as error:
            reason = error.render("en")
        self.count("failed")
        state = "not_taken" if verdict.act == "add_here" else "failed"
        return {**base, "state": state, "agreed": pair.agreed, "reason": reason[:500]}

    def _add_here(self, theirs: RemoteRecord) -> dict[str, Any]:
        values = given_values(theirs.values)
        with self.crm.transaction(self.actor) as session:
            new = changes_of(session, None, values)
            new |= {
                "external_id": theirs.external_id,
                "identifier_source": self.plan.source,
                "source": self.plan.source,
            }
            customer = session.run("customer.create", {**new, "despite_duplicates": True})
            customer_id: UUID = customer.id
        self.count("added_here")
        with self.crm.session(self.actor) as session:
            own = read_own(session, [customer_id], self.plan.fields)[customer_id]
        return {"customer_id": customer_id, "state": "paired", "agreed": self._marks(own.values, theirs.values)}

    def _change(self, pair: Pair, ours: OwnRecord, theirs: RemoteRecord, verdict: Verdict) -> dict[str, Any]:
        decision = verdict.decision
        agreed: dict[str, Sequence[str]] = {
            name: pair.agreed[name] for name in pair.agreed if name in self.terms.owners
        }
        agreed |= decision.agreed
        own, other = ours, theirs
        if decision.to_theirs:
            key = f"{pair.id or ours.id}:{theirs.version}:{self.plan.mark(dict(decision.to_theirs))}"
            other = self.connector.update(theirs, decision.to_theirs, key=key)
            self.count("changed_there")
        if decision.to_ours:
            with self.crm.transaction(self.actor) as session:
                changes = changes_of(session, ours.id, decision.to_ours)
                session.run("customer.update", changes, target=ours.id, version=ours.version)
            self.count("changed_here")
            with self.crm.session(self.actor) as session:
                own = read_own(session, [ours.id], self.plan.fields)[ours.id]
        for name in (*decision.to_ours, *decision.to_theirs):
            agreed[name] = self._mark_of(name, own.values, other.values)
        if pair.id is None:
            self.count("paired")
        if decision.conflicts:
            self.count("conflicts", len(decision.conflicts))
        return {
            "state": "paired",
            "agreed": agreed,
            "sent": sorted(decision.to_theirs),
            "conflicts": [
                {"field": each.field, "ours": _shown(each.ours), "theirs": _shown(each.theirs)}
                for each in decision.conflicts
            ],
        }

    def _add_there(self, held: UUID, adding: Sequence[tuple[Pair, OwnRecord | None]]) -> None:
        """Add records over there: what is sent is noted first, so that it can be sent again word for word."""
        begun: list[dict[str, Any]] = []
        for pair, ours in adding:
            if pair.id is not None and pair.pending is not None:
                self.again.append(pair.id)
            sent = pair.pending if pair.pending is not None else given_values(ours.values if ours is not None else {})
            begun.append(
                {
                    "id": pair.id or new_id(),
                    "customer_id": pair.customer_id,
                    "external_id": None,
                    "state": "new",
                    "agreed": {},
                    "pending": dict(sent),
                }
            )
        self._note(held, begun)
        notes: list[dict[str, Any]] = []
        for each in begun:
            sent = each["pending"]
            try:
                made = self.connector.create(sent, reference=str(each["customer_id"] or ""), key=f"{each['id']}")
            except RemoteRefused as error:
                self.count("failed")
                notes.append({**each, "pending": None, "state": "failed", "reason": error.reason[:500]})
                continue
            self.count("added_there")
            agreed = {name: self._mark_of(name, sent, made.values) for name in self.plan.fields}
            notes.append(
                {
                    **each,
                    "pending": None,
                    "external_id": made.external_id,
                    "state": "paired",
                    "agreed": agreed,
                    "sent": sorted(sent),
                }
            )
        self._note(held, notes)

    def _marks(self, ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
        return {name: self._mark_of(name, ours, theirs) for name in self.plan.fields}

    def _mark_of(self, name: str, ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> tuple[str, str]:
        return self.plan.mark(ours.get(name)), self.plan.mark(theirs.get(name))

    def _note(self, held: UUID, notes: Sequence[Mapping[str, Any]]) -> None:
        self.crm.run(
            self.crm.system(WHY), "integration.sync.note", {"held_by": held, "notes": list(notes)}, target=self.plan.id
        )


def run(crm: CRM, sync_id: UUID, *, everything: bool = False) -> UUID:
    """Run a synchronisation and return the id of the run, which says what was done.

    Raises Conflict while another one is running, NotFound, and Refused when the other system cannot be reached: then
    the run is noted as failed, and the next one begins where this one did.
    """
    held = new_id()
    began = crm.run(crm.system(WHY), "integration.sync.begin", {"held_by": held, "kind": "sync"}, target=sync_id)
    runner: Runner | None = None
    try:
        runner = open_runner(crm, sync_id)
        work = runner.work(everything=everything)
        runner.carry_out(work, held)
        counts = {"looked_at": len(work.pairs) + len(work.ours) + len(work.theirs), **runner.counts}
        values: dict[str, Any] = {
            "watermark_ours": work.watermark_ours,
            "watermark_theirs": work.watermark_theirs,
            "counts": counts,
        }
        _end(crm, sync_id, {"held_by": held, "run_id": began.id, "state": "done", **values})
    except CrmkitError as error:
        said = error.render("en")[:500]
        counts = runner.counts if runner is not None else {}
        _end(crm, sync_id, {"held_by": held, "run_id": began.id, "state": "failed", "reason": said, "counts": counts})
        raise
    return began.id


def _end(crm: CRM, sync_id: UUID, values: Mapping[str, Any]) -> None:
    crm.run(crm.system(WHY), "integration.sync.end", values, target=sync_id)


def open_runner(crm: CRM, sync_id: UUID) -> Runner:
    """Return what runs a plan. Raises NotFound, and Refused where whom it acts as is no active user."""
    plan, actor, connector = open_plan(crm, sync_id)
    terms = Terms(
        owners=plan.owners,
        policy=plan.policy,
        inwards=plan.direction != "out",
        outwards=plan.direction != "in",
    )
    return Runner(crm=crm, plan=plan, actor=actor, connector=connector, terms=terms)


def _shown(value: Any) -> str | None:
    if value is None:
        return None
    return (", ".join(map(str, value)) if isinstance(value, list) else str(value))[:4000]
