"""What segments come to, over the customers whom the reader may see: how many, which, how they overlap, what they are
worth, how many of them have agreed to be addressed, and how steady they are.

Everything is computed by the facts of the moment; a reader without the right to a fact is refused by its name. Must not
write.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any, cast

from attrs import frozen
from sqlalchemy import String, and_, case, cast as sql_cast, false, func, or_, select

from crmkit.core.business.money import Money
from crmkit.core.customers.models import Customer
from crmkit.core.store.guard import region
from crmkit.core.store.guard.computed import computed
from crmkit.engines.expressions.compiling import Expression
from crmkit.engines.facts.counting import count
from crmkit.engines.facts.moments import Moment
from crmkit.engines.facts.reading import joined
from crmkit.engines.facts.vocabulary import catalogue_of, check_readable
from crmkit.engines.segments.membership import history_is_open
from crmkit.engines.segments.resolving import fact_of, find_segment, is_frozen
from crmkit.engines.segments.tables import SegmentMember, SegmentRun
from crmkit.errors import InvalidInput, Problem, Refused, UnknownFact
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

_MEMBER = cast(Any, SegmentMember).__table__
_RUN = cast(Any, SegmentRun).__table__
MOST_COMPARED = 20
"""Most segments that are compared with each other at once."""


def condition(session: CrmSession, name: str | None = None, where: str | None = None) -> Expression:
    """Return the condition of a segment, or of a text, or that both hold. A frozen segment's is that it was kept.

    Raises UnknownDefinition, ExpressionError, and UnknownFact for what the reader may not read.
    """
    parts: list[str] = []
    if name is not None:
        found = find_segment(session, name)
        parts.append(str(fact_of(name)) if is_frozen(session, name) else found.value.where)
    if where is not None:
        parts.append(where)
    if not parts:
        raise InvalidInput(_("Name a segment, or give a condition."))
    catalogue = catalogue_of(session)
    # Each is understood by itself first, so that one part cannot close the other's brackets.
    expressions = [catalogue.checked(part) for part in parts]
    expression = expressions[0] if len(parts) == 1 else catalogue.checked(" and ".join(f"({part})" for part in parts))
    check_readable(session, expression.facts)
    return expression


# --- how many --------------------------------------------------------------------------------------------------------


@frozen(kw_only=True)
class Count:
    """How many customers meet a condition, of how many."""

    count: int
    total: int

    @property
    def share(self) -> float:
        """Return the part of all customers, 0 where there are none."""
        return self.count / self.total if self.total else 0.0


def size(session: CrmSession, where: Expression, moment: Moment, *, everybody: bool = False) -> Count:
    """Return how many of the customers whom the reader may see meet a condition, or of all customers, which needs the
    right ``report.all``. Raises Refused, UnknownFact."""
    check_readable(session, where.facts)
    if not everybody:
        return _size(session, where, moment)
    if session.guarding.rights.scope("report", "all") == "none":
        raise Refused(_("Counting customers whom you may not see needs the right report.all."))
    with region(session, "a count over everybody, for who has report.all"):
        return _size(session, where, moment)


def _size(session: CrmSession, where: Expression, moment: Moment) -> Count:
    return Count(count=count(session, where, moment), total=_total(session, moment))


def _total(session: CrmSession, moment: Moment) -> int:
    return session.scalar(joined(session, (), moment).select(func.count())) or 0


def sample(session: CrmSession, where: Expression, moment: Moment, limit: int = 10) -> list[Customer]:
    """Return some of the customers who meet a condition, as if drawn by lot: the same ones each time, and a larger
    sample contains a smaller one."""
    # The last bytes of an id are random, and know nothing of the customer.
    random = func.substr(Customer.id, 9) if session.get_bind().dialect.name == "sqlite" else _tail()
    statement = joined(session, (), moment, where=where).select(Customer)
    return list(session.scalars(statement.order_by(random, Customer.id).limit(limit)))


def _tail() -> Any:
    return func.right(sql_cast(Customer.id, String), 17)


# --- how they overlap ------------------------------------------------------------------------------------------------


@frozen(kw_only=True)
class Overlap:
    """How segments overlap: ``both[a][b]`` customers are in both, the diagonal being the segments' own sizes."""

    names: tuple[str, ...]
    both: tuple[tuple[int, ...], ...]

    def jaccard(self, first: int, second: int) -> float:
        """Return the part that is in both of what is in either (Jaccard 1901); 0 where nobody is in either."""
        either = self.both[first][first] + self.both[second][second] - self.both[first][second]
        return self.both[first][second] / either if either else 0.0

    @property
    def matrix(self) -> tuple[tuple[float, ...], ...]:
        """Return the Jaccard index of every two segments."""
        places = range(len(self.names))
        return tuple(tuple(self.jaccard(first, second) for second in places) for first in places)


def overlap(session: CrmSession, names: Sequence[str], moment: Moment, *, where: Expression | None = None) -> Overlap:
    """Return how segments overlap among the customers whom the reader may see, in one statement.

    ``where`` is compared with them as the first one, without a name. Raises UnknownDefinition, UnknownFact, and
    InvalidInput for more than 20.
    """
    if len(names) > MOST_COMPARED:
        raise InvalidInput([Problem("CK500", _("At most {most} at a time."), field="names", most=MOST_COMPARED)])
    refs = [fact_of(find_segment(session, name).name) for name in names]
    facts = joined(session, [*refs, *(where.facts if where is not None else ())], moment)
    at = moment.surroundings(session.get_bind().dialect.name)
    own = [] if where is None else [where.where(facts.columns, at)]
    columns = [*own, *(facts.columns[ref] for ref in refs)]
    pairs = [(first, second) for first in range(len(columns)) for second in range(first, len(columns))]
    sums = [func.count(case((and_(columns[first], columns[second]), 1))) for first, second in pairs]
    row = session.execute(facts.select(*sums)).one() if sums else ()
    found = dict(zip(pairs, row, strict=True))
    places = range(len(columns))
    both = tuple(tuple(found[min(a, b), max(a, b)] for b in places) for a in places)
    return Overlap(names=(*([""] if own else []), *names), both=both)


# --- what they are worth ---------------------------------------------------------------------------------------------


@frozen(kw_only=True)
class Worth:
    """What the customers of a segment have bought, in the base currency: how many bought at all, the sum, and the mean
    of those who bought. ``total`` is what all customers have bought."""

    buyers: int
    sum: Money | None
    mean: Money | None
    total: Money | None

    @property
    def share(self) -> float:
        """Return the part of everything that was bought."""
        return self.sum.amount / self.total.amount if self.sum and self.total and self.total.amount else 0.0


def worth(session: CrmSession, where: Expression, moment: Moment) -> Worth:
    """Return what the customers who meet a condition have bought, refunds taken off."""
    catalogue = catalogue_of(session)
    bought, often = catalogue.ref("purchase.net_amount"), catalogue.ref("purchase.count")
    facts = joined(session, [bought, often, *where.facts], moment)
    inside = where.where(facts.columns, moment.surroundings(session.get_bind().dialect.name))
    amount = facts.columns[bought]
    buyers = func.count(case((and_(inside, facts.columns[often] > 0), 1)))
    row: Any = session.execute(facts.select(buyers, func.sum(case((inside, amount))), func.sum(amount))).one()
    mean = round(int(row[1]) / row[0]) if row[0] and row[1] is not None else None
    return Worth(buyers=row[0], sum=_money(row[1], moment), mean=_money(mean, moment), total=_money(row[2], moment))


def _money(minor: Any, moment: Moment) -> Money | None:
    return None if minor is None or moment.base_currency is None else Money(int(minor), moment.base_currency)


# --- whom of them one may address ------------------------------------------------------------------------------------


@frozen(kw_only=True)
class Reach:
    """How many customers of a segment have agreed to be addressed for a purpose by a channel, and how many of those
    have a contact point for it."""

    purpose: str
    channel: str
    agreed: int
    reachable: int


CHANNELS = {"email": "contact.has_email", "phone": "contact.has_phone", "sms": "contact.has_phone"}
"""The channels of which reach is told by default, each with the fact that says whether there is a contact point."""


def agreed(purpose: str, channel: str) -> str:
    """Return the condition that a customer has agreed to a purpose by a channel. Raises InvalidInput for a name with a
    quotation mark, a slash or a backslash."""
    for name in (purpose, channel):
        if not name or any(char in name for char in '"/\\'):
            raise InvalidInput([Problem("CK500", _("This is no purpose or channel."), value=name)])
    return f'consent.granted["{purpose}/{channel}"]'


def reach(
    session: CrmSession, where: Expression, moment: Moment, purpose: str, channels: Iterable[str] = tuple(CHANNELS)
) -> list[Reach]:
    """Return for each channel how many of the customers who meet a condition may be addressed for a purpose."""
    catalogue, names = catalogue_of(session), list(channels)
    consents = [catalogue.checked(agreed(purpose, name)) for name in names]
    points = [catalogue.checked(CHANNELS[name]) if name in CHANNELS else None for name in names]
    known = [each for each in (*consents, *points) if each is not None]
    facts = joined(session, [ref for each in known for ref in each.facts], moment, where=where)
    at = moment.surroundings(session.get_bind().dialect.name)
    sums: list[Any] = []
    for consent, point in zip(consents, points, strict=True):
        given = consent.where(facts.columns, at)
        there = given if point is None else and_(given, point.where(facts.columns, at))
        sums += [func.count(case((given, 1))), func.count(case((there, 1)))]
    row = session.execute(facts.select(*sums)).one() if sums else ()
    return [
        Reach(purpose=purpose, channel=name, agreed=row[2 * place], reachable=row[2 * place + 1])
        for place, name in enumerate(names)
    ]


# --- how steady they are ---------------------------------------------------------------------------------------------


@frozen(kw_only=True)
class Standing:
    """How a segment stood after a run: members, who entered and who is gone since the run before, and the part of the
    members of the run before who still belong (1 where there were none). ``redefined`` says that the condition had been
    changed."""

    as_of: datetime
    members: int
    entered: int
    gone: int
    kept: float
    redefined: bool


def stability(session: CrmSession, name: str, *, limit: int = 30) -> list[Standing]:
    """Return how a segment stood after its last runs, oldest first, counted over the customers whom the reader may see.

    Raises UnknownDefinition; UnknownFact where it was decided, at any time, by what is masked for the reader.
    """
    find_segment(session, name)
    if not history_is_open(session, name):
        raise UnknownFact(_("The history of {name} was decided by what is masked for you."), name=name)
    query = select(_RUN.c.as_of, _RUN.c.definition).where(_RUN.c.segment == name)
    with region(session, "when a segment was run"):
        latest = query.order_by(_RUN.c.as_of.desc(), _RUN.c.id.desc()).limit(limit + 1)
        runs = list(reversed(session.connection().execute(latest).all()))
    redefined = {row.as_of for before, row in pairwise(runs) if before.definition != row.definition}
    instants = list(dict.fromkeys(row.as_of for row in runs))
    found = [_standing(session, name, None, instants[0], redefined=False)] if instants else []
    found += [_standing(session, name, *pair, redefined=pair[1] in redefined) for pair in pairwise(instants)]
    return found[-limit:]


def _standing(session: CrmSession, name: str, before: datetime | None, at: datetime, *, redefined: bool) -> Standing:
    spans = computed(select(_MEMBER).where(_MEMBER.c.segment == name), "spans")

    def inside(instant: datetime) -> Any:
        return and_(spans.c.since <= instant, or_(spans.c.until.is_(None), spans.c.until > instant))

    earlier = false() if before is None else inside(before)
    sums = [func.count(case((each, 1))) for each in (inside(at), earlier, and_(earlier, inside(at)))]
    statement = select(*sums).select_from(Customer).join(spans, spans.c.customer_id == Customer.id)
    row: Any = session.execute(statement.where(Customer.deleted_at.is_(None))).one()
    members, were, stayed = row
    kept = stayed / were if were else 1.0
    return Standing(
        as_of=at, members=members, entered=members - stayed, gone=were - stayed, kept=kept, redefined=redefined
    )
