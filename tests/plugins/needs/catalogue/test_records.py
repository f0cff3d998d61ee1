"""Evidence from records of other plugins: a note, a case, feedback and an opportunity, each with its words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from crmkit_needs.catalogue.models import Evidence
from sqlalchemy import select

from crmkit import Actor, InvalidInput, NotFound
from crmkit.app import CRM
from tests.conftest import Templates

SYSTEM = Actor.system("a test")
WORDS = "The glass breaks on the way."
NOBODY = "00000000-0000-0000-0000-000000000000"


def enabled(crm: CRM) -> None:
    """Enable needs and all in which customers say something."""
    for name in ("sales", "service", "feedback", "needs"):
        crm.enable(name)


@pytest.fixture
def house(templates: Templates, tmp_path: Path) -> Iterator[CRM]:
    """A CRM with needs, and with all in which customers say something."""
    url, _nothing = templates.copy_filled("sqlite", tmp_path, enabled)
    with CRM.open(url) as opened:
        yield opened


def run(crm: CRM, operation: str, target: Any = None, /, **values: Any) -> Any:
    """Run an operation."""
    return crm.run(SYSTEM, operation, values, target=None if target is None else target.id)


def recorded(crm: CRM, resource: str, customer_id: Any) -> Any:
    """Record what a customer said as a record of a resource."""
    about: dict[str, Any] = {"customer_id": customer_id}
    if resource == "interaction":
        return run(crm, "interaction.record", **about, kind="note", body=WORDS)
    if resource == "service.case":
        return run(crm, "service.case.create", **about, subject=WORDS)
    if resource == "feedback.feedback":
        return run(crm, "feedback.feedback.create", **about, verbatim=WORDS)
    return run(crm, "sales.opportunity.create", **about, title=WORDS)


@pytest.mark.parametrize(
    ("resource", "source"),
    [
        ("interaction", "interaction"),
        ("service.case", "case"),
        ("feedback.feedback", "feedback"),
        ("sales.opportunity", "opportunity"),
    ],
)
def test_a_record_says_who_needs_it_in_which_words_once(house: CRM, resource: str, source: str) -> None:
    ada = run(house, "customer.create", name="Ada")
    record = f"{resource}:{recorded(house, resource, ada.id).id}"
    need = run(house, "needs.need.create", title="Glass")
    first = run(house, "needs.evidence.from_record", need, record=record)
    again = run(house, "needs.evidence.from_record", need, record=record, quote="It always breaks.", importance=5)
    assert first.id == again.id
    with house.session(SYSTEM) as session:
        (kept,) = session.scalars(select(Evidence)).all()
        assert (kept.customer_id, kept.source, kept.ref) == (ada.id, source, record)
        assert (kept.quote, kept.importance) == ("It always breaks.", 5)
        assert (kept.interaction_id is not None) == (resource == "interaction")
    other = run(house, "needs.need.create", title="Lids")
    assert run(house, "needs.evidence.from_record", other, record=record).quote == WORDS


@pytest.mark.parametrize("record", ["nothing", "service.case:x", f"nowhere:{NOBODY}", "needs.need:self"])
def test_what_names_no_record_about_a_customer_is_refused(house: CRM, record: str) -> None:
    need = run(house, "needs.need.create", title="Glass")
    with pytest.raises(InvalidInput):
        run(house, "needs.evidence.from_record", need, record=record.replace("self", str(need.id)))


def test_a_record_that_there_is_not_is_not_found(house: CRM) -> None:
    need = run(house, "needs.need.create", title="Glass")
    with pytest.raises(NotFound):
        run(house, "needs.evidence.from_record", need, record=f"service.case:{NOBODY}")


def test_whoever_does_not_see_the_record_takes_nothing_from_it(house: CRM) -> None:
    sam, sue = (run(house, "user.create", login=login, name=login) for login in ("sam", "sue"))
    for each in (sam, sue):
        run(house, "user.assign_role", each, role="seller")
    ada = run(house, "customer.create", name="Ada", owner_id=sam.id)
    record = f"sales.opportunity:{recorded(house, 'sales.opportunity', ada.id).id}"
    need = run(house, "needs.need.create", title="Glass")
    with pytest.raises(NotFound):
        house.run(Actor.user(sue.id, "Sue"), "needs.evidence.from_record", {"record": record}, target=need.id)
    made = house.run(Actor.user(sam.id, "Sam"), "needs.evidence.from_record", {"record": record}, target=need.id)
    assert made.customer_id == ada.id
