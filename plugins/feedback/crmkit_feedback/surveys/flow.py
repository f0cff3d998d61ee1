"""The way through a survey: which questions are asked, given what was answered so far, and where it ends.

Must not know the database.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from attrs import evolve, frozen

from crmkit_feedback.surveys.content import END, SCREEN_OUT, Block, Condition, Content, Question, Test, pipes_of

Ending = Literal["end", "screen_out"]


@frozen(kw_only=True)
class Path:
    """The questions that are asked, in order, and how it ends."""

    questions: tuple[Question, ...]
    ended: Ending = "end"


@frozen(kw_only=True)
class PageOfQuestions:
    """The questions of a block that are asked, and which page of how many it is at most."""

    block: Block
    questions: tuple[Question, ...]
    number: int
    count: int


def holds(condition: Condition | None, answers: Mapping[str, Any]) -> bool:
    """Say whether a condition holds of answers. What was not answered fulfils no test but ``not``."""
    if condition is None:
        return True
    told = (passes(each, answers) for each in condition.tests)
    return any(told) if condition.any else all(told)


def passes(test: Test, answers: Mapping[str, Any]) -> bool:
    """Say whether a test is passed by answers, as `crmkit_feedback.surveys.answers.answers_map` has them."""
    value = answers.get(test.question)
    if test.item is not None:
        value = value.get(test.item) if isinstance(value, Mapping) else None
    if test.is_ == "answered":
        return value is not None
    if test.is_ == "not":
        return value != test.value and not (isinstance(value, list) and test.value in value)
    if value is None:
        return False
    match test.is_:
        case "equals":
            return bool(value == test.value or (isinstance(value, list) and value == [test.value]))
        case "contains":
            return test.value in value if isinstance(value, list) else value == test.value
        case "in":
            return any(each in test.value for each in value) if isinstance(value, list) else value in test.value
        case "at_least":
            return isinstance(value, int) and value >= test.value
        case "at_most":
            return isinstance(value, int) and value <= test.value
    return False


def path(content: Content, answers: Mapping[str, Any]) -> Path:
    """Return the way through a survey that these answers lead, as if what is not answered yet were left out.

    It only goes ahead: a jump back or to nowhere, which a check before publishing refuses, is as none.
    """
    places = places_of(content)
    asked: list[Question] = []
    every = content.questions
    at = 0
    while at < len(every):
        question = every[at]
        following = at + 1
        if holds(question.when, answers):
            asked.append(question)
            to = next((jump.to for jump in question.go if holds(jump.when, answers)), None)
            if to in (END, SCREEN_OUT):
                return Path(questions=tuple(asked), ended="end" if to == END else "screen_out")
            if to is not None and places.get(to, 0) > at:
                following = places[to]
        at = following
    return Path(questions=tuple(asked))


def places_of(content: Content) -> dict[str, int]:
    """Return at which place among all questions a question stands, or a block begins, by its key."""
    found: dict[str, int] = {}
    place = 0
    for block in content.blocks:
        found[block.key] = place
        for question in block.questions:
            found.setdefault(question.key, place)
            place += 1
    return found


def paged(content: Content) -> Content:
    """Return a survey as it is shown: a page ends before a question that depends on an answer given on it.

    Without scripts a page cannot change while it is filled in. A question depends on what its condition asks, on what
    its text pipes, and on a question that may jump over it. The first part of a page keeps its key.
    """
    taken = {each.key for each in (*content.blocks, *content.questions)}
    blocks: list[Block] = []
    for block in content.blocks:
        parts: list[list[Question]] = [[]]
        for question in block.questions:
            if any(each.go for each in parts[-1]) or _needs(question) & {each.key for each in parts[-1]}:
                parts.append([])
            parts[-1].append(question)
        blocks.append(evolve(block, questions=tuple(parts[0])))
        for number, part in enumerate(parts[1:], 2):
            names = (f"{block.key[:35]}_{each}" for each in range(number, number + len(taken) + 1))
            key = next(each for each in names if each not in taken)
            taken.add(key)
            blocks.append(Block(key=key, questions=tuple(part)))
    return evolve(content, blocks=tuple(blocks))


def _needs(question: Question) -> set[str]:
    asked = {each.question for each in question.when.tests} if question.when is not None else set[str]()
    said = (*question.title.values(), *question.help.values())
    return asked | {name for text in said for name in pipes_of(text)}


def next_page(content: Content, answers: Mapping[str, Any], after: str | None = None) -> PageOfQuestions | None:
    """Return the first page with something to ask after the block of that key (or the first one at all), None where the
    survey is at its end."""
    asked = {each.key for each in path(content, answers).questions}
    past = after is None
    for number, block in enumerate(content.blocks, 1):
        if past:
            questions = tuple(each for each in block.questions if each.key in asked)
            if questions:
                return PageOfQuestions(block=block, questions=questions, number=number, count=len(content.blocks))
        past = past or block.key == after
    return None


def page_before(content: Content, answers: Mapping[str, Any], before: str) -> PageOfQuestions | None:
    """Return the last page with something to ask before the block of that key, None before the first."""
    found: PageOfQuestions | None = None
    page = next_page(content, answers)
    while page is not None and page.block.key != before:
        found, page = page, next_page(content, answers, page.block.key)
    return found
