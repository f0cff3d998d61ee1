"""Where friction is looked for: a registry of functions, each of which tells how customers fared at steps of its own.

A source yields a `Touch` for each customer at each of its steps in a span of time, read in sets. It reads as whoever
asks: in system scope of everybody, for a reader of the customers whom that one sees. To add a source, write such a
function and append a `Source` to `SOURCES`; what depends on another plugin yields nothing where that is not enabled.
Must not know how touches are counted, nor what customers are worth.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import func, select

from crmkit import CrmSession, Interaction, texts
from crmkit_experience.effort.models import UNITS, EffortIssue
from crmkit_experience.friction.touches import Span, Touch
from crmkit_experience.settings import settings_of

_ = texts("crmkit_experience")

BATCH = 5000
MANY = 3
"""So many contacts of the same kind in the span are a high effort."""
LONG = timedelta(days=7)
"""A case that takes longer, or is opened again, is a high effort."""
ENDS = ("purchase",)
"""After these customers are silent because they have what they want: they are no steps, but count as going on."""


Touches = Callable[[CrmSession, Span, str], Iterable[Touch]]
Titles = Callable[[CrmSession, Sequence[str]], Mapping[str, tuple[str, str]]]


@frozen(kw_only=True)
class Source:
    """One source. ``touches(session, span, step)`` yields touches, of one step where ``step`` is not empty;
    ``titles(session, steps)`` returns a title and where it is for each step. Steps are named without the source."""

    name: str
    title: str
    effort: str
    touches: Touches
    titles: Titles


# --- contacts: the kernel's interactions ------------------------------------------------------------------------------


def contact_touches(session: CrmSession, span: Span, step: str = "") -> Iterator[Touch]:
    """Yield touches by kind and channel of interactions, as ``call/phone``. A customer has dropped out at a step after
    whose last time nothing came in from this customer within ``span.follow``, of any kind; the effort is how often the
    customer was at the step."""
    end = span.until + span.follow
    query = select(
        Interaction.customer_id, Interaction.occurred_at, Interaction.kind, Interaction.channel, Interaction.direction
    ).where(
        Interaction.customer_id.is_not(None),
        Interaction.reverses_id.is_(None),
        Interaction.direction != "internal",
        Interaction.occurred_at >= span.since,
        Interaction.occurred_at < end,
    )
    if step:
        kind, _slash, channel = step.partition("/")
        here = select(Interaction.customer_id).where(
            Interaction.kind == kind,
            Interaction.channel == channel,
            Interaction.occurred_at >= span.since,
            Interaction.occurred_at < span.until,
        )
        query = query.where(Interaction.customer_id.in_(here))
    ordered = query.order_by(Interaction.customer_id, Interaction.occurred_at, Interaction.id)
    rows: Any = session.execute(ordered.execution_options(yield_per=BATCH))
    for customer_id, found in groupby(rows, key=lambda row: row[0]):
        yield from _contacts_of(customer_id, [tuple(row)[1:] for row in found], span, step)


def _contacts_of(customer_id: UUID, rows: Sequence[Any], span: Span, step: str) -> Iterator[Touch]:
    count: dict[str, int] = {}
    last: dict[str, datetime] = {}
    came = [at for at, _kind, _channel, direction in rows if direction == "in"]
    for at, kind, channel, _direction in rows:
        name = f"{kind}/{channel}"
        if at < span.until and kind not in ENDS and (not step or step == name):
            count[name] = count.get(name, 0) + 1
            last[name] = at
    for name, times in count.items():
        on = any(last[name] < at <= last[name] + span.follow for at in came)
        yield Touch(step=name, customer_id=customer_id, dropped=not on, effort=float(times), laborious=times >= MANY)


def contact_titles(session: CrmSession, steps: Sequence[str]) -> Mapping[str, tuple[str, str]]:
    """Return the kind and the channel of each step."""
    kinds = session.gate.registry.interaction_kinds
    channels = _channels(session)
    found: dict[str, tuple[str, str]] = {}
    for step in steps:
        kind, _slash, channel = step.partition("/")
        known = kinds.get(kind)
        found[step] = (known.title if known is not None else kind, channels.get(channel, channel))
    return found


def _channels(session: CrmSession) -> Mapping[str, str]:
    return {name: each.title for name, each in session.gate.registry.tables["channel"].items()}


# --- cases ------------------------------------------------------------------------------------------------------------


def case_touches(session: CrmSession, span: Span, step: str = "") -> Iterator[Touch]:
    """Yield touches by type of the cases that were opened in the span, where service is enabled. The effort is how many
    days the longest took, or takes until the span and what follows it is over; it is high beyond `LONG`, or where one
    was opened again."""
    if "service.case" not in session.gate.registry.resources:
        return
    from crmkit_service.api import Case, CaseType

    query = (
        select(Case.customer_id, CaseType.name, Case.opened_at, Case.resolved_at, Case.reopened)
        .join(CaseType, CaseType.id == Case.type_id)
        .where(Case.opened_at >= span.since, Case.opened_at < span.until)
    )
    if step:
        query = query.where(CaseType.name == step)
    end = min(span.until + span.follow, session.gate.clock.business_now())
    rows = session.execute(query.order_by(Case.customer_id, CaseType.name, Case.id).execution_options(yield_per=BATCH))
    for (customer_id, name), found in groupby(rows, key=lambda row: (row[0], row[1])):
        days, again = 0.0, False
        for _customer, _name, opened, resolved, reopened in found:
            took = min(resolved or end, end) - opened
            days = max(days, took.total_seconds() / 86400)
            again = again or bool(reopened)
        laborious = again or days > LONG.total_seconds() / 86400
        yield Touch(step=name, customer_id=customer_id, effort=max(0.0, days), laborious=laborious)


def case_titles(session: CrmSession, steps: Sequence[str]) -> Mapping[str, tuple[str, str]]:
    """Return the title of the type of cases of each step."""
    if "service.case" not in session.gate.registry.resources:
        return {}
    from crmkit_service.api import CaseType

    query = select(CaseType.name, CaseType.title).where(CaseType.name.in_(steps))
    return {name: (title, _("Cases")) for name, title in session.execute(query)}


# --- scores -----------------------------------------------------------------------------------------------------------

_SCALES: Mapping[str, tuple[int, int]] = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7)}


def score_touches(session: CrmSession, span: Span, step: str = "") -> Iterator[Touch]:
    """Yield touches by touchpoint and measure of the last score that each customer gave in the span, where feedback is
    enabled: from 0 to 100 by the scale of its measure, and low where feedback calls it bad."""
    if "feedback.feedback" not in session.gate.registry.resources:
        return
    from crmkit_feedback.api import Feedback

    query = select(Feedback.customer_id, Feedback.touchpoint, Feedback.metric, Feedback.score, Feedback.band).where(
        Feedback.customer_id.is_not(None),
        Feedback.touchpoint.is_not(None),
        Feedback.score.is_not(None),
        Feedback.metric.in_(_SCALES),
        Feedback.received_at >= span.since,
        Feedback.received_at < span.until,
    )
    if step:
        touchpoint, _slash, metric = step.rpartition("/")
        query = query.where(Feedback.touchpoint == touchpoint, Feedback.metric == metric)
    order = (Feedback.customer_id, Feedback.touchpoint, Feedback.metric, Feedback.received_at, Feedback.id)
    rows: Any = session.execute(query.order_by(*order).execution_options(yield_per=BATCH))
    for (customer_id, touchpoint, metric), found in groupby(rows, key=lambda row: (row[0], row[1], row[2])):
        *_earlier, (_c, _t, _m, score, band) = found
        low, high = _SCALES[metric]
        yield Touch(
            step=f"{touchpoint}/{metric}",
            customer_id=customer_id,
            score=100 * (score - low) / (high - low),
            unhappy=band == "bad",
        )


def score_titles(session: CrmSession, steps: Sequence[str]) -> Mapping[str, tuple[str, str]]:
    """Return the touchpoint of each step, and by which measure."""
    return {step: (step.rpartition("/")[0], step.rpartition("/")[2].upper()) for step in steps}


# --- effort: issues, as the room effort has computed them -------------------------------------------------------------


def effort_touches(session: CrmSession, span: Span, step: str = "") -> Iterator[Touch]:
    """Yield touches by unit, kind and channel of the issues that began in the span. The effort is the highest index of
    a customer's issues there, from 0 to 100; high as the settings of effort say."""
    query = select(
        EffortIssue.customer_id, EffortIssue.unit, EffortIssue.kind, EffortIssue.channel, func.max(EffortIssue.index)
    ).where(
        EffortIssue.customer_id.is_not(None),
        EffortIssue.started_at >= span.since,
        EffortIssue.started_at < span.until,
    )
    if step:
        unit, kind, channel = (*step.split("/", 2), "", "")[:3]
        query = query.where(EffortIssue.unit == unit, EffortIssue.kind == kind, EffortIssue.channel == channel)
    high = settings_of(session.crm.settings).effort_high
    each = (EffortIssue.customer_id, EffortIssue.unit, EffortIssue.kind, EffortIssue.channel)
    rows: Any = session.execute(query.group_by(*each).order_by(*each).execution_options(yield_per=BATCH))
    for customer_id, unit, kind, channel, index in rows:
        name = f"{unit}/{kind}/{channel}"
        yield Touch(step=name, customer_id=customer_id, effort=float(index), laborious=index >= high)


def effort_titles(session: CrmSession, steps: Sequence[str]) -> Mapping[str, tuple[str, str]]:
    """Return what the issues of each step are about, and by which channel they came."""
    kinds, channels = session.gate.registry.interaction_kinds, _channels(session)
    found: dict[str, tuple[str, str]] = {}
    for step in steps:
        unit, kind, channel = (*step.split("/", 2), "", "")[:3]
        known = kinds.get(kind)
        title = known.title if known is not None else kind or UNITS.get(unit, unit)
        found[step] = (title, channels.get(channel, channel) or _("Effort"))
    return found


# --- flows: nodes of journeys -----------------------------------------------------------------------------------------


def flow_touches(session: CrmSession, span: Span, step: str = "") -> Iterator[Touch]:
    """Yield touches by flow and node of the passages that came by in the span, where journey is enabled. Customers have
    dropped out at the node at which their passage was lost to its goal, up to the end of what follows the span."""
    if "journey.passage" not in session.gate.registry.resources:
        return
    from crmkit_journey.api import stays

    flow, _slash, node = step.partition("/")
    for each in stays(session, span.since, span.until, flow=flow, node=node):
        yield Touch(step=f"{each.flow}/{each.node}", customer_id=each.customer_id, dropped=each.lost)


def flow_titles(session: CrmSession, steps: Sequence[str]) -> Mapping[str, tuple[str, str]]:
    """Return the title of the node and of the flow of each step."""
    if "journey.passage" not in session.gate.registry.resources:
        return {}
    from crmkit_journey.api import node_titles

    known = node_titles(session)
    found = {step: known.get((step.partition("/")[0], step.partition("/")[2])) for step in steps}
    return {step: titles for step, titles in found.items() if titles is not None}


SOURCES: list[Source] = [
    Source(
        name="contacts",
        title=_("Contacts"),
        effort=_("contacts of the same kind"),
        touches=contact_touches,
        titles=contact_titles,
    ),
    Source(
        name="cases", title=_("Cases"), effort=_("days until it is solved"), touches=case_touches, titles=case_titles
    ),
    Source(name="scores", title=_("Scores"), effort="", touches=score_touches, titles=score_titles),
    Source(
        name="effort",
        title=_("Effort"),
        effort=_("index of effort"),
        touches=effort_touches,
        titles=effort_titles,
    ),
    Source(name="flows", title=_("Flows"), effort="", touches=flow_touches, titles=flow_titles),
]
"""Every source, in the order in which they are read. Other rooms append theirs."""


def source_of(step: str) -> tuple[Source, str] | None:
    """Return the source of a step such as ``contacts:call/phone``, and what it calls the step itself; None where there
    is no such source."""
    name, colon, rest = step.partition(":")
    found = next((each for each in SOURCES if each.name == name), None)
    return (found, rest) if found is not None and colon and rest else None


def titles_of(session: CrmSession, steps: Sequence[str]) -> Mapping[str, tuple[str, str]]:
    """Return the title of each step, and where it is; the step's own name where nothing is known of it."""
    found: dict[str, tuple[str, str]] = {}
    for source in SOURCES:
        own = [step.partition(":")[2] for step in steps if step.partition(":")[0] == source.name]
        if own:
            titles = source.titles(session, own)
            found |= {f"{source.name}:{step}": titles.get(step, (step, source.title)) for step in own}
    return {step: found.get(step, (step, "")) for step in steps}
