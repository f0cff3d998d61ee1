"""Measure how well the search finds what questions ask for, on a folder of articles, questions and judgements.

    python tools/search_relevance.py FOLDER [--database URL]

The folder has ``articles.jsonl`` (id, title, body), ``queries.tsv`` (query_id, text) and ``qrels.tsv`` (query_id,
article_id, relevance). Printed are MRR@10, nDCG@10 and the shares of questions whose article is the first hit, among
the first 5 and among the first 10, as JSON. Without ``--database`` an SQLite file in a temporary folder is used.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import tempfile
import time
from math import log2
from pathlib import Path

from crmkit import CRM, Actor, Settings

ACTOR = Actor.system("measuring the search")
KIND = "note"


def measure(crm: CRM, folder: Path) -> dict[str, float]:
    """Index the articles of a folder as notes, ask its questions and return the figures."""
    from crmkit.engines.search.searching import search

    articles = [json.loads(line) for line in (folder / "articles.jsonl").read_text("utf-8").splitlines()]
    crm.run(ACTOR, "interaction.declare_searchable", {"kind": KIND})
    began = time.perf_counter()
    items = [
        {
            "kind": KIND,
            "subject": item.get("title") or None,
            "body": item["body"],
            "source": "articles",
            "external_id": item["id"],
        }
        for item in articles
    ]
    outcomes = crm.run_many(ACTOR, "interaction.record", items)
    named = {
        f"interaction:{outcome.result.id if hasattr(outcome.result, 'id') else outcome.result}": item["id"]
        for outcome, item in zip(outcomes, articles, strict=True)
    }
    indexed = time.perf_counter() - began
    wanted: dict[str, str] = {}
    with (folder / "qrels.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            wanted[row["query_id"]] = row["article_id"]
    with (folder / "queries.tsv").open(encoding="utf-8", newline="") as file:
        questions = [(row["query_id"], row["text"]) for row in csv.DictReader(file, delimiter="\t", quoting=3)]
    ranks: list[int | None] = []
    began = time.perf_counter()
    with crm.session(ACTOR) as session:
        for number, text in questions:
            hits = [named.get(hit.ref) for hit in search(session, text, within=["interaction"], limit=10).hits]
            ranks.append(hits.index(wanted[number]) + 1 if wanted[number] in hits else None)
    spent = time.perf_counter() - began
    found = [rank for rank in ranks if rank is not None]
    return {
        "articles": len(articles),
        "questions": len(ranks),
        "mrr10": round(sum(1 / rank for rank in found) / len(ranks), 4),
        "ndcg10": round(sum(1 / log2(rank + 1) for rank in found) / len(ranks), 4),
        "top1": round(sum(rank == 1 for rank in found) / len(ranks), 4),
        "hit5": round(sum(rank <= 5 for rank in found) / len(ranks), 4),
        "recall10": round(len(found) / len(ranks), 4),
        "seconds_to_record": round(indexed, 2),
        "milliseconds_a_question": round(1000 * spent / len(ranks), 2),
    }


def main() -> None:
    """Measure the folder that is named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--database")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="crmkit-") as home:
        settings = Settings(database=given.database or f"sqlite:///{home}/relevance.db")
        CRM.init(settings)
        with CRM.open(settings) as crm:
            sys.stdout.write(json.dumps(measure(crm, given.folder), indent=1) + "\n")


if __name__ == "__main__":
    main()
