"""Answers that came elsewhere: as interactions, out of files, from other systems; and answers into files."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from crmkit_feedback.answering.bands import band_of, guessed
from crmkit_feedback.answering.collecting import collect_all
from crmkit_feedback.answering.exporting import codebook_of, write_export
from crmkit_feedback.answering.links import qr_png, qr_svg
from crmkit_feedback.answering.models import SurveyAnswer, SurveyResponse
from crmkit_feedback.answering.pages import link_page
from crmkit_feedback.surveys.models import Survey
from sqlalchemy import func, select

from crmkit import Interaction
from crmkit.app import CRM
from crmkit.errors import InvalidInput
from tests.plugins.feedback.answering.asked import SYSTEM, Asked, browser, send

DAY = datetime(2026, 3, 1, 9, tzinfo=UTC)


def record(crm: CRM, **values: Any) -> Any:
    """Record an interaction as an import does."""
    given = {"kind": "feedback.response", "occurred_at": DAY, "source": "t", **values}
    return crm.run(SYSTEM, "interaction.record", given)


def all_of(crm: CRM) -> list[SurveyResponse]:
    """Return the responses."""
    with crm.session(SYSTEM) as session:
        return list(session.scalars(select(SurveyResponse).order_by(SurveyResponse.answered_at, SurveyResponse.id)))


def test_interactions_become_responses_once(crm: CRM) -> None:
    """By the worker, with attributes, and of a survey that is added; collecting again finds nothing new."""
    ada = crm.run(SYSTEM, "customer.create", {"name": "Ada"}).id
    record(crm, customer_id=ada, external_id="1", payload={"survey": "old", "score": 9, "BU": "Apples"})
    record(crm, external_id="2", payload={"survey": "old", "score": 3})
    crm.worker().run_until_idle()
    with crm.transaction(SYSTEM) as session:
        assert collect_all(session).responses == 0
    found = all_of(crm)
    assert sorted((each.score, each.customer_id == ada) for each in found) == [(3, False), (9, True)]
    assert next(each for each in found if each.score == 9).attributes == {"BU": "Apples"}
    with crm.session(SYSTEM) as session:
        (survey,) = session.scalars(select(Survey))
        assert (survey.name, survey.state, survey.metric) == ("old", "imported", "nps")
        assert session.scalar(select(func.count()).select_from(SurveyAnswer)) == 2


def test_details_that_are_questions_are_answers(lite: CRM) -> None:
    """Of a survey that is known; others are attributes."""
    asked = Asked.of(lite)
    record(lite, external_id="1", payload={"survey": "care", "score": 10, "colour": "red", "shop": "Bath"})
    lite.worker().run_until_idle()
    (response,) = asked.responses()
    assert response.attributes == {"shop": "Bath"}
    assert asked.answers() == {("recommend", None): 10, ("colour", None): "red"}


def test_a_score_out_of_range_is_left_where_it_is(lite: CRM) -> None:
    """It is counted as rejected."""
    record(lite, external_id="1", payload={"survey": "old", "score": 11})
    with lite.transaction(SYSTEM) as session:
        found = collect_all(session)
    assert (found.interactions, found.responses, found.rejected) == (1, 0, 1)


def test_what_was_reversed_is_left_out(lite: CRM) -> None:
    """It was said not to count before it was taken in."""
    made = record(lite, external_id="1", payload={"survey": "old", "score": 1})
    lite.run(SYSTEM, "interaction.reverse", {"reason": "a test"}, target=made.id)
    with lite.transaction(SYSTEM) as session:
        assert collect_all(session).responses == 0


def test_collecting_goes_on_where_it_ended(lite: CRM) -> None:
    """Batch by batch."""
    for number in range(5):
        record(lite, external_id=str(number), payload={"survey": "old", "score": number})
    first = lite.run(SYSTEM, "feedback.response.collect", {"most": 2})
    second = lite.run(SYSTEM, "feedback.response.collect", {"most": 2, "after": first.last_id})
    third = lite.run(SYSTEM, "feedback.response.collect", {"most": 2, "after": second.last_id})
    assert [each.responses for each in (first, second, third)] == [2, 2, 1]
    assert third.last_id is None


def test_another_system_reports_once(crm: CRM) -> None:
    """By its own id, of the customer who has the address; two customers of one address are nobody."""
    ada = crm.run(SYSTEM, "customer.create", {"name": "Ada", "email": "ada@x.example"}).id
    given = {"survey": "shop", "score": 2, "email": "ada@x.example", "external_source": "till", "external_id": "9"}
    first = crm.run(SYSTEM, "feedback.response.create", {**given, "comment": "Too slow."})
    assert crm.run(SYSTEM, "feedback.response.create", {**given, "score": 10}).id == first.id
    (response,) = all_of(crm)
    assert (response.customer_id, response.score, response.channel) == (ada, 2, "api")
    with pytest.raises(InvalidInput):
        crm.run(SYSTEM, "feedback.response.create", {"survey": "shop", "score": 99})


def test_many_at_once_keep_order_and_duplicates(crm: CRM) -> None:
    """Each is answered at its place; a bad one costs itself alone."""
    items = [{"survey": "s", "score": n % 12, "external_source": "x", "external_id": str(n % 20)} for n in range(24)]
    with crm.transaction(SYSTEM) as session:
        outcomes = session.run_many("feedback.response.import", items)
    assert [place for place, each in enumerate(outcomes) if not each.ok] == [11]
    assert sum(each.ok and each.result.duplicate for each in outcomes) == 4
    assert len(all_of(crm)) == 19


def test_a_merge_moves_and_an_erasure_takes_away(crm: CRM) -> None:
    """Of the response and of what was written."""
    ada, bo = (crm.run(SYSTEM, "customer.create", {"name": name}).id for name in ("Ada", "Bo"))
    given = {"survey": "s", "score": 5, "customer_id": bo, "comment": "Fine."}
    crm.run(SYSTEM, "feedback.response.create", given)
    crm.run(SYSTEM, "customer.merge", {"absorb": bo}, target=ada)
    assert [each.customer_id for each in all_of(crm)] == [ada]
    crm.run(SYSTEM, "privacy.erase", {"reason": "asked"}, target=ada)
    assert all_of(crm) == []


def test_the_export_is_tidy_and_the_codebook_explains_it(lite: CRM, tmp_path: Path) -> None:
    """One row for each part of an answer; texts only where they are asked for."""
    asked = Asked.of(lite)
    client = browser(lite)
    page = send(client, asked.path, client.get(asked.path).text, q__recommend="3").text
    page = send(client, asked.path, page, q__wrong="=1+1").text
    send(client, asked.path, page, q__things__price="4", q__colour=["red", "blue"])
    for with_text, said in ((False, ""), (True, "'=1+1")):
        with lite.session(SYSTEM) as session:
            survey = session.get_one(Survey, asked.survey)
            count, rows, book = write_export(session, survey, tmp_path / "out", with_text=with_text)
        lines = list(csv.DictReader(rows.read_text("utf-8").splitlines()))
        assert count == len(lines) == 5
        assert {(each["question"], each["item"], each["value"], each["choice"]) for each in lines} == {
            ("recommend", "", "3", ""),
            ("wrong", "", "", ""),
            ("things", "price", "4", ""),
            ("colour", "", "1", "red"),
            ("colour", "", "1", "blue"),
        }
        assert [each["text"] for each in lines if each["question"] == "wrong"] == [said]
        assert {each["band"] for each in lines} == {"detractor"}
        meanings = list(csv.DictReader(book.read_text("utf-8").splitlines()))
        assert ("colour", "blue", "Blue") in {(each["question"], each["code"], each["meaning"]) for each in meanings}
    with lite.session(SYSTEM) as session:
        assert (
            codebook_of(session, session.get_one(Survey, asked.survey), "zh-Hans")[0]["meaning"] == "您会推荐我们吗？"
        )


@pytest.mark.parametrize(
    ("metric", "score", "band"),
    [
        ("nps", 9, "promoter"),
        ("nps", 7, "passive"),
        ("nps", 6, "detractor"),
        ("csat", 4, "satisfied"),
        ("csat", 3, "neutral"),
        ("ces", 5, "satisfied"),
        ("ces", 3, "dissatisfied"),
        (None, 3, None),
        ("nps", None, None),
    ],
)
def test_bands(metric: str | None, score: int | None, band: str | None) -> None:
    """At the cuts of each measure."""
    assert band_of(metric, score) == band


def test_a_measure_is_guessed_by_its_range() -> None:
    """Where the range leaves it open it is the Net Promoter Score."""
    assert guessed([1, 5] * 10) == "csat"
    assert guessed([1, 7] * 10) == "ces"
    assert guessed([0, 5] * 10) == "nps"
    assert guessed([1, 5]) == "nps"


def test_a_link_is_drawn() -> None:
    """As SVG without styles, and as PNG."""
    assert qr_svg("https://x.example/p/feedback.answer/abc").startswith("<svg")
    assert qr_png("https://x.example/p/feedback.answer/abc").startswith(b"\x89PNG")


def test_interactions_of_answers_are_not_collected_again(lite: CRM) -> None:
    """What the page records is kept already."""
    asked = Asked.of(lite)
    client = browser(lite)
    page = send(client, asked.path, client.get(asked.path).text, q__recommend="9").text
    send(client, asked.path, page)
    lite.worker().run_until_idle()
    assert len(asked.responses()) == 1
    with lite.session(SYSTEM) as session:
        query = select(func.count()).where(Interaction.kind == "feedback.response")
        assert session.scalar(query) == 1


def test_the_page_of_the_open_link_shows_it(lite: CRM) -> None:
    """With the QR code and what a website takes; without one it says so."""
    asked = Asked.of(lite)
    with lite.session(SYSTEM) as session:
        assert link_page(session, {"survey": "care"})["link"] is None
    path = asked.open_path(origins=["https://www.shop.example"])
    with lite.session(SYSTEM) as session:
        shown = link_page(session, {"survey": "care"})
    assert shown["link"].address.endswith(path)
    assert shown["drawn"].startswith("<svg")
    assert path in shown["link"].embed
