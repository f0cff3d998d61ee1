"""Needs: the pairs of many needs that may be the same, and with ``--data`` how well topics of bank customers' questions
agree with what people said they are about (Banking77, CC BY 4.0, Casanueva et al. 2020; not kept here)."""

from __future__ import annotations

import csv
from pathlib import Path
from random import Random
from time import perf_counter

from benchmarks.measure import Bench, seconds
from crmkit import CRM, Actor

ACTOR = Actor.system("benchmark")
NEEDS = 5000
WAIT = 4.0
"""Seconds in which the pairs among 5,000 open needs are there."""
AGREEMENT = 0.64
"""The normalised mutual information of topics and intents that is to be reached."""
WORDS = 4000


def run(bench: Bench) -> None:
    """Measure pairs on each engine, and topics where the questions are there."""
    if bench.data is not None:
        _topics(bench, bench.data)
    for engine in bench.engines:
        with bench.database(engine) as url:
            with CRM.init(url) as crm:
                crm.enable("needs")
            with CRM.open(url) as crm:
                number = min(bench.rows, NEEDS)
                _fill(crm, number)
                _pairs(crm)
                took = seconds(lambda crm=crm: _pairs(crm))
        bench.note(f"pairs of {number:,} needs", engine, took, WAIT, floor_name="what it may take", bar=1.0)


def _fill(crm: CRM, number: int) -> None:
    chance = Random(7)
    parts = ("bdfgklmnprst", "aeiou", "bdklmnrst", "aeiou", "lnrt")
    words = ["".join(chance.choice(each) for each in parts) for _word in range(WORDS)]
    weights = [1 / (place + 3) for place in range(WORDS)]
    with crm.transaction(ACTOR) as session:
        for _each in range(number):
            title, text = (" ".join(chance.choices(words, weights, k=length)) for length in (5, chance.randint(10, 60)))
            session.run("needs.need.create", {"title": title, "description": text})


def _pairs(crm: CRM) -> None:
    from crmkit_needs.alike.finding import pairs

    with crm.session(ACTOR) as session:
        pairs(session)


def _topics(bench: Bench, folder: Path) -> None:
    from crmkit_needs.topics.clustering import groups
    from sklearn.metrics import normalized_mutual_info_score

    folder = folder / "tickets-banking77" if (folder / "tickets-banking77").is_dir() else folder
    if not (folder / "train.csv").is_file():
        return
    with (folder / "train.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    intents = [row["category"] for row in rows]
    start = perf_counter()
    found, _before, _near = groups([row["text"] for row in rows], len(set(intents)))
    took = perf_counter() - start
    agreement = float(normalized_mutual_info_score(intents, found))
    print(f"{len(rows):,} questions, {len(set(intents))} topics in {took:.1f} s: NMI {agreement:.3f}")
    bench.note(
        "1 − NMI of topics and intents", "-", 1 - agreement, 1 - AGREEMENT, floor_name="at most", bar=1.0, unit=""
    )
