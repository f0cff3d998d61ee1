"""Event logs with published results: ``python -m tests.plugins.journey.discovery.known FOLDER`` checks those of a
folder with ``expected.json`` and one table of events."""

from __future__ import annotations

import csv
import gzip
import json
import sys
from collections import defaultdict
from datetime import datetime
from pathlib import Path
from typing import Any

from crmkit_journey.discovery.documents import document
from crmkit_journey.discovery.mining import Happening, Trace, mine

RECEIPT = Path(__file__).parents[3] / "data" / "journey-receipt"


def rows_of(folder: Path) -> list[dict[str, str]]:
    """Return the rows of the table of a folder."""
    (file,) = [*folder.glob("*.csv"), *folder.glob("*.csv.gz")]
    opened: Any = gzip.open if file.suffix == ".gz" else open
    with opened(file, "rt", encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def expected_of(folder: Path) -> dict[str, Any]:
    """Return the published results."""
    found: dict[str, Any] = json.loads((folder / "expected.json").read_text("utf-8"))
    return found.get("results", found)


def traces_of(folder: Path) -> list[Trace]:
    """Return the cases of a folder; events of the same time in the order of the file."""
    cases: dict[str, list[Happening]] = defaultdict(list)
    for row in rows_of(folder):
        at = datetime.fromisoformat(row["time:timestamp"])
        cases[row["case:concept:name"]].append(Happening(activity=row["concept:name"], at=at))
    return [Trace(case=case, events=sorted(events, key=lambda each: each.at)) for case, events in cases.items()]


def agree(found: dict[str, Any], expected: dict[str, Any]) -> None:
    """Require that a document of discovery says what was published."""
    assert [found["cases"], found["events"]] == [expected["cases"], expected["events"]]
    assert len(found["activities"]) == expected["activities"]
    assert len(found["variants"]) == expected["variants"]
    assert len(found["edges"]) == expected["dfg_edges"]
    assert {each["name"]: each["count"] for each in found["activities"]} == expected["activity_counts"]
    assert found["starts"] == expected["start_activities"]
    assert found["ends"] == expected["end_activities"]
    top = [{"count": each["count"], "trace": each["trace"]} for each in found["variants"]]
    assert top[: len(expected["top_variants"])] == expected["top_variants"]
    edges = [{name: each[name] for name in ("source", "target", "count")} for each in found["edges"]]
    assert edges[: len(expected["top_edges"])] == expected["top_edges"]
    assert sum(each["source"] == each["target"] for each in found["edges"]) == expected["self_loops"]
    for name, value in expected["throughput_seconds"].items():
        assert abs(found["throughput_seconds"][name] - value) < 0.001, name
    assert abs(found["throughput_seconds"]["mean"] * found["cases"] - expected["pm4py_durations_sum"]) < 0.1
    rework = {each["name"]: each["rework"] for each in found["activities"] if each["rework"]}
    assert rework == expected["cases_with_rework_per_activity"]
    assert found["longest_case"] == expected["events_per_case"]["max"]
    assert round(found["events"] / found["cases"], 4) == expected["events_per_case"]["mean"]
    for name, value in (("first_at", expected["first_event"]), ("last_at", expected["last_event"])):
        at = found[name]
        assert (datetime.fromisoformat(at) if isinstance(at, str) else at) == datetime.fromisoformat(value)


def check(folder: Path) -> None:
    """Mine the log of a folder and require the published results."""
    agree(document(mine(traces_of(folder))), expected_of(folder))


if __name__ == "__main__":
    for each in sys.argv[1:]:
        check(Path(each))
        print(f"{each}: as published")
