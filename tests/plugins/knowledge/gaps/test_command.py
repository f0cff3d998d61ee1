"""``crmkit knowledge gaps``, and knowledge without a service desk."""

from __future__ import annotations

from crmkit_knowledge.gaps.mining import mine
from starlette.testclient import TestClient

from tests.plugins.knowledge.base import Base
from tests.plugins.knowledge.conftest import base

__all__ = ["base"]


def test_without_service_there_are_articles_that_are_alike_and_no_gaps(base: Base) -> None:
    base.published("Send it back", "Use the label on the box.")
    base.published("Send it back to us", "Use the label on the box.")
    assert mine(base.crm, base.actor()) == 0


def test_without_service_visitors_are_told_to_write_as_they_usually_do(base: Base) -> None:
    client = TestClient(base.crm.asgi(), base_url="http://localhost", headers={"Accept-Language": "en"})
    found = client.post("/s/ask", data={"act": "look", "text": "Kettle leaks"})
    assert found.status_code == 200
    assert "Please write to us as you usually do." in found.text


def test_without_service_an_interaction_becomes_an_article(base: Base) -> None:
    customer = base.run("customer.create", {"name": "Ada"}).id
    values = {"kind": "note", "customer_id": customer, "subject": "Kettle", "body": "It leaks, says Ada."}
    said = base.run("interaction.record", values).id
    assert base.run("knowledge.article.from_record", {"record": f"interaction:{said}"}).title == "Kettle"
