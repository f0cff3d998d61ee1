"""Surveys are written, published as versions, closed and copied."""

from __future__ import annotations

from typing import Any

import pytest
from crmkit_feedback.surveys.choosing import content_of_version, survey_named, version_of
from crmkit_feedback.surveys.conditions import condition_of, jump_of, jump_written, written
from crmkit_feedback.surveys.content import content_of
from crmkit_feedback.surveys.errors import SurveyInState, SurveyNameTaken, SurveyNotOpen, SurveyRefused
from crmkit_feedback.surveys.models import Survey, SurveyVersion
from sqlalchemy import select

from crmkit import Actor, InvalidInput, NotFound
from crmkit.app import CRM

SYSTEM = Actor.system("a test")


def made(crm: CRM, name: str = "nps", **values: Any) -> Any:
    """Add a survey and return it."""
    return crm.run(SYSTEM, "feedback.survey.create", {"name": name, **values})


def run(crm: CRM, operation: str, survey: Any, **values: Any) -> Any:
    """Run an operation on a survey."""
    return crm.run(SYSTEM, operation, values, target=survey.id)


def draft(crm: CRM, name: str = "nps") -> Any:
    """Return the content of a draft."""
    with crm.session(SYSTEM) as session:
        return content_of(survey_named(session, name).draft)


def test_a_survey_is_published_as_a_version_that_stays(crm: CRM) -> None:
    survey = made(crm)
    run(crm, "feedback.survey.publish", survey)
    changes = {"question": "why", "title": "Why is that?", "language": "en"}
    run(crm, "feedback.question.update", survey, **changes)
    with crm.session(SYSTEM) as session:
        found = survey_named(session, "nps")
        assert (found.state, found.metric) == ("open", "nps")
        before = content_of_version(version_of(session, found)).question("why")
    run(crm, "feedback.survey.publish", survey)
    with crm.session(SYSTEM) as session:
        versions = session.scalars(select(SurveyVersion).order_by(SurveyVersion.number)).all()
        titles = [content_of_version(each).question("why").title["en"] for each in versions]  # type: ignore[union-attr]
        assert [each.number for each in versions] == [1, 2]
        assert titles == [before.title["en"], "Why is that?"]  # type: ignore[union-attr]


def test_a_draft_that_makes_no_sense_is_not_published(lite: CRM) -> None:
    survey = made(lite, template="empty")
    with pytest.raises(SurveyRefused, match="A survey needs a question"):
        run(lite, "feedback.survey.publish", survey)
    with lite.session(SYSTEM) as session:
        assert session.scalars(select(Survey.state)).one() == "draft"
        assert session.scalar(select(SurveyVersion.id)) is None


def test_a_survey_goes_on_measuring_what_it_did(lite: CRM) -> None:
    survey = made(lite)
    run(lite, "feedback.survey.publish", survey)
    other = made(lite, "other", template="csat")
    run(lite, "feedback.survey.save_draft", survey, content=other.draft)
    with pytest.raises(SurveyRefused, match="is another survey"):
        run(lite, "feedback.survey.publish", survey)


def test_a_closed_survey_is_opened_again(lite: CRM) -> None:
    survey = made(lite)
    with pytest.raises(SurveyInState):
        run(lite, "feedback.survey.close", survey)
    run(lite, "feedback.survey.publish", survey)
    run(lite, "feedback.survey.close", survey)
    with lite.session(SYSTEM) as session, pytest.raises(SurveyNotOpen):
        version_of(session, survey_named(session, "nps"))
    run(lite, "feedback.survey.reopen", survey)
    with lite.session(SYSTEM) as session:
        assert version_of(session, survey_named(session, "nps")).number == 1


def test_names_are_taken_once_and_have_a_form(lite: CRM) -> None:
    survey = made(lite)
    with pytest.raises(SurveyNameTaken):
        made(lite)
    with pytest.raises(InvalidInput, match="small letters"):
        made(lite, "Zufriedenheit!")
    assert run(lite, "feedback.survey.copy", survey, name="again", anonymous=True).anonymous


def test_a_survey_that_there_is_not_names_those_that_come_close(lite: CRM) -> None:
    made(lite, "yearly")
    with lite.session(SYSTEM) as session, pytest.raises(NotFound) as caught:
        survey_named(session, "yaerly")
    assert "yearly" in caught.value.render("en")


def test_a_survey_is_written_question_by_question(lite: CRM) -> None:
    survey = made(lite, template="empty")
    run(lite, "feedback.survey.word", survey, heading="Two questions", language="en")
    run(lite, "feedback.survey.word", survey, heading="两个问题", language="zh-Hans")
    run(lite, "feedback.question.add", survey, key="stars", kind="csat", title="How was it?")
    lines = "late | Too late\nother | Something else*\nnone | Nothing!"
    run(lite, "feedback.question.add", survey, key="what", kind="multiple", title="What was wrong?", options=lines)
    for key, chinese in (("stars", "怎么样？"), ("what", "哪里不好？")):
        run(lite, "feedback.question.update", survey, question=key, title=chinese, language="zh-Hans")
    when = {"when": "stars <= 3", "options": "late | 太迟\nother | 其他*\nnone | 没有!", "language": "zh-Hans"}
    run(lite, "feedback.question.update", survey, question="what", **when)
    content = draft(lite)
    what = content.question("what")
    assert [(each.key, each.other, each.exclusive) for each in what.options] == [
        ("late", False, False),
        ("other", True, False),
        ("none", False, True),
    ]
    assert what.options[0].title == {"en": "Too late", "zh-Hans": "太迟"}
    assert written(what.when) == "stars <= 3"
    run(lite, "feedback.survey.publish", survey)


def test_questions_move_and_go(lite: CRM) -> None:
    survey = made(lite)
    run(lite, "feedback.question.move", survey, question="why", way="up")
    assert [each.key for each in draft(lite).blocks[0].questions] == ["why", "recommend"]
    run(lite, "feedback.question.move", survey, question="recommend", way="down")
    assert draft(lite).blocks[1].questions[0].key == "recommend"
    run(lite, "feedback.question.remove", survey, question="recommend")
    assert draft(lite).question("recommend") is None
    run(lite, "feedback.page.add", survey, key="last")
    run(lite, "feedback.page.remove", survey, page="second")
    assert [each.key for each in draft(lite).blocks] == ["first", "last"]
    with pytest.raises(NotFound, match="There are: why"):
        run(lite, "feedback.question.remove", survey, question="gone")


def test_what_cannot_be_read_leaves_the_draft_as_it_was(lite: CRM) -> None:
    survey = made(lite)
    before = draft(lite)
    for values in ({"when": "recommend is bad"}, {"go": "End now"}, {"when": "a = 1 and b = 2 or c = 3"}):
        with pytest.raises(InvalidInput):
            run(lite, "feedback.question.update", survey, question="why", **values)
    with pytest.raises(InvalidInput):
        run(lite, "feedback.question.add", survey, key="Not A Key", kind="text", title="?")
    with pytest.raises(InvalidInput, match="stands twice"):
        run(lite, "feedback.question.add", survey, key="why", kind="text", title="?")
    assert draft(lite) == before


@pytest.mark.parametrize(
    "line",
    [
        "recommend <= 6",
        "recommend >= 9 and solved = yes",
        "solved in yes, partly or why answered",
        "aspects.price <= 2",
        "harder has waiting",
        "solved != no",
    ],
)
def test_conditions_are_written_as_they_are_read(line: str) -> None:
    assert written(condition_of(line)) == line


def test_jumps_are_written_as_they_are_read() -> None:
    for line in ("end", "page2 if solved = no"):
        assert jump_written(jump_of(line)) == line
