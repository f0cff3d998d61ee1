"""Kano's questions: linked to those of surveys, or asked by hand; who counts, and as what."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from crmkit_needs.scoring.answers import pairs_of
from crmkit_needs.scoring.models import KanoLink
from sqlalchemy import select

from crmkit import Actor, Conflict, InvalidInput, NotFound
from crmkit.app import CRM
from crmkit.engines.reports.running import run as run_report
from tests.conftest import ENGINES, Templates

SYSTEM = Actor.system("a test")
FEELINGS = ("like", "expect", "neutral", "live", "dislike")


def question(key: str, kind: str, **more: Any) -> dict[str, Any]:
    """Return a question of a survey."""
    return {"key": key, "kind": kind, "title": {"en": key}, **more}


OPTIONS = [{"key": each, "title": {"en": each}} for each in FEELINGS]
CONTENT = {
    "languages": ["en"],
    "title": {"en": "Packing"},
    "blocks": [
        {
            "key": "first",
            "questions": [
                question("with", "single", options=OPTIONS),
                question("without", "dropdown", options=OPTIONS),
                question("stars", "rating"),
                question("turned", "rating", reversed=True),
                question("long", "rating", low=1, high=7),
                question("rows", "matrix", items=[{"key": "lid", "title": {"en": "Lid"}}]),
                question("words", "text"),
            ],
        }
    ],
}


def enabled(crm: CRM) -> None:
    """Enable needs and feedback."""
    crm.enable("feedback")
    crm.enable("needs")


@pytest.fixture(params=ENGINES)
def asking(request: pytest.FixtureRequest, templates: Templates, tmp_path: Path) -> Iterator[CRM]:
    """A CRM with a survey that is open, once for each engine."""
    url, _nothing = templates.copy_filled(request.param, tmp_path, enabled)
    with CRM.open(url) as crm:
        survey = run(crm, "feedback.survey.create", name="packing", title="Packing", template="empty")
        run(crm, "feedback.survey.save_draft", survey, content=CONTENT)
        run(crm, "feedback.survey.publish", survey)
        yield crm


def run(crm: CRM, operation: str, target: Any = None, /, **values: Any) -> Any:
    """Run an operation."""
    return crm.run(SYSTEM, operation, values, target=None if target is None else target.id)


def answered(crm: CRM, customer: Any, survey: str = "packing", day: int = 1, **answers: Any) -> None:
    """Keep what a customer answered, on a day of January."""
    at = datetime(2026, 1, day, tzinfo=UTC)
    values = {"customer_id": customer.id if customer else None, "answered_at": at, "answers": answers}
    run(crm, "feedback.response.import", survey=survey, **values)


def pairs(crm: CRM, *needs: Any, actor: Actor = SYSTEM) -> list[list[tuple[int, int]]]:
    """Return the pairs of answers about needs."""
    with crm.session(actor) as session:
        found = pairs_of(session, [each.id for each in needs])
        return [sorted(found.get(each.id, [])) for each in needs]


def test_a_customer_counts_once_by_what_they_answered_last(asking: CRM) -> None:
    need, other = (run(asking, "needs.need.create", title=title) for title in ("Lid", "Box"))
    ada, bo = (run(asking, "customer.create", name=name) for name in ("Ada", "Bo"))
    answered(asking, ada, day=1, **{"with": "neutral", "without": "neutral"})
    answered(asking, ada, day=3, **{"with": "like", "without": "dislike"})
    answered(asking, ada, day=2, **{"with": "expect", "without": "live"})
    answered(asking, bo, day=1, **{"with": "expect", "without": "dislike"})
    run(asking, "needs.kano.link", need, survey="packing", functional="with", dysfunctional="without")
    assert pairs(asking, need, other) == [[(1, 5), (2, 5)], []]


@pytest.mark.parametrize(
    ("functional", "dysfunctional", "answers", "scale", "pair"),
    [
        ("stars", "turned", {"stars": 5, "turned": 5}, "auto", (1, 5)),
        ("stars", "turned", {"stars": 5, "turned": 5}, "low_likes", (5, 5)),
        ("stars", "turned", {"stars": 4, "turned": 2}, "high_likes", (2, 4)),
        ("rows.lid", "turned", {"rows.lid": 1, "turned": 1}, "auto", (5, 1)),
    ],
)
def test_numbers_are_read_as_the_question_says(
    asking: CRM, functional: str, dysfunctional: str, answers: dict[str, int], scale: str, pair: tuple[int, int]
) -> None:
    need = run(asking, "needs.need.create", title="Lid")
    ada = run(asking, "customer.create", name="Ada")
    keys = {"functional": functional, "dysfunctional": dysfunctional}
    run(asking, "needs.kano.link", need, survey="packing", scale=scale, **keys)
    said = {key: value for key, value in answers.items() if "." not in key}
    nested = {key.partition(".")[0]: {key.partition(".")[2]: value} for key, value in answers.items() if "." in key}
    answered(asking, ada, **said, **nested)
    assert pairs(asking, need) == [[pair]]


def test_answers_that_were_taken_over_with_no_questions_count_by_their_numbers(asking: CRM) -> None:
    need = run(asking, "needs.need.create", title="Lid")
    ada = run(asking, "customer.create", name="Ada")
    values = {"customer_id": ada.id, "score": 9, "metric": "nps", "answers": {"with": 1, "without": "5", "odd": "x"}}
    run(asking, "feedback.response.import", survey="elsewhere", **values)
    run(asking, "needs.kano.link", need, survey="elsewhere", functional="with", dysfunctional="without")
    assert pairs(asking, need) == [[(1, 5)]]
    run(asking, "needs.kano.link", need, survey="elsewhere", functional="odd", dysfunctional="without")
    assert pairs(asking, need) == [[(1, 5)]]


def test_what_is_written_down_by_hand_counts_beside_surveys(asking: CRM) -> None:
    need = run(asking, "needs.need.create", title="Lid")
    ada, bo = (run(asking, "customer.create", name=name) for name in ("Ada", "Bo"))
    answered(asking, ada, **{"with": "neutral", "without": "neutral"})
    run(asking, "needs.kano.link", need, survey="packing", functional="with", dysfunctional="without")
    run(asking, "needs.kano.answer", need, customer_id=ada.id, functional=1, dysfunctional=4)
    run(asking, "needs.kano.answer", need, customer_id=bo.id, functional=3, dysfunctional=5)
    assert pairs(asking, need) == [[(1, 4), (3, 5)]]
    answered(asking, bo, day=2, **{"with": "like", "without": "like"})
    assert pairs(asking, need) == [[(1, 4), (3, 5)]]


def test_answers_about_what_was_merged_count_for_where_it_went(asking: CRM) -> None:
    one, two = (run(asking, "needs.need.create", title=title) for title in ("One", "Two"))
    ada = run(asking, "customer.create", name="Ada")
    answered(asking, ada, **{"with": "like", "without": "dislike"})
    run(asking, "needs.kano.link", one, survey="packing", functional="with", dysfunctional="without")
    run(asking, "needs.need.merge", one, into_id=two.id)
    assert pairs(asking, two) == [[(1, 5)]]
    bo = run(asking, "customer.create", name="Bo")
    run(asking, "needs.kano.answer", one, customer_id=bo.id, functional=2, dysfunctional=2)
    assert pairs(asking, two) == [[(1, 5), (2, 2)]]
    run(asking, "needs.need.unmerge", one)
    assert pairs(asking, one, two) == [[(1, 5)], [(2, 2)]]


def test_questions_that_are_taken_off_count_no_more(asking: CRM) -> None:
    need = run(asking, "needs.need.create", title="Lid")
    answered(asking, run(asking, "customer.create", name="Ada"), **{"with": "like", "without": "dislike"})
    keys = {"survey": "packing", "functional": "with", "dysfunctional": "without"}
    link = run(asking, "needs.kano.link", need, **keys)
    assert run(asking, "needs.kano.link", need, **keys).id == link.id
    run(asking, "needs.kano.unlink", link)
    assert pairs(asking, need) == [[]]


@pytest.mark.parametrize(
    ("functional", "dysfunctional", "field", "text"),
    [
        ("with", "with", "dysfunctional", "different"),
        ("wiht", "without", "functional", "with, without"),
        ("long", "without", "functional", "five"),
        ("with", "words", "dysfunctional", "five"),
    ],
)
def test_questions_that_do_not_fit_are_refused(
    asking: CRM, functional: str, dysfunctional: str, field: str, text: str
) -> None:
    need = run(asking, "needs.need.create", title="Lid")
    with pytest.raises(InvalidInput) as caught:
        run(asking, "needs.kano.link", need, survey="packing", functional=functional, dysfunctional=dysfunctional)
    assert [each.field for each in caught.value.problems] == [field]
    assert text in caught.value.render()


def test_there_is_no_linking_to_a_survey_that_there_is_not(asking: CRM) -> None:
    need = run(asking, "needs.need.create", title="Lid")
    with pytest.raises(NotFound, match="nothing"):
        run(asking, "needs.kano.link", need, survey="nothing", functional="a", dysfunctional="b")


def test_without_feedback_answers_are_written_down_by_hand(lite: CRM) -> None:
    need = run(lite, "needs.need.create", title="Lid")
    ada = run(lite, "customer.create", name="Ada")
    with pytest.raises(Conflict, match="no surveys"):
        run(lite, "needs.kano.link", need, survey="packing", functional="a", dysfunctional="b")
    run(lite, "needs.kano.answer", need, customer_id=ada.id, functional=1, dysfunctional=5)
    assert pairs(lite, need) == [[(1, 5)]]


def test_the_report_has_categories_with_what_they_are_worth(asking: CRM) -> None:
    must, nice = (run(asking, "needs.need.create", title=title) for title in ("Must", "Nice"))
    for place in range(6):
        who = run(asking, "customer.create", name=f"P{place}")
        run(asking, "needs.kano.answer", must, customer_id=who.id, functional=3, dysfunctional=5)
        run(asking, "needs.kano.answer", nice, customer_id=who.id, functional=1, dysfunctional=3 if place else 1)
    with asking.session(SYSTEM) as session:
        found = run_report(session, "needs.kano", {})
    names = [each.name for each in found.columns]
    rows = [dict(zip(names, [cell.value for cell in row.cells], strict=True)) for row in found.rows]
    assert [str(row["category"]) for row in rows] == ["Must-be", "Attractive"]
    assert [(row["better"], row["worse"], row["n"]) for row in rows] == [(0, 1, 6), (1, 0, 6)]
    assert rows[1]["questionable"] == 1


def test_who_may_not_see_responses_is_shown_what_was_written_down_alone(asking: CRM) -> None:
    need = run(asking, "needs.need.create", title="Lid")
    ada = run(asking, "customer.create", name="Ada")
    answered(asking, ada, **{"with": "like", "without": "dislike"})
    run(asking, "needs.kano.link", need, survey="packing", functional="with", dysfunctional="without")
    role = run(asking, "role.create", name="looker", title="Looker")
    run(asking, "role.grant", role, resource="needs.need", action="read", scope="all")
    user = run(asking, "user.create", login="lo", name="Lo")
    run(asking, "user.assign_role", user, role="looker")
    with asking.session(Actor.user(user.id, "Lo")) as session:
        assert session.scalars(select(KanoLink)).all()
        assert pairs_of(session, [need.id]) == {}


def test_an_answer_goes_on_with_the_customer_who_was_merged(asking: CRM) -> None:
    need = run(asking, "needs.need.create", title="Lid")
    ada = run(asking, "customer.create", name="Ada")
    run(asking, "needs.kano.answer", need, customer_id=ada.id, functional=1, dysfunctional=5)
    bo = run(asking, "customer.create", name="Bo")
    run(asking, "customer.merge", bo, absorb=ada.id)
    assert pairs(asking, need) == [[(1, 5)]]
