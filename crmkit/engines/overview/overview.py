"""The 360° view: one call gives everything about a customer that its reader may see.

Composes what other rooms know; what is masked for the reader is left out, what a plugin fails to give is named. Must
not write, nor know doors.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from attrs import evolve, frozen

from crmkit.core.business.money import Money
from crmkit.core.customers.models import Customer
from crmkit.core.interactions.timeline import Cursor, TimelineItem, TimelinePage, timeline
from crmkit.core.store.session import CrmSession
from crmkit.engines.classification.reading import LabelLine, labels_of
from crmkit.engines.facts.moments import Moment, moment_of
from crmkit.engines.facts.reading import values_of
from crmkit.engines.facts.vocabulary import Known, catalogue_of, check_readable
from crmkit.engines.overview.profile import Profile, past_profile, profile
from crmkit.engines.segments.explaining import Belonging, segments_of
from crmkit.errors import CrmkitError, NotFound, PluginError
from crmkit.hooks.contributions import Panel
from crmkit.i18n import texts

_ = texts("crmkit")

ELSEWHERE = ("label", "segment")
"""Sets of facts that the view shows as labels and segments."""


@frozen(kw_only=True)
class FactValue:
    """A fact of the customer: its name without that of its set, and its value, money as such. ``known`` says that it is
    another one than that of a customer about whom the set knows nothing; ``unit`` is what a number counts."""

    name: str
    title: str
    value: object
    known: bool
    unit: str | None = None


@frozen(kw_only=True)
class FactGroup:
    """The facts of the sets of one name."""

    name: str
    title: str
    facts: tuple[FactValue, ...]


@frozen(kw_only=True)
class Overview:
    """Everything about a customer at a moment. ``next`` is the place where the timeline goes on; ``failed_plugins`` are
    those of which something is missing, each with the reason."""

    profile: Profile
    labels: Sequence[LabelLine]
    segments: Sequence[Belonging]
    facts: Sequence[FactGroup]
    timeline: Sequence[TimelineItem]
    next: Cursor | None
    panels: Sequence[Panel]
    failed_plugins: Mapping[str, PluginError]
    moment: Moment


def overview(
    session: CrmSession,
    customer_id: UUID,
    at: datetime | None = None,
    *,
    entries: int = 10,
    history: bool = False,
) -> Overview:
    """Return everything about a customer, now or as it was known at an instant (UTC): then without panels, which are
    of the present.

    ``entries`` is how many entries of the timeline are given (1 to 500), ``history`` adds what was changed.

    Raises NotFound for a customer whom the reader may not see, or that was not known yet at that time.
    """
    customer = session.get(Customer, customer_id)
    if customer is None:
        raise NotFound(_("There is no customer {id}."), id=customer_id)
    moment = moment_of(session) if at is None else moment_of(session, at, at)
    page = _timeline(session, customer_id, at, entries)
    failed = dict(page.failed_plugins)
    return Overview(
        profile=profile(session, customer, history=history)
        if at is None
        else past_profile(session, customer, at, history=history),
        labels=with_money(session, labels_of(session, [customer_id], moment).get(customer_id, ()), moment),
        segments=segments_of(session, customer_id, moment),
        facts=_facts(session, customer_id, moment),
        timeline=page.entries,
        next=page.next,
        panels=_panels(session, customer_id, failed) if at is None else (),
        failed_plugins=failed,
        moment=moment,
    )


def _timeline(session: CrmSession, customer_id: UUID, at: datetime | None, entries: int) -> TimelinePage:
    # Ranked as a plugin's entry, and without a tie: whatever happened before the next microsecond comes behind it.
    before = None if at is None else Cursor(at + timedelta(microseconds=1), 1, "")
    return timeline(session, customer_id, limit=entries, before=before)


def _panels(session: CrmSession, customer_id: UUID, failed: dict[str, PluginError]) -> list[Panel]:
    found: list[Panel] = []
    for answer in session.gate.dispatcher.collect(
        "crmkit_customer_panels", session=session, customer_ids=[customer_id]
    ):
        if answer.error is not None:
            failed.setdefault(answer.plugin, answer.error)
        else:
            found += [panel for panel in answer.value or () if panel.customer_id == customer_id]
    return found


def with_money(session: CrmSession, lines: Iterable[LabelLine], moment: Moment) -> list[LabelLine]:
    """Return labels with the facts that decided as people read them: money as such, not in minor units."""
    catalogue = catalogue_of(session)

    def shown(name: str, value: Any) -> Any:
        known = catalogue.facts.get(name.partition("[")[0])
        return value if known is None else _shown(value, known, moment)

    return [evolve(line, facts={name: shown(name, value) for name, value in line.facts.items()}) for line in lines]


def _facts(session: CrmSession, customer_id: UUID, moment: Moment) -> list[FactGroup]:
    """Return the facts without keys that the reader may read, by set; those that cannot be computed are left out."""
    catalogue = catalogue_of(session)
    shown: list[Known] = []
    for known in catalogue:
        if known.set.name in ELSEWHERE or known.set.keyed:
            continue
        try:
            check_readable(session, [catalogue.ref(known.name)])
        except CrmkitError:
            continue
        shown.append(known)
    values = cast(
        "Mapping[str, Any]",
        values_of(session, [catalogue.ref(known.name) for known in shown], [customer_id], moment).get(customer_id, {}),
    )
    groups: dict[str, list[FactValue]] = {}
    for known in shown:
        value, default = values.get(known.name), known.fact.default
        plain = list(default) if isinstance(default, tuple) else default
        groups.setdefault(known.set.name, []).append(
            FactValue(
                name=known.fact.name,
                title=known.symbol.title,
                value=_shown(value, known, moment),
                known=value is not None and value != plain,
                unit=known.fact.unit or None,
            )
        )
    titles = {known.set.name: known.set.title for known in shown if known.set.title}
    return [
        FactGroup(name=name, title=titles.get(name, name), facts=tuple(facts)) for name, facts in sorted(groups.items())
    ]


def _shown(value: Any, known: Known, moment: Moment) -> Any:
    """Return a fact as people read it: money as such, and a decimal without the zeros at its end."""
    if isinstance(value, Decimal):
        return Decimal(f"{value.normalize():f}")
    if known.symbol.type.kind != "money" or value is None or moment.base_currency is None:
        return value
    return Money(value, moment.base_currency)
