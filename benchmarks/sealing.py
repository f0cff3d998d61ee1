"""What sealing costs: a field sealed and opened, a data key made, a page whose fields are sealed, a rotation."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid4

from sqlalchemy import insert, select

from benchmarks.measure import Bench, in_turn, seconds
from crmkit import CRM, Actor
from crmkit.core.store.sealed import OpenItem, SealItem
from crmkit.core.vault.blind import token
from crmkit.core.vault.rows import data_keys
from crmkit.security.keys.rotating import rotate_root

ACTOR = Actor.system("benchmark")
FIELDS = 2_000
MICRO = 5.0
"""Microseconds that sealing and opening a field of 64 bytes may take."""
NEW_KEY = 8.0
"""Microseconds that a new data key may cost beside writing its row."""
PAGE_MS = 5.0
"""Milliseconds that a page of 50 customers with 4 sealed fields may take longer than in plain."""
KEYS_PER_SECOND = 20_000


def run(bench: Bench) -> None:
    """Measure on each engine."""
    for engine in bench.engines:
        with bench.database(engine) as url, CRM.init(url) as crm:
            _fields(bench, engine, crm)
            _new_keys(bench, engine, crm)
            _page(bench, engine, crm)
            _rotation(bench, engine, crm)
            _tokens(bench, engine, crm)


def _items(subjects: Sequence[UUID], each: int, size: int = 64) -> list[SealItem]:
    return [
        SealItem(subject=subject, table="bench", field=f"field{number}", record=uuid4(), value=b"x" * size)
        for subject in subjects
        for number in range(each)
    ]


def _openable(items: Sequence[SealItem], sealed: Sequence[bytes]) -> list[OpenItem]:
    return [
        OpenItem(table=item.table, field=item.field, record=item.record, sealed=each)
        for item, each in zip(items, sealed, strict=True)
    ]


def _fields(bench: Bench, engine: str, crm: CRM) -> None:
    items = _items([uuid4()], FIELDS)
    with crm.transaction(ACTOR) as session:
        sealed = crm.vault.seal_many(session, items)
        times = sorted(seconds(lambda: crm.vault.seal_many(session, items)) for _ in range(7))
    _limit(bench, engine, "seal a field of 64 bytes", times[0] / FIELDS * 1e6, MICRO, "µs")
    wanted = _openable(items, sealed)
    with crm.session(ACTOR) as session:
        crm.vault.open_many(session, wanted)
        times = sorted(seconds(lambda: crm.vault.open_many(session, wanted)) for _ in range(7))
    _limit(bench, engine, "open a field of 64 bytes", times[0] / FIELDS * 1e6, MICRO, "µs")


def _new_keys(bench: Bench, engine: str, crm: CRM) -> None:
    """Measure batches of customers who get their keys beside writing as many ready rows of keys."""

    def ours() -> None:
        with crm.transaction(ACTOR) as session:
            crm.vault.seal_many(session, _items([uuid4() for _ in range(FIELDS)], 1))

    with crm.engines.system_read.connect() as connection:
        wrapped = b"x" * 61
        now = connection.execute(select(data_keys.c.created_at)).scalars().first()

    def floor() -> None:
        _items([uuid4() for _ in range(FIELDS)], 1)
        rows = [
            {"id": (new := uuid4()), "subject_id": new, "origin_id": new, "root_id": 1, "wrapped": wrapped}
            for _ in range(FIELDS)
        ]
        with crm.engines.system_write.connect() as connection, connection.begin() as transaction:
            connection.execute(insert(data_keys), [{**row, "created_at": now} for row in rows])
            transaction.rollback()

    ours_s, floor_s = in_turn(ours, floor)
    more = max(ours_s - floor_s, 0) / FIELDS * 1e6
    _limit(bench, engine, "a new data key, beside its row", more, NEW_KEY + MICRO, "µs")


def _page(bench: Bench, engine: str, crm: CRM) -> None:
    """Open a page's fields with no key in memory: what a list costs more than in plain."""
    items = _items([uuid4() for _ in range(50)], 4)
    with crm.transaction(ACTOR) as session:
        wanted = _openable(items, crm.vault.seal_many(session, items))
    times: list[float] = []
    for _ in range(40):
        crm.vault._cache.clear()
        with crm.session(ACTOR) as session:
            session.connection()
            times.append(seconds(lambda session=session: crm.vault.open_many(session, wanted)))
    late = sorted(times)[37]
    _limit(bench, engine, "a page of 50 x 4 fields, cold, p95", late * 1000, PAGE_MS, "ms")


def _rotation(bench: Bench, engine: str, crm: CRM) -> None:
    number = max(2_000, bench.rows // 2)
    for start in range(0, number, 2_000):
        with crm.transaction(ACTOR) as session:
            crm.vault.seal_many(session, _items([uuid4() for _ in range(min(2_000, number - start))], 1))
    found = rotate_root(crm, ACTOR)
    bench.note(
        f"wrap {found.rewrapped} data keys anew",
        engine,
        found.seconds,
        found.rewrapped / KEYS_PER_SECOND,
        floor_name=f"at {KEYS_PER_SECOND} a second",
        bar=1.0,
    )


def _tokens(bench: Bench, engine: str, crm: CRM) -> None:
    values = [f"+49301234{number:05}" for number in range(FIELDS)]

    def ours() -> None:
        for value in values:
            crm.vault.token("bench.phone", value)

    def floor() -> None:
        for value in values:
            token(b"k" * 32, 1, value)

    ours_s, floor_s = in_turn(ours, floor)
    bench.note(
        "a blind token",
        engine,
        ours_s / FIELDS * 1e6,
        floor_s / FIELDS * 1e6,
        floor_name="the keyed hash alone",
        bar=None,
        unit="µs",
    )


def _limit(bench: Bench, engine: str, name: str, value: float, limit: float, unit: str) -> None:
    bench.note(name, engine, value, limit, floor_name="at most", bar=1.0, unit=unit)
