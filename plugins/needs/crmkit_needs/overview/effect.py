"""Whether those who were told that something was delivered changed afterwards, beside others who ask and were not told.

Each figure is a fact of whichever plugin has one, read by its name. Nobody chose by chance who is told: what is held
equal is the time and how customers stood before, and what is not is said beside the figures. Must not know surveys.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import field, frozen
from sqlalchemy import select

from crmkit import Column, CrmSession, Input, Moment, Note, Report, Table, catalogue_of, moment_of, texts, values_of
from crmkit.engines.statistics.hashing import share_of
from crmkit_needs.catalogue.models import Evidence
from crmkit_needs.overview.comparing import Change, Person, Side, compared, side_of

_ = texts("crmkit_needs")

MOST_DAYS = 120
"""At how many days of telling facts are read, the last ones."""


@frozen(kw_only=True)
class Outcome:
    """What may change: its fact, the fact that says as of when that is (None where it is always as of now), in what it
    is shown, by what it is multiplied for that, and whether more of it is better."""

    title: str
    fact: str
    since: str | None = None
    unit: str = ""
    times: float = 1.0
    money: bool = False
    more_is_better: bool = True


OUTCOMES: Mapping[str, Outcome] = {
    "satisfaction": Outcome(
        title=_("Satisfaction (0 to 100)"), fact="feedback.satisfaction", since="feedback.last_answered_at"
    ),
    "leaving": Outcome(
        title=_("Probability of leaving"),
        fact="churn.probability",
        since="churn.scored_at",
        unit="%",
        times=100.0,
        more_is_better=False,
    ),
    "revenue": Outcome(title=_("Revenue of 365 days"), fact="value.revenue_365", money=True),
    "lifetime": Outcome(title=_("Expected lifetime value"), fact="value.clv", money=True),
}
HELD = (_("the month of the telling"), _("where the customer stood before (thirds)"))
NOT_HELD = (
    _("who asks for what gets delivered, and who for what does not"),
    _("that a message was sent at all"),
    _("who answers surveys, and who is scored"),
    _("whatever else was done for either of them"),
)
"""What may stand behind a difference."""
CAUTION = _("Nobody chose by chance who is told: a difference does not say that telling caused it.")


@frozen(kw_only=True)
class Effect:
    """An outcome with both sides; ``difference`` is None where there are too few to compare."""

    name: str
    outcome: Outcome
    told: Side
    others: Side
    difference: Change | None


@frozen(kw_only=True)
class Effects:
    """The outcomes that there are figures of, how many were told and how many others there are, how many days of
    telling were left out, and how many days after each it was looked."""

    found: tuple[Effect, ...] = field(converter=tuple)
    told: int
    others: int
    too_fresh: int
    days: int
    left_out: int = 0


@frozen(kw_only=True)
class EffectParameters:
    """After how many days it is looked."""

    days: Annotated[int, Input(title=_("Days afterwards"), minimum=7, maximum=730, classified="internal")] = 90


def effects(session: CrmSession, days: int = 90, most: int = MOST_DAYS) -> Effects:
    """Return what changed within so many days of the day on which customers were told first that something was
    delivered, of those whom the reader sees; of the last ``most`` such days.

    The others are customers who asked before a day on which somebody was told, and were never told themselves; each is
    put beside one such day, by a stable number, so that everybody counts once.
    """
    now = moment_of(session)
    zone = ZoneInfo(now.zone)
    told, heard, fresh = _told(session, now, zone, days)
    kept = set(sorted(set(told.values()))[-most:])
    others = _beside(told, heard, [day for day in sorted(kept) if day + timedelta(days=days) < now.today], zone)
    known = set(catalogue_of(session).names())
    wanted = {name: each for name, each in OUTCOMES.items() if each.fact in known}
    people: dict[str, list[Person]] = defaultdict(list)
    by_day: dict[date, dict[UUID, bool]] = defaultdict(dict)
    for group, is_told in ((told, True), (others, False)):
        for customer, day in group.items():
            if day in kept and day + timedelta(days=days) < now.today:
                by_day[day][customer] = is_told
    for day, group_of in sorted(by_day.items()) if wanted else ():
        for name, person in _people(session, wanted, known, day, days, group_of, zone, now):
            people[name].append(person)
    sizes = Counter(is_told for group_of in by_day.values() for is_told in group_of.values())
    return Effects(
        found=[_effect(name, each, people[name]) for name, each in wanted.items()],
        told=sizes[True],
        others=sizes[False],
        too_fresh=fresh,
        days=days,
        left_out=len(set(told.values())) - len(kept),
    )


def _told(
    session: CrmSession, now: Moment, zone: ZoneInfo, days: int
) -> tuple[dict[UUID, date], dict[UUID, datetime], int]:
    """Return on which day each customer was told first, when each was heard of first, and how many were told so lately
    that it is too early to say."""
    told: dict[UUID, date] = {}
    heard: dict[UUID, datetime] = {}
    query = select(Evidence.customer_id, Evidence.heard_at, Evidence.told_state, Evidence.told_at)
    for customer, at, state, told_at in session.execute(query):
        heard[customer] = min(at, heard.get(customer, at))
        if state == "delivered" and told_at is not None:
            day = told_at.astimezone(zone).date()
            told[customer] = min(day, told.get(customer, day))
    fresh = sum(day + timedelta(days=days) >= now.today for day in told.values())
    return told, heard, fresh


def _beside(
    told: Mapping[UUID, date], heard: Mapping[UUID, datetime], days_told: Sequence[date], zone: ZoneInfo
) -> dict[UUID, date]:
    """Return beside which day each customer is put who was never told."""
    found: dict[UUID, date] = {}
    for customer, at in heard.items():
        fit = [day for day in days_told if at.astimezone(zone).date() < day] if customer not in told else []
        if fit:
            found[customer] = fit[int(share_of("needs.effect", customer) * len(fit))]
    return found


def _people(
    session: CrmSession,
    wanted: Mapping[str, Outcome],
    known: set[str],
    day: date,
    days: int,
    group: Mapping[UUID, bool],
    zone: ZoneInfo,
    now: Moment,
) -> list[tuple[str, Person]]:
    """Return customers before and after one day, by outcome."""
    begin = datetime.combine(day, time(), zone)
    catalogue = catalogue_of(session)
    names = [each.fact for each in wanted.values()]
    names += [each.since for each in wanted.values() if each.since is not None and each.since in known]
    refs = {name: catalogue.ref(name) for name in names}
    sides = [
        values_of(session, refs.values(), sorted(group), moment_of(session, at, now.known_at))
        for at in (begin, begin + timedelta(days=days + 1))
    ]
    found: list[tuple[str, Person]] = []
    for customer, is_told in group.items():
        before, after = (side.get(customer, {}) for side in sides)
        for name, each in wanted.items():
            one, other = before.get(refs[each.fact]), after.get(refs[each.fact])
            if one is None or other is None:
                continue
            since = after.get(refs[each.since]) if each.since in refs else None
            if each.since in refs and (since is None or since < begin + timedelta(days=1)):
                # What was said before says nothing of afterwards.
                continue
            person = Person(
                told=is_told,
                month=f"{day:%Y-%m}",
                before=float(one) * each.times,
                after=float(other) * each.times,
            )
            found.append((name, person))
    return found


def _effect(name: str, outcome: Outcome, people: Sequence[Person]) -> Effect:
    return Effect(
        name=name,
        outcome=outcome,
        told=side_of([each for each in people if each.told]),
        others=side_of([each for each in people if not each.told]),
        difference=compared(people),
    )


def effect_rows(session: CrmSession, parameters: EffectParameters, moment: object) -> Table:
    """Return the outcomes with both sides and the difference."""
    return table_of(session, effects(session, parameters.days))


def table_of(session: CrmSession, found: Effects) -> Table:
    """Return effects as rows: each side, and the difference where there are customers enough."""
    currency = moment_of(session).base_currency or ""
    rows: list[Mapping[str, Any]] = []
    for each in found.found:
        times = _major(each.outcome, currency)
        unit = currency if each.outcome.money else each.outcome.unit
        for key, title, side in (("told", _("Told"), each.told), ("others", _("Not told"), each.others)):
            values = {name: _shown(getattr(side, name), times) for name in ("before", "after", "change", "low", "high")}
            rows.append(
                {"key": f"{each.name}:{key}", "what": each.outcome.title, "who": title, "n": side.n, "unit": unit}
                | values
                | {"p": None}
            )
        own = each.difference
        if own is not None:
            values = {"change": own.value, "low": own.low, "high": own.high}
            rows.append(
                {
                    "key": f"{each.name}:difference",
                    "what": each.outcome.title,
                    "who": _("Difference among customers alike"),
                    "n": own.n,
                    "unit": unit,
                    "before": None,
                    "after": None,
                    **{name: _shown(value, times) for name, value in values.items()},
                    "p": round(own.p_value, 4),
                }
            )
    return Table(rows=rows, notes=notes_of(found))


def notes_of(found: Effects) -> list[Note]:
    """Return what has to be said beside the figures."""
    notes = news_of(found)
    notes += [Note(text=_("Held equal: {what}."), values={"what": each}) for each in HELD]
    notes += [Note(text=_("Not held equal: {what}."), values={"what": each}) for each in NOT_HELD]
    notes.append(Note(text=CAUTION))
    return notes


def news_of(found: Effects) -> list[Note]:
    """Return what has to be said of these figures."""
    notes: list[Note] = []
    if not found.found:
        notes.append(Note(text=_("Figures come with the plugins feedback, churn and value; none of them is enabled.")))
    if found.too_fresh:
        text = _("{count} customers were told less than {days} days ago: it is too early to say.")
        notes.append(Note(text=text, values={"count": found.too_fresh, "days": found.days}))
    if found.left_out:
        notes.append(Note(text=_("The {count} earliest days are left out."), values={"count": found.left_out}))
    return notes


def _major(outcome: Outcome, currency: str) -> float:
    """Return by what a figure is multiplied to be in major units."""
    from babel.numbers import get_currency_precision

    return float(10 ** -get_currency_precision(currency)) if outcome.money and currency else 1.0


def _shown(value: float | None, times: float) -> float | None:
    return None if value is None else round(value * times, 2)


REPORTS = [
    Report(
        name="needs.effect",
        title=_("What telling changes"),
        rows=effect_rows,
        parameters=EffectParameters,
        permission="needs.evidence.read",
        aggregates=True,
        counts="n",
        columns=[
            Column(name="key", title=_("Key"), hidden=True),
            Column(name="what", title=_("What")),
            Column(name="who", title=_("Customers")),
            Column(name="n", title=_("How many"), kind="integer"),
            Column(name="unit", title=_("Unit")),
            Column(name="before", title=_("Before"), kind="number"),
            Column(name="after", title=_("Afterwards"), kind="number"),
            Column(name="change", title=_("Change"), kind="number"),
            Column(name="low", title=_("At least"), kind="number", doc=_("The lower end of the 95% interval.")),
            Column(name="high", title=_("At most"), kind="number", doc=_("The upper end of the 95% interval.")),
            Column(name="p", title=_("p-value"), kind="number"),
        ],
        temporal=False,
        doc=_(
            "Satisfaction, probability of leaving and value of customers before and after they were told of a delivery,"
            " beside customers who ask and were not told."
        ),
    )
]
