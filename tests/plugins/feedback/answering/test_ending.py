"""What nobody finishes is closed: it counts as partial, is told of once, and fills no quota."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from crmkit_feedback.answering.models import SurveyResponse
from crmkit_feedback.asking.choosing import answered
from crmkit_feedback.asking.models import Distribution, Invitation
from crmkit_feedback.items.models import Feedback
from sqlalchemy import select

from crmkit import Interaction
from crmkit.app import CRM
from tests.plugins.feedback.answering.asked import SYSTEM, Asked, browser, send


def begin(asked: Asked, score: str = "3") -> Any:
    """Answer the first page, and return the page after it."""
    client = browser(asked.crm)
    return send(client, asked.path, client.get(asked.path).text, q__recommend=score)


def grow_old(crm: CRM, days: float) -> None:
    """Let partial responses have been answered days before, as operations have no way to say so."""
    from crmkit.core.store.guard import region

    with crm.engines.system_write.begin() as connection, region(connection, "a test"):
        table: Any = SurveyResponse.__table__
        past = crm.clock.now() - timedelta(days=days)
        connection.execute(table.update().where(table.c.state == "partial").values(answered_at=past))


def end(crm: CRM) -> int:
    """Close what is due, have it heard of, and return how many."""
    found: int = crm.run(SYSTEM, "feedback.response.end_partial")
    crm.worker().run_until_idle()
    return found


def all_of(crm: CRM, model: Any) -> list[Any]:
    """Return all rows of a model."""
    with crm.session(SYSTEM) as session:
        return list(session.scalars(select(model)))


def test_what_nobody_finishes_is_closed_once(crm: CRM) -> None:
    """With its score, its interaction and one event; closing again finds nothing."""
    asked = Asked.of(crm)
    begin(asked)
    grow_old(crm, 7.1)
    assert (end(crm), end(crm)) == (1, 0)
    (response,) = asked.responses()
    assert (response.state, response.score, response.ended_at is not None) == ("partial", 3, True)
    assert [each.kind for each in all_of(crm, Interaction)] == ["feedback.response"]
    (item,) = all_of(crm, Feedback)
    assert (item.band, item.score) == ("bad", 3)


def test_what_was_begun_lately_stays_open(lite: CRM) -> None:
    """Up to the setting, seven days by default."""
    asked = Asked.of(lite)
    begin(asked)
    grow_old(lite, 6.9)
    assert end(lite) == 0
    assert asked.responses()[0].ended_at is None


def test_a_closed_answer_takes_nothing_more(lite: CRM) -> None:
    """Neither on its page, nor by a form that was open all along; the event is not told again."""
    asked = Asked.of(lite)
    begin(asked)
    client = browser(lite)
    page = client.get(asked.path).text
    grow_old(lite, 8)
    assert end(lite) == 1
    assert "<form" not in client.get(asked.path).text.partition("<main")[2]
    send(client, asked.path, page, q__wrong="All of it")
    assert end(lite) == 0
    assert [each.state for each in asked.responses()] == ["partial"]
    assert ("wrong", None) not in asked.answers()
    assert len(all_of(lite, Feedback)) == 1


def test_a_closed_answer_fills_no_quota(lite: CRM) -> None:
    """Its invitation is over, and whoever was asked has not answered."""
    asked = Asked.of(lite)
    begin(asked)
    grow_old(lite, 8)
    end(lite)
    (invitation,) = all_of(lite, Invitation)
    assert invitation.state == "expired"
    (distribution,) = all_of(lite, Distribution)
    with lite.session(SYSTEM) as session:
        assert answered(session, session.get_one(Distribution, UUID(str(distribution.id)))) == 0
