"""A company that asks a customer, and a browser that answers."""

from __future__ import annotations

import re
from typing import Any
from unittest import mock
from uuid import UUID

from attrs import define
from crmkit_feedback.answering.models import SurveyAnswer, SurveyResponse
from crmkit_feedback.asking.models import Distribution, Invitation
from sqlalchemy import insert, select
from starlette.testclient import TestClient

from crmkit import Actor, new_id
from crmkit.app import CRM
from crmkit.core.store.guard import region

SYSTEM = Actor.system("a test")
CONTENT: dict[str, Any] = {
    "languages": ["en", "zh-Hans"],
    "title": {"en": "How did we do?", "zh-Hans": "您满意吗？"},
    "introduction": {"en": "Two minutes.", "zh-Hans": "两分钟。"},
    "thanks": {"en": "Thanks a lot!", "zh-Hans": "非常感谢！"},
    "blocks": [
        {
            "key": "first",
            "questions": [
                {
                    "key": "recommend",
                    "kind": "nps",
                    "required": True,
                    "title": {"en": "Would you recommend us?", "zh-Hans": "您会推荐我们吗？"},
                    "low_title": {"en": "No", "zh-Hans": "不会"},
                    "high_title": {"en": "Yes", "zh-Hans": "会"},
                }
            ],
        },
        {
            "key": "bad",
            "questions": [
                {
                    "key": "wrong",
                    "kind": "long_text",
                    "required": True,
                    "title": {"en": "What went wrong?", "zh-Hans": "哪里不好？"},
                    "when": {"all": [{"question": "recommend", "is": "at_most", "value": 6}]},
                }
            ],
        },
        {
            "key": "last",
            "questions": [
                {
                    "key": "things",
                    "kind": "matrix",
                    "title": {"en": "How were these?", "zh-Hans": "这些如何？"},
                    "items": [
                        {"key": "price", "title": {"en": "Price", "zh-Hans": "价格"}},
                        {"key": "speed", "title": {"en": "Speed", "zh-Hans": "速度"}},
                    ],
                },
                {
                    "key": "colour",
                    "kind": "multiple",
                    "title": {"en": "Which colours?", "zh-Hans": "什么颜色？"},
                    "options": [
                        {"key": "red", "title": {"en": "Red", "zh-Hans": "红"}},
                        {"key": "blue", "title": {"en": "Blue", "zh-Hans": "蓝"}},
                    ],
                },
            ],
        },
    ],
}


@define
class Asked:
    """A survey that is open, a customer, and their invitation."""

    crm: CRM
    survey: UUID
    customer: UUID
    invitation: UUID
    path: str

    @classmethod
    def of(cls, crm: CRM, *, anonymous: bool = False, content: dict[str, Any] | None = None) -> Asked:
        """Publish a survey and invite a customer."""
        given = {"name": "care", "title": "Care", "template": "empty", "anonymous": anonymous}
        survey = crm.run(SYSTEM, "feedback.survey.create", given).id
        crm.run(SYSTEM, "feedback.survey.save_draft", {"content": content or CONTENT}, target=survey)
        crm.run(SYSTEM, "feedback.survey.publish", target=survey)
        customer = crm.run(SYSTEM, "customer.create", {"name": "Ada Byron", "email": "ada@x.example"}).id
        invitation = invite(crm, survey, customer)
        return cls(
            crm=crm, survey=survey, customer=customer, invitation=invitation, path=link_to(crm, customer, invitation)
        )

    def again(self) -> str:
        """Return another link of the same invitation, as a reminder has it."""
        return link_to(self.crm, self.customer, self.invitation)

    def open_path(self, **values: Any) -> str:
        """Return the path of the open link."""
        address: str = self.crm.run(SYSTEM, "feedback.survey.link", values, target=self.survey).address
        return "/p/" + address.partition("/p/")[2]

    def responses(self) -> list[SurveyResponse]:
        """Return what was kept."""
        with self.crm.session(SYSTEM) as session:
            return list(session.scalars(select(SurveyResponse).order_by(SurveyResponse.answered_at)))

    def answers(self) -> dict[tuple[str, str | None], Any]:
        """Return what was answered, by question and part."""
        with self.crm.session(SYSTEM) as session:
            found = session.scalars(select(SurveyAnswer)).all()
            return {(each.question, each.item): each.choice or each.text or each.value for each in found}


def invite(crm: CRM, survey: UUID, customer: UUID) -> UUID:
    """Return an invitation that was sent; written as it stands, as who is asked is not what is tested here."""
    now = crm.clock.now()
    same = {"version": 1, "created_at": now, "updated_at": now, "created_by": "test"}
    made, row = new_id(), new_id()
    with crm.engines.system_write.begin() as connection, region(connection, "a test"):
        connection.execute(
            insert(Distribution.__table__).values(
                id=made, name=f"d-{made.hex[-12:]}", title="D", survey_id=survey, state="running", **same
            )
        )
        connection.execute(
            insert(Invitation.__table__).values(
                id=row, distribution_id=made, survey_id=survey, customer_id=customer, state="sent", due_at=now, **same
            )
        )
    return row


def link_to(crm: CRM, customer: UUID, invitation: UUID) -> str:
    """Return the path of a new link."""
    given = {"page": "feedback.answer", "customer_id": customer, "ref": f"feedback.invitation:{invitation}"}
    with mock.patch("crmkit.security.public.links._is_seen", return_value=True):
        path: str = crm.run(SYSTEM, "public_link.create", given).path
    return path


def browser(crm: CRM) -> TestClient:
    """Return a browser of nobody."""
    return TestClient(crm.asgi(), base_url="http://localhost", follow_redirects=True)


def fields(text: str) -> dict[str, Any]:
    """Return what a form has before anybody fills it in."""
    found: dict[str, Any] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', text):
        found.setdefault(name, []).append(value)
    return found


def send(client: TestClient, path: str, page: str, **values: Any) -> Any:
    """Fill in the form of a page and send it; ``q_recommend`` is the field ``q.recommend``."""
    named = {name.replace("__", "."): value for name, value in values.items()}
    return client.post(path, data={**fields(page), **named})
