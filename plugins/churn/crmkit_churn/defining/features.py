"""Features: expressions over facts as of a cut-off, and the guard that refuses those that know what came after.

A feature is a fact (``purchase.count``), an expression (``days_since(purchase.last_at)``), or either with ``@90d``:
what was added in the 90 days before the cut-off. Instants and days count as days before it, money in major units.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID

from attrs import field, frozen
from sqlalchemy import select

from crmkit import (
    CrmSession,
    Customer,
    InvalidInput,
    Moment,
    Money,
    Problem,
    catalogue_of,
    frame,
    moment_of,
    texts,
    values_of,
)
from crmkit_churn.defining.words import USUAL_FEATURES
from crmkit_churn.errors import LeakingFeature
from crmkit_churn.learning.encoding import Kind, Value

_ = texts("crmkit_churn")

_WINDOW = re.compile(r"^(?P<text>.*\S)\s*@\s*(?P<days>[1-9][0-9]{0,3})d$", re.DOTALL)
OWN = ("custom", "customer")
"""The fact sets that are a customer's own record: as of a day, they are what had been recorded by then."""
ALIVE = "value.p_alive"
"""The feature that is told anew for each cut-off by a model of buying of that time, and so is never late."""
SAMPLE = 400
LATE = 0.1
"""From this share of customers on, of whom a fact was recorded only after the cut-off, its history counts as late."""
BATCH = 2000


@frozen(kw_only=True, eq=False)
class Feature:
    """A feature that was checked: its text, what it is computed by, and the fact sets that it reads. ``window`` is in
    days, 0 for what is known at the cut-off."""

    text: str
    kind: Kind
    window: int
    expression: Any
    sources: tuple[str, ...] = field(converter=tuple)
    facts: tuple[str, ...] = field(converter=tuple)
    dated: bool

    def value(self, values: Mapping[Any, Any], at: Any, moment: Moment, shift: int) -> Value:
        """Return its value for a customer from the values of facts."""
        return plain(self.expression.evaluate(values, at), moment, shift, self.expression.type.kind)


@frozen(kw_only=True)
class Cut:
    """As of when customers are looked at. ``timeless`` takes everything as it stands now, where nothing has dates."""

    moment: Moment
    delays: Mapping[str, int] = field(factory=dict[str, int])
    timeless: bool = False


def features_of(session: CrmSession, wanted: Sequence[str]) -> list[Feature]:
    """Return features by their texts. Raises ExpressionError and UnknownFact for what there is not, InvalidInput for
    lists and for features that are named twice."""
    catalogue = catalogue_of(session)
    found: list[Feature] = []
    for text in dict.fromkeys(each.strip() for each in wanted if each.strip()):
        match = _WINDOW.match(text)
        expression = catalogue.checked(match["text"] if match else text, None)
        kind = expression.type.kind
        if kind == "list" or (match and kind in ("text", "date", "instant", "boolean")):
            message = _("A list cannot be a feature.") if kind == "list" else _("What was added has to be a number.")
            raise InvalidInput([Problem(InvalidInput.code, message, field="features", value=text)])
        facts = catalogue.closure(expression.facts)
        sets = [catalogue.known(ref.name).set for ref in facts]
        found.append(
            Feature(
                text=text,
                kind="text" if kind == "text" else "number",
                window=int(match["days"]) if match else 0,
                expression=expression,
                sources=sorted({each.name for each in sets}),
                facts=sorted({ref.name for ref in facts}),
                dated=all(each.temporal for each in sets),
            )
        )
    return found


def usual_features(session: CrmSession) -> list[str]:
    """Return the features that are looked at where nobody says otherwise, as far as this installation knows them."""
    names = set(catalogue_of(session).names())
    return [text for text in USUAL_FEATURES if set(re.findall(r"[a-z_]+\.[a-z_0-9]+", text)) <= names]


def own_fields(session: CrmSession, outcome: Iterable[str]) -> list[str]:
    """Return the customers' custom fields, without those that the outcome reads and those that are lists."""
    known, taken = catalogue_of(session), set(outcome)
    return [
        each.name
        for each in known
        if each.set.name == "custom" and each.name not in taken and each.symbol.type.kind != "list"
    ]


def guard(session: CrmSession, features: Sequence[Feature], cut: Cut, *, outcome: Iterable[str], undated: bool) -> None:
    """Refuse features that know what is to be predicted. Raises LeakingFeature, which names each with its reason:

    what the outcome itself reads; what churn has said before; facts without history, which are as at present, unless
    they are let count; and facts that were recorded only after the cut-off, unless their source's delay is stated.
    """
    told = set(outcome)
    problems: list[Problem] = []

    def refuse(feature: Feature, message: str, fix: str = "", **values: Any) -> None:
        problems.append(
            Problem(LeakingFeature.code, message, field="features", hint=fix or None, feature=feature.text, **values)
        )

    for each in features:
        shared = told & set(each.facts) if cut.timeless else set()
        if shared:
            refuse(each, _("{feature} reads {fact}, which is what is to be predicted."), fact=sorted(shared)[0])
        elif "churn" in each.sources or any(name.startswith("label.churn") for name in each.facts):
            refuse(each, _("{feature} is what churn itself has said."))
        elif not each.dated and not undated and not cut.timeless:
            refuse(
                each,
                _("{feature} has no history: it is as at present, after the day as of which is learnt."),
                _("Leave it out, or let facts without history count (undated)."),
            )
    asked = [each for each in features if each.text != ALIVE]
    late = [] if cut.timeless or problems else _late(session, asked, cut)
    for feature, source in late:
        refuse(
            feature,
            _("{feature} was recorded only after {day}, as of which is learnt."),
            _("If the history of {source} was imported, state after how many days it was known: {source}=0."),
            day=cut.moment.today.isoformat(),
            source=source,
        )
    if problems:
        raise LeakingFeature(problems)


def _late(session: CrmSession, features: Sequence[Feature], cut: Cut) -> list[tuple[Feature, str]]:
    """Return the features whose history was not known yet at the cut-off for many customers, with their sources."""
    refs = sorted({ref for each in features if _delay(each, cut) is None for ref in each.expression.facts}, key=str)
    if not refs:
        return []
    later = moment_of(session, cut.moment.as_of)
    ids = list(session.scalars(select(Customer.id).order_by(Customer.id).limit(SAMPLE)))
    then = values_of(session, refs, ids, cut.moment)
    now = values_of(session, refs, ids, later)
    catalogue = catalogue_of(session)
    late: set[str] = set()
    for ref in refs:
        default = catalogue.known(ref.name).fact.default
        missed = sum(
            1
            for each in ids
            if each in now
            and now[each][ref] != then.get(each, {}).get(ref, default)
            and then.get(each, {}).get(ref, default) in (default, None)
        )
        if ids and missed > LATE * len(ids):
            late.add(str(ref))
    found: list[tuple[Feature, str]] = []
    for each in features:
        wrong = sorted(str(ref) for ref in each.expression.facts if str(ref) in late)
        if wrong and _delay(each, cut) is None:
            found.append((each, wrong[0].partition(".")[0]))
    return found


def _delay(feature: Feature, cut: Cut) -> int | None:
    """Return after how many days all that a feature reads was known, where that is stated."""
    delays = [cut.delays.get(source) for source in feature.sources]
    known = [each for each in delays if each is not None]
    return max(known) if known and len(known) == len(delays) else None


# --- reading ---------------------------------------------------------------------------------------------------------


@frozen(kw_only=True, eq=False)
class Batch:
    """Some customers with their features in columns, in the order of their ids."""

    ids: Sequence[UUID]
    columns: Mapping[str, Sequence[Value]]


def read(
    session: CrmSession, features: Sequence[Feature], cut: Cut, *, among: str = "true", size: int = BATCH
) -> Iterator[Batch]:
    """Return the features of all customers who meet a condition at the cut-off, a batch at a time.

    Facts are read as of the cut-off by what was known then; those of sources whose delay is stated as of that many days
    before, by what is known now. Raises what `crmkit.frame` raises.
    """
    wanted: dict[_Key, set[str]] = {_Key(0, False): set()}
    keys = [_keys(each, cut) for each in features]
    for feature, own in zip(features, keys, strict=True):
        for key in own:
            wanted.setdefault(key, set()).update(str(ref) for ref in feature.expression.facts)
    readings = {key: _Reading(session, sorted(names), cut, key, among) for key, names in wanted.items()}
    main = readings[_Key(0, False)]
    at, shift = cut.moment.surroundings(session.get_bind().dialect.name), _shift(cut.moment)
    while True:
        part = main.next_rows(size)
        if not part:
            # A cursor of the server has to be read to its end.
            for each in readings.values():
                each.drain()
            return
        columns: dict[str, list[Value]] = {each.text: [] for each in features}
        for row in part:
            known = {
                key: each.values(row[0]) if each is not main else main.named(row) for key, each in readings.items()
            }
            for feature, own in zip(features, keys, strict=True):
                now, *before = (feature.value(known[key], at, cut.moment, shift) for key in own)
                columns[feature.text].append(_added(now, before[0]) if before else now)
        yield Batch(ids=[row[0] for row in part], columns=columns)


class _Key(NamedTuple):
    """How many days before the cut-off something is read, and whether by what is known now."""

    back: int
    known_now: bool


def _keys(feature: Feature, cut: Cut) -> list[_Key]:
    """Return when a feature is read: at the cut-off, and for what was added at the beginning of its window."""
    delay = None if cut.timeless else _delay(feature, cut)
    back = delay or 0
    return [_Key(each, delay is not None) for each in ((back, back + feature.window) if feature.window else (back,))]


def _added(now: Value, before: Value) -> Value:
    return None if now is None or isinstance(now, str) else now - (before if isinstance(before, float) else 0.0)


class _Reading:
    """The rows of some facts at one moment, in the order of customers' ids; money is in minor units again."""

    def __init__(self, session: CrmSession, names: Sequence[str], cut: Cut, key: _Key, among: str) -> None:
        catalogue, main = catalogue_of(session), key == _Key(0, False)
        moment = cut.moment
        if not main:
            known_at = None if key.known_now or cut.timeless else cut.moment.known_at
            moment = moment_of(session, cut.moment.as_of - timedelta(days=key.back), known_at)
        self._names = names
        self._money = [catalogue.known(catalogue.ref(name).name).symbol.type.kind == "money" for name in names]
        self._scale = _shift(cut.moment)
        self._rows = frame(session, names, where=among if main else None, moment=moment).rows()
        self._held: tuple[Any, ...] | None = None

    def next_rows(self, size: int) -> list[tuple[Any, ...]]:
        """Return the next rows, at most so many."""
        return list(islice(self._rows, size))

    def values(self, identity: UUID) -> Mapping[str, Any]:
        """Return the facts of a customer; they are asked for in the order of the ids."""
        while self._held is None or self._held[0] < identity:
            self._held = next(self._rows, None)
            if self._held is None:
                return {}
        return self.named(self._held) if self._held[0] == identity else {}

    def drain(self) -> None:
        """Read what is left."""
        for _row in self._rows:
            continue

    def named(self, row: tuple[Any, ...]) -> Mapping[str, Any]:
        """Return a row's facts by their names."""
        return {
            name: int(cell.scaleb(self._scale)) if money and isinstance(cell, Decimal) else cell
            for name, cell, money in zip(self._names, row[1:], self._money, strict=True)
        }


def plain(value: Any, moment: Moment, shift: int, kind: str) -> Value:
    """Return a value as a feature has it: a number, a text, or None."""
    if value is None or isinstance(value, str):
        return value
    if kind == "money":
        return float(value) / 10**shift
    if isinstance(value, datetime):
        return (moment.as_of - value).total_seconds() / 86_400
    if isinstance(value, date):
        return float((moment.today - value).days)
    if isinstance(value, timedelta):
        return value.total_seconds() / 86_400
    return float(value)


def _shift(moment: Moment) -> int:
    return 0 if moment.base_currency is None else _places(moment.base_currency)


def _places(currency: str) -> int:
    return len(str(Money.of("1", currency).amount)) - 1
