"""Feedback in a real browser: a call-back by its script, and every page on a wide and on a narrow screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import define
from crmkit_feedback.answering.models import SurveyAnswer, SurveyResponse
from crmkit_feedback.asking.models import Invitation
from sqlalchemy import select

from crmkit.app import CRM
from crmkit.core.store.actor import Actor
from crmkit.testing.workbench import MovableClock
from tests.conftest import Templates
from tests.web.accessible import faults_of
from tests.web.conftest import Visit, Web, populate, served, visit

__all__ = ["served", "visit"]

SYSTEM = Actor.system("a test")
Visitor = Callable[..., Visit]
NOON = datetime.now(UTC).replace(hour=4, minute=0, second=0, microsecond=0)
"""Noon in Shanghai, today: nobody is called at night."""
BASE = "/modules/feedback"
TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@define(kw_only=True)
class Hall:
    """What is served: a call list, answers, feedback with its themes, and an improvement."""

    web: Web
    calls: Any
    item: Any
    improvement: Any

    @property
    def pages(self) -> list[str]:
        """Return the paths of all pages."""
        return [
            f"{BASE}/surveys",
            f"{BASE}/survey?survey=pulse",
            f"{BASE}/link?survey=pulse",
            f"{BASE}/distributions",
            f"{BASE}/distributions/one?id={self.calls}",
            f"{BASE}/distributions/call?id={self.calls}",
            f"{BASE}/inbox?view=open",
            f"{BASE}/item?id={self.item}",
            f"{BASE}/themes",
            f"{BASE}/satisfaction?survey=pulse",
            f"{BASE}/trend?survey=pulse",
            f"{BASE}/improvements",
            f"{BASE}/improvement?id={self.improvement}",
            f"{BASE}/impact?survey=pulse",
        ]


def fill(crm: CRM) -> tuple[Any, Any]:
    """Enable feedback and add people and customers."""
    crm.enable("work")
    crm.enable("feedback")
    made = populate(crm)
    return made.users, made.customers


@pytest.fixture
def hall(templates: Templates, tmp_path: Path) -> Iterator[Hall]:
    """The hall on a day at noon."""
    url, (users, customers) = templates.copy_filled("sqlite", tmp_path, fill)
    clock = MovableClock()
    clock.set(NOON)
    with CRM.open(url, clock=clock.as_clock()) as crm:
        web = Web(crm=crm, users=users, customers=customers)
        made = crm.run(SYSTEM, "feedback.survey.create", {"name": "pulse", "title": "Pulse", "template": "call_back"})
        crm.run(SYSTEM, "feedback.survey.publish", target=made.id)
        given = {"name": "calls", "title": "Calls", "survey": "pulse", "way": "phone", "condition": "true"}
        calls = crm.run(SYSTEM, "feedback.distribution.create", given).id
        crm.run(SYSTEM, "feedback.distribution.start", target=calls)
        for number in range(40):
            values = {
                "survey": "pulse",
                "score": number % 5 + 1,
                "metric": "csat",
                "answered_at": NOON - timedelta(days=number * 5),
                "comment": "Delivery was late",
                "external_source": "shop",
                "external_id": str(number),
            }
            crm.run(SYSTEM, "feedback.response.create", values)
        said = {"verbatim": "Three glasses arrived broken. " * 12, "metric": "nps", "score": 2}
        item = crm.run(SYSTEM, "feedback.feedback.create", {**said, "customer_id": customers["Blue Kettle Ltd"]}).id
        improvement = crm.run(
            SYSTEM, "feedback.improvement.create", {"title": "Stronger boxes", "problem": "Glasses break"}
        ).id
        crm.worker().run_until_idle()
        yield Hall(web=web, calls=calls, item=item, improvement=improvement)
        for client in web.clients:
            client.close()


@pytest.fixture
def sqlite_web(hall: Hall) -> Web:
    """What is served: the hall."""
    return hall.web


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
def test_a_call_is_made_by_its_script(hall: Hall, visit: Visitor, language: str) -> None:
    """The next customer is taken, the script filled in and sent, and what was said is kept."""
    seen = visit("mia", language=language, width=390)
    page = seen.page
    seen.go(f"{BASE}/distributions/call?id={hall.calls}")
    page.locator("form[action*='next_call'] button").click()
    page.locator("input[name='outcome'][value='reached']").wait_for()
    groups = page.evaluate(
        "() => [...new Set([...document.querySelectorAll(\"input[type=radio][name^='answers.']\")].map(e => e.name))]"
    )
    for name in groups:
        page.locator(f"input[type=radio][name='{name}']").last.check()
    for box in page.locator("textarea[name^='answers.'], input[type=text][name^='answers.']").all():
        box.fill("一切都好 <b>fine</b>")
    page.locator("input[name='outcome'][value='reached']").check()
    page.locator("form[action*='invitation.call'] button.btn-primary").click()
    page.locator("form[action*='invitation.call']").wait_for(state="detached")
    with hall.web.crm.session(SYSTEM) as session:
        states = session.scalars(select(Invitation.state).where(Invitation.distribution_id == hall.calls)).all()
        response = session.scalars(select(SurveyResponse).where(SurveyResponse.channel == "phone")).one()
        answers = session.scalars(select(SurveyAnswer).where(SurveyAnswer.response_id == response.id)).all()
    assert list(states).count("completed") == 1
    assert response.state == "complete"
    assert len(answers) >= len(groups)


@pytest.mark.parametrize(("width", "dark", "language"), [(1280, False, "en"), (390, True, "zh_Hans")])
def test_the_pages_have_no_faults(hall: Hall, visit: Visitor, width: int, dark: bool, language: str) -> None:
    """Everything can be read, reached and named, on a wide and on a narrow screen, and nothing is wider than it."""
    seen: Any = visit("mia", width=width, dark=dark, language=language)
    seen.go(f"{BASE}/distributions/call?id={hall.calls}")
    seen.page.locator("form[action*='next_call'] button").click()
    seen.page.locator("input[name='outcome'][value='reached']").wait_for()
    wrong: list[str] = []
    for path in hall.pages:
        seen.go(path)
        wrong += faults_of(seen.page)
        wide = seen.page.evaluate(TOO_WIDE)
        wrong += [f"{path}: {wide} px too wide"] if wide > 0 else []
    assert not wrong, "\n".join(wrong)


def test_themes_are_set_by_a_click(hall: Hall, visit: Visitor) -> None:
    """On the page of feedback: added, and taken away again."""
    seen = visit("mia")
    page = seen.page
    seen.go(f"{BASE}/item?id={hall.item}")
    page.locator("#theme").select_option("price")
    page.locator("form[action*='/operations/feedback.feedback.set_theme'] button").click()
    page.locator("form[action*='unset_theme'] input[value='price']").wait_for(state="attached")
    forms = page.locator("form[action*='unset_theme']")
    forms.filter(has=page.locator("input[value='price']")).locator("button").click()
    page.locator("#theme option[value='price']").wait_for(state="attached")
