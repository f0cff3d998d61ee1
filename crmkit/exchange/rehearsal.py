"""What an import would do, row by row, before anything is written: whom a row would add, which fields it would change
from what to what, whom it repeats and why, what is wrong with it.

Every batch is written in a transaction that is undone. Must not know files.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from attrs import define, field, frozen
from sqlalchemy import select

from crmkit.core.customers.inputs import NewCustomer
from crmkit.core.customers.matching import HOOK, find_exact, probes_of
from crmkit.core.customers.models import Customer
from crmkit.core.customers.names import NameParts, whole_name
from crmkit.core.customers.references import chunks
from crmkit.core.operations.inputs import structure
from crmkit.core.operations.operation import operation
from crmkit.core.store.session import CrmSession
from crmkit.errors import InvalidInput
from crmkit.exchange.customers_in import CustomerTarget
from crmkit.exchange.duplicates import Match
from crmkit.exchange.operations import Work, check_work, run_target
from crmkit.exchange.outcomes import FieldChange, Likely, RowOutcome, Sink
from crmkit.exchange.snapshots import Standing, compare, standings
from crmkit.exchange.units import Built
from crmkit.i18n import Text, texts, translate

if TYPE_CHECKING:
    from crmkit.app import CRM
    from crmkit.core.store.actor import Actor

_ = texts("crmkit")

LIKELY = 3
"""Known customers that are named for a row that would be added."""
LEAST = 0.5
"""Score from which on a known customer is named."""
MET: dict[str, Text] = {
    "crmkit_id": _("the same id in crmkit"),
    "identifier": _("the same id in the other system"),
    "email": _("the same e-mail address"),
    "phone": _("the same phone number"),
}
"""Why a row is taken for a known customer."""


@define
class Observed:
    """What was seen of a batch while it was tried."""

    before: dict[UUID, Standing] = field(factory=dict)
    after: dict[UUID, Standing] = field(factory=dict)
    names: dict[UUID, str] = field(factory=dict)
    likely: dict[int, tuple[Likely, ...]] = field(factory=dict)


class _Undone(Exception):
    """Undoes the transaction of a rehearsal."""


class _Watcher:
    """Notes how customers stand before the batch changes them."""

    def __init__(self, seen: Observed) -> None:
        self._seen = seen

    def before(self, session: CrmSession, ids: Sequence[UUID]) -> None:
        new = [id_ for id_ in ids if id_ not in self._seen.before]
        self._seen.before.update(standings(session, new))


def try_batch(crm: CRM, actor: Actor, work: Work, *, language: str = "en", sink: Sink | None = None) -> None:
    """Try one batch and tell what would become of its rows; nothing is kept."""
    seen = Observed()
    with contextlib.suppress(_Undone), crm.transaction(actor) as session:
        session.run("import.rehearse", _Trial(work=work, seen=seen if sink is not None else None, language=language))
        raise _Undone
    if sink is not None:
        for unit in work.units:
            for outcome in _outcomes(unit, work.units, seen, language):
                sink(outcome)


@frozen(kw_only=True)
class _Trial:
    """One batch to be tried, and where to put what is seen."""

    work: Work
    seen: Observed | None
    language: str


@operation("import.rehearse", title=_("Try a batch"), permission="import.run", hidden=True)
def rehearse_batch(session: CrmSession, trial: _Trial) -> None:
    """Write one batch in a transaction that the caller undoes."""
    work, seen = trial.work, trial.seen
    check_work(work)
    watched = work.target if seen is not None and isinstance(work.target, CustomerTarget) else None
    if watched is None or seen is None:
        run_target(session, work.target, work.units)
        return
    _note_likely(session, work.units, seen, trial.language)
    watched.watcher = _Watcher(seen)
    try:
        run_target(session, work.target, work.units)
    finally:
        watched.watcher = None
    session.flush()
    session.expunge_all()
    changed = [unit.record_id for unit in work.units if unit.result == "updated" and unit.record_id is not None]
    seen.after.update(standings(session, changed))
    met = {unit.record_id for unit in work.units if unit.record_id is not None and unit.result != "created"}
    likely = {one.customer_id for found in seen.likely.values() for one in found}
    for part in chunks(met | likely):
        # The records themselves, so that a name comes masked to whom it is masked.
        seen.names.update(
            {one.id: str(one.name) for one in session.scalars(select(Customer).where(Customer.id.in_(part)))}
        )


def _note_likely(session: CrmSession, units: Sequence[Built], seen: Observed, language: str) -> None:
    """Note whom rows may be by the evidence of plugins, as far as there is any."""
    if not session.gate.dispatcher.implementers(HOOK):
        return
    asked: list[tuple[int, NewCustomer]] = []
    for place, unit in enumerate(units):
        if unit.result is None:
            values = {name: value for name, value in unit.values.items() if name != "_"}
            # What is not a customer at all is refused when it is tried.
            with contextlib.suppress(InvalidInput):
                asked.append((place, structure(NewCustomer, values)))
    if not asked:
        return
    matches = find_exact(session, probes_of(session, [new for _place, new in asked]))
    for (place, _new), found in zip(asked, matches, strict=True):
        best = [one for one in found if one.score >= LEAST][:LIKELY]
        if best:
            seen.likely[place] = tuple(
                Likely(
                    customer_id=one.customer_id,
                    name="",
                    score=round(one.score, 3),
                    reason=translate(one.reason, language),
                )
                for one in best
            )


def _outcomes(unit: Built, units: Sequence[Built], seen: Observed, language: str) -> Iterator[RowOutcome]:
    place = next(at for at, each in enumerate(units) if each is unit)
    match: Match | None = unit.met
    known = unit.record_id if unit.result != "created" else None
    changes: tuple[FieldChange, ...] = ()
    if unit.result == "updated" and known in seen.before and known in seen.after:
        changes = compare(seen.before[known], seen.after[known])
    likely = seen.likely.get(place, ()) if unit.result == "created" else ()
    line = match.line if match is not None else None
    if match is not None and match.place is not None:
        line = units[match.place].rows[0].line
        known = None if units[match.place].result == "created" else known
    for row in unit.rows:
        problems = unit.by_row.get(row.index) or (unit.problems if unit.result == "rejected" else [])
        yield RowOutcome(
            line=row.line,
            result=unit.result or "rejected",
            name=name_of(unit),
            # Whom the actor may not see is not named; the row counts all the same.
            customer_id=known if known in seen.names else None,
            customer=seen.names.get(known, "") if known else "",
            met=translate(MET[match.by], language) if match is not None and match.by in MET else "",
            met_line=line,
            reasons=tuple(one.render(language) for one in problems),
            changes=changes,
            likely=tuple(
                Likely(
                    customer_id=one.customer_id,
                    name=seen.names.get(one.customer_id, ""),
                    score=one.score,
                    reason=one.reason,
                )
                for one in likely
                if one.customer_id in seen.names
            ),
            left_out=tuple(one.render(language) for one in unit.left_out),
            kept=tuple(f"{one.field}: {translate(one.reason, language, **one.values)}" for one in unit.kept),
        )


def name_of(unit: Built) -> str:
    """Return what a row calls its customer or thing."""
    values = unit.values
    named = values.get("name") or whole_name(
        NameParts(family=values.get("family_name"), given=values.get("given_name"), middle=values.get("middle_name"))
    )
    found = named or values.get("title") or values.get("email") or values.get("sku") or values.get("external_id") or ""
    return str(found)
