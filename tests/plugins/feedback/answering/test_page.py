"""The page on which a customer answers, as their browser has it."""

from __future__ import annotations

import pytest
from crmkit_feedback.asking.models import Invitation
from sqlalchemy import select

from crmkit import Interaction
from crmkit.app import CRM
from tests.plugins.feedback.answering.asked import CONTENT, SYSTEM, Asked, browser, fields, send


def test_a_survey_is_answered_page_by_page(crm: CRM) -> None:
    """Each page is kept; who is content is not asked what went wrong; the end is told once."""
    asked = Asked.of(crm)
    client = browser(crm)
    page = client.get(asked.path).text
    assert "Would you recommend us?" in page
    assert "Two minutes." in page
    page = send(client, asked.path, page, q__recommend="9").text
    assert "How were these?" in page
    (response,) = asked.responses()
    assert (response.state, response.score, response.customer_id) == ("partial", 9, asked.customer)
    page = send(client, asked.path, page, q__things__price="4", q__colour=["red", "blue"]).text
    assert "Thanks a lot!" in page
    (response,) = asked.responses()
    assert (response.state, response.channel, response.language) == ("complete", "email", "en")
    assert asked.answers()["things", "price"] == 4
    with crm.session(SYSTEM) as session:
        assert session.get_one(Invitation, asked.invitation).state == "completed"
        (recorded,) = session.scalars(select(Interaction).where(Interaction.kind == "feedback.response"))
        assert (recorded.payload_open["survey"], recorded.payload_open["score"]) == ("care", 9)
        assert recorded.id == response.interaction_id


def test_it_goes_on_where_it_was_left(lite: CRM) -> None:
    """By the same link and by that of a reminder, in another browser."""
    asked = Asked.of(lite)
    client = browser(lite)
    send(client, asked.path, client.get(asked.path).text, q__recommend="3")
    page = browser(lite).get(asked.again()).text
    assert "What went wrong?" in page
    assert 'value="3"' not in page


def test_back_shows_what_was_said_and_another_answer_leads_elsewhere(lite: CRM) -> None:
    """What is not asked any more is not kept."""
    asked = Asked.of(lite)
    client = browser(lite)
    page = send(client, asked.path, client.get(asked.path).text, q__recommend="3").text
    page = send(client, asked.path, page, q__wrong="Everything").text
    page = send(client, asked.path, page, back="1").text
    assert "Everything" in page
    page = send(client, asked.path, page, back="1").text
    assert 'value="3" checked' in page
    page = send(client, asked.path, page, q__recommend="10").text
    send(client, asked.path, page, q__colour="red")
    assert ("wrong", None) not in asked.answers()
    assert [each.score for each in asked.responses()] == [10]


def test_done_twice_counts_once(crm: CRM) -> None:
    """A form that is sent again, and one of another link of the same invitation."""
    asked = Asked.of(crm)
    client = browser(crm)
    first = client.get(asked.path).text
    other = asked.again()
    before = client.get(other).text
    last = send(client, asked.path, first, q__recommend="9").text
    send(client, asked.path, last, q__colour="red")
    send(client, asked.path, last, q__colour="blue")
    assert "Thanks a lot!" in send(client, other, before, q__recommend="1").text
    assert [each.score for each in asked.responses()] == [9]
    assert asked.answers()["colour", None] == "red"


def test_what_is_wrong_stands_at_the_question_and_nothing_is_lost(lite: CRM) -> None:
    """The page comes again with what was typed, and the question is named to screen readers."""
    asked = Asked.of(lite)
    client = browser(lite)
    page = send(client, asked.path, client.get(asked.path).text, q__recommend="4").text
    answer = send(client, asked.path, page)
    assert answer.status_code == 422
    assert 'href="#q.wrong"' in answer.text
    assert 'aria-describedby="q.wrong-problem" aria-invalid="true"' in answer.text
    assert asked.responses()[0].score == 4


def test_it_is_in_the_language_that_was_chosen(lite: CRM) -> None:
    """Of the texts of the survey, and of the frame."""
    asked = Asked.of(lite)
    page = browser(lite).get(f"{asked.path}?lang=zh_Hans").text
    assert "您会推荐我们吗" in page
    assert "第 1 页" in page


def test_opening_changes_nothing(lite: CRM) -> None:
    """As mail programs open links by themselves."""
    asked = Asked.of(lite)
    browser(lite).get(f"{asked.path}?score=9")
    assert asked.responses() == []
    with lite.session(SYSTEM) as session:
        assert session.get_one(Invitation, asked.invitation).state == "sent"


def test_an_open_link_is_answered_by_nobody_in_particular(crm: CRM) -> None:
    """What was answered travels in the form, and is kept once, at the end."""
    asked = Asked.of(crm)
    path = asked.open_path()
    client = browser(crm)
    page = send(client, path, client.get(path).text, q__recommend="2").text
    assert "What went wrong?" in page
    assert asked.responses() == []
    page = send(client, path, page, q__wrong="All of it").text
    last = page
    page = send(client, path, page, q__things__speed="5").text
    assert "Thanks a lot!" in page
    send(client, path, last, q__things__speed="5")
    (response,) = asked.responses()
    assert (response.customer_id, response.score, response.channel) == (None, 2, "web")
    assert asked.answers()["wrong", None] == "All of it"


def test_a_website_that_was_named_may_show_it(lite: CRM) -> None:
    """No other one may, and nobody the page of an invitation."""
    asked = Asked.of(lite)
    path = asked.open_path(origins=["https://www.shop.example"])
    client = browser(lite)
    assert "frame-ancestors https://www.shop.example" in client.get(path).headers["content-security-policy"]
    assert "frame-ancestors 'none'" in client.get(asked.path).headers["content-security-policy"]


def test_a_survey_that_is_closed_takes_nothing(lite: CRM) -> None:
    """It says so kindly."""
    asked = Asked.of(lite)
    client = browser(lite)
    page = client.get(asked.path).text
    lite.run(SYSTEM, "feedback.survey.close", target=asked.survey)
    assert "This survey is over" in client.get(asked.path).text
    assert "This survey is over" in send(client, asked.path, page, q__recommend="9").text
    assert asked.responses() == []


@pytest.mark.parametrize("kind", ["long", "usual"])
def test_a_page_stays_small(lite: CRM, kind: str) -> None:
    """Under 30 kB with ten scales on it; and it has no script and nothing of another site."""
    scale = CONTENT["blocks"][0]["questions"][0]
    many = [{"key": "all", "questions": [{**scale, "key": f"q{number}"} for number in range(10)]}]
    asked = Asked.of(lite, content={**CONTENT, "blocks": many} if kind == "long" else None)
    page = browser(lite).get(asked.path).text
    assert len(page.encode()) < 30_000
    assert "<script" not in page
    assert "style=" not in page
    assert page.count("<legend>") == page.count("<fieldset")
    assert fields(page)["at"]
