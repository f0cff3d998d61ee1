"""Labels in files are taken as corrections, all of them or none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from crmkit_feedback.classifying.applying import read_labels

from crmkit.app import CRM
from crmkit.errors import InvalidInput
from tests.cli.conftest import Crmkit, crmkit, pristine
from tests.plugins.feedback.classifying.test_labelling import BROKEN, SYSTEM, said, themes

__all__ = ["crmkit", "pristine"]


def test_labels_are_corrections(lite: CRM) -> None:
    """By number, and by the id that feedback has where it came from."""
    one = said(lite, BROKEN)
    two = said(lite, "Fine.", external_source="shop", external_id="r1")
    text = f"number,source,id,themes,not_themes\n{one.number},,,packaging; price,delivery\n,shop,r1,service,\n"
    done = lite.run(SYSTEM, "feedback.theme.apply", {"labels": read_labels(text, lines=False)})
    assert (done.feedback, done.themes, done.not_themes) == (2, 3, 1)
    assert themes(lite, one) == {"quality", "packaging", "price"}
    assert "service" in themes(lite, two)


def test_what_is_wrong_is_told_by_row_and_field(lite: CRM) -> None:
    """And nothing is changed."""
    one = said(lite, BROKEN)
    rows = [
        {"row": 1, "number": one.number, "themes": ["packaging"]},
        {"row": 2, "number": 99999999, "themes": ["nonsense"]},
        {"row": 3, "number": one.number, "themes": ["price"], "not_themes": ["price"]},
        {"row": 4, "number": one.number},
    ]
    with pytest.raises(InvalidInput) as caught:
        lite.run(SYSTEM, "feedback.theme.apply", {"labels": rows})
    assert {each.field for each in caught.value.problems} == {"2.number", "2.themes", "3.not_themes", "4.themes"}
    assert themes(lite, one) == {"quality", "delivery"}


@pytest.mark.parametrize(
    ("text", "lines", "field"),
    [
        ("number,themes\nx,price\n", False, "1.number"),
        ("number,colour\n1,red\n", False, "1.colour"),
        ('{"number": 1, "themes": ["price"]}\nnonsense\n', True, "2.line"),
        ("[1, 2]\n", True, "1.line"),
    ],
)
def test_a_file_that_cannot_be_read_says_where(text: str, lines: bool, field: str) -> None:
    """Row and field."""
    with pytest.raises(InvalidInput) as caught:
        read_labels(text, lines=lines)
    assert [each.field for each in caught.value.problems] == [field]


def test_the_command_takes_a_file(crmkit: Crmkit, tmp_path: Path) -> None:
    """With ``--json`` what is wrong has row and field."""
    crmkit.has("feedback")
    crmkit.ok("feedback", "take", "The lid is loose")
    found = crmkit.json("feedback", "list")["items"][0]["number"]
    good, bad = tmp_path / "labels.jsonl", tmp_path / "labels.csv"
    good.write_text(json.dumps({"number": found, "themes": ["packaging"]}) + "\n", encoding="utf-8")
    assert crmkit.json("feedback", "theme", "apply", str(good))["themes"] == 1
    bad.write_text(f"number,themes\n{found},nonsense\n", encoding="utf-8")
    failed = crmkit("--json", "feedback", "theme", "apply", str(bad))
    assert failed.code != 0
    assert "1.themes" in failed.out + failed.err
