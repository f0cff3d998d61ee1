"""``crmkit needs`` and imports of needs and evidence, by the command line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Crmkit, pristine as _pristine

pristine = _pristine


@pytest.fixture(scope="session")
def with_needs(pristine: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with needs enabled, to be copied."""
    home = tmp_path_factory.mktemp("needs") / "shop"
    shutil.copytree(pristine, home)
    assert Crmkit(home, home.parent)("plugin", "enable", "needs", "--yes").code == 0
    return home


@pytest.fixture
def crmkit(with_needs: Path, tmp_path: Path) -> Crmkit:
    """The command line with needs, on an installation of this test alone."""
    home = tmp_path / "shop"
    shutil.copytree(with_needs, home)
    return Crmkit(home, tmp_path)


def write(folder: Path, name: str, rows: list[dict[str, object]]) -> str:
    """Write a file of JSON lines and return its path."""
    file = folder / name
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return str(file)


def test_a_need_is_added_moved_and_shown(crmkit: Crmkit) -> None:
    crmkit.ok("customer", "add", "name=Ada")
    made = crmkit.json("needs", "add", "玻璃罐", "--urgency", "high", "--customer", "Ada", "--quote", "Plastic breaks.")
    assert made == {"number": 101, "state": "new"}
    assert crmkit.json("needs", "move", "101", "accepted")["state"] == "accepted"
    shown = crmkit.json("needs", "show", "101")
    assert (shown["title"], shown["urgency"], shown["state"]) == ("玻璃罐", "high", "accepted")
    assert [each["quote"] for each in shown["evidence"]] == ["Plastic breaks."]


def test_the_list_has_what_is_asked_for(crmkit: Crmkit) -> None:
    for title in ("Glass", "Lids"):
        crmkit.ok("needs", "add", title)
    crmkit.ok("needs", "move", "102", "accepted")
    assert [each["number"] for each in crmkit.json("needs", "list")["items"]] == [102, 101]
    assert [each["title"] for each in crmkit.json("needs", "list", "--state", "accepted")["items"]] == ["Lids"]
    assert [each["number"] for each in crmkit.json("needs", "list", "--limit", "1")["items"]] == [102]


def test_what_was_merged_is_shown_where_it_goes_on(crmkit: Crmkit) -> None:
    for title in ("Glass", "Glass jars"):
        crmkit.ok("needs", "add", title)
    assert crmkit.json("needs", "merge", "102", "101") == {"number": 102, "into": 101}
    assert crmkit.json("needs", "show", "102")["number"] == 101


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("show", "900"), "There is no need 900."),
        (("move", "900", "accepted"), "There is no need 900."),
        (("merge", "101", "900"), "There is no need 900."),
        (("merge", "101", "101"), ""),
        (("move", "101", "delivered"), "accepted"),
        (("move", "101", "declined"), "Say why it is declined."),
        (("move", "101", "duplicate"), "duplicate"),
        (("add", " "), "Say what is needed."),
        (("add", "Glass", "--area", "nowhere"), "nowhere"),
    ],
)
def test_what_cannot_be_is_said_and_changes_nothing(crmkit: Crmkit, arguments: tuple[str, ...], said: str) -> None:
    crmkit.ok("needs", "add", "Lids")
    done = crmkit("needs", *arguments)
    assert done.code != 0
    assert said in done.err
    assert "Traceback" not in done.err
    assert [each["state"] for each in crmkit.json("needs", "list")["items"]] == ["new"]


def test_needs_and_evidence_come_from_json_lines_once(crmkit: Crmkit, tmp_path: Path) -> None:
    crmkit.ok("customer", "add", "name=Ada", "email=ada@example.com")
    needs = write(
        tmp_path,
        "needs.jsonl",
        [
            {"id": "7", "title": "Glass", "state": "Planned", "urgency": "high", "kind": "idea"},
            {"id": "8", "title": "盖子"},
        ],
    )
    said = write(
        tmp_path, "said.jsonl", [{"id": "e1", "email": "ada@example.com", "need": "7", "quote": "Yes", "importance": 5}]
    )
    for again in ((), ("--again",)):
        crmkit.ok("import", needs, "--as", "needs.need", "--source", "old", "--yes", *again)
        crmkit.ok("import", said, "--as", "needs.evidence", "--source", "old", "--yes", *again)
    found = crmkit.json("needs", "list")["items"]
    assert [(each["title"], each["state"]) for each in found] == [("盖子", "new"), ("Glass", "planned")]
    assert [each["importance"] for each in crmkit.json("needs", "show", "101")["evidence"]] == [5]


def test_what_is_wrong_with_a_file_is_said_with_row_and_field(crmkit: Crmkit, tmp_path: Path) -> None:
    file = write(
        tmp_path,
        "bad.jsonl",
        [{"id": "1", "title": "Glass"}, {"id": "2", "title": "Lids", "state": "nowhere"}, {"id": "3", "title": " "}],
    )
    done = crmkit("import", file, "--as", "needs.need", "--source", "old", "--yes")
    assert done.code == 8
    assert [each["title"] for each in crmkit.json("needs", "list")["items"]] == ["Glass"]
    rejected = [json.loads(line) for line in (tmp_path / "bad.rejected.jsonl").read_text("utf-8").splitlines()]
    assert [each["id"] for each in rejected] == ["2", "3"]
    first, second = (json.dumps(each, ensure_ascii=False) for each in rejected)
    for text, found in (("nowhere", first), ('"state"', first), ("declined", first), ("This is required.", second)):
        assert text in found
    assert '"title"' in second
