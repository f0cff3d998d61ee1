"""Needs are written down with who says so, decided on, merged and taken apart again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from crmkit_needs.catalogue.errors import NeedElsewhere, NeedMergeRefused, NeedMoveRefused
from crmkit_needs.catalogue.evidence import evidence_of
from crmkit_needs.catalogue.history import events_of
from crmkit_needs.catalogue.merging import family_of
from crmkit_needs.catalogue.models import Evidence, Need
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import select

from crmkit import Actor, InvalidInput, NotFound
from crmkit.app import CRM

SYSTEM = Actor.system("a test")


def need(crm: CRM, title: str = "Glass that stays whole", **values: Any) -> Any:
    """Write a need down and return it."""
    return crm.run(SYSTEM, "needs.need.create", {"title": title, **values})


def customer(crm: CRM, name: str = "Ada") -> UUID:
    """Add a customer and return the id."""
    found: UUID = crm.run(SYSTEM, "customer.create", {"name": name}).id
    return found


def run(crm: CRM, operation: str, target: Any, **values: Any) -> Any:
    """Run an operation on a need or evidence."""
    return crm.run(SYSTEM, operation, values, target=target.id)


def supporters(crm: CRM, of: Any) -> list[str]:
    """Return what supports a need, in the words of the customers."""
    with crm.session(SYSTEM) as session:
        return sorted(str(each.quote) for each in evidence_of(session, session.get_one(Need, of.id)))


def test_a_need_gets_a_number_and_a_state(crm: CRM) -> None:
    first, second = need(crm, "  Glass   that stays whole "), need(crm, "One click")
    assert (first.number, second.number, first.title) == (101, 102, "Glass that stays whole")
    assert first.state == "new"
    with pytest.raises(InvalidInput, match="Say what is needed"):
        need(crm, " ")


def test_who_answers_for_an_area_owns_its_needs(lite: CRM) -> None:
    user = lite.run(SYSTEM, "user.create", {"login": "lin", "name": "Lin"})
    lite.run(SYSTEM, "needs.area.create", {"name": "packing", "lead_id": user.id})
    assert need(lite, area="packing").owner_id == user.id
    with pytest.raises(NotFound, match="There are: packing"):
        need(lite, area="pakking")


def test_an_area_is_not_part_of_itself(lite: CRM) -> None:
    above = lite.run(SYSTEM, "needs.area.create", {"name": "above"})
    lite.run(SYSTEM, "needs.area.create", {"name": "below", "parent": "above"})
    with pytest.raises(InvalidInput, match="not part of itself"):
        lite.run(SYSTEM, "needs.area.update", {"parent": "below"}, target=above.id)


def test_states_go_on_as_they_may_and_say_what_customers_read(lite: CRM) -> None:
    found = need(lite)
    with pytest.raises(NeedMoveRefused, match="under_review, accepted, declined"):
        run(lite, "needs.need.move", found, to="delivered")
    run(lite, "needs.need.move", found, to="accepted", text="We will do it.", internal="Ask the packers.")
    with pytest.raises(InvalidInput, match="Say why"):
        run(lite, "needs.need.move", found, to="declined")
    declined = run(lite, "needs.need.move", found, to="declined", decline="too_costly")
    assert declined.ended_at is not None
    again = run(lite, "needs.need.move", found, to="under_review")
    assert (again.decline, again.ended_at, again.public_text) == (None, None, "We will do it.")
    with lite.session(SYSTEM) as session:
        told = [(each.kind, each.after, each.public) for each in events_of(session, found.id)]
    assert told[:3] == [("opened", "request", False), ("state", "accepted", True), ("note", None, False)]


def test_evidence_is_there_once_for_each_record(crm: CRM) -> None:
    found, ada = need(crm), customer(crm)
    first = run(crm, "needs.evidence.add", found, customer_id=ada, quote="Broken again", importance=2)
    again = run(crm, "needs.evidence.add", found, customer_id=ada, importance=5)
    assert (again.id, again.importance) == (first.id, 5)
    assert supporters(crm, found) == ["Broken again"]


def test_a_record_becomes_evidence_by_one_click(lite: CRM) -> None:
    found, ada = need(lite), customer(lite)
    call = {"kind": "call", "customer_id": ada, "body": "Four jars were broken.", "subject": "Jars"}
    interaction = lite.run(SYSTEM, "interaction.record", call)
    made = run(lite, "needs.evidence.from_record", found, record=f"interaction:{interaction.id}")
    assert (made.source, made.customer_id, made.interaction_id) == ("interaction", ada, interaction.id)
    for wrong in ("nothing", "interaction:1", "customer.unknown:1"):
        with pytest.raises(InvalidInput):
            run(lite, "needs.evidence.from_record", found, record=wrong)


def test_a_merge_keeps_everything_and_can_be_undone(crm: CRM) -> None:
    first, second = need(crm, "One"), need(crm, "Two")
    run(crm, "needs.need.move", first, to="accepted")
    run(crm, "needs.evidence.add", first, customer_id=customer(crm), quote="a")
    run(crm, "needs.evidence.add", second, customer_id=customer(crm, "Bo"), quote="b")
    run(crm, "needs.need.merge", first, into_id=second.id)
    assert supporters(crm, second) == ["a", "b"]
    # What is said of the merged one from now on counts where it went.
    run(crm, "needs.evidence.add", first, customer_id=customer(crm, "Cy"), quote="c")
    for operation, values in (
        ("move", {"to": "planned"}),
        ("update", {"title": "x"}),
        ("merge", {"into_id": second.id}),
    ):
        with pytest.raises(NeedElsewhere, match="102"):
            run(crm, f"needs.need.{operation}", first, **values)
    back = run(crm, "needs.need.unmerge", first)
    assert back.state == "accepted"
    assert (supporters(crm, first), supporters(crm, second)) == (["a"], ["b", "c"])
    with pytest.raises(NeedMergeRefused, match="was not merged"):
        run(crm, "needs.need.unmerge", first)


def test_a_need_is_not_merged_into_itself_nor_into_one_that_was_merged(lite: CRM) -> None:
    first, second, third = (need(lite, each) for each in ("One", "Two", "Three"))
    with pytest.raises(NeedMergeRefused, match="itself"):
        run(lite, "needs.need.merge", first, into_id=first.id)
    run(lite, "needs.need.merge", second, into_id=third.id)
    with pytest.raises(NeedMergeRefused, match="was merged itself"):
        run(lite, "needs.need.merge", first, into_id=second.id)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(st.tuples(st.sampled_from(["merge", "unmerge", "say"]), st.integers(0, 3), st.integers(0, 3))))
def test_after_any_merges_evidence_counts_where_the_merges_end(lite: CRM, steps: list[tuple[str, int, int]]) -> None:
    """Whatever is merged and taken apart: nothing is lost, nothing counts twice, and taken apart all is as it was."""
    lite_needs = [need(lite, f"Need {number}") for number in range(4)]
    said = {each.id: 0 for each in lite_needs}
    for what, one, other in steps:
        try:
            if what == "merge":
                run(lite, "needs.need.merge", lite_needs[one], into_id=lite_needs[other].id)
            elif what == "unmerge":
                run(lite, "needs.need.unmerge", lite_needs[one])
            else:
                run(lite, "needs.evidence.add", lite_needs[one], customer_id=customer(lite))
                said[lite_needs[one].id] += 1
        except (NeedMergeRefused, NeedElsewhere):
            continue
        with lite.session(SYSTEM) as session:
            needs = [session.get_one(Need, each.id) for each in lite_needs]
            heads = [each for each in needs if each.merged_into_id is None]
            counted = {each.id: len(evidence_of(session, each)) for each in heads}
            assert sum(counted.values()) == sum(said.values())
            for head in heads:
                ids = {each.id for each in family_of(session, head)}
                own = session.scalars(select(Evidence.id).where(Evidence.need_id.in_(ids))).all()
                assert counted[head.id] == len(own)
