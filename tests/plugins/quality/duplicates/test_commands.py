"""The command line: pairs listed, searched where anything has changed, and what is clear merged."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Crmkit, crmkit, pristine

__all__ = ["crmkit", "pristine"]

FILE = """rec_id, given_name, surname, street_number, address_1, suburb, postcode, date_of_birth
r-1-org, ada, lovelace, 12, baker street, st james, 4011, 19800302
r-1-dup-0, ada, lovelase, 12, baker street, st james, 4011, 19800302
r-2-org, grace, hopper, 1, navy yard, bittern, 4814, 19061209
"""


@pytest.fixture
def imported(crmkit: Crmkit, tmp_path: Path) -> Crmkit:
    """An installation with quality enabled and three people, two of them one."""
    crmkit.has("quality")
    file = tmp_path / "people.csv"
    file.write_text(FILE, "utf-8")
    crmkit.ok("import", str(file), "--yes", "--quiet")
    return crmkit


def test_pairs_are_listed_with_both_ids_and_their_score(imported: Crmkit) -> None:
    """It searches by itself, and once more only after a change."""
    (pair,) = imported.json("customer", "duplicates")
    external = {each["external_id"] for side in ("first", "second") for each in pair[f"{side}_external_ids"]}
    assert external == {"r-1-org", "r-1-dup-0"}
    assert 0.5 <= pair["score"] <= 1
    assert {"first_id", "second_id", "first_name", "second_name", "band", "evidence"} <= set(pair)
    assert [each["id"] for each in imported.json("customer", "duplicates")] == [pair["id"]]
    for number in range(2):
        imported.ok(
            "customer", "add", "name=Alan Turing", "city=Wilmslow", f"email=alan{number}@example.com", "--quiet"
        )
    assert len(imported.json("customer", "duplicates", "--stored")) == 1
    shown = imported.ok("customer", "duplicates", "--limit", "1").out
    assert "r-1-org" in shown


def test_a_floor_below_what_is_kept_is_refused(imported: Crmkit) -> None:
    """With what to change; above it the list is shorter."""
    refused = imported("customer", "duplicates", "--floor", "0.1")
    assert refused.code != 0
    assert "are not kept" in refused.err
    assert len(imported.json("customer", "duplicates", "--floor", "0.5")) == 1


def test_what_is_clear_is_merged_once_it_was_seen(imported: Crmkit) -> None:
    """A dry run merges nothing; asked for, one is left of two."""
    imported.ok("customer", "duplicates", "--search")
    planned = imported.json("quality", "merge-automatic", "--dry-run")
    number = len(planned["clusters"])
    assert planned["merged"] == 0
    done = imported.json("quality", "merge-automatic")
    assert (done["merged"], done["left"]) == (number, 0)
    assert len(imported.json("customer", "duplicates")) == 1 - number


def test_rows_that_resemble_somebody_are_rejected_for_review(imported: Crmkit, tmp_path: Path) -> None:
    """By the evidence of the plugin, where nothing is exactly the same."""
    imported("worker", "--once")
    file = tmp_path / "more.csv"
    file.write_text(FILE.replace("r-1-org, ada", "x-9, adah").replace("r-1-dup-0", "r-1-org"), "utf-8")
    done = imported("import", str(file), "--yes", "--on-duplicate", "review", "--json").json
    assert (done["created"], done["rejected"]) == (0, 3)
