"""Knowledge: a base of 100,000 released articles, half of them English and half Chinese: indexing them, finding them,
and taking them over from a file.

``--rows`` is the number of articles.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any
from uuid import UUID

from sqlalchemy import text

from benchmarks.articles import Writer, write
from benchmarks.measure import Bench, seconds
from crmkit import CRM, Actor, search
from crmkit.core.store.bulk import insert_rows
from crmkit.core.store.ids import new_id

ACTOR = Actor.system("benchmark")
AT = datetime(2026, 10, 1, tzinfo=UTC)
BATCH = 2000
SEARCHES = 600
SLOWEST = 30.0
"""Milliseconds that 95 of 100 searches may take at most."""
INDEXED, IMPORTED = 1000, 200
"""Articles that are indexed, and taken over, in a second."""
TAKEN = 2000
HITS = 10


def run(bench: Bench) -> None:
    """Measure on each engine."""
    file = bench.folder / "articles.jsonl"
    write(file, TAKEN)
    for engine in bench.engines:
        with bench.database(engine) as url:
            space = _begin(url)
            with CRM.open(url) as crm:
                floor = seconds(lambda crm=crm, space=space: fill(crm, space, bench.rows))
                print(f"{bench.rows} articles written past the gate in {floor:.0f} s ({engine})")
                _indexing(bench, engine, crm, floor)
                _searching(bench, engine, crm)
        with bench.database(engine) as url:
            _begin(url)
            with CRM.open(url) as crm:
                _importing(bench, engine, crm, file)


def _begin(url: str) -> UUID:
    with CRM.init(url) as crm:
        crm.enable("knowledge")
    with CRM.open(url) as crm:
        space: UUID = crm.run(ACTOR, "knowledge.space.create", {"name": "help"}).id
    return space


def fill(crm: CRM, space: UUID, number: int) -> None:
    """Write released articles with their revisions at the driver's speed; they are not indexed."""
    from crmkit_knowledge.articles.models import Article, KnowledgeCounter, Revision

    models: tuple[Any, Any] = Article, Revision
    tables = [each.__table__ for each in models]
    made = _rows(tables, space, number)
    while rows := list(islice(made, BATCH)):
        with crm.engines.system_write.begin() as connection:
            for place, table in enumerate(tables):
                insert_rows(connection, table, [row[place] for row in rows])
    counter: Any = KnowledgeCounter
    with crm.engines.system_write.begin() as connection:
        insert_rows(connection, counter.__table__, [{"name": "article", "last": 1000 + number}])
    with crm.engines.base.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def _rows(tables: list[Any], space: UUID, number: int) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    articles, revisions = ({column.key: None for column in table.c} for table in tables)
    common = {"version": 1, "created_at": AT, "updated_at": AT}
    articles |= common | {"space_id": space, "kind": "how_to", "state": "published", "audience_of": [], "tags": []}
    articles |= {"newest": 1, "released": 1, "released_at": AT, "verified_at": AT}
    revisions |= common | {"number": 1, "state": "released", "written_at": AT, "decided_at": AT, "released_at": AT}
    for place, each in enumerate(Writer().articles(number)):
        said = {"title": each["title"], "body": each["body"]}
        id_ = new_id()
        more = {"id": id_, "number": 1001 + place, "slug": f"a-{place}", "language": each["language"]}
        yield articles | said | more, revisions | said | {"id": new_id(), "article_id": id_}


def _indexing(bench: Bench, engine: str, crm: CRM, floor: float) -> None:
    def rebuild() -> None:
        after = None
        while True:
            done = crm.run(ACTOR, "search.rebuild", {"resource": "knowledge.article", "after": after})
            after = done.after
            if after is None:
                return

    ours = seconds(rebuild)
    name = f"{bench.rows:,} articles indexed"
    bench.note(name, engine, ours, bench.rows / INDEXED, floor_name=f"{INDEXED:,} a second", bar=1.0)
    bench.note(name, engine, ours, floor, floor_name="their rows alone", bar=None)
    with crm.engines.base.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def _searching(bench: Bench, engine: str, crm: CRM) -> None:
    times: list[float] = []
    found = 0
    for asked in Writer().searches(SEARCHES):
        start = perf_counter()
        with crm.session(ACTOR) as session:
            hits = search(session, asked, within=["knowledge.article"], limit=HITS).hits
        times.append(perf_counter() - start)
        found += bool(hits)
    assert found > SEARCHES * 0.9, found
    times = sorted(times)
    slow, usual = times[int(len(times) * 0.95)] * 1e3, times[len(times) // 2] * 1e3
    name = f"a search among {bench.rows:,}"
    bench.note(f"{name}, p95", engine, slow, SLOWEST, floor_name="at most", bar=1.0, unit="ms")
    bench.note(f"{name}, median", engine, usual, SLOWEST, floor_name="at most", bar=None, unit="ms")


def _importing(bench: Bench, engine: str, crm: CRM, file: Path) -> None:
    from crmkit_knowledge.exchange.reading import incoming
    from crmkit_knowledge.importing.taking import Taking

    taking = Taking(crm=crm, actor=ACTOR, source="bench")
    ours = seconds(lambda: taking.take(incoming(file)))
    assert taking.became["created"] == TAKEN, taking.refused
    limit = TAKEN / IMPORTED
    bench.note(f"{TAKEN:,} articles taken over", engine, ours, limit, floor_name=f"{IMPORTED} a second", bar=1.0)
