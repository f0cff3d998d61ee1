"""What the engines cost on a large base, beside the same asked for by hand-written SQL: segments, classification,
rules, expressions, search, reports.

``--rows`` is the number of customers; there are ten times as many interactions.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import timedelta
from statistics import median
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, text

from benchmarks.measure import Bench, in_turn, seconds
from benchmarks.population import END, populate
from crmkit import CRM, Actor, Do, Rule
from crmkit.core.interactions.events import InteractionsRecorded
from crmkit.core.store.clock import Clock
from crmkit.core.store.types import Id, Instant
from crmkit.engines.definitions.documents import to_document
from crmkit.engines.definitions.publishing import Defined
from crmkit.engines.facts.counting import count
from crmkit.engines.facts.moments import moment_of
from crmkit.engines.facts.vocabulary import catalogue_of
from crmkit.engines.reports.running import run as run_report
from crmkit.engines.rules.carrying import decide
from crmkit.engines.rules.happening import Occasion
from crmkit.engines.rules.index import RuleIndex
from crmkit.engines.search.searching import search
from crmkit.hooks.contributions import ByCutPoints, ByExpressions, Dimension, DimensionLabel

ACTOR = Actor.system("benchmark")
ZONE = "Asia/Shanghai"
SEGMENT = 'purchase.count >= 3 and days_since(purchase.last_at) > 60 and customer.city in ["上海", "杭州"]'
RULE = "purchase.count >= 3 and days_since(purchase.last_at) > 60 and purchase.amount > 1000"
PER_MILLION = {"sqlite": 30.0, "postgresql": 45.0}
"""Seconds that the first million labels may take."""
DECISION = {"sqlite": 2.0, "postgresql": 3.0}
"""Milliseconds that a rule may take to decide over one customer."""
CLOSURE = 5.0
"""Microseconds that a typical condition may take."""
NAMES = ("bench_value", "bench_frequency", "bench_activity")

COUNTING = """
WITH kept AS (
    SELECT customer_id, occurred_at, amount_minor FROM crm_interaction AS i
    WHERE kind = 'purchase' AND reverses_id IS NULL AND customer_id IS NOT NULL
    AND id NOT IN (SELECT reverses_id FROM crm_interaction WHERE reverses_id IS NOT NULL)
), bought AS (
    SELECT customer_id, count(*) AS number, max(occurred_at) AS last_at, sum(amount_minor) AS amount
    FROM kept GROUP BY customer_id
)
"""
BY_HAND = [
    text(statement).bindparams(bindparam("before", type_=Instant()))
    for statement in (
        COUNTING
        + """
SELECT count(*) FROM crm_customer JOIN bought ON bought.customer_id = crm_customer.id
WHERE deleted_at IS NULL AND city IN ('上海', '杭州') AND number >= 3 AND last_at < :before
""",
        """
SELECT count(*) FROM (
    SELECT c.id FROM crm_customer AS c JOIN crm_interaction AS i ON i.customer_id = c.id
    WHERE deleted_at IS NULL AND city IN ('上海', '杭州') AND i.kind = 'purchase' AND i.reverses_id IS NULL
    AND NOT EXISTS (SELECT 1 FROM crm_interaction AS r WHERE r.reverses_id = i.id)
    GROUP BY c.id HAVING count(*) >= 3 AND max(i.occurred_at) < :before
) AS found
""",
    )
]
"""Two ways to write the segment by hand; the faster one is the floor."""
ONE_BY_HAND = text(
    """
SELECT count(*), max(occurred_at), sum(amount_minor) FROM crm_interaction AS i
WHERE customer_id = :id AND kind = 'purchase' AND reverses_id IS NULL
AND NOT EXISTS (SELECT 1 FROM crm_interaction AS r WHERE r.reverses_id = i.id)
"""
).bindparams(bindparam("id", type_=Id()))
FACTS_BY_HAND = text(
    COUNTING
    + """
SELECT crm_customer.id, coalesce(number, 0), coalesce(amount, 0), last_at
FROM crm_customer LEFT JOIN bought ON bought.customer_id = crm_customer.id WHERE deleted_at IS NULL
"""
)


def run(bench: Bench) -> None:
    """Measure on each engine."""
    for engine in bench.engines:
        with bench.database(engine) as url, CRM.init(url, clock=Clock(END)) as crm:
            crm.run(ACTOR, "business.configure", {"name": "Bench", "base_currency": "CNY", "zone": ZONE})
            ids: list[UUID] = []
            time = seconds(lambda crm=crm, ids=ids: ids.extend(populate(crm, bench.rows, bench.rows * 10)))
            print(f"{bench.rows} customers with {bench.rows * 10} interactions written in {time:.0f} s ({engine})")
            _segment(bench, engine, crm)
            _expression(bench, engine, crm)
            _decision(bench, engine, crm, ids)
            _thousand_rules(bench, engine, crm, ids)
            _report(bench, engine, crm, ids)
            _classification(bench, engine, crm)
            _search(bench, engine, crm)


def by_hand(crm: CRM, statement: Any, **values: Any) -> Sequence[Any]:
    """Return the rows of a hand-written statement, as whoever wrote it would have them."""
    with crm.engines.system_read.connect() as connection:
        return connection.execute(statement, values).all()


def _segment(bench: Bench, engine: str, crm: CRM) -> None:
    before = (END.astimezone(ZoneInfo(ZONE)) - timedelta(days=60)).replace(hour=0, minute=0, second=0, microsecond=0)

    def ours() -> int:
        with crm.session(ACTOR) as session:
            return count(session, catalogue_of(session).checked(SEGMENT), moment_of(session))

    def floor(statement: Any) -> Callable[[], int]:
        return lambda: int(by_hand(crm, statement, before=before)[0][0])

    assert {ours()} == {floor(statement)() for statement in BY_HAND} != {0}
    pairs = [in_turn(ours, floor(statement)) for statement in BY_HAND]
    own, best = min(pairs, key=lambda pair: pair[1])
    bench.note("a segment of three facts, counted", engine, own, best, floor_name="by hand", bar=2.0)


def _expression(bench: Bench, engine: str, crm: CRM) -> None:
    with crm.session(ACTOR) as session:
        expression = catalogue_of(session).checked(RULE)
        around = moment_of(session).surroundings(engine)
    values = dict.fromkeys(expression.facts, 5) | {"purchase.last_at": END - timedelta(days=90)}
    times = 20_000

    def several() -> None:
        for _time in range(times):
            expression.evaluate(values, around)

    best = min(seconds(several) for _round in range(5)) / times * 1e6
    bench.note("a condition on one customer in Python", engine, best, CLOSURE, floor_name="at most", bar=1.0, unit="µs")


def _rules(crm: CRM, rules: Sequence[Rule]) -> RuleIndex:
    with crm.session(ACTOR) as session:
        items = {rule.name: Defined(kind="rule", name=rule.name, value=rule, origin="own") for rule in rules}
        return RuleIndex(session.gate.registry, catalogue_of(session), items)


def _rule(name: str, kind: str) -> Rule:
    return Rule(
        name=name,
        title=name,
        on="interaction.recorded",
        when=f'event.kind == "{kind}" and {RULE}',
        then=[Do(operation="customer.tag", arguments={"names": ['"seldom"']})],
    )


def _event(id: UUID) -> InteractionsRecorded:
    return InteractionsRecorded(kind="purchase", interaction_ids=(id,), customer_ids=(id,))


def _decision(bench: Bench, engine: str, crm: CRM, ids: Sequence[UUID]) -> None:
    index, draw = _rules(crm, [_rule("seldom", "purchase")]), random.Random(1)
    with crm.session(ACTOR) as session:
        moment = moment_of(session)
        around = moment.surroundings(engine)
        (ready,) = index.candidates(_event(ids[0]), END)

        def decided(id: UUID) -> bool:
            values = decide(session, [ready], [Occasion(key="bench", customer_id=id)], moment)
            return ready.compiled.holds({**values[id], "event.kind": "purchase"}, around)

        assert {True, False} == {decided(draw.choice(ids)) for _time in range(200)}
        asked = [draw.choice(ids) for _time in range(100)]
        with crm.engines.system_read.connect() as connection:
            ours, floor = in_turn(
                lambda: [decided(id) for id in asked],
                lambda: [connection.execute(ONE_BY_HAND, {"id": id}).all() for id in asked],
            )
    ours, floor = ours / len(asked) * 1e3, floor / len(asked) * 1e3
    most = DECISION[engine]
    bench.note("a rule decides over one customer", engine, ours, most, floor_name="at most", bar=1.0, unit="ms")
    bench.note("a rule decides, beside its facts", engine, ours, floor, floor_name="by hand", bar=None, unit="ms")


def _thousand_rules(bench: Bench, engine: str, crm: CRM, ids: Sequence[UUID]) -> None:
    few = [_rule(f"p{number}", "purchase") for number in range(10)]
    others = [_rule(f"{kind}{number}", kind) for number in range(330) for kind in ("call", "email", "visit")]
    many = [*few, *others]
    event = _event(ids[0])
    small, large = _rules(crm, few), _rules(crm, many)
    assert [len(index.candidates(event, END)) for index in (small, large)] == [10, 10]

    def several(index: RuleIndex) -> Callable[[], object]:
        return lambda: [index.candidates(event, END) for _time in range(500)]

    ours, floor = (time / 500 * 1e6 for time in in_turn(several(large), several(small)))
    bench.note("which of 1,000 rules an event sets off", engine, ours, floor, floor_name="of 10", bar=2.0, unit="µs")


def _dimensions(amounts: Sequence[str], numbers: Sequence[str], days: Sequence[int]) -> list[Dimension]:
    labels = [DimensionLabel(name=name, title=name) for name in ("low", "medium", "high")]
    since = "days_since(purchase.last_at)"
    activity = [
        DimensionLabel(name="active", title="active", when=f"{since} <= {days[0]}"),
        DimensionLabel(name="silent", title="silent", when=f"{since} <= {days[1]}"),
    ]
    lost = DimensionLabel(name="lost", title="lost")
    return [
        Dimension(
            name=NAMES[0], title="Value", labels=labels, decider=ByCutPoints(score="purchase.amount", points=amounts)
        ),
        Dimension(
            name=NAMES[1], title="Frequency", labels=labels, decider=ByCutPoints(score="purchase.count", points=numbers)
        ),
        Dimension(name=NAMES[2], title="Activity", labels=[*activity, lost], decider=ByExpressions(), default="lost"),
    ]


def _classification(bench: Bench, engine: str, crm: CRM) -> None:
    rows = by_hand(crm, FACTS_BY_HAND)
    numbers, amounts = sorted(int(row[1]) for row in rows), sorted(int(row[2]) for row in rows)

    def points(values: Sequence[int], share: float, unit: int) -> tuple[str, str]:
        low, high = (values[int(len(values) * part)] / unit for part in (share, share + 0.4))
        return str(low), str(max(high, low + 1))

    def save(share: float, days: tuple[int, int]) -> None:
        for dimension in _dimensions(points(amounts, share, 100), points(numbers, share, 1), days):
            crm.run(ACTOR, "dimension.save", {"definition": to_document(dimension), "enabled": True})

    def classify() -> Any:
        return crm.run(ACTOR, "classification.run", {"dimensions": NAMES, "complete": True})

    save(0.3, (90, 365))
    found: list[Any] = []
    first = seconds(lambda: found.append(classify()))
    labels = found[0].changed
    assert labels == 3 * len(rows), labels
    bench.note(
        "the first million labels", engine, first / labels * 1e6, PER_MILLION[engine], floor_name="at most", bar=1.0
    )
    ours: list[float] = []
    floors: list[float] = []
    parts: list[float] = []
    for _round in range(3):
        for share, days in ((0.4, (120, 420)), (0.3, (90, 365))):
            save(share, days)
            floors.append(seconds(lambda: by_hand(crm, FACTS_BY_HAND)))
            ours.append(seconds(lambda: found.append(classify())))
            parts.append(found[-1].changed / labels)
    print(f"of {labels} labels {min(parts):.1%} to {max(parts):.1%} change")
    bench.note(
        "a run in which a fifth of them changes", engine, median(ours), median(floors), floor_name="facts", bar=4.0
    )
    same = median(seconds(classify) for _round in range(3))
    bench.note("a run in which nothing changes", engine, same, median(floors), floor_name="facts", bar=None)


def _report(bench: Bench, engine: str, crm: CRM, ids: Sequence[UUID]) -> None:
    as_of, parameters = END - timedelta(days=100), {"period": "2026", "by": "month"}

    def report() -> Any:
        with crm.session(ACTOR) as session:
            return run_report(session, "purchase.summary", parameters, as_of=as_of, known_at=known)

    with crm.session(ACTOR) as session:
        known = moment_of(session).known_at
    before: list[Any] = []
    first = seconds(lambda: before.append(report()))
    late = [
        {"kind": "purchase", "customer_id": id, "occurred_at": as_of - timedelta(days=1), "amount": "5.00",
         "currency": "CNY"} for id in ids[:1000]
    ]  # fmt: skip
    crm.run_many(ACTOR, "interaction.record", late)
    again: list[Any] = []
    second = seconds(lambda: again.append(report()))
    assert before[0].rows == again[0].rows
    bench.note("a report as of an earlier day, run again", engine, second, first, floor_name="first", bar=None)


def _search(bench: Bench, engine: str, crm: CRM) -> None:
    def rebuild() -> None:
        after = None
        while True:
            done = crm.run(ACTOR, "search.rebuild", {"resource": "customer", "after": after})
            after = done.after
            if after is None:
                return

    time = seconds(rebuild)
    print(f"the names of {bench.rows} customers indexed in {time:.1f} s ({engine})")
    like = text("SELECT id, name FROM crm_customer WHERE name LIKE :like ORDER BY length(name), name LIMIT 20")
    for what, word in (("one customer", f"Clara Jones {bench.rows // 2}"), ("a common name", "王娜")):

        def ours(word: str = word) -> Any:
            with crm.session(ACTOR) as session:
                return search(session, word, within=["customer"], limit=20).hits

        assert ours()
        times = in_turn(ours, lambda word=word: by_hand(crm, like, like=f"%{word}%"), rounds=9)
        bench.note(f"search for {what}", engine, times[0] * 1e3, times[1] * 1e3, floor_name="LIKE", bar=None, unit="ms")
