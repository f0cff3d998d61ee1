"""A run: deciding over customers in all dimensions at once, writing what changed, and telling of it.

The facts of all dimensions are read in one pass; a dimension that reads labels of others waits for these. Runs go
forward in time. Must not know how an expression becomes SQL.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast as typed
from uuid import UUID

from attrs import evolve, field, frozen
from sqlalchemy import Column, Float, Integer, String, Table, func, insert, select, text

from crmkit.core.customers.models import Customer
from crmkit.core.operations.events import BATCH
from crmkit.core.store.guard import region
from crmkit.core.store.ids import new_id
from crmkit.core.store.locks import hold
from crmkit.core.store.types import Id
from crmkit.engines.classification.candidates import surroundings_of, touched
from crmkit.engines.classification.dimensions import Ready, in_effect, ready
from crmkit.engines.classification.events import ClassificationChanged, ClassificationUnstable
from crmkit.engines.classification.plans import Found, Plan
from crmkit.engines.classification.tables import ClassificationRun
from crmkit.engines.classification.writing import (
    CHANGES,
    LABEL,
    Move,
    Writing,
    as_json,
    changed_ids,
    changing,
    compared,
    counts_of,
    fill,
    moves_of,
    of_the_deleted,
    temporary,
    write_changes,
)
from crmkit.engines.facts.composing import sql_type
from crmkit.engines.facts.moments import Moment, moment_of
from crmkit.engines.facts.reading import joined
from crmkit.engines.facts.vocabulary import FactCatalogue, catalogue_of
from crmkit.errors import Conflict
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

RUN = typed(Any, ClassificationRun).__table__
LOCK = "classification"
FEWEST = 20
"""Fewest customers of a label for which it is told that unusually many of them moved."""
MANY, SHARE = 1000, 0.5
"""Changed labels, and their share in those that it knows of, from which on PostgreSQL is asked to count them anew; at
fewer its own upkeep does."""
MEMORY = "64MB"
"""What PostgreSQL may use to group and join in a run, where it has less: with its usual 4 MB it goes to disk."""
PLAIN = ("public", "internal")
"""The classes of facts whose values are kept as evidence."""


@frozen(kw_only=True)
class Alert:
    """A label of which more came or went than is usual, in percent of those who had it before."""

    label: str
    percent: int


@frozen(kw_only=True)
class Decided:
    """What a run found in one dimension. ``complete`` says whether all customers were looked at."""

    dimension: str
    complete: bool
    looked_at: int
    changed: int
    counts: Mapping[str, int]
    moves: Sequence[Move]
    alerts: Sequence[Alert] = ()
    found: Mapping[str, Any] = field(factory=dict[str, Any])


@frozen(kw_only=True)
class Run:
    """What a run found, dimension by dimension. ``as_of`` is the instant at which its labels begin."""

    id: UUID
    as_of: datetime
    dimensions: Sequence[Decided]

    @property
    def changed(self) -> int:
        """Return how many labels changed."""
        return sum(each.changed for each in self.dimensions)


def run(
    session: CrmSession,
    *,
    dimensions: Iterable[str] | None = None,
    complete: bool = False,
    as_of: datetime | None = None,
    settled: bool = False,
) -> Run:
    """Decide over customers in all dimensions in effect, or in those of some names, and return what changed.

    It looks at those customers alone for whom something could have changed since the run before, unless ``complete``;
    what it writes is the same. ``settled`` leaves out the dimensions in which one customer's label depends on all
    others'. Raises Conflict for an ``as_of`` before the last run's, DefinitionError for a dimension that cannot be
    decided.
    """
    session.flush()
    hold(session, LOCK)
    moment = moment_of(session, as_of)
    runner = _Runner(session, moment)
    items = in_effect(session, moment.as_of, dimensions)
    found: list[Decided] = []
    with region(session, "classification looks at every customer"):
        before = latest_runs(session, items)
        for name, last in before.items():
            if last.as_of > moment.as_of:
                raise Conflict(
                    _("{dimension} was decided as of {last} already, and its history goes forward only."),
                    dimension=name,
                    last=last.as_of.isoformat(),
                )
        for group in ready(session, items.values()):
            wanted = [each for each in group if not (settled and each.plan.needs_all)]
            found.extend(runner.decide(wanted, before, complete=complete))
        runner.tidy(sum(each.changed for each in found))
    session.unit.about(runner.concerned)
    return Run(id=runner.writing.run_id, as_of=moment.as_of, dimensions=sorted(found, key=lambda each: each.dimension))


def decide_now(session: CrmSession, customer_id: UUID, dimension: str) -> None:
    """Decide over one customer in one dimension at once, with what the last run found about the whole. This is no run
    that later ones go on from."""
    session.flush()
    hold(session, LOCK)
    with region(session, "classification looks at a customer whoever asks"):
        mine = (LABEL.c.customer_id == customer_id, LABEL.c.dimension == dimension)
        newest = session.connection().execute(select(func.max(LABEL.c.since)).where(*mine)).scalar()
        moment = moment_of(session)
        if newest is not None and newest > moment.as_of:
            moment = evolve(moment, as_of=newest, present=False)
        items = in_effect(session, moment.as_of, [dimension])
        runner = _Runner(session, moment)
        before = latest_runs(session, items)
        for group in ready(session, items.values()):
            runner.decide_one(group, before, customer_id)
    session.unit.about(runner.concerned)


def latest_runs(session: CrmSession, names: Iterable[str]) -> dict[str, Any]:
    """Return the last run of each dimension; those without one are left out."""
    order = func.row_number().over(partition_by=RUN.c.dimension, order_by=(RUN.c.as_of.desc(), RUN.c.id.desc()))
    ranked = select(RUN, order.label("place")).where(RUN.c.dimension.in_(list(names))).subquery()
    rows = session.connection().execute(select(ranked).where(ranked.c.place == 1))
    return {row.dimension: row for row in rows}


def evidence_of(catalogue: FactCatalogue, plan: Plan, column: Any, dialect: str) -> Any:
    """Return the SQL of what is kept of the facts that decide: of those above internal nothing."""
    kept = [ref for ref in sorted(plan.refs) if catalogue.known(ref.name).fact.classified in PLAIN]
    return as_json(dialect, [(ref, column(ref)) for ref in kept])


class _Runner:
    """One run at work: in its transaction, under one id, at one moment."""

    def __init__(self, session: CrmSession, moment: Moment) -> None:
        self.session = session
        self.moment = moment
        self.connection = session.connection()
        self.catalogue = catalogue_of(session)
        self.writing = Writing(run_id=new_id(), as_of=moment.as_of, recorded_at=session.gate.clock.now())
        self.concerned: set[UUID] = set()
        self.dialect = self.connection.dialect.name
        if self.dialect == "postgresql":
            # Long expressions over many rows look dear to PostgreSQL; to compile them costs more than it saves.
            self.connection.execute(text("SET LOCAL jit = off"))
            enough = text(
                "SELECT set_config('work_mem', :enough, true)"
                " WHERE pg_size_bytes(current_setting('work_mem')) < pg_size_bytes(:enough)"
            )
            self.connection.execute(enough, {"enough": MEMORY})

    def tidy(self, changed: int) -> None:
        """Let PostgreSQL know what the labels are like by now: what it has not counted it joins row by row."""
        if self.dialect != "postgresql" or changed < MANY:
            return
        size = text("SELECT reltuples FROM pg_class WHERE oid = CAST(:name AS regclass)")
        if changed >= SHARE * self.connection.execute(size, {"name": LABEL.name}).scalar_one():
            self.connection.execute(text(f"ANALYZE {LABEL.name} (customer_id, dimension, since, until, label)"))

    def decide(self, group: Sequence[Ready], before: Mapping[str, Any], *, complete: bool) -> list[Decided]:
        """Decide in dimensions that do not read each other: over everybody where that is needed, else over those for
        whom something could have changed."""
        mark = surroundings_of(self.session)

        def continues(each: Ready) -> bool:
            last = before.get(each.name)
            return not complete and last is not None and last.fingerprint == each.fingerprint + mark

        whole = [each for each in group if not continues(each)]
        rest = [each for each in group if each not in whole]
        found: list[Decided] = []
        # Dimensions are looked at together where they were last decided together.
        for last in sorted({before[each.name].recorded_at for each in rest}):
            same = [each for each in rest if before[each.name].recorded_at == last]
            alike = before[same[0].name].as_of
            since = evolve(self.moment, as_of=alike, known_at=last, present=False)
            whole.extend(each for each in same if touched(self.session, [each.plan], since, self.moment) is None)
            same = [each for each in same if each not in whole]
            rows = touched(self.session, [each.plan for each in same], since, self.moment) if same else None
            if rows is None:
                continue
            with temporary(self.connection, "crm_label_candidates", [Column("id", Id, primary_key=True)], rows) as few:
                number = self.connection.execute(select(func.count()).select_from(few)).scalar_one()
                local = [each for each in same if not (number and each.plan.needs_all)]
                whole.extend(each for each in same if each not in local)
                found.extend(self._pass(local, before, mark, among=select(few.c.id), nobody=not number))
        found.extend(self._pass(whole, before, mark))
        return found

    def decide_one(self, group: Sequence[Ready], before: Mapping[str, Any], customer_id: UUID) -> None:
        """Decide over one customer, without a record of a run."""
        with self._computed(group, [customer_id]) as computed:
            for each in group:
                last = before.get(each.name)
                found = {} if last is None else last.found
                with self._changes(each.plan, computed, found) as changes:
                    self._write(each, changes, tell=True)

    def _pass(
        self,
        group: Sequence[Ready],
        before: Mapping[str, Any],
        mark: str,
        *,
        among: Any = None,
        nobody: bool = False,
    ) -> Iterator[Decided]:
        if not group:
            return
        with ExitStack() as stack:
            computed = None if nobody else stack.enter_context(self._computed(group, among))
            looked_at = 0
            if computed is not None:
                looked_at = self.connection.execute(select(func.count()).select_from(computed)).scalar_one()
            for each in group:
                last = before.get(each.name)
                found: Found = {} if last is None else dict(last.found)
                moves: list[Move] = []
                if computed is not None:
                    if each.plan.needs_all:
                        kept = last is not None and last.fingerprint[:64] == each.fingerprint
                        found = each.plan.settle(self.connection, computed, found if kept else {})
                    with self._changes(each.plan, computed, found) as changes:
                        moves = self._write(each, changes, tell=last is not None)
                yield self._record(each, last, mark, moves, found, looked_at, complete=among is None)

    # --- computing ----------------------------------------------------------------------------------------------

    @contextmanager
    def _computed(self, group: Sequence[Ready], among: Any) -> Iterator[Table]:
        """Compute what decides in a temporary table: for everybody, or for customers of some ids."""
        refs = sorted({ref for each in group for ref in each.plan.refs})
        facts = joined(self.session, refs, self.moment, customers=among, check=False)
        at = self.moment.surroundings(self.dialect)
        columns = [column for each in group for column in each.plan.columns(facts.columns, at)]
        self.places = {ref: f"f{place}" for place, ref in enumerate(refs) if self._kept(ref)}
        shapes = [Column("customer_id", Id), *(Column(each.name, _stored(each.type)) for each in columns)]
        for ref, name in self.places.items():
            shapes.append(Column(name, sql_type(self.catalogue.known(ref.name).symbol.type.kind)))
        customer_id = typed(Any, Customer).id
        kept = [facts.columns[ref].label(name) for ref, name in self.places.items()]
        rows = facts.select(customer_id, *columns, *kept)
        with temporary(self.connection, "crm_label_computed", shapes, rows.order_by(customer_id)) as table:
            yield table

    def _kept(self, ref: Any) -> bool:
        return self.catalogue.known(ref.name).fact.classified in PLAIN

    @contextmanager
    def _changes(self, plan: Plan, computed: Table, found: Found) -> Iterator[Table]:
        evidence = evidence_of(self.catalogue, plan, lambda ref: computed.c[self.places[ref]], self.dialect)
        rows = changing(compared(plan, computed, found, self.moment.as_of, evidence))
        columns = [column._copy() for column in CHANGES]
        with temporary(self.connection, "crm_label_changes", columns, rows) as changes:
            gone = of_the_deleted(plan.dimension.name, self.moment)
            fill(self.connection, changes, gone)
            yield changes

    # --- writing and telling ------------------------------------------------------------------------------------

    def _write(self, each: Ready, changes: Table, *, tell: bool) -> list[Move]:
        moves = moves_of(self.connection, changes)
        if not moves:
            return moves
        write_changes(self.connection, each.name, changes, self.writing)
        if not tell:
            self.concerned.update(self.connection.execute(select(changes.c.customer_id)).scalars())
            return moves
        for before, after, ids in changed_ids(self.connection, changes):
            self.concerned.update(ids)
            for start in range(0, len(ids), BATCH):
                self.session.emit(
                    ClassificationChanged(
                        dimension=each.name,
                        before=before,
                        after=after,
                        customer_ids=tuple(ids[start : start + BATCH]),
                        as_of=self.writing.as_of,
                        run_id=self.writing.run_id,
                    )
                )
        return moves

    def _record(
        self,
        each: Ready,
        last: Any,
        mark: str,
        moves: Sequence[Move],
        found: Found,
        looked_at: int,
        *,
        complete: bool,
    ) -> Decided:
        before = last.counts if last is not None and last.fingerprint[:64] == each.fingerprint else {}
        alerts = _alerts(before, moves, each.plan.dimension.alert_percent)
        for alert in alerts:
            self.session.emit(
                ClassificationUnstable(
                    dimension=each.name, label=alert.label, percent=alert.percent, run_id=self.writing.run_id
                )
            )
        counts = counts_of(self.connection, each.name) if moves or complete or last is None else last.counts
        decided = Decided(
            dimension=each.name,
            complete=complete,
            looked_at=looked_at,
            changed=sum(move.customers for move in moves),
            counts=counts,
            moves=moves,
            alerts=alerts,
            found=found,
        )
        self.connection.execute(
            insert(RUN).values(
                dimension=each.name,
                id=self.writing.run_id,
                as_of=self.writing.as_of,
                recorded_at=self.writing.recorded_at,
                complete=complete,
                fingerprint=each.fingerprint + mark,
                number=each.number,
                looked_at=looked_at,
                changed=decided.changed,
                counts=dict(counts),
                moves=[list(move) for move in moves],
                found=found,
                alerts=[[alert.label, alert.percent] for alert in alerts],
            )
        )
        return decided


def _alerts(before: Mapping[str, int], moves: Sequence[Move], most: int) -> list[Alert]:
    found: list[Alert] = []
    for label, had in before.items():
        left = sum(move.customers for move in moves if move.before == label)
        came = sum(move.customers for move in moves if move.after == label)
        percent = 100 * max(left, came) // had if had else 0
        if had >= FEWEST and percent > most:
            found.append(Alert(label=label, percent=percent))
    return found


def _stored(type_: Any) -> Any:
    """Return the type of a column of the temporary table for what is computed."""
    return type_ if isinstance(type_, (Integer, Float)) else String()
