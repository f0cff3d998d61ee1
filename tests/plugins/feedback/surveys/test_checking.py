"""A survey that cannot be gone through is not published, and what is wrong with it is named where it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from crmkit_feedback.surveys.answers import Given, answers_map
from crmkit_feedback.surveys.checking import problems_of
from crmkit_feedback.surveys.content import Content, Question, content_of, document_of
from crmkit_feedback.surveys.flow import next_page, page_before, paged, path
from crmkit_feedback.surveys.standard import STANDARD
from hypothesis import given, settings, strategies as st

from crmkit import InvalidInput


def asking(*questions: Mapping[str, Any], languages: tuple[str, ...] = ("en",)) -> Content:
    """Return a survey of one page for each question."""
    blocks = [{"key": f"page{number}", "questions": [each]} for number, each in enumerate(questions)]
    return content_of({"languages": list(languages), "title": {"en": "Survey"}, "blocks": blocks})


def question(key: str, kind: str = "yes_no", **more: Any) -> dict[str, Any]:
    """Return the document of a question."""
    return {"key": key, "kind": kind, "title": {"en": key}, **more}


def said(content: Content) -> list[str]:
    """Return what is wrong, with its place."""
    return [each.render("en") for each in problems_of(content)]


@pytest.mark.parametrize("name", sorted(set(STANDARD) - {"empty"}))
def test_the_surveys_to_begin_with_are_publishable(name: str) -> None:
    content = content_of(STANDARD[name].document)
    assert problems_of(content) == []
    assert content_of(document_of(content)) == content


def test_a_question_that_every_way_passes_over_is_named() -> None:
    content = asking(question("a", go=[{"to": "c"}]), question("b"), question("c"))
    assert said(content) == ['b: No way leads to "b". Take it out, or change the jump before it.']


def test_a_question_is_reached_where_the_jump_has_a_condition() -> None:
    yes = {"all": [{"question": "a", "is": "equals", "value": "yes"}]}
    assert said(asking(question("a", go=[{"to": "c", "when": yes}]), question("b"), question("c"))) == []


def test_a_jump_back_would_never_end() -> None:
    content = asking(question("a"), question("b", go=[{"to": "a"}]))
    assert said(content) == ['b.go: Going back to "a" would never end. Jumps lead ahead.']


def test_a_jump_to_itself_would_never_end() -> None:
    assert len(said(asking(question("a", go=[{"to": "a"}])))) == 1


def test_a_jump_to_nowhere_is_named() -> None:
    assert said(asking(question("a", go=[{"to": "z"}]))) == ['a.go: There is no question or page "z" to go to.']


@pytest.mark.parametrize(
    ("test", "message"),
    [
        ({"question": "a", "is": "equals", "value": "maybe"}, '"maybe" is no answer to "a". There are: yes, no.'),
        ({"question": "a", "is": "at_least", "value": 3}, None),
        ({"question": "n", "is": "equals", "value": 11}, '"11" is no answer to "n".'),
        ({"question": "n", "is": "equals", "value": "9"}, '"9" is no answer to "n".'),
        ({"question": "t", "is": "at_least", "value": 3}, '"t" has no number to compare.'),
        ({"question": "z", "is": "answered"}, 'There is no question "z".'),
        ({"question": "last", "is": "answered"}, '"last" is asked later: a condition looks back.'),
        ({"question": "n", "is": "in", "value": []}, "Here a list is expected."),
    ],
)
def test_conditions_ask_what_can_be_answered(test: dict[str, Any], message: str | None) -> None:
    content = asking(
        question("a"),
        question("n", "nps"),
        question("t", "text"),
        question("b", when={"all": [test]}),
        question("last"),
    )
    found = said(content)
    assert len(found) == 1
    assert message is None or message in found[0]


def test_a_condition_that_no_answer_fulfils_is_named() -> None:
    both = [{"question": "n", "is": "at_most", "value": 6}, {"question": "n", "is": "at_least", "value": 9}]
    assert said(asking(question("n", "nps"), question("b", when={"all": both}))) == [
        'b.when: No answer to "n" fulfils all of this.'
    ]
    assert said(asking(question("n", "nps"), question("b", when={"any": both}))) == []


@pytest.mark.parametrize(
    ("kind", "tests"),
    [
        ("yes_no", [("equals", "yes"), ("not", "yes")]),
        ("csat", [("in", [1, 2]), ("at_least", 3)]),
        ("single", [("in", ["a"]), ("equals", "b")]),
        ("number", [("at_least", 5), ("at_most", 4)]),
        ("number", [("at_least", 200)]),
        ("text", [("equals", "x"), ("equals", "y")]),
    ],
)
def test_what_no_answer_fulfils_is_found_whatever_the_tests(kind: str, tests: list[tuple[str, Any]]) -> None:
    more: dict[str, Any] = {"maximum": 100} if kind == "number" else {}
    if kind == "single":
        more = {"options": [{"key": key, "title": {"en": key}} for key in "abc"]}
    when = {"all": [{"question": "n", "is": how, "value": value} for how, value in tests]}
    content = asking(question("n", kind, **more), question("b", when=when))
    assert said(content) == ['b.when: No answer to "n" fulfils all of this.']


def test_a_language_without_its_text_is_named() -> None:
    found = said(asking(question("a"), languages=("en", "zh-Hans")))
    assert found == ['title: The text is missing in "zh-Hans".', 'a.title: The text is missing in "zh-Hans".']


def test_what_is_piped_was_answered_before() -> None:
    content = asking({"key": "b", "kind": "text", "title": {"en": "Why {{a}}, {{customer.name}}?"}}, question("a"))
    assert said(content) == ['b.title: "a" is not answered before this question.']


def test_a_document_that_cannot_be_read_names_every_place() -> None:
    document = {"languages": "en", "blocks": [{"key": "A", "questions": [{"key": "q", "kind": "star", "colour": 1}]}]}
    with pytest.raises(InvalidInput) as caught:
        content_of(document)
    places = [each.field for each in caught.value.problems]
    assert {"languages", "blocks.1.key", "q.kind", "q.colour"} <= set(places)


def test_a_page_ends_before_what_depends_on_it() -> None:
    """Without scripts a page cannot change while it is filled in."""
    yes = {"all": [{"question": "a", "is": "equals", "value": "yes"}]}
    asked = [question("a"), question("b"), question("c", when=yes), question("d"), {**question("e"), "go": []}]
    content = content_of(
        {"languages": ["en"], "title": {"en": "S"}, "blocks": [{"key": "p", "questions": asked}, {"key": "p_2"}]}
    )
    shown = paged(content)
    assert [(each.key, [one.key for one in each.questions]) for each in shown.blocks] == [
        ("p", ["a", "b"]),
        ("p_3", ["c", "d", "e"]),
        ("p_2", []),
    ]
    assert paged(shown) == shown


# --- whatever passes the check can be gone through --------------------------------------------------------------------

KEYS = [f"q{number}" for number in range(6)]


@st.composite
def surveys(draw: st.DrawFn) -> Content:
    """Surveys with jumps and conditions at random; many of them make no sense."""
    questions = []
    for number, key in enumerate(KEYS):
        more: dict[str, Any] = {}
        if number and draw(st.booleans()):
            more["when"] = {"all": [draw(asked_of(KEYS[:number]))]}
        if draw(st.booleans()):
            to = draw(st.sampled_from([*KEYS, "end", "screen_out"]))
            jump: dict[str, Any] = {"to": to}
            if draw(st.booleans()):
                jump["when"] = {"any": [draw(asked_of(KEYS[: number + 1]))]}
            more["go"] = [jump]
        questions.append(question(key, draw(st.sampled_from(["yes_no", "csat"])), **more))
    return asking(*questions)


def asked_of(keys: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    """Tests of earlier answers."""
    return st.fixed_dictionaries(
        {
            "question": st.sampled_from(keys),
            "is": st.sampled_from(["equals", "not", "answered"]),
            "value": st.sampled_from(["yes", "no", 1, 5]),
        }
    )


def answer(question: Question, at: int) -> Given:
    """Return one of the answers to a question."""
    if question.kind == "yes_no":
        return Given(question=question.key, value=at % 2, choice=("no", "yes")[at % 2])
    return Given(question=question.key, value=1 + at % 5)


@settings(max_examples=200, deadline=None)
@given(content=surveys(), chances=st.lists(st.integers(0, 9), min_size=6, max_size=6))
def test_a_survey_that_passes_ends_however_it_is_answered(content: Content, chances: list[int]) -> None:
    if problems_of(content):
        return
    given_: list[Given] = []
    page = next_page(content, {})
    seen: list[str] = []
    while page is not None:
        assert page.block.key not in seen
        seen.append(page.block.key)
        given_ += [answer(each, chances[len(seen) - 1]) for each in page.questions]
        page = next_page(content, answers_map(given_), page.block.key)
    asked = path(content, answers_map(given_))
    assert [each.key for each in asked.questions] == [each.question for each in given_]
    assert asked.questions, "the first question is always asked"
    before = page_before(content, answers_map(given_), seen[-1])
    assert (before.block.key if before else None) == (seen[-2] if len(seen) > 1 else None)
