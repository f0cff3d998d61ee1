"""Whether a survey makes sense, found out before anybody answers it.

Every question can be reached and the end from each of them; conditions ask what can be answered, of questions that come
before; texts are there in every language. What cannot be decided exactly (two conditions of several questions that
exclude each other) is not claimed. Must not know the database.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from crmkit import InvalidInput, Problem, texts
from crmkit_feedback.surveys.content import (
    CHOOSING,
    END,
    SCREEN_OUT,
    Condition,
    Content,
    Question,
    Test,
    Texts,
    pipes_of,
)
from crmkit_feedback.surveys.flow import passes, places_of

_ = texts("crmkit_feedback")

NUMBERS = ("nps", "csat", "ces", "rating", "number", "matrix", "ranking", "constant_sum", "yes_no", "consent")
"""Kinds whose answer is a number that can be compared."""
NAMES = ("customer.name", "business.name")


def problems_of(content: Content) -> list[Problem]:
    """Return everything for which a survey cannot be published, each with its place and what would be right."""
    return [*_keys(content), *_texts(content), *_shapes(content), *_conditions(content), *_reach(content)]


def _wrong(place: str, text: str, **values: Any) -> Problem:
    return Problem(InvalidInput.code, text, field=place, **values)


def _keys(content: Content) -> Iterator[Problem]:
    if not content.questions:
        yield _wrong("blocks", _("A survey needs a question."))
    seen: set[str] = set()
    for key in [*(each.key for each in content.blocks), *(each.key for each in content.questions), *content.hidden]:
        if key in seen:
            yield _wrong(key, _('The key "{key}" stands twice.'), key=key)
        if key in (END, SCREEN_OUT):
            yield _wrong(key, _('"{key}" is no key: jumps to it mean the end.'), key=key)
        seen.add(key)
    for block in content.blocks:
        if not block.questions:
            yield _wrong(block.key, _("This page asks nothing. Add a question, or take the page out."))


def _texts(content: Content) -> Iterator[Problem]:
    for place, said in _all_texts(content):
        for language in content.languages:
            if not said.get(language, "").strip():
                yield _wrong(place, _('The text is missing in "{language}".'), language=language)


def _all_texts(content: Content) -> Iterator[tuple[str, Texts]]:
    """Yield every text with its place: those that have to be, and those that somebody began to write."""
    yield "title", content.title
    for name in ("introduction", "thanks", "screened"):
        if getattr(content, name):
            yield name, getattr(content, name)
    for block in content.blocks:
        if block.title:
            yield f"{block.key}.title", block.title
        for question in block.questions:
            yield f"{question.key}.title", question.title
            for name in ("help", "low_title", "high_title"):
                if getattr(question, name):
                    yield f"{question.key}.{name}", getattr(question, name)
            for part in (*question.options, *question.items):
                yield f"{question.key}.{part.key}", part.title


def _shapes(content: Content) -> Iterator[Problem]:
    before: set[str] = set(NAMES) | set(content.hidden)
    for question in content.questions:
        key = question.key
        if question.kind in CHOOSING and len(question.options) < 2:
            yield _wrong(f"{key}.options", _("Give two options at least."))
        if question.kind not in CHOOSING and question.options:
            yield _wrong(f"{key}.options", _("A question of this kind has no options."))
        if question.kind == "matrix" and not question.items:
            yield _wrong(f"{key}.items", _("Give the rows of the matrix."))
        if question.kind == "maxdiff" and not 3 <= question.shown <= max(3, len(question.options)):
            yield _wrong(f"{key}.shown", _("Show three options at least, and no more than there are."))
        for part in _doubled([each.key for each in (*question.options, *question.items)]):
            yield _wrong(f"{key}.{part}", _('The key "{key}" stands twice.'), key=part)
        if question.low >= question.high or question.high - question.low > 20:
            yield _wrong(f"{key}.low", _("A scale goes up, by 20 at most."))
        if question.minimum is not None and question.maximum is not None and question.minimum > question.maximum:
            yield _wrong(f"{key}.minimum", _("The least is more than the most."))
        if question.kind == "multiple" and (question.minimum or 0) > len(question.options):
            yield _wrong(f"{key}.minimum", _("There are not so many options."))
        if not 1 <= question.longest <= 8000:
            yield _wrong(f"{key}.longest", _("A text has from 1 to 8000 characters."))
        if question.kind == "constant_sum" and not 1 <= question.total <= 1_000_000:
            yield _wrong(f"{key}.total", _("Share out from 1 to 1000000 points."))
        for text in question.title.values():
            for name in pipes_of(text):
                if name not in before:
                    yield _wrong(f"{key}.title", _('"{name}" is not answered before this question.'), name=name)
        before.add(key)


def _doubled(keys: list[str]) -> list[str]:
    return sorted({each for each in keys if keys.count(each) > 1})


def _conditions(content: Content) -> Iterator[Problem]:
    places = places_of(content)
    for place, question in enumerate(content.questions):
        if question.when is not None:
            yield from _condition(content, f"{question.key}.when", question.when, place, places)
        for jump in question.go:
            where = f"{question.key}.go"
            if jump.when is not None:
                yield from _condition(content, where, jump.when, place + 1, places)
            if jump.to in (END, SCREEN_OUT):
                continue
            if jump.to not in places:
                yield _wrong(where, _('There is no question or page "{key}" to go to.'), key=jump.to)
            elif places[jump.to] <= place:
                yield _wrong(where, _('Going back to "{key}" would never end. Jumps lead ahead.'), key=jump.to)


def _condition(
    content: Content, where: str, condition: Condition, before: int, places: dict[str, int]
) -> Iterator[Problem]:
    wrong = list(_tests(content, where, condition, before, places))
    yield from wrong
    if wrong:
        return
    # Of "any" each test stands alone.
    together = [Condition(tests=(each,)) for each in condition.tests] if condition.any else [condition]
    for each in together:
        for key in _contradicted(content, each):
            yield _wrong(where, _('No answer to "{key}" fulfils all of this.'), key=key)


def _tests(
    content: Content, where: str, condition: Condition, before: int, places: dict[str, int]
) -> Iterator[Problem]:
    if not condition.tests:
        yield _wrong(where, _("A condition needs a test."))
    for test in condition.tests:
        asked = content.question(test.question)
        if asked is None:
            yield _wrong(where, _('There is no question "{key}".'), key=test.question)
        elif places[asked.key] >= before:
            yield _wrong(where, _('"{key}" is asked later: a condition looks back.'), key=test.question)
        else:
            yield from _test(where, asked, test)


def _test(where: str, question: Question, test: Test) -> Iterator[Problem]:
    if question.kind == "statement":
        yield _wrong(where, _('"{key}" asks nothing.'), key=question.key)
        return
    if question.kind == "matrix" and test.item not in {each.key for each in question.items}:
        yield _wrong(where, _('Name a row of "{key}".'), key=question.key)
    if question.kind in ("ranking", "constant_sum") and test.item not in {each.key for each in question.options}:
        yield _wrong(where, _('Name an option of "{key}".'), key=question.key)
    if test.is_ == "answered":
        return
    values = test.value if test.is_ == "in" else (test.value,)
    if not isinstance(values, tuple) or not values:
        yield _wrong(where, _("Here a list is expected."))
        return
    if test.is_ in ("at_least", "at_most") and question.kind not in NUMBERS:
        yield _wrong(where, _('"{key}" has no number to compare.'), key=question.key)
        return
    for value in values:
        if not _fits(question, value):
            known = ", ".join(map(str, _possible(question)))
            text = _('"{value}" is no answer to "{key}". There are: {known}.') if known else _NO_ANSWER
            yield _wrong(where, text, value=str(value), key=question.key, known=known)


_NO_ANSWER = _('"{value}" is no answer to "{key}".')


def _possible(question: Question) -> list[Any]:
    """Return the answers that a question can have where they can be listed."""
    match question.kind:
        case "single" | "multiple" | "dropdown" | "maxdiff":
            return [each.key for each in question.options]
        case "yes_no" | "consent":
            return ["yes", "no"]
        case "nps" | "csat" | "ces" | "rating" | "matrix":
            return list(range(question.low, question.high + 1))
        case "ranking":
            return list(range(1, len(question.options) + 1))
    return []


def _fits(question: Question, value: Any) -> bool:
    possible = _possible(question)
    if possible:
        return value in possible and not isinstance(value, bool)
    if question.kind in ("number", "constant_sum"):
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, str)


def _contradicted(content: Content, condition: Condition) -> Iterator[str]:
    """Yield the questions with one answer of which tests that have to hold together exclude each other."""
    by: dict[tuple[str, str | None], list[Test]] = {}
    for test in condition.tests:
        by.setdefault((test.question, test.item), []).append(test)
    for (key, item), tests in by.items():
        question = content.question(key)
        if question is None or question.kind in ("multiple", "maxdiff"):
            continue
        possible = _possible(question)
        if not possible:
            possible = _edges(question, tests)
        # What is not answered at all passes a test for "not".
        candidates = [None, *possible]
        if not any(all(_passed(key, item, each, value) for each in tests) for value in candidates):
            yield key


def _passed(key: str, item: str | None, test: Test, value: Any) -> bool:
    answer: Any = value if item is None else {item: value}
    try:
        return passes(test, {} if value is None else {key: answer})
    except TypeError:
        # What cannot be compared is named as such.
        return True


def _edges(question: Question, tests: list[Test]) -> list[Any]:
    """Return answers that stand for all where there are too many to list: if any passes, one of these does."""
    named = [value for each in tests for value in (each.value if isinstance(each.value, tuple) else (each.value,))]
    if question.kind not in ("number", "constant_sum"):
        return [*(each for each in named if isinstance(each, str)), "\0"]
    numbers = [each for each in named if isinstance(each, int)]
    low = question.minimum if question.kind == "number" else 0
    high = question.maximum if question.kind == "number" else question.total
    around = {near for each in numbers for near in range(each - len(tests), each + len(tests) + 1)}
    around |= {each for each in (low, high) if each is not None}
    return [each for each in sorted(around | {0}) if (low is None or each >= low) and (high is None or each <= high)]


def _reach(content: Content) -> Iterator[Problem]:
    """Yield the questions that no answers lead to: every way passes over them."""
    every = content.questions
    places = places_of(content)
    reached: set[int] = {0}
    for at, question in enumerate(every):
        if at not in reached:
            continue
        leaves = False
        for jump in question.go:
            if jump.to not in (END, SCREEN_OUT) and places.get(jump.to, 0) > at:
                reached.add(places[jump.to])
            # A condition that is not there, or that every answer fulfils, lets nothing pass on; a question that is not
            # always asked is passed without its jumps.
            if jump.when is None:
                leaves = True
                break
        if not leaves or question.when is not None:
            reached.add(at + 1)
    for at, question in enumerate(every):
        if at not in reached:
            yield _wrong(
                question.key, _('No way leads to "{key}". Take it out, or change the jump before it.'), key=question.key
            )
