"""``crmkit knowledge questions``."""

from __future__ import annotations

from tests.cli.conftest import Crmkit, crmkit as _crmkit, pristine as _pristine

crmkit, pristine = _crmkit, _pristine


def test_questions_are_printed(crmkit: Crmkit) -> None:
    crmkit.has("knowledge")
    assert "No question is left without an answer." in crmkit.ok("knowledge", "questions").out
    for visit in "abc":
        crmkit.ok("run", "knowledge.search.log", "text=Gift card?", "where=centre", f"visit={visit}")
    crmkit.ok("run", "knowledge.question.count")
    (found,) = crmkit.json("knowledge", "questions")["items"]
    assert (found["text"], found["visits"], found["missed"], found["owner"]) == ("Gift card?", 3, 3, None)
    assert 0.43 < found["missed_low"] < 0.44
    assert "Gift card?" in crmkit.ok("knowledge", "questions", "--state", "all", "--limit", "5").out
    assert crmkit.json("knowledge", "questions", "--state", "answered")["items"] == []
