"""Measuring: databases of equal durability for both sides, times in seconds, and a table of ratios with their bars."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from attrs import define, field, frozen

ENGINES = ("sqlite", "postgresql")


@frozen(kw_only=True)
class Result:
    """One figure: what took how long beside its floor. ``bar`` is the greatest ratio that is acceptable."""

    name: str
    engine: str
    ours: float
    floor: float
    unit: str
    floor_name: str
    bar: float | None

    @property
    def ratio(self) -> float:
        """Return how many times longer ours takes."""
        return self.ours / self.floor

    @property
    def holds(self) -> bool:
        """Say whether the bar is met."""
        return self.bar is None or self.ratio <= self.bar


@define
class Bench:
    """A run: where databases are made, how large it is, and what was found."""

    folder: Path
    rows: int = 100_000
    engines: tuple[str, ...] = ENGINES
    data: Path | None = None
    results: list[Result] = field(factory=list)
    _server: object = None
    _number: int = 0

    @contextmanager
    def database(self, engine: str) -> Iterator[str]:
        """Give the address of an empty database that keeps what it acknowledges."""
        self._number += 1
        if engine == "sqlite":
            path = self.folder / f"bench_{self._number}.db"
            yield f"sqlite:///{path}"
            for left in self.folder.glob(f"bench_{self._number}.db*"):
                shutil.rmtree(left) if left.is_dir() else left.unlink()
            return
        from tests.servers.postgres import PostgresServer

        assert isinstance(self._server, PostgresServer)
        name = f"bench_{self._number}"
        self._server.create_database(name)
        yield self._server.url(name)
        self._server.drop_database(name)

    def note(
        self, name: str, engine: str, ours: float, floor: float, *, floor_name: str, bar: float | None, unit: str = "s"
    ) -> None:
        """Keep a figure and print it."""
        result = Result(name=name, engine=engine, ours=ours, floor=floor, unit=unit, floor_name=floor_name, bar=bar)
        self.results.append(result)
        mark = "" if result.holds else "  ← above the bar"
        limit = f" (bar {bar:g})" if bar is not None else ""
        times = f"{ours:9.4f} {unit:3} {floor_name}: {floor:9.4f} {unit:3}"
        print(f"{name:44} {engine:10} {times} ratio {result.ratio:5.2f}{limit}{mark}", flush=True)


@contextmanager
def bench(rows: int, engines: tuple[str, ...]) -> Iterator[Bench]:
    """Make the folder and, where it is needed, a PostgreSQL server that flushes to disk as in earnest."""
    with tempfile.TemporaryDirectory(prefix="crmkit-bench-") as folder:
        os.environ["CRMKIT_KEYS"] = f"{folder}/keys"
        run = Bench(Path(folder), rows, engines)
        if "postgresql" in engines:
            from tests.servers.postgres import running_server

            with running_server(durable=True) as server:
                run._server = server
                yield run
        else:
            yield run


def seconds(work: Callable[[], object]) -> float:
    """Return how long one call takes."""
    gc.collect()
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def in_turn(ours: Callable[[], object], floor: Callable[[], object], *, rounds: int = 5) -> tuple[float, float]:
    """Return the medians of two pieces of work that were called in turn, after one call each that does not count."""
    ours()
    floor()
    pairs = [(seconds(ours), seconds(floor)) for _ in range(rounds)]
    return median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)
