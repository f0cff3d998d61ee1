"""A survey that passes the check is gone through to its end by whatever valid answers, of every kind of question."""

from __future__ import annotations

import random
from typing import Any

import pytest
from crmkit_feedback.surveys.answers import Given, answers_map, read
from crmkit_feedback.surveys.checking import problems_of
from crmkit_feedback.surveys.content import Content, Question, content_of
from crmkit_feedback.surveys.flow import next_page, paged, path
from crmkit_feedback.surveys.sets import sets_of
from crmkit_feedback.surveys.standard import STANDARD
from crmkit_feedback.surveys.words import QUESTION_KINDS
from hypothesis import given, settings, strategies as st

OPTIONS = [{"key": key, "title": {"en": key}} for key in ("a", "b", "c", "d", "e")]


def document(kinds: list[str], chance: random.Random) -> dict[str, Any]:
    """Return a survey of questions of these kinds, with jumps and conditions at random."""
    questions: list[dict[str, Any]] = []
    for number, kind in enumerate(kinds):
        made: dict[str, Any] = {"key": f"q{number}", "kind": kind, "title": {"en": kind}}
        made["required"] = kind != "statement" and chance.random() < 0.5
        if kind in ("single", "multiple", "dropdown", "ranking", "maxdiff", "constant_sum"):
            made["options"] = OPTIONS
        if kind == "matrix":
            made["items"] = OPTIONS[:3]
        if kind == "maxdiff":
            made["shown"] = 3
        before = [each for each in questions if each["kind"] != "statement"]
        if before and chance.random() < 0.4:
            about = chance.choice(before)
            if about["kind"] not in ("matrix", "ranking", "constant_sum"):
                made["when"] = {"all": [{"question": about["key"], "is": "answered"}]}
        if chance.random() < 0.3:
            to = chance.choice(["end", "screen_out", *(f"q{each}" for each in range(number + 1, len(kinds)))])
            when = {"all": [{"question": "q0", "is": "answered"}]} if kinds[0] != "statement" else None
            made["go"] = [{"to": to, **({"when": when} if when else {})}]
        questions.append(made)
    size = chance.randint(1, 3)
    pages = [questions[begin : begin + size] for begin in range(0, len(questions), size)]
    blocks = [{"key": f"p{number}", "questions": each} for number, each in enumerate(pages)]
    return {"languages": ["en"], "title": {"en": "T"}, "blocks": blocks}


def fields(question: Question, chance: random.Random) -> dict[str, tuple[str, ...]]:
    """Return the fields of a form with a valid answer, or now and then none where none is needed."""
    if question.kind == "statement" or (not question.required and chance.random() < 0.3):
        return {}
    name = f"q.{question.key}"
    keys = [each.key for each in question.options]
    alone = [each.key for each in question.options if each.exclusive]
    match question.kind:
        case "nps" | "csat" | "ces" | "rating":
            return {name: (str(chance.randint(question.low, question.high)),)}
        case "single" | "dropdown":
            return {name: (chance.choice(keys),)}
        case "multiple":
            free = [each for each in keys if each not in alone]
            return {name: tuple(chance.sample(free, chance.randint(1, len(free))))}
        case "matrix":
            return {
                f"{name}.{each.key}": (str(chance.randint(question.low, question.high)),) for each in question.items
            }
        case "ranking":
            order = chance.sample(keys, len(keys))
            return {f"{name}.{each}": (str(rank),) for rank, each in enumerate(order, 1)}
        case "maxdiff":
            found: dict[str, tuple[str, ...]] = {}
            for number, shown in enumerate(sets_of(keys, question.shown), 1):
                best, worst = chance.sample(shown, 2)
                found |= {f"{name}.{number}.best": (best,), f"{name}.{number}.worst": (worst,)}
            return found
        case "constant_sum":
            return {f"{name}.{keys[0]}": (str(question.total),)}
        case "yes_no":
            return {name: (chance.choice(["yes", "no"]),)}
    said = {"number": "7", "date": "2026-03-01", "email": "ann@example.com", "phone": "+8613800138000"}
    return {name: (said.get(question.kind, "yes"),)}


def walked(content: Content, chance: random.Random) -> list[str]:
    """Return the questions that were asked on the way to the end."""
    found: list[Given] = []
    shown: list[str] = []
    page = next_page(content, {})
    while page is not None:
        assert len(shown) <= len(content.questions), "it never ends"
        for question in page.questions:
            shown.append(question.key)
            found += read(question, fields(question, chance))
        page = next_page(content, answers_map(found), page.block.key)
    way = path(content, answers_map(found))
    assert way.ended in ("end", "screen_out")
    assert [each.key for each in way.questions] == shown, "what was shown is what the answers lead to"
    return shown


@settings(max_examples=150, deadline=None)
@given(kinds=st.lists(st.sampled_from(sorted(QUESTION_KINDS)), min_size=1, max_size=8), seed=st.integers(0, 10_000))
def test_whatever_passes_the_check_comes_to_its_end(kinds: list[str], seed: int) -> None:
    chance = random.Random(seed)
    content = content_of(document(kinds, chance))
    if problems_of(content):
        return
    shown = walked(paged(content), chance)
    assert shown[0] == "q0"


@pytest.mark.parametrize("name", sorted(set(STANDARD) - {"empty"}))
def test_the_surveys_to_begin_with_come_to_their_end(name: str) -> None:
    content = paged(content_of(STANDARD[name].document))
    every = {each.key for each in content.questions}
    asked = {key for seed in range(60) for key in walked(content, random.Random(seed))}
    assert asked == every, "every question is asked of somebody"


def test_every_kind_of_question_can_be_published() -> None:
    content = content_of(document(sorted(QUESTION_KINDS), random.Random(1)))
    assert [each for each in problems_of(content) if "No way leads" not in each.render("en")] == []
    assert len(QUESTION_KINDS) >= 15
