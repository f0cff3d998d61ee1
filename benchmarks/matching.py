"""Finding duplicates: the time and memory for a base whose values are sealed, and what is found in labelled sets.

The sets are not part of crmkit: ``--data`` names the folder that holds ``dedupe-febrl/febrl1.csv``, ``febrl2.csv`` and
``dedupe-rldata500/rldata500.csv``. Without it only the large base is measured.
"""

from __future__ import annotations

import csv
import json
import random
import subprocess
import sys
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from uuid import UUID

from benchmarks.measure import Bench
from crmkit import CRM, Actor, CustomerProfile, customer_profiles
from crmkit.exchange.api import plan_import, run_import
from crmkit.exchange.options import ImportOptions

ACTOR = Actor.system("benchmark")
SECONDS, MEGABYTES = 60.0, 1024.0
"""What a search among 100,000 customers may take, the whole process."""
TWICE = 50
"""One customer in so many is in the base twice."""
LABELLED = (
    ("dedupe-febrl/febrl1.csv", 0.1, 0.5),
    ("dedupe-febrl/febrl2.csv", 0.1, 0.5),
    ("dedupe-rldata500/rldata500.csv", 2.0, 4.0),
)
"""Labelled sets, with how many percent of the pairs found may be wrong, and of the right ones missed."""
_FAMILIES = "王李张刘陈杨黄赵吴周徐孙马朱胡林郭何高罗郑梁谢宋唐许邓冯韩曹曾彭肖蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂香建国志华玉兰文博雨欣"
_CITIES = ("上海", "北京", "广州", "深圳", "杭州", "成都", "武汉", "西安")


def run(bench: Bench) -> None:
    """Measure on SQLite; the sets are read in by an import, as anybody would."""
    with bench.database("sqlite") as url:
        path = bench.folder / "people.csv"
        duplicates = _write(path, bench.rows)
        with CRM.init(url) as crm:
            _import(crm, path)
        # In a process of its own: what an import has left in memory is not the search's.
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.matching", url], check=True, capture_output=True, text=True
        )
        found = json.loads(done.stdout)
        name = f"{bench.rows:,} customers"
        _limit(bench, f"duplicates among {name}", found["seconds"], SECONDS, "s")
        _limit(bench, f"processor time for {name}", found["processor"], SECONDS, "s")
        _limit(bench, f"memory for {name}", found["megabytes"], MEGABYTES, "MB")
        _limit(bench, f"duplicates missed among {name}", 100 - 100 * found["right"] / duplicates, 5.0, "%")
        _limit(bench, f"wrong pairs among {name}", 100 - 100 * found["right"] / max(found["pairs"], 1), 1.0, "%")
    if bench.data is not None:
        for file, wrong, missed in LABELLED:
            _labelled(bench, bench.data / file, wrong, missed)


def _labelled(bench: Bench, path: Path, wrong: float, missed: float) -> None:
    from crmkit_quality.matching import find_pairs

    with bench.database("sqlite") as url, CRM.init(url) as crm:
        _import(crm, path)
        with crm.session(ACTOR) as session:
            people = list(customer_profiles(session))
        found = find_pairs(people)
    answers = _answers(path)
    truth = {(one.id, two.id) for one, two in combinations(people, 2) if _same(one, two, answers)}
    pairs = {(pair.first, pair.second) for pair in found.pairs}
    _limit(bench, f"{path.stem}: wrong pairs", 100 - 100 * len(pairs & truth) / max(len(pairs), 1), wrong, "%")
    _limit(bench, f"{path.stem}: pairs missed", 100 - 100 * len(pairs & truth) / len(truth), missed, "%")


def _answers(path: Path) -> dict[str, str]:
    """Return for each record of a labelled set who it is: what the search is never told."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [{str(name).strip(): value.strip() for name, value in row.items()} for row in csv.DictReader(file)]
    if "true_id" in rows[0]:
        return {row["record_id"]: row["true_id"] for row in rows}
    return {row["rec_id"]: row["rec_id"].split("-")[1] for row in rows}


def _same(one: CustomerProfile, two: CustomerProfile, answers: dict[str, str]) -> bool:
    return answers[one.identifiers[0][1]] == answers[two.identifiers[0][1]]


def _import(crm: CRM, path: Path) -> None:
    options = ImportOptions(resource="customers", source="bench", bad_cells="leave_out")
    report = run_import(crm, ACTOR, plan_import(crm, path, options))
    # Two people who drew one number are one to an import.
    assert report.created >= 0.999 * report.read, report


def _write(path: Path, number: int) -> int:
    """Write a file of people, one in fifty twice with something changed; returns how many are there twice.

    Who is there twice has the same number, and ``b`` behind it, as its id.
    """
    draw = random.Random(20_261)
    twice = number // (TWICE + 1)
    fields: list[str] = ["external_id", "name", "phone", "email", "birth_date", "city", "postal_code", "street"]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fields)
        writer.writeheader()
        for place in range(number - twice):
            row = _person(draw, place)
            writer.writerow(row)
            if place < twice:
                writer.writerow(_changed(draw, row))
    return twice


def _person(draw: random.Random, place: int) -> dict[str, str]:
    family = _FAMILIES[min(int(draw.expovariate(0.08)), len(_FAMILIES) - 1)]
    given = draw.choice(_GIVEN) + (draw.choice(_GIVEN) if draw.random() < 0.7 else "")
    day = f"{draw.randrange(1945, 2006)}-{draw.randrange(1, 13):02d}-{draw.randrange(1, 29):02d}"
    return {
        "external_id": f"K{place}",
        "name": family + given,
        "phone": f"+86138{draw.randrange(10**8):08d}",
        "email": f"u{draw.randrange(10**9)}@example.com",
        "birth_date": day,
        "city": draw.choice(_CITIES),
        "postal_code": f"{draw.randrange(100_000, 700_000)}",
        "street": f"{draw.choice(_GIVEN)}{draw.choice(_GIVEN)}路{draw.randrange(1, 999)}号",
    }


def _changed(draw: random.Random, row: dict[str, str]) -> dict[str, str]:
    """Return a person as somebody else has written it down, who has neither the e-mail address nor the right number:
    an import would see at once that the person is there already. Two more things are not known, or have changed."""
    digits = list(row["phone"])
    place = next(number for number in range(6, 13) if digits[number] != digits[number + 1])
    digits[place], digits[place + 1] = digits[place + 1], digits[place]
    found = {**row, "external_id": f"{row['external_id']}b", "phone": "".join(digits), "email": ""}
    for name in draw.sample(("name", "city", "birth_date", "street"), 2):
        found[name] = {
            "name": row["name"][0] + draw.choice(_GIVEN),
            "city": draw.choice(_CITIES),
            "birth_date": "",
            "street": "",
        }[name]
    return found


def _limit(bench: Bench, name: str, value: float, limit: float, unit: str) -> None:
    bench.note(name, "sqlite", value, limit, floor_name="at most", bar=1.0, unit=unit)


def main() -> None:
    """Search a base for duplicates, and print what that took of this process."""
    import resource
    import time

    from crmkit_quality.matching import find_pairs

    began = time.perf_counter()
    with CRM.open(sys.argv[1]) as crm, crm.session(ACTOR) as session:
        known: dict[UUID, str] = {}

        def seen() -> Iterator[CustomerProfile]:
            for profile in customer_profiles(session):
                known[profile.id] = profile.identifiers[0][1]
                yield profile

        found = find_pairs(seen())
    right = sum(known[pair.first].removesuffix("b") == known[pair.second].removesuffix("b") for pair in found.pairs)
    print(
        json.dumps(
            {
                "seconds": time.perf_counter() - began,
                "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                "pairs": len(found.pairs),
                "right": right,
                "compared": found.figures.compared,
                "processor": time.process_time(),
            }
        )
    )


if __name__ == "__main__":
    main()
