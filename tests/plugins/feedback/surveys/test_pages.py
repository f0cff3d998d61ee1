"""The pages of surveys: all of them, one with its questions, the preview, and the text of a draft."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from crmkit_feedback.surveys.choosing import survey_named
from crmkit_feedback.surveys.standard import STANDARD

from crmkit import Actor
from crmkit.exchange.yaml_files import as_yaml
from tests.conftest import Templates
from tests.web.conftest import Web, behind_doors

SYSTEM = Actor.system("a test")


def fill(web: Web) -> None:
    """A survey made of each template; the first is open."""
    run = web.crm.run
    for name in STANDARD:
        made = run(SYSTEM, "feedback.survey.create", {"name": name, "title": f"Survey {name}", "template": name})
        if name == "nps":
            run(SYSTEM, "feedback.survey.publish", target=made.id)


@pytest.fixture
def desk(templates: Templates, tmp_path: Path) -> Iterator[Web]:
    """A customer base with people and these surveys."""
    with behind_doors(templates, "sqlite", tmp_path, "feedback", fill=fill) as web:
        yield web


def draft(web: Web, name: str) -> Any:
    """Return the document of a draft."""
    with web.crm.session(SYSTEM) as session:
        return survey_named(session, name).draft


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
@pytest.mark.parametrize("login", ["mia", "sam"])
def test_every_page_is_shown(desk: Web, login: str, language: str) -> None:
    client = desk.client(login, language=language)
    paths = ["surveys", *(f"{page}?survey={name}" for name in STANDARD for page in ("survey", "survey/preview"))]
    paths += [f"survey?survey=nps&version=1&language={each}" for each in ("en", "zh-Hans", "nowhere")]
    found = {path: client.get(f"/modules/feedback/{path}").status_code for path in paths}
    assert found == dict.fromkeys(paths, 200)


def test_there_is_no_page_of_a_survey_that_there_is_not(desk: Web) -> None:
    assert desk.client("mia").get("/modules/feedback/survey?survey=nothing").status_code == 404


def test_only_who_may_write_surveys_is_offered_to(desk: Web) -> None:
    manager, seller = (desk.client(login).get("/modules/feedback/survey?survey=csat").text for login in ("mia", "sam"))
    assert "/operations/feedback.survey.publish" in manager
    assert "/operations/feedback.question.add" in manager
    assert "/operations/feedback." not in seller
    assert desk.client("sam").get("/modules/feedback/survey/text?survey=csat").status_code in (403, 404)


def test_the_page_says_what_has_to_be_mended(desk: Web) -> None:
    text = desk.client("mia").get("/modules/feedback/survey?survey=empty").text
    assert "A survey needs a question" in text
    assert "feedback.survey.publish" not in text


def test_a_question_is_added_by_a_form_without_scripts(desk: Web) -> None:
    client = desk.client("mia")
    with desk.crm.session(SYSTEM) as session:
        target = survey_named(session, "csat").id
    path = f"/operations/feedback.question.add?target={target}&page=csat"
    assert client.get(path).status_code == 200
    page = draft(desk, "csat")["blocks"][0]["key"]
    values = {"key": "color", "kind": "single", "title": "Which?", "language": "en", "page": page}
    response = client.post(path, {**values, "options": "red | Red\nblue | Blue"})
    assert response.status_code == 303, response.text
    assert draft(desk, "csat")["blocks"][0]["questions"][-1]["key"] == "color"


def test_a_draft_is_written_as_a_text(desk: Web) -> None:
    client = desk.client("mia")
    shown = client.get("/modules/feedback/survey/text?survey=market")
    assert shown.status_code == 200
    assert "maxdiff" in shown.text
    with desk.crm.session(SYSTEM) as session:
        target = survey_named(session, "market").id
    path = f"/operations/feedback.survey.write_text?target={target}"
    changed = as_yaml(STANDARD["ces"].document)
    assert client.post(path, {"text": changed}).status_code == 303
    assert draft(desk, "market")["title"] == STANDARD["ces"].document["title"]
    refused = client.post(path, {"text": "languages: [en\nblocks: 3"})
    assert "Line 2" in refused.text


def test_the_preview_goes_the_way_of_the_answers(desk: Web) -> None:
    """A page at a time, with the fields that the public page has; what is wrong is said at its question."""
    client = desk.client("mia")
    base = "/modules/feedback/survey/preview?survey=market&language=en"
    assert "Do you decide on purchases?" in client.get(base).text
    assert "Please answer this question." in client.get(f"{base}&at=who").text
    assert "What matters most" in client.get(f"{base}&at=who&q.buys=yes").text
    assert "This survey is for others" in client.get(f"{base}&at=who&q.buys=no").text


def test_what_the_preview_is_given_is_escaped(desk: Web) -> None:
    document = {
        "languages": ["en"],
        "title": {"en": "T"},
        "blocks": [
            {"key": "a", "questions": [{"key": "who", "kind": "text", "title": {"en": "Who?"}}]},
            {"key": "b", "questions": [{"key": "why", "kind": "text", "title": {"en": "Why, {{who}}?"}}]},
        ],
    }
    with desk.crm.session(SYSTEM) as session:
        target = survey_named(session, "market").id
    desk.crm.run(SYSTEM, "feedback.survey.save_draft", {"content": document}, target=target)
    text = (
        desk.client("mia").get("/modules/feedback/survey/preview?survey=market&at=a&q.who=%3Cscript%3Ex%3C/script%3E")
    ).text
    assert "Why, &lt;script&gt;x&lt;/script&gt;?" in text
    assert "<script>x" not in text


def test_the_form_of_a_question_begins_with_its_texts_in_that_language_alone(desk: Web) -> None:
    """What is not translated yet is empty there, so that it is not taken for translated."""
    with desk.crm.session(SYSTEM) as session:
        target = survey_named(session, "csat").id
    changes = {"key": "city", "kind": "rating", "title": "Which city?", "language": "en"}
    desk.crm.run(SYSTEM, "feedback.question.add", changes, target=target)
    client = desk.client("mia")
    text = client.get("/modules/feedback/survey?survey=csat&language=zh-Hans").text
    link = next(each for each in text.split('"') if "question.update" in each and "question=city" in each)
    assert "Which" not in link
    values = {"question": "city", "language": "zh-Hans", "title": "哪个城市？", "low": "1", "high": "9"}
    path = f"/operations/feedback.question.update?target={target}"
    assert client.post(path, values).status_code == 303
    city = draft(desk, "csat")["blocks"][-1]["questions"][-1]
    assert city["title"] == {"en": "Which city?", "zh-Hans": "哪个城市？"}
    assert (city["low"], city["high"]) == (1, 9)


def test_the_preview_takes_several_choices(desk: Web) -> None:
    base = "/modules/feedback/survey/preview?survey=ces&language=en"
    text = desk.client("mia").get(f"{base}&at=first&q.harder=waiting&q.harder=repeating").text
    assert "Please answer this question." in text
    assert text.count(" checked>") == 2
