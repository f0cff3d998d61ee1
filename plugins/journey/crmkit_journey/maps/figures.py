"""How it goes at the stages of a map: who was there, who went on, and what the measures come to now; and how far what
customers really did agrees with the map. Counts are of the customers whom the reader may see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from statistics import median
from uuid import UUID

from attrs import field, frozen
from sqlalchemy import func, select

from crmkit import CrmkitError, CrmSession, Interaction, customers_where, texts
from crmkit_journey.discovery.conformance import Conformance, Step, in_order
from crmkit_journey.discovery.reading import events_of_log, midnight
from crmkit_journey.discovery.words import LogChoice
from crmkit_journey.maps.content import MapContent

_ = texts("crmkit_journey")

GOING_ON = 90
"""Whoever is in the next stage within so many days went on."""


@frozen(kw_only=True)
class StageFigures:
    """A stage: how many customers were there in the period, how many of these ``went_on`` to the next stage with
    activities within `GOING_ON` days, and after how many days (the median, None where nobody did)."""

    name: str
    customers: int
    went_on: int | None
    days: float | None


@frozen(kw_only=True)
class MapFigures:
    """The figures of a map: its stages in their order, and the share of customers for whom each measure holds, by stage
    and touchpoint; ``wrong`` says why a measure has none."""

    stages: tuple[StageFigures, ...]
    shares: Mapping[tuple[str, str], float] = field(factory=dict[tuple[str, str], float])
    wrong: Mapping[tuple[str, str], str] = field(factory=dict[tuple[str, str], str])


def figures(session: CrmSession, content: MapContent, since: date, until: date) -> MapFigures:
    """Return the figures of a map for a period of calendar days, both included."""
    seen = _seen(session, content, since, until)
    stages = content.stages
    with_activities = [each.name for each in stages if each.activities]
    found = []
    for stage in stages:
        own = seen.get(stage.name, {})
        following = _following(with_activities, stage.name)
        spans = []
        for customer, times in own.items():
            later = seen.get(following, {}).get(customer, ()) if following else ()
            reached = next((at for at in later if at >= times[0]), None)
            if reached is not None and reached - times[0] <= timedelta(days=GOING_ON):
                spans.append((reached - times[0]).total_seconds() / 86400)
        found.append(
            StageFigures(
                name=stage.name,
                customers=len(own),
                went_on=len(spans) if following else None,
                days=median(spans) if spans else None,
            )
        )
    shares, wrong = _measures(session, content)
    return MapFigures(stages=tuple(found), shares=shares, wrong=wrong)


def _following(names: Sequence[str], name: str) -> str | None:
    if name not in names or name == names[-1]:
        return None
    return names[names.index(name) + 1]


def conformance(session: CrmSession, content: MapContent, choice: LogChoice) -> Conformance:
    """Hold what customers really did against the order of a map's stages; stages without activities do not count.

    Raises what `crmkit_journey.discovery.reading.events_of_log` does.
    """
    steps = [Step(name=each.name, activities=each.activities) for each in content.stages if each.activities]
    return in_order(events_of_log(session, choice), steps)


def _seen(
    session: CrmSession, content: MapContent, since: date, until: date
) -> dict[str, dict[UUID, Sequence[datetime]]]:
    """Return, by stage and customer, when the customer was there, in order of time."""
    kinds = {kind for stage in content.stages for kind in stage.activities}
    if not kinds:
        return {}
    zone = session.business().zone
    query = (
        select(Interaction.customer_id, Interaction.kind, Interaction.occurred_at)
        .where(
            Interaction.customer_id.is_not(None),
            Interaction.kind.in_(sorted(kinds)),
            Interaction.occurred_at >= midnight(since, zone),
            Interaction.occurred_at < midnight(until + timedelta(days=1), zone),
        )
        .order_by(Interaction.occurred_at, Interaction.id)
    )
    if content.among.strip() != "true":
        query = query.where(Interaction.customer_id.in_(customers_where(session, content.among)))
    found: dict[str, dict[UUID, list[datetime]]] = {}
    stages = {kind: [each.name for each in content.stages if kind in each.activities] for kind in kinds}
    for customer_id, kind, at in session.execute(query):
        for name in stages[kind]:
            found.setdefault(name, {}).setdefault(customer_id, []).append(at)
    return {name: dict(each) for name, each in found.items()}


def _measures(
    session: CrmSession, content: MapContent
) -> tuple[dict[tuple[str, str], float], dict[tuple[str, str], str]]:
    shares: dict[tuple[str, str], float] = {}
    wrong: dict[tuple[str, str], str] = {}
    wanted = [(stage.name, each) for stage in content.stages for each in stage.touchpoints if each.measure]
    if not wanted:
        return shares, wrong
    whole = session.scalar(select(func.count()).select_from(customers_where(session, content.among).subquery())) or 0
    for stage, each in wanted:
        try:
            condition = f"({content.among}) and ({each.measure})"
            held = session.scalar(select(func.count()).select_from(customers_where(session, condition).subquery()))
        except CrmkitError as error:
            wrong[stage, each.name] = str(error)
            continue
        if whole:
            shares[stage, each.name] = (held or 0) / whole
    return shares, wrong
