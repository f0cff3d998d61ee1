"""Judging how healthy customers are: the scheme, the job of the night, and what people say instead for some time.

Of who has left nothing is judged any more: what was last known stays, whatever is closed or settled afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import attrs
from sqlalchemy import insert, select

from crmkit import (
    CRM,
    Actor,
    CrmkitError,
    CrmSession,
    Customer,
    Input,
    InvalidInput,
    NotFound,
    Problem,
    Refused,
    catalogue_of,
    moment_of,
    new_id,
    operation,
    texts,
)
from crmkit_churn.defining.features import Cut, features_of, read
from crmkit_churn.health.calculating import Group, Measure, groups_of, health_of
from crmkit_churn.health.models import HealthOverride, HealthScheme, HealthScore
from crmkit_churn.scoring.models import Departure

_ = texts("crmkit_churn")

JOB = "churn.health"
BATCH, CHUNK = 2000, 500
CHANGED = 0.5
"""By fewer points a change is not written."""
USUAL = (
    Group(
        title=_("Purchases"),
        weight=2.0,
        measures=[
            Measure(title=_("Days since the last purchase"), value="days_since(purchase.last_at)", worst=180, best=0),
            Measure(title=_("Purchases in 90 days"), value="purchase.count@90d", worst=0, best=3),
        ],
    ),
    Group(
        title=_("Contact"),
        measures=[
            Measure(
                title=_("Days since they wrote or called"),
                value="days_since(interaction.last_inbound_at)",
                worst=180,
                best=0,
            )
        ],
    ),
    Group(
        title=_("Use"),
        measures=[Measure(title=_("Uses in 30 days"), value="usage.count@30d", worst=0, best=10)],
    ),
    Group(
        title=_("Risk"),
        measures=[Measure(title=_("Probability of leaving"), value="churn.probability", worst=0.8, best=0.0)],
    ),
)
"""By what customers are healthy until somebody says otherwise."""


@attrs.frozen(kw_only=True)
class MeasureInput:
    """A figure, from which value on it is worst and best, and when it is too old to count."""

    title: Annotated[str, Input(max_length=200, classified="internal")]
    value: Annotated[str, Input(max_length=2000, classified="internal")]
    worst: float
    best: float
    weight: float = 1.0
    as_of: Annotated[str, Input(max_length=2000, classified="internal")] = ""
    stale_days: int = 0


@attrs.frozen(kw_only=True)
class GroupInput:
    """Measures that count together."""

    title: Annotated[str, Input(max_length=200, classified="internal")]
    measures: Annotated[tuple[MeasureInput, ...], Input(max_length=50, classified="internal")]
    weight: float = 1.0


@operation("churn.health.save", title=_("Say what makes a customer healthy"), permission="churn.health.manage")
def save_scheme(
    session: CrmSession,
    *,
    title: Annotated[str, Input(title=_("Title"), max_length=200, classified="internal")],
    groups: Annotated[tuple[GroupInput, ...], Input(title=_("Groups"), max_length=50, classified="internal")],
    among: Annotated[str, Input(title=_("Customers"), max_length=2000, classified="internal")] = "true",
) -> HealthScheme:
    """Say by what customers are healthy, in place of what counted before, and have them judged anew.

    Raises InvalidInput and ExpressionError for measures that cannot be used.
    """
    catalogue_of(session).checked(among)
    document = [attrs.asdict(each) for each in groups]
    _check(session, groups_of(document))
    row = session.scalars(select(HealthScheme).order_by(HealthScheme.name).limit(1)).first()
    if row is None:
        row = HealthScheme(name="health", title=title, among=among, groups=document)
        session.add(row)
    else:
        row.title, row.among, row.groups, row.number = title, among, document, row.number + 1
    session.defer(JOB, unique=JOB)
    return row


@operation(
    "churn.health.override",
    title=_("Say how healthy a customer is"),
    permission="churn.health.override",
    effect="create",
)
def override(
    session: CrmSession,
    *,
    customer_id: Annotated[UUID, Input(title=_("Customer"), resource="customer", classified="internal")],
    points: Annotated[int, Input(title=_("Health"), minimum=0, maximum=100, classified="internal")],
    until: Annotated[datetime, Input(title=_("Until"), classified="internal")],
    reason: Annotated[str, Input(title=_("Reason"), max_length=2000, multiline=True, classified="text")],
) -> HealthOverride:
    """Say how healthy a customer is until an instant; then what is computed counts again.

    Raises NotFound for a customer that there is not, InvalidInput without a reason or for a time that is over.
    """
    customer = session.get(Customer, customer_id)
    if customer is None or customer.deleted_at is not None:
        raise NotFound(_("There is no customer {id}."), id=customer_id)
    now = session.gate.clock.business_now()
    if not reason.strip():
        raise InvalidInput([Problem(InvalidInput.code, _("Say why."), field="reason")])
    if until <= now:
        raise InvalidInput([Problem(InvalidInput.code, _("This time is over."), field="until")])
    row = HealthOverride(customer_id=customer_id, points=points, until=until, reason=reason.strip())
    session.add(row)
    session.add(
        HealthScore(
            customer_id=customer_id,
            as_of=now,
            recorded_at=session.gate.clock.now(),
            points=float(points),
            cause="override",
            known=1.0,
            parts=[],
        )
    )
    return row


@attrs.frozen(kw_only=True)
class Judged:
    """What is to be kept of one customer."""

    customer_id: UUID
    points: float
    cause: Annotated[str, Input(max_length=8, classified="internal")]
    known: float
    parts: Annotated[tuple[Mapping[str, Any], ...], Input(max_length=50, classified="internal")] = ()


@operation(
    "churn.health.keep", title=_("Keep health scores"), permission="churn.health.manage", effect="create", hidden=True
)
def keep(
    session: CrmSession,
    *,
    as_of: datetime,
    items: Annotated[tuple[Judged, ...], Input(max_length=BATCH, classified="internal")],
) -> int:
    """Keep how healthy some customers are where it has changed, and return how many. Raises Refused outside system
    scope."""
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))
    now, known = session.gate.clock.now(), _known(session, [each.customer_id for each in items])
    rows = [
        {
            "id": new_id(),
            "customer_id": each.customer_id,
            "as_of": as_of,
            "recorded_at": now,
            "points": each.points,
            "cause": each.cause,
            "known": each.known,
            "parts": [dict(part) for part in each.parts],
        }
        for each in items
        if each.customer_id not in known
        or abs(known[each.customer_id][0] - each.points) >= CHANGED
        or known[each.customer_id][1] != each.cause
    ]
    for start in range(0, len(rows), CHUNK):
        session.execute(insert(HealthScore), rows[start : start + CHUNK])
    return len(rows)


def judge_all(crm: CRM, actor: Actor, tick: datetime | None = None) -> int:
    """Judge how healthy all customers are and return for how many that has changed; the job of the night."""
    written = 0
    with crm.session(actor) as session:
        row = session.scalars(select(HealthScheme).where(HealthScheme.active).order_by(HealthScheme.name)).first()
        groups = list(USUAL) if row is None else groups_of(row.groups)
        groups = _known_groups(session, groups)
        texts_ = [text for group in groups for m in group.measures for text in (m.value, m.as_of) if text]
        features = features_of(session, texts_)
        moment = moment_of(session)
        gone = set(session.scalars(select(Departure.customer_id).where(Departure.returned_on.is_(None))))
        said = _said(session, moment.as_of)
        for batch in read(session, features, Cut(moment=moment, timeless=True), among=row.among if row else "true"):
            items: list[dict[str, Any]] = []
            for place, identity in enumerate(batch.ids):
                if identity in gone:
                    continue
                values = {name: column[place] for name, column in batch.columns.items()}
                found = health_of(groups, lambda text, values=values: _number(values.get(text.strip())))
                points = said.get(identity, found.points)
                if points is None:
                    continue
                items.append(
                    {
                        "customer_id": identity,
                        "points": round(float(points), 1),
                        "cause": "override" if identity in said else "computed",
                        "known": found.known,
                        "parts": found.document(),
                    }
                )
            if items:
                written += crm.run(actor, "churn.health.keep", {"as_of": moment.as_of, "items": items})
    return written


def _known_groups(session: CrmSession, groups: Sequence[Group]) -> list[Group]:
    """Return the groups without measures of facts that this installation does not have."""

    def usable(measure: Measure) -> bool:
        try:
            features_of(session, [measure.value])
        except CrmkitError:
            return False
        return True

    kept = [attrs.evolve(group, measures=[m for m in group.measures if usable(m)]) for group in groups]
    return [each for each in kept if each.measures]


def _check(session: CrmSession, groups: Sequence[Group]) -> None:
    for group in groups:
        for measure in group.measures:
            features = features_of(session, [text for text in (measure.value, measure.as_of) if text])
            if any(each.kind == "text" for each in features) or measure.best == measure.worst:
                message = _("A measure is a number that has a worst and a best value.")
                raise InvalidInput([Problem(InvalidInput.code, message, field="groups", value=measure.value)])


def _said(session: CrmSession, now: datetime) -> dict[UUID, int]:
    """Return what people say of customers' health at present, the last word of each."""
    query = select(HealthOverride).where(HealthOverride.until > now).order_by(HealthOverride.created_at)
    return {each.customer_id: each.points for each in session.scalars(query)}


def _known(session: CrmSession, ids: Sequence[UUID]) -> dict[UUID, tuple[float, str]]:
    found: dict[UUID, tuple[float, str]] = {}
    for start in range(0, len(ids), CHUNK):
        query = select(HealthScore.customer_id, HealthScore.points, HealthScore.cause)
        query = query.where(HealthScore.customer_id.in_(ids[start : start + CHUNK]))
        ordered = query.order_by(HealthScore.as_of, HealthScore.recorded_at)
        found.update({row[0]: (row[1], row[2]) for row in session.execute(ordered)})
    return found


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) else None


OPERATIONS = [save_scheme, override, keep]
