"""What something would earn that has not happened: every rule's part, and why others give nothing.

The same computation as for what does happen, on the same values; nothing is written. Must not know how it is shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import field, frozen
from sqlalchemy import func, select

from crmkit import (
    CrmSession,
    Customer,
    Input,
    NotFound,
    Product,
    catalogue_of,
    moment_of,
    new_id,
    places,
    texts,
    values_of,
)
from crmkit_loyalty.earning.compiling import ReadySet, ready
from crmkit_loyalty.earning.computing import Part, compute, totals
from crmkit_loyalty.earning.happening import happening_of, products_of
from crmkit_loyalty.earning.limits import used_before
from crmkit_loyalty.earning.words import OUTCOMES
from crmkit_loyalty.ledger.expiry import last_day
from crmkit_loyalty.ledger.giving import policy_of
from crmkit_loyalty.programs.errors import problem
from crmkit_loyalty.programs.finding import membership_of, types_of
from crmkit_loyalty.programs.inputs import ProgramName
from crmkit_loyalty.programs.models import Program
from crmkit_loyalty.programs.money import currency_of, digits_of
from crmkit_loyalty.trying.finding import version_named

_ = texts("crmkit_loyalty")

MOST_LINES = 200
Money = Annotated[
    Decimal, Input(title=_("Amount"), minimum=-1_000_000_000, maximum=1_000_000_000, classified="internal")
]
Word = Annotated[str, Input(max_length=60, classified="internal")]
Version = Annotated[
    str,
    Input(
        title=_("Version of rules"),
        help=_("Its number or id, draft, or nothing for the rules that count."),
        max_length=60,
        classified="internal",
    ),
]


@frozen(kw_only=True)
class TryLine:
    """A line of a purchase that is tried; without an amount it costs quantity times unit price, rounded half to even.
    ``product`` and ``category`` are asked for only of a product that is not in the catalogue."""

    sku: Annotated[str, Input(title=_("SKU"), max_length=120, classified="public")] = ""
    quantity: Annotated[
        Decimal, Input(title=_("Quantity"), minimum=-1_000_000, maximum=1_000_000, classified="internal")
    ] = Decimal(1)
    unit_price: Money | None = None
    amount: Money | None = None
    product: Annotated[str, Input(title=_("Product"), max_length=300, classified="public")] = ""
    category: Annotated[str, Input(title=_("Category"), max_length=200, classified="public")] = ""


@frozen(kw_only=True)
class Try:
    """Something that is tried. Amounts are in major units of ``currency``, the base currency unless said; ``at`` is by
    default now. Without a customer facts have the values that they have of somebody new; ``facts`` says others."""

    program: ProgramName = ""
    version: Version = ""
    customer_id: Annotated[UUID | None, Input(title=_("Customer"), resource="customer", classified="internal")] = None
    lines: Annotated[tuple[TryLine, ...], Input(title=_("Lines"), max_length=MOST_LINES, classified="internal")] = ()
    amount: Money | None = None
    currency: Annotated[str, Input(title=_("Currency"), max_length=3, classified="internal")] = ""
    at: Annotated[datetime | None, Input(title=_("When"), classified="internal")] = None
    event: Annotated[str, Input(title=_("What happened"), max_length=60, classified="internal")] = "purchase"
    channel: Annotated[str, Input(title=_("Channel"), max_length=60, classified="internal")] = "other"
    direction: Word = "in"
    source: Word | None = None
    outcome: Word | None = None
    duration: Annotated[int, Input(title=_("Duration (seconds)"), minimum=0, classified="internal")] = 0
    facts: Annotated[
        Mapping[str, str],
        Input(title=_("Facts"), help=_("Values by the names of facts, such as loyalty.tier."), classified="internal"),
    ] = field(factory=dict[str, str])


@frozen(kw_only=True)
class TriedPart:
    """What one rule would give for one line (0: for the whole), and why not. ``lost`` is how many more points it would
    give but for its limits, or for another rule of its stack."""

    rule: str
    title: str
    point_type: str
    line_no: int
    points: int
    outcome: str
    lost: int


@frozen(kw_only=True)
class TriedTotal:
    """How many points of a kind it would give; what they cost in major units of the base currency; when those without a
    waiting time of their own can be spent first, and their last day."""

    point_type: str
    title: str
    points: int
    cost: Decimal
    available_on: date
    last_day: date | None


@frozen(kw_only=True)
class Tried:
    """What something would earn by a version of the rules. ``earns`` says whether it would be given at all: a customer
    who does not take part gets nothing where nobody joins by buying. ``facts`` are those that rules read."""

    program: str
    version: int
    state: str
    amount: Decimal
    earns: bool
    parts: tuple[TriedPart, ...]
    totals: tuple[TriedTotal, ...]
    facts: Mapping[str, Any]


@frozen(kw_only=True)
class _Line:
    line_no: int
    product_id: UUID | None
    description: str | None
    quantity: Decimal
    unit_price: Decimal | None
    amount_minor: int


@frozen(kw_only=True)
class _Said:
    kind: str
    occurred_at: datetime
    amount_minor: int | None
    currency: str | None
    channel: str
    direction: str
    source: str | None
    outcome: str | None
    duration: int | None


def try_out(session: CrmSession, said: Try) -> Tried:
    """Return what something would earn; nothing is written. Facts are those of now, as when it happened now, but what
    is tried is not among them. Raises NotFound, NoRules, InvalidInput for a fact or an amount that cannot be read,
    UnknownFact for one that the actor may not read, RateMissing."""
    program, version = version_named(session, said.program, said.version)
    rules = ready(session, version)
    at = said.at or session.gate.clock.business_now()
    currency = said.currency.strip().upper() or currency_of(session)
    lines, products = _lines(session, said, currency)
    whole = sum(line.amount_minor for line in lines) if said.amount is None else _minor("amount", said.amount, currency)
    happened = _Said(
        kind=said.event,
        occurred_at=at,
        amount_minor=whole,
        currency=currency,
        channel=said.channel,
        direction=said.direction,
        source=said.source,
        outcome=said.outcome,
        duration=said.duration,
    )
    facts = _facts(session, said, rules)
    bound = rules.bound(session)
    used = used_before(session, program, bound, said.customer_id, at) if said.customer_id is not None else {}
    parts = compute(bound, happening_of(session, happened, lines, products, facts), used)
    return Tried(
        program=program.name,
        version=version.number,
        state=version.state,
        amount=Decimal(whole).scaleb(-places(currency)),
        earns=_earns(session, program, said.customer_id),
        parts=_parts(session, program, parts),
        totals=_totals(session, program, parts, at),
        facts={str(ref): facts.get(ref) for ref in sorted(rules.facts)},
    )


def _lines(session: CrmSession, said: Try, currency: str) -> tuple[list[_Line], dict[UUID, tuple[str, str, str]]]:
    wanted = {line.sku.strip() for line in said.lines if line.sku.strip()}
    ids = {row[0]: row[1] for row in session.execute(select(Product.sku, Product.id).where(Product.sku.in_(wanted)))}
    products = products_of(session, set(ids.values()))
    found: list[_Line] = []
    for number, line in enumerate(said.lines, 1):
        sku = line.sku.strip()
        product_id = ids.get(sku)
        if product_id is None and (sku or line.category):
            product_id = new_id()
            products[product_id] = sku, line.product, line.category
        amount = line.amount
        if amount is None:
            if line.unit_price is None:
                raise problem(f"lines.{number - 1}.amount", _("Say what the line costs."))
            exact = (line.quantity * line.unit_price).scaleb(places(currency))
            minor = int(exact.quantize(Decimal(1), ROUND_HALF_EVEN))
        else:
            minor = _minor(f"lines.{number - 1}.amount", amount, currency)
        found.append(
            _Line(
                line_no=number,
                product_id=product_id,
                description=line.product or None,
                quantity=line.quantity,
                unit_price=line.unit_price,
                amount_minor=minor,
            )
        )
    return found, products


def _minor(name: str, amount: Decimal, currency: str) -> int:
    exact = amount.scaleb(places(currency))
    if exact != int(exact):
        raise problem(name, _("This has too many decimal places."))
    return int(exact)


def _facts(session: CrmSession, said: Try, rules: ReadySet) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    known = catalogue_of(session)
    if said.customer_id is not None:
        if session.scalar(select(func.count()).select_from(Customer).where(Customer.id == said.customer_id)) != 1:
            raise NotFound(_("There is no customer {id}."), id=said.customer_id)
        if rules.facts:
            found = dict(
                values_of(session, rules.facts, [said.customer_id], moment_of(session)).get(said.customer_id, {})
            )
    for ref in rules.facts:
        found.setdefault(ref, known.known(ref.name).fact.default)
    for name, text in said.facts.items():
        ref = next((each for each in rules.facts if str(each) == name), None)
        if ref is not None:
            found[ref] = _value(session, name, text, known.known(ref.name).symbol.type.kind)
        else:
            known.known(name.partition("[")[0])  # one that there is, and that no rule reads, changes nothing
    return found


def _value(session: CrmSession, name: str, text: str, kind: str) -> Any:
    """Return the value that a text stands for: money is in major units of the base currency."""
    plain = text.strip()
    try:
        match kind:
            case "text":
                return text
            case "boolean" if plain.lower() in ("true", "yes", "1", "false", "no", "0"):
                return plain.lower() in ("true", "yes", "1")
            case "integer":
                return int(plain)
            case "decimal" | "number":
                return Decimal(plain)
            case "money":
                return int(Decimal(plain).scaleb(digits_of(session)))
            case "date":
                return date.fromisoformat(plain)
            case "instant":
                return datetime.fromisoformat(plain)
            case "list":
                return tuple(each.strip() for each in plain.split(",") if each.strip())
            case _:
                raise ValueError(kind)
    except (ValueError, InvalidOperation):
        raise problem("facts", _('"{text}" is no value of {name}.'), text=text, name=name) from None


def _earns(session: CrmSession, program: Program, customer_id: UUID | None) -> bool:
    return (
        customer_id is None
        or program.enrolment == "automatic"
        or membership_of(session, program, customer_id) is not None
    )


def _parts(session: CrmSession, program: Program, parts: Sequence[Part]) -> tuple[TriedPart, ...]:
    names = {each.id: each.name for each in types_of(session, program.id)}
    return tuple(
        TriedPart(
            rule=part.rule.name,
            title=part.rule.title,
            point_type=names[part.rule.type_id],
            line_no=part.line_no,
            points=part.points,
            outcome=part.outcome,
            lost=part.lost,
        )
        for part in parts
    )


def _totals(session: CrmSession, program: Program, parts: Sequence[Part], at: datetime) -> tuple[TriedTotal, ...]:
    day = at.astimezone(ZoneInfo(session.business().zone)).date()
    given: dict[UUID, int] = {}
    waiting: dict[UUID, int] = {}
    kinds = {each.id: each for each in types_of(session, program.id)}
    for (type_id, _line_no, pending), points in totals(parts).items():
        days = kinds[type_id].pending_days if pending is None else pending
        given[type_id] = given.get(type_id, 0) + points
        waiting[type_id] = min(waiting.get(type_id, days), days)
    return tuple(
        TriedTotal(
            point_type=kind.name,
            title=kind.title,
            points=given[kind.id],
            cost=given[kind.id] * kind.unit_cost,
            available_on=date.fromordinal(day.toordinal() + waiting[kind.id]),
            last_day=last_day(policy_of(kind), day),
        )
        for kind in kinds.values()
        if kind.id in given
    )


WHY = OUTCOMES
"""What became of a rule, for people, by its outcome."""
