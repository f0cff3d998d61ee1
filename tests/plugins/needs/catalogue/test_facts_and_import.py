"""Facts of needs, and needs taken over from other systems."""

from __future__ import annotations

from typing import Any

import pytest

from crmkit import Actor, NotFound, frame
from crmkit.app import CRM

SYSTEM = Actor.system("a test")


def test_facts_say_what_a_customer_needs(crm: CRM) -> None:
    crm.run(SYSTEM, "needs.area.create", {"name": "packing"})
    ada = crm.run(SYSTEM, "customer.create", {"name": "Ada"}).id
    need = crm.run(SYSTEM, "needs.need.create", {"title": "Glass", "area": "packing", "scope": "custom"})
    values: dict[str, Any] = {"customer_id": ada, "promised_on": "2001-01-01"}
    crm.run(SYSTEM, "needs.evidence.add", values, target=need.id)
    wanted = ["needs.open", "needs.overdue_promises", "needs.main_area", "needs.main_scope"]
    with crm.session(SYSTEM) as session:
        found = [list(row[1:]) for row in frame(session, wanted).rows()]
    assert found == [[1, 1, "packing", "custom"]]


def test_what_is_taken_over_twice_is_there_once(lite: CRM) -> None:
    past = {"title": "Glass", "external_source": "old", "external_id": "7", "state": "planned"}
    first = lite.run(SYSTEM, "needs.need.import", past)
    assert lite.run(SYSTEM, "needs.need.import", past).id == first.id
    ada = lite.run(SYSTEM, "customer.create", {"name": "Ada"}).id
    said = {"customer_id": ada, "need": "7", "external_source": "old", "external_id": "e1"}
    made = lite.run(SYSTEM, "needs.evidence.import", said)
    assert (made.need_id, lite.run(SYSTEM, "needs.evidence.import", said).id) == (first.id, made.id)
    with pytest.raises(NotFound):
        lite.run(SYSTEM, "needs.evidence.import", {**said, "external_id": "e2", "need": "nothing"})
