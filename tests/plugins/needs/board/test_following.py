"""After a delivery customers are asked once whether it is solved: by a link in a message, or by a survey."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from crmkit_needs.board.following import followed
from crmkit_needs.catalogue.evidence import evidence_of
from crmkit_needs.catalogue.models import Evidence, Need
from sqlalchemy import select

from crmkit import Actor, Refused, Settings
from crmkit.app import CRM
from crmkit.core.store.clock import Clock
from tests.conftest import Templates
from tests.plugins.needs.board.test_races import Now
from tests.plugins.needs.board.test_telling import SYSTEM, asked, run
from tests.web.conftest import Web

SURVEY = "solved"


def enabled(crm: CRM) -> None:
    """Enable needs, and that by which customers are asked."""
    for name in ("messaging", "feedback", "needs"):
        crm.enable(name)


@pytest.fixture
def now() -> Now:
    """The clock of the test."""
    return Now()


def opened(templates: Templates, folder: Path, now: Now, **options: Any) -> Iterator[CRM]:
    """Open a CRM with settings of needs."""
    url, _nothing = templates.copy_filled("sqlite", folder, enabled)
    settings = Settings(database=url, files=folder / "files", public_url="http://localhost", options={"needs": options})
    with CRM.open(settings, clock=Clock(system=now)) as crm:
        yield crm


@pytest.fixture
def shop(templates: Templates, tmp_path: Path, now: Now) -> Iterator[CRM]:
    """A CRM that asks by a message, after ten days."""
    yield from opened(templates, tmp_path, now, follow_up_days=10)


@pytest.fixture
def surveying(templates: Templates, tmp_path: Path, now: Now) -> Iterator[CRM]:
    """A CRM that asks by a survey, after ten days."""
    for crm in opened(templates, tmp_path, now, follow_up_days=10, follow_up_survey=SURVEY):
        survey = run(crm, "feedback.survey.create", name=SURVEY, title="Solved?", template="nps", rest_days=0)
        run(crm, "feedback.survey.publish", survey)
        yield crm


@pytest.fixture
def never(templates: Templates, tmp_path: Path, now: Now) -> Iterator[CRM]:
    """A CRM with the settings as they come."""
    yield from opened(templates, tmp_path, now)


def delivered(crm: CRM, *names: str) -> tuple[Any, list[Any]]:
    """Deliver a need to customers, who are told."""
    need = run(crm, "needs.need.create", title="Glass")
    customers = [asked(crm, name, need) for name in names]
    for state in ("accepted", "in_progress", "delivered"):
        run(crm, "needs.need.move", need, to=state, text="It is there.")
    run(crm, "needs.board.tell", need)
    return need, customers


def questions(crm: CRM) -> list[Any]:
    """Return the messages in which it was asked."""
    from crmkit_messaging.api import OutgoingMessage

    with crm.session(SYSTEM) as session:
        found = session.scalars(select(OutgoingMessage).order_by(OutgoingMessage.id)).all()
        return [each.customer_id for each in found if "follow" in (each.key or "")]


def figures(crm: CRM, need: Any) -> tuple[int, int, int]:
    """Return how many were asked, answered and said yes."""
    with crm.session(SYSTEM) as session:
        found = followed(evidence_of(session, session.get_one(Need, need.id)))
    return found.asked, found.answered, found.solved


def evidence(crm: CRM, customer: Any) -> Evidence:
    """Return the evidence of a customer."""
    with crm.session(SYSTEM) as session:
        return session.scalars(select(Evidence).where(Evidence.customer_id == customer.id)).one()


def test_customers_are_asked_once_after_the_days(shop: CRM, now: Now) -> None:
    need, customers = delivered(shop, "Ada", "Bob")
    assert run(shop, "needs.board.follow_up") == 0
    now.ahead = timedelta(days=11)
    assert run(shop, "needs.board.follow_up") == 2
    assert run(shop, "needs.board.follow_up") == 0
    assert sorted(questions(shop)) == sorted(each.id for each in customers)
    for each, answer in zip(customers, ("yes", "no"), strict=True):
        run(shop, "needs.evidence.judge", evidence(shop, each), solved=answer)
    assert [evidence(shop, each).satisfaction for each in customers] == [5, 1]
    assert figures(shop, need) == (2, 2, 1)


def test_nobody_is_asked_of_what_is_open_again(shop: CRM, now: Now) -> None:
    need, _customers = delivered(shop, "Ada")
    run(shop, "needs.need.move", need, to="in_progress")
    now.ahead = timedelta(days=11)
    assert run(shop, "needs.board.follow_up") == 0


def test_nobody_is_asked_unless_the_settings_say_so(never: CRM, now: Now) -> None:
    delivered(never, "Ada")
    now.ahead = timedelta(days=300)
    assert run(never, "needs.board.follow_up") == 0


def test_a_survey_asks_and_its_score_is_the_answer(surveying: CRM, now: Now) -> None:
    from crmkit_feedback.asking.models import Invitation

    need, (ada,) = delivered(surveying, "Ada")
    now.ahead = timedelta(days=11)
    assert run(surveying, "needs.board.follow_up") == 1
    assert run(surveying, "needs.board.follow_up") == 0
    with surveying.session(SYSTEM) as session:
        invitation = session.scalars(select(Invitation)).one()
    assert (invitation.customer_id, invitation.about) == (ada.id, f"needs.evidence:{evidence(surveying, ada).id}")
    assert questions(surveying) == []
    from crmkit_feedback.surveys.answers import Given

    with surveying.session(SYSTEM) as session:
        survey = session.scalars(select(surveying.registry.resources["feedback.survey"].model)).one()
    given = (Given(question="recommend", value=10),)
    run(surveying, "feedback.response.answer", survey, answers=given, invitation_id=invitation.id)
    surveying.worker().run_until_idle()
    assert evidence(surveying, ada).satisfaction == 5
    assert figures(surveying, need) == (1, 1, 1)


def test_a_survey_that_there_is_not_stops_nothing(templates: Templates, tmp_path: Path, now: Now) -> None:
    for crm in opened(templates, tmp_path, now, follow_up_days=1, follow_up_survey="nothing"):
        delivered(crm, "Ada")
        now.ahead = timedelta(days=2)
        assert run(crm, "needs.board.follow_up") == 0


def test_the_customer_answers_by_the_link_and_nobody_else(shop: CRM, now: Now) -> None:
    need, (ada, bob) = delivered(shop, "Ada", "Bob")
    now.ahead = timedelta(days=11)
    run(shop, "needs.board.follow_up")
    web = Web(crm=shop, users={}, customers={})
    ref = f"needs.evidence:{evidence(shop, ada).id}"
    client = web.client()
    link = run(shop, "public_link.create", page="needs.solved", customer_id=ada.id, ref=ref)
    seen = client.get(link.path)
    assert seen.status_code == 200
    assert "Is it solved for you?" in seen.text
    assert figures(shop, need)[1] == 0, "opening the page does nothing"
    form = seen.text.partition('name="form" value="')[2].partition('"')[0]
    done = client.post(link.path, data={"form": form, "solved": "yes"})
    assert done.status_code < 400
    assert "We have kept it." in client.get(link.path).text
    assert figures(shop, need) == (2, 1, 1)
    other = run(shop, "public_link.create", page="needs.solved", customer_id=bob.id, ref=ref)
    assert client.get(other.path).status_code == 404
    web.clients[0].close()


def test_nobody_asks_by_hand(shop: CRM) -> None:
    lea = run(shop, "user.create", login="lea", name="Lea")
    run(shop, "user.assign_role", lea, role="manager")
    with pytest.raises(Refused):
        shop.run(Actor.user(lea.id, "Lea"), "needs.board.follow_up", {})
