"""Who is in which arm, and writing down who was treated so. Must not know what is measured."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, cast
from uuid import UUID

from attrs import frozen
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from crmkit.core.customers.models import Customer
from crmkit.core.customers.references import chunks
from crmkit.core.operations.inputs import Input
from crmkit.core.store.guard import region
from crmkit.engines.experiments.defining import Started, started
from crmkit.engines.experiments.tables import ExperimentRun, Exposure
from crmkit.engines.facts.moments import moment_of
from crmkit.engines.facts.reading import values_of
from crmkit.engines.facts.vocabulary import catalogue_of
from crmkit.engines.statistics.hashing import arm_of, share_of
from crmkit.errors import CrmkitError, InvalidInput, NotFound, Problem
from crmkit.hooks.experiments import Experiment
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

_TABLE = cast(Any, Exposure).__table__


@frozen(kw_only=True)
class Expose:
    """That a customer is about to be treated, or was at an instant (UTC)."""

    experiment: Annotated[str, Input(title=_("Experiment"), max_length=120, classified="internal")]
    customer_id: Annotated[UUID, Input(title=_("Customer"), classified="internal", resource="customer")]
    exposed_at: Annotated[datetime | None, Input(title=_("Exposed at"), classified="internal")] = None


def dealt(experiment: Experiment, id: UUID) -> str | None:
    """Return the arm that chance deals to a customer, None for one who does not take part."""
    if experiment.share < 1 and share_of(f"part:{experiment.seed}", id) >= experiment.share:
        return None
    return arm_of(experiment.seed, {arm.name: arm.share for arm in experiment.arms}, id)


def spared(session: CrmSession, ids: Iterable[UUID]) -> set[UUID]:
    """Return those of some customers whom a hold-out that is running leaves alone: whatever treats customers in many
    ways asks this first."""
    running = session.scalars(select(ExperimentRun.experiment).where(ExperimentRun.stopped_at.is_(None)))
    holds = [found for name in running if (found := started(session, name).experiment).spare]
    return {id for id in ids for hold in holds if dealt(hold, id) == hold.base}


def arms_for(session: CrmSession, name: str, ids: Sequence[UUID]) -> dict[UUID, str | None]:
    """Return the arms of customers in an experiment; None for those who do not take part: because it does not run,
    chance or a hold-out leaves them out, or they do not meet its condition. Raises UnknownDefinition."""
    return _arms(session, started(session, name), ids)


def _arms(session: CrmSession, found: Started, ids: Sequence[UUID]) -> dict[UUID, str | None]:
    experiment = found.experiment
    if found.state != "running":
        return dict.fromkeys(ids)
    left = set[UUID]() if experiment.spare else spared(session, ids)
    arms = {id: None if id in left else dealt(experiment, id) for id in ids}
    among = catalogue_of(session).checked(experiment.among)
    if among.facts:
        moment = moment_of(session)
        taking = [id for id, arm in arms.items() if arm is not None]
        values = values_of(session, among.facts, taking, moment, check=False)
        around = moment.surroundings(session.get_bind().dialect.name)
        for id in taking:
            if id not in values or among.evaluate(values[id], around) is not True:
                arms[id] = None
    return arms


def expose_many(session: CrmSession, items: Sequence[Expose]) -> list[str | CrmkitError | None]:
    """Write down that customers are treated, and return for each the arm that it is treated as: the first time decides.
    None for who does not take part; an error for a customer who cannot be found or an instant that cannot be."""
    session.flush()
    answers: dict[int, str | CrmkitError | None] = {}
    for name in dict.fromkeys(item.experiment for item in items):
        of = [(index, item) for index, item in enumerate(items) if item.experiment == name]
        try:
            found = started(session, name)
        except CrmkitError as error:
            answers.update((index, error) for index, _item in of)
            continue
        answers.update(_expose(session, found, of))
    return [answers[index] for index in range(len(items))]


def _expose(
    session: CrmSession, found: Started, items: Sequence[tuple[int, Expose]]
) -> dict[int, str | CrmkitError | None]:
    name, now = found.experiment.name, session.gate.clock.business_now()
    ids = list(dict.fromkeys(item.customer_id for _index, item in items))
    seen = {id for part in chunks(ids) for id in session.scalars(_visible(part))}
    known = exposed(session, name, ids)
    arms = _arms(session, found, [id for id in ids if id in seen and id not in known])
    answers: dict[int, str | CrmkitError | None] = {}
    rows: list[dict[str, Any]] = []
    for index, item in items:
        id, at = item.customer_id, item.exposed_at or now
        if id not in seen:
            answers[index] = NotFound(_("There is no customer {id}."), id=id)
        elif found.run is not None and not found.run.started_at <= at <= now:
            answers[index] = InvalidInput(
                [Problem("CK500", _("This lies before the start or in the future."), field="exposed_at", value=at)]
            )
        elif id in known or arms.get(id) is None:
            answers[index] = known.get(id)
        else:
            answers[index] = known[id] = cast(str, arms[id])
            row = {"experiment": name, "customer_id": id, "arm": arms[id], "exposed_at": at}
            rows.append({**row, "recorded_at": session.gate.clock.now()})
    session.unit.about(row["customer_id"] for row in rows)
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    with region(session, "who was treated how is read through results alone"):
        for part in chunks(rows):
            session.connection().execute(insert(_TABLE).on_conflict_do_nothing(), part)
    return answers


def exposed(session: CrmSession, name: str, ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return the arms of those of some customers who were exposed. For the framework: nothing is filtered."""
    found: dict[UUID, str] = {}
    for part in chunks(ids):
        query = select(_TABLE.c.customer_id, _TABLE.c.arm)
        with region(session, "who was treated how is read through results alone"):
            rows = session.connection().execute(
                query.where(_TABLE.c.experiment == name, _TABLE.c.customer_id.in_(part))
            )
            found.update((row.customer_id, row.arm) for row in rows)
    return found


def _visible(ids: Sequence[UUID]) -> Any:
    return select(Customer.id).where(Customer.id.in_(ids), Customer.deleted_at.is_(None))
