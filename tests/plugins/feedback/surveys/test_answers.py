"""What a form answers to each kind of question."""

from __future__ import annotations

from typing import Any

import pytest
from crmkit_feedback.surveys.answers import Given, answers_map, read
from crmkit_feedback.surveys.content import Question, content_of, piped
from crmkit_feedback.surveys.sets import sets_of
from hypothesis import given, settings, strategies as st

from crmkit import InvalidInput

OPTIONS = [{"key": key, "title": {"en": key}} for key in "abc"]


def of(kind: str, **more: Any) -> Question:
    """Return a question named q."""
    document = {"key": "q", "kind": kind, "title": {"en": "?"}, **more}
    (found,) = content_of({"languages": ["en"], "blocks": [{"key": "p", "questions": [document]}]}).questions
    return found


def told(question: Question, **fields: Any) -> list[tuple[Any, ...]]:
    """Return the answers as tuples, of fields named without their beginning."""
    form = {
        f"q.{name}" if name != "q" else "q.q": [value] if isinstance(value, str) else value
        for name, value in fields.items()
    }
    return [(each.item, each.value, each.choice, each.text) for each in read(question, form)]


def refused(question: Question, **fields: Any) -> str:
    """Return the place and the words of the refusal."""
    with pytest.raises(InvalidInput) as caught:
        told(question, **fields)
    (problem,) = caught.value.problems
    return problem.render("en")


def test_a_scale_takes_its_numbers_alone() -> None:
    assert told(of("nps"), q="10") == [(None, 10, None, None)]
    assert refused(of("nps"), q="11") == "q.q: Please give a whole number from 0 to 10."
    assert refused(of("csat"), q="0").startswith("q.q: Please give")
    assert refused(of("ces"), q="seven").startswith("q.q: Please give")
    assert refused(of("nps"), q=["1", "2"]) == "q.q: Please choose one."


def test_nothing_is_an_answer_where_none_is_required() -> None:
    assert told(of("nps")) == []
    assert refused(of("nps", required=True)) == "q.q: Please answer this question."
    assert told(of("text"), q="   ") == []


def test_one_choice_of_those_offered() -> None:
    assert told(of("single", options=OPTIONS), q="b") == [(None, 1, "b", None)]
    assert refused(of("dropdown", options=OPTIONS), q="z") == "q.q: Please choose one of what is offered."


def test_another_choice_has_its_text() -> None:
    options = [*OPTIONS, {"key": "other", "title": {"en": "Other"}, "other": True}]
    assert read(of("single", options=options), {"q.q": ["other"], "q.q.other": ["This"]}) == (
        Given(question="q", value=1, choice="other", text="This"),
    )


def test_several_choices_within_their_bounds() -> None:
    options = [*OPTIONS, {"key": "none", "title": {"en": "None"}, "exclusive": True}]
    question = of("multiple", options=options, minimum=2, maximum=2)
    assert [each[2] for each in told(question, q=["a", "c", "a"])] == ["a", "c"]
    assert refused(question, q="a") == "q.q: Please choose 2 at least."
    assert refused(question, q=["a", "b", "c"]) == "q.q: Please choose 2 at most."
    assert refused(question, q=["a", "none"]) == "q.q: One of these goes with no other."
    assert [each[2] for each in told(question, q="none")] == ["none"]


def test_a_matrix_has_a_number_for_each_row() -> None:
    question = of("matrix", items=OPTIONS[:2], required=True)
    assert told(question, **{"q.a": "1", "q.b": "5"}) == [("a", 1, None, None), ("b", 5, None, None)]
    assert refused(question, **{"q.a": "1"}) == "q.q.b: Please answer this question."
    assert refused(question, **{"q.a": "6", "q.b": "1"}).startswith("q.q.a: Please give")


def test_a_ranking_has_every_rank_once() -> None:
    question = of("ranking", options=OPTIONS)
    assert told(question, **{"q.a": "3", "q.b": "1", "q.c": "2"}) == [
        ("b", 1, None, None),
        ("c", 2, None, None),
        ("a", 3, None, None),
    ]
    assert refused(question, **{"q.a": "1", "q.b": "1"}) == "q.q.b: Two have the same rank."
    assert refused(question, **{"q.a": "1", "q.b": "2"}) == "q.q: Please give the ranks from 1 to 3, each once."


def test_best_and_worst_of_each_set() -> None:
    question = of("maxdiff", options=OPTIONS, shown=3)
    assert told(question, **{"q.1.best": "a", "q.1.worst": "c"}) == [("1", 1, "a", None), ("1", -1, "c", None)]
    assert refused(question, **{"q.1.best": "a", "q.1.worst": "a"}).startswith("q.q.1.best: Please choose the best")
    assert refused(question, **{"q.1.best": "a"}).startswith("q.q.1.best: Please choose the best")


def test_points_are_shared_out_whole() -> None:
    question = of("constant_sum", options=OPTIONS, total=10)
    assert told(question, **{"q.a": "7", "q.c": "3"}) == [
        ("a", 7, None, None),
        ("b", 0, None, None),
        ("c", 3, None, None),
    ]
    assert refused(question, **{"q.a": "7"}) == "q.q: Together they have to be 10; they are 7."


def test_addresses_are_brought_into_their_form() -> None:
    assert told(of("email"), q=" Ada@Example.COM ")[0][3] == "Ada@Example.COM"
    assert refused(of("email"), q="ada") == "q.q: This is no email address."
    assert told(of("phone"), q="+86 138 0013 8000")[0][3] == "+8613800138000"
    assert refused(of("phone"), q="12") == "q.q: This is no telephone number."


def test_dates_numbers_texts_and_consent() -> None:
    assert told(of("date"), q="2026-03-01") == [(None, None, "2026-03-01", None)]
    assert refused(of("date"), q="1.3.2026").startswith("q.q: Please give a date")
    assert told(of("number", minimum=0, maximum=9), q="9") == [(None, 9, None, None)]
    assert refused(of("number", minimum=0, maximum=9), q="10").startswith("q.q: Please give a whole number from 0 to 9")
    assert refused(of("long_text", longest=3), q="four") == "q.q: This is longer than 3 characters."
    assert refused(of("consent", required=True)) == "q.q: Please tick this to go on."
    assert told(of("consent"), q="on") == [(None, 1, "yes", None)]
    assert told(of("statement"), q="x") == []


def test_answers_as_conditions_ask_for_them() -> None:
    given_ = [
        Given(question="n", value=9),
        Given(question="m", value=1, choice="a"),
        Given(question="m", value=1, choice="b"),
        Given(question="x", item="r", value=2),
        Given(question="t", text="Why"),
    ]
    assert answers_map(given_) == {"n": 9, "m": ["a", "b"], "x": {"r": 2}, "t": "Why"}


def test_what_is_not_known_is_piped_as_nothing() -> None:
    assert piped("Why {{ n }}, {{customer.name}}? {{x}}", {"n": 9}, {"customer.name": "Ada"}) == "Why 9, Ada? "


@settings(max_examples=60, deadline=None)
@given(count=st.integers(3, 20), shown=st.integers(3, 6))
def test_sets_show_every_option_about_as_often(count: int, shown: int) -> None:
    options = [f"o{number}" for number in range(count)]
    sets = sets_of(options, shown)
    assert sets == sets_of(options, shown)
    assert all(len(set(each)) == len(each) == min(shown, count) for each in sets)
    times = [sum(option in each for each in sets) for option in options]
    assert max(times) - min(times) <= 1
    assert min(times) >= 1
