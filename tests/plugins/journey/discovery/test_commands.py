"""``crmkit journey discover``, with a log that came in by ``crmkit import``."""

from __future__ import annotations

import csv
from pathlib import Path

from tests.cli.conftest import Crmkit, crmkit as _crmkit, pristine as _pristine
from tests.plugins.journey.discovery.known import RECEIPT, agree, expected_of, rows_of, traces_of

crmkit, pristine = _crmkit, _pristine


def written(folder: Path, column: str) -> Path:
    """Return the published log as a file that ``crmkit import`` takes."""
    file = folder / f"{column}.csv"
    with file.open("w", encoding="utf-8", newline="") as stream:
        out = csv.writer(stream)
        out.writerow(["source", "external_id", "kind", "occurred_at", "customer", "thread", column])
        for number, row in enumerate(rows_of(RECEIPT)):
            case = row["case:concept:name"]
            out.writerow(["log", str(number), "note", row["time:timestamp"], case, case, row["concept:name"]])
    return file


def test_an_imported_log_gives_what_was_published(crmkit: Crmkit, tmp_path: Path) -> None:
    crmkit.has("work", "journey")
    file = written(tmp_path, "outcome")
    crmkit.ok("import", str(file), "--as", "interactions", "--create-customers", "--yes")
    expected = expected_of(RECEIPT)
    agree(crmkit.json("journey", "discover", "--by", "thread"), expected)
    agree(crmkit.json("journey", "discover", "--by", "customer", "--kinds", "note"), expected)
    shown = crmkit.ok(
        "journey", "discover", "--funnel", "Confirmation of receipt,T02 Check confirmation of receipt,T03 x"
    ).out
    assert "1434" in shown
    assert "T10 Determine necessity to stop indication" in shown
    assert "Did not go on" in shown
    funnel = crmkit.json("journey", "discover", "--funnel", "Confirmation of receipt,T02 Check confirmation of receipt")
    checked = sum("T02 Check confirmation of receipt" in each.activities for each in traces_of(RECEIPT))
    first, second = funnel["funnel"]
    assert (first["cases"], first["dropped"], second["cases"]) == (1434, 1434 - checked, checked)
    assert sum(each["cases"] for each in first["then"]) == first["dropped"]


def test_without_events_it_says_so(crmkit: Crmkit) -> None:
    crmkit.has("work", "journey")
    assert crmkit.json("journey", "discover")["cases"] == 0
    assert "Cases" in crmkit.ok("journey", "discover").out
    assert crmkit("journey", "discover", "--since", "2027-02-01", "--until", "2027-01-01").code != 0
