"""For who serves customers: whom to call today and why, whose birthday comes, what was at hand last."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import func, select

from crmkit.core.customers.models import Customer
from crmkit.core.interactions.models import Interaction
from crmkit.core.store.clock import system_now
from crmkit.engines.classification.reading import LabelLine, labels_of, may_read
from crmkit.engines.definitions.publishing import defined
from crmkit.engines.expressions.symbols import quoted
from crmkit.engines.facts.moments import moment_of
from crmkit.engines.facts.reading import joined
from crmkit.engines.facts.vocabulary import catalogue_of
from crmkit.engines.overview.overview import with_money
from crmkit.hooks.contributions import CardLine, DashboardCard
from crmkit.i18n import texts
from crmkit.web.pages.home.cards.kinds import OwnCard

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

MOST = 6
LATELY = 45
"""Days since a label changed that are still worth a call."""
QUIET = 60
"""Days without contact that are long."""
AHEAD = 7
"""Days for which birthdays are looked ahead."""
NEVER = 365
"""Days after which silence is no news any more."""
RIGHTS = ("customer.read", "interaction.create")
WORRYING: dict[str, tuple[str, ...]] = {"activity": ("silent", "lost"), "temperature": ("cold",)}
"""Dimensions of which a label is a reason to call, with these labels."""
DIMENSIONS = ("activity", "value", "temperature", "lifecycle")


def whose(session: CrmSession) -> Any:
    """Return the condition that says which customers somebody works for: the own ones where there are any."""
    user = session.actor.user_id
    if user is not None:
        own = select(Customer.id).where(Customer.owner_id == user, Customer.deleted_at.is_(None)).limit(1)
        if session.scalar(own) is not None:
            return Customer.owner_id == user
    return Customer.deleted_at.is_(None)


def turned(session: CrmSession) -> Sequence[CardLine]:
    """Return customers who turned silent or are about to be lost, those who have bought most first."""
    known = defined(session, "dimension")
    catalogue, moment = catalogue_of(session), moment_of(session)
    parts = [
        f"(label.{name} in [{', '.join(map(quoted, labels))}] and days_since(label.{name}_since) <= {LATELY})"
        for name, labels in WORRYING.items()
        if name in known and known[name].in_effect(moment.as_of) and may_read(session, known[name].value)
    ]
    if not parts:
        return ()
    where = catalogue.checked(" or ".join(parts))
    bought = catalogue.ref("purchase.net_amount")
    facts = joined(session, [bought], moment, where=where, customers=select(Customer.id).where(whose(session)))
    statement = facts.select(Customer).order_by(facts.columns[bought].desc(), Customer.id).limit(MOST)
    return _lines(session, list(session.scalars(statement)), moment)


def _lines(session: CrmSession, customers: Sequence[Customer], moment: Any) -> list[CardLine]:
    labels = labels_of(session, [each.id for each in customers], moment)
    return [_line(session, each, labels.get(each.id, []), moment) for each in customers]


def _line(session: CrmSession, customer: Customer, labels: Sequence[LabelLine], moment: Any) -> CardLine:
    worrying = [each for each in labels if each.label in WORRYING.get(each.dimension, ())]
    line = min(worrying, key=lambda each: DIMENSIONS.index(each.dimension), default=None)
    name: Any = customer.name
    if line is None:
        return CardLine(title=name, customer_id=customer.id)
    (shown,) = with_money(session, [line], moment)
    catalogue = catalogue_of(session)
    facts: list[tuple[str, Any]] = []
    for fact, value in shown.facts.items():
        symbol = catalogue.find(fact.partition("[")[0])
        if value is not None:
            known = catalogue.facts.get(fact.partition("[")[0])
            days = known is not None and known.fact.unit == "day" and isinstance(value, Decimal | float | int)
            told = timedelta(days=round(value)) if days else value
            facts.append((symbol.title if symbol is not None and symbol.title else fact, told))
    return CardLine(
        title=name,
        hint=line.title,
        facts=facts[:3],
        customer_id=customer.id,
        at=line.since,
        tone="bad" if line.label == "lost" else "warn",
    )


def quiet(session: CrmSession) -> Sequence[CardLine]:
    """Return customers with whom nobody has been in touch for long, those first with whom it is not hopeless."""
    now = moment_of(session).as_of
    last = (
        select(Interaction.customer_id, func.max(Interaction.occurred_at).label("last_at"))
        .join(Customer, Customer.id == Interaction.customer_id)
        .where(whose(session), Customer.deleted_at.is_(None), Interaction.occurred_at <= now)
        .group_by(Interaction.customer_id)
        .subquery("last_contact")
    )
    statement = (
        select(Customer, last.c.last_at)
        .join(last, last.c.customer_id == Customer.id)
        .where(last.c.last_at < now - timedelta(days=QUIET), last.c.last_at > now - timedelta(days=NEVER))
        .order_by(last.c.last_at.desc(), Customer.id)
        .limit(MOST)
    )
    return [
        CardLine(title=customer.name, hint=_("last contact"), at=at, customer_id=customer.id)
        for customer, at in session.execute(statement)
    ]


def birthdays(session: CrmSession) -> Sequence[CardLine]:
    """Return customers whose birthday comes within a week, the next first; nobody's for who may not read that."""
    if session.level(Customer, "personal") != "full":
        return ()
    today = session.today()
    days = {(today + timedelta(days=ahead)).strftime("%m-%d"): ahead for ahead in range(AHEAD)}
    statement = select(Customer).where(whose(session), Customer.deleted_at.is_(None), Customer.birthday.in_(list(days)))
    found = sorted(
        session.scalars(statement.order_by(Customer.id).limit(200)), key=lambda each: days[str(each.birthday)]
    )
    return [
        CardLine(
            title=each.name,
            at=today + timedelta(days=days[str(each.birthday)]),
            hint=_("today") if not days[str(each.birthday)] else "",
            customer_id=each.id,
            icon="cake",
        )
        for each in found[:MOST]
    ]


def at_hand(session: CrmSession) -> Sequence[CardLine]:
    """Return the customers with whom this person was in touch last, or whose record changed last."""
    actor = session.actor.id
    mine = (
        select(Interaction.customer_id, func.max(Interaction.recorded_at).label("at"))
        .where(
            Interaction.actor_id == actor,
            Interaction.customer_id.is_not(None),
            Interaction.recorded_at >= system_now() - timedelta(days=QUIET),
        )
        .group_by(Interaction.customer_id)
        .order_by(func.max(Interaction.recorded_at).desc())
        .limit(MOST)
    )
    touched: dict[UUID, Any] = {row[0]: row[1] for row in session.execute(mine)}
    condition = Customer.id.in_(list(touched)) if touched else whose(session)
    statement = select(Customer).where(condition, Customer.deleted_at.is_(None))
    found = list(session.scalars(statement.order_by(Customer.updated_at.desc(), Customer.id).limit(MOST)))
    return [
        CardLine(title=each.name, at=touched.get(each.id, each.updated_at), customer_id=each.id, icon="history")
        for each in found
    ]


CARDS = (
    OwnCard(
        rights=RIGHTS,
        slow=True,
        card=DashboardCard(
            name="crmkit.turned",
            title=_("Call them before they are gone"),
            rows=turned,
            icon="phone-call",
            empty=_("Nobody has turned silent lately."),
        ),
    ),
    OwnCard(
        rights=RIGHTS,
        slow=True,
        card=DashboardCard(
            name="crmkit.birthdays",
            title=_("Birthdays this week"),
            rows=birthdays,
            icon="cake",
            empty=_("Nobody has a birthday this week."),
        ),
    ),
    OwnCard(
        rights=RIGHTS,
        slow=True,
        card=DashboardCard(
            name="crmkit.quiet",
            title=_("Not heard of for long"),
            rows=quiet,
            icon="message",
            empty=_("Somebody has been in touch with everybody."),
        ),
    ),
    OwnCard(
        rights=RIGHTS,
        slow=True,
        card=DashboardCard(name="crmkit.at_hand", title=_("At hand last"), rows=at_hand, icon="history"),
    ),
)
