"""Undoing a merge: what came later, what was changed since, the order of several, and what an erasure leaves."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import select, text

from crmkit import CRM, Customer, merges_of, plan_unmerge
from crmkit.core.interactions.models import Interaction
from crmkit.core.store.guard import region
from crmkit.errors import MergeUndone, NotFound, OnLegalHold, UnmergeConflict, UnmergeErased, UnmergeOrder
from crmkit.identity.tables import Merge
from crmkit.security.privacy.tables import Erasure
from tests.identity.bases import ADMIN, differences, merge, newcomer, opportunity, rows_of, unmerge


def points(crm: CRM, who: UUID) -> list[str]:
    """Return how a customer can be reached."""
    with crm.session(ADMIN) as session:
        return [point.value for point in session.get_one(Customer, who).contact_points]


def recorded(crm: CRM, who: UUID, subject: str) -> UUID:
    """Record a note about a customer."""
    values = {"kind": "note", "customer_id": who, "subject": subject, "body": "x"}
    found: UUID = crm.run(ADMIN, "interaction.record", values).id
    return found


def whose(crm: CRM, interaction: UUID) -> UUID | None:
    """Return whose an interaction is."""
    with crm.session(ADMIN) as session:
        return session.get_one(Interaction, interaction).customer_id


def test_what_came_later_stays_with_the_survivor(crm: CRM) -> None:
    """Nothing is lost: what was recorded in the meantime is the survivor's, and the plan counts it."""
    one, other = newcomer(crm, "Anna"), newcomer(crm, "Anne")
    before = recorded(crm, other, "before")
    done = merge(crm, one, other)
    after = recorded(crm, one, "after")
    with crm.session(ADMIN) as session:
        plan = plan_unmerge(session, done.merge_id)
    assert [(item.table, item.moved) for item in plan.later] == [("crm_interaction", 1)]
    found = unmerge(crm, one, done.merge_id)
    assert (whose(crm, before), whose(crm, after), found.later) == (other, one, 1)


def test_a_change_of_another_field_is_no_conflict(crm: CRM) -> None:
    """What the merge had not touched stays as it was changed."""
    one, other = newcomer(crm, "Anna"), newcomer(crm, "Anne", city="Bonn")
    done = merge(crm, one, other)
    crm.run(ADMIN, "customer.update", {"job_title": "Buyer"}, target=one)
    unmerge(crm, one, done.merge_id)
    with crm.session(ADMIN) as session:
        found = session.get_one(Customer, one)
        assert (found.city, found.job_title) == (None, "Buyer")


@pytest.mark.parametrize(
    ("on_conflict", "city", "value"), [("keep", "Aachen", "new@example.com"), ("restore", None, "b@example.com")]
)
def test_what_was_changed_since_is_kept_or_restored(crm: CRM, on_conflict: str, city: str | None, value: str) -> None:
    """Nothing is done before somebody has said which; the rows go back to whose they are either way."""
    one, other = newcomer(crm, "Anna"), newcomer(crm, "Anne", city="Bonn", email="b@example.com")
    done = merge(crm, one, other)
    crm.run(ADMIN, "customer.update", {"city": "Aachen"}, target=one)
    with crm.session(ADMIN) as session:
        (point,) = session.get_one(Customer, one).contact_points
    crm.run(ADMIN, "contact_point.change", {"value": "new@example.com"}, target=point.id)
    with crm.session(ADMIN) as session:
        plan = plan_unmerge(session, done.merge_id)
    assert {(item.table, item.fields) for item in plan.conflicts} == {
        ("crm_customer", ("city",)),
        ("crm_contact_point", ("value",)),
    }
    with pytest.raises(UnmergeConflict):
        unmerge(crm, one, done.merge_id)
    unmerge(crm, one, done.merge_id, on_conflict=on_conflict)
    with crm.session(ADMIN) as session:
        assert (session.get_one(Customer, one).city, session.get_one(Customer, other).city) == (city, "Bonn")
    assert (points(crm, one), points(crm, other)) == ([], [value])


def test_what_was_sealed_since_goes_under_its_owners_key(crm: CRM) -> None:
    """A value that goes back is the absorbed customer's alone: erasing the survivor leaves it readable."""
    one, other = newcomer(crm, "Anna", email="a@example.com"), newcomer(crm, "Anne", email="b@example.com")
    done = merge(crm, one, other)
    with crm.session(ADMIN) as session:
        theirs = next(each for each in session.get_one(Customer, one).contact_points if each.value == "b@example.com")
    crm.run(ADMIN, "contact_point.change", {"value": "new@example.com"}, target=theirs.id)
    unmerge(crm, one, done.merge_id, on_conflict="keep")
    crm.run(ADMIN, "privacy.erase", {"reason": "asked"}, target=one)
    assert points(crm, other) == ["new@example.com"]


def test_what_was_removed_since_stays_removed_or_comes_back(crm: CRM) -> None:
    """As whoever undoes the merge says."""
    for on_conflict, expected in (("keep", []), ("restore", ["b@example.com"])):
        one, other = newcomer(crm, "Anna"), newcomer(crm, "Anne", email="b@example.com")
        done = merge(crm, one, other)
        with crm.session(ADMIN) as session:
            (point,) = session.get_one(Customer, one).contact_points
        crm.run(ADMIN, "contact_point.remove", {}, target=point.id)
        unmerge(crm, one, done.merge_id, on_conflict=on_conflict)
        assert points(crm, other) == expected


def test_several_merges_are_undone_in_the_reverse_order(crm: CRM) -> None:
    """The error and the plan name the one that comes first, through chains too."""
    one, two, three = newcomer(crm, "One"), newcomer(crm, "Two", email="b@example.com"), newcomer(crm, "Three")
    before = rows_of(crm)
    first = merge(crm, two, three)
    second = merge(crm, one, two)
    with crm.session(ADMIN) as session:
        assert plan_unmerge(session, first.merge_id).first == second.merge_id
        assert [each.id for each in merges_of(session, one)] == [second.merge_id, first.merge_id]
    with pytest.raises(UnmergeOrder) as caught:
        unmerge(crm, one, first.merge_id)
    assert caught.value.values["first"] == second.merge_id
    unmerge(crm, one, second.merge_id)
    unmerge(crm, two, first.merge_id)
    assert differences(before, rows_of(crm)) == {}


def test_a_merge_is_undone_once(crm: CRM) -> None:
    """And only by its number, at its survivor."""
    one, other = newcomer(crm, "Anna"), newcomer(crm, "Anne")
    done = merge(crm, one, other, reason="twins")
    for survivor, merge_id in ((one, UUID(int=4)), (newcomer(crm, "Else"), done.merge_id)):
        with pytest.raises(NotFound):
            unmerge(crm, survivor, merge_id)
    unmerge(crm, one, done.merge_id, reason="twins indeed")
    with pytest.raises(MergeUndone):
        unmerge(crm, one, done.merge_id)
    with crm.session(ADMIN) as session:
        (record,) = merges_of(session, other)
    assert (record.undone, record.absorbed_name, record.undone_reason) == (True, "", "twins indeed")


def test_they_can_be_merged_again_the_other_way_round(crm: CRM) -> None:
    """An undone merge stands in nobody's way."""
    one, other = newcomer(crm, "Anna", email="a@example.com"), newcomer(crm, "Anne", email="b@example.com")
    unmerge(crm, one, merge(crm, one, other).merge_id)
    again = merge(crm, other, one)
    unmerge(crm, other, again.merge_id)
    assert (points(crm, one), points(crm, other)) == (["a@example.com"], ["b@example.com"])


def test_a_legal_hold_forbids_it(crm: CRM) -> None:
    """What is on hold stays together as it is."""
    one, other = newcomer(crm, "Anna"), newcomer(crm, "Anne")
    done = merge(crm, one, other)
    crm.run(ADMIN, "privacy.hold", {"reason": "court"}, target=one)
    with pytest.raises(OnLegalHold):
        unmerge(crm, one, done.merge_id)


def test_after_an_erasure_nothing_is_left_to_undo(crm: CRM) -> None:
    """The journal goes with the survivor, the absorbed one counts as erased too, and the plan says so."""
    one, other = newcomer(crm, "Anna"), newcomer(crm, "Anne", email="b@example.com")
    done = merge(crm, one, other, reason="same face")
    crm.run(ADMIN, "privacy.erase", {"reason": "asked"}, target=one)
    with crm.session(ADMIN) as session:
        with pytest.raises(UnmergeErased):
            plan_unmerge(session, done.merge_id)
        with region(session, "tests"):
            assert set(session.scalars(select(Erasure.subject_id))) == {one, other}
            merged = session.get_one(Merge, done.merge_id)
            assert (merged.absorbed_name, merged.reason) == (None, None)
            assert session.connection().execute(text("SELECT count(*) FROM crm_merge_row")).scalar() == 0


def test_a_backup_from_before_the_undoing_forgets_the_absorbed_one_alone(crm: CRM) -> None:
    """Whoever stands in the erasure list and is merged into somebody again is parted from that one and erased."""
    one, other = newcomer(crm, "Anna", email="a@example.com"), newcomer(crm, "Anne", email="b@example.com")
    mine, theirs = recorded(crm, one, "mine"), recorded(crm, other, "theirs")
    merge(crm, one, other)
    found = crm.run(ADMIN, "privacy.erase_again", {"subject_id": other, "reason": "asked"})
    assert found is not None
    assert (points(crm, one), whose(crm, mine)) == (["a@example.com"], one)
    with crm.session(ADMIN) as session:
        assert session.get(Customer, other) is None
        with region(session, "tests"):
            assert session.connection().execute(text("SELECT count(*) FROM crm_contact_point")).scalar() == 1
            left = session.get_one(Interaction, theirs)
            assert (left.customer_id, left.subject) == (None, None)


def test_plugins_that_are_not_loaded_are_merged_and_restored(full: CRM) -> None:
    """Their rows follow by the map that the database keeps, and come back."""
    one, other = newcomer(full, "Anna"), newcomer(full, "Anne")
    opportunity(full, other, 1)
    full.disable("sales")
    before = rows_of(full)
    done = merge(full, one, other)
    with full.engines.system_read.connect() as connection:
        holders = set(connection.execute(text("SELECT customer_id FROM sales_opportunity")).scalars())
    assert {UUID(bytes=each) if isinstance(each, bytes) else UUID(str(each)) for each in holders} == {one}
    unmerge(full, one, done.merge_id)
    assert differences(before, rows_of(full)) == {}
