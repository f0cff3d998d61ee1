"""Merging: who survives with what, what is refused, and what is told."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from crmkit import CRM, Actor, Customer, FieldChoice, merges_of, plan_merge, surviving_id
from crmkit.core.customers.chronicle import customer_history
from crmkit.core.customers.models import CustomerIdentifier
from crmkit.core.customers.relationships import relationships_of
from crmkit.engines.experiments.tables import Exposure
from crmkit.engines.facts.moments import moment_of
from crmkit.engines.facts.reading import values_of
from crmkit.engines.facts.vocabulary import catalogue_of
from crmkit.engines.rules.tables import RuleClaim
from crmkit.engines.search.searching import search
from crmkit.errors import (
    AlreadyMerged,
    Conflict,
    CrmkitError,
    InvalidInput,
    MergeError,
    NotFound,
    OnLegalHold,
    Refused,
    StaleWrite,
)
from tests.identity.bases import ADMIN, DAY, merge, newcomer, put


def person(crm: CRM, name: str = "Anna Meier", **values: Any) -> UUID:
    """Add a person."""
    return newcomer(crm, name, **values)


def user(crm: CRM, login: str, role: str, team: Any) -> Actor:
    """Add a user of a team with a role."""
    made = crm.run(ADMIN, "user.create", {"login": login, "name": login.title()})
    crm.run(ADMIN, "team.add_member", {"user_id": made.id}, target=team)
    crm.run(ADMIN, "user.assign_role", {"role": role}, target=made.id)
    return Actor.user(made.id, made.name)


def read(crm: CRM, who: UUID) -> dict[str, Any]:
    """Return what a customer has."""
    with crm.session(ADMIN) as session:
        found = session.get_one(Customer, who)
        return {
            "name": found.name,
            "city": found.city,
            "birth_date": found.birth_date,
            "identity": found.identity_number,
            "standing": found.standing,
            "custom": found.custom,
            "preferences": found.preferences,
            "parent": found.parent_id,
            "points": [(point.value, point.preferred, point.verified_at is not None) for point in found.contact_points],
            "tags": [tag.name for tag in found.tags],
        }


def test_empty_fields_are_filled_and_others_stay(crm: CRM) -> None:
    """The survivor's values stay; what it lacked it has from the other one, sealed values too."""
    one = person(crm, city="Bonn", email="a@example.com")
    other = person(
        crm, "Anna Meyer", birth_date="1990-02-03", city="Köln", identity_number="C1", identity_kind="passport"
    )
    merge(crm, one, other)
    found = read(crm, one)
    assert (found["name"], found["city"], str(found["birth_date"]), found["identity"]) == (
        "Anna Meier",
        "Bonn",
        "1990-02-03",
        "C1",
    )


def test_what_belongs_together_is_not_mixed(crm: CRM) -> None:
    """A province does not come from another place than the city."""
    one, other = person(crm, city="Bonn"), person(crm, city="杭州", province="浙江", country="CN")
    merge(crm, one, other)
    with crm.session(ADMIN) as session:
        found = session.get_one(Customer, one)
        assert (found.city, found.province, found.country) == ("Bonn", None, None)


def test_choices_decide(crm: CRM) -> None:
    """Each field takes the value that was chosen, from either side or by hand, and a name comes with its parts."""
    one = person(crm, given_name="Anna", family_name="Meier", city="Bonn", gender="female")
    other = person(crm, "Li Na", family_name="Li", given_name="Na", city="Köln")
    choices = [
        {"field": "name", "take": "absorbed"},
        {"field": "city", "take": "value", "value": "Aachen"},
        {"field": "gender", "take": "absorbed"},
    ]
    merge(crm, one, other, choices=choices)
    with crm.session(ADMIN) as session:
        found = session.get_one(Customer, one)
        assert (found.name, found.family_name, found.city, found.gender) == ("Li Na", "Li", "Aachen", None)


def test_wrong_choices_are_named(crm: CRM) -> None:
    """A field that there is not, one chosen twice, and a value that cannot be."""
    one, other = person(crm), person(crm)
    for choices, field in (
        ([{"field": "shoe"}], "choices.0.field"),
        ([{"field": "city"}, {"field": "city"}], "choices.1.field"),
        ([{"field": "birth_date", "take": "value", "value": "never"}], "choices.birth_date"),
    ):
        with pytest.raises(InvalidInput) as caught:
            merge(crm, one, other, choices=choices)
        assert [problem.field for problem in caught.value.problems] == [field]


def test_contact_points_are_united(crm: CRM) -> None:
    """Equal ones are one, which keeps that it was verified; of each kind one is preferred."""
    one, other = person(crm, email="anna@example.com"), person(crm, email="ANNA@example.com")
    for who, number in ((one, "+4915112340001"), (other, "+4915112340002")):
        crm.run(ADMIN, "contact_point.add", {"kind": "phone", "value": number}, target=who)
    with crm.session(ADMIN) as session:
        theirs = next(point for point in session.get_one(Customer, other).contact_points if point.kind == "email")
    crm.run(ADMIN, "contact_point.verify", {}, target=theirs.id)
    merge(crm, one, other)
    assert read(crm, one)["points"] == [
        ("anna@example.com", True, True),
        ("+4915112340001", True, False),
        ("+4915112340002", False, False),
    ]


def test_tags_custom_fields_and_preferences_are_united(crm: CRM) -> None:
    """Both sides' stand together, the survivor's where both have one."""
    crm.run(ADMIN, "custom_field.create", {"name": "size", "type": "text", "field_class": "sensitive"})
    crm.run(ADMIN, "custom_field.create", {"name": "colour", "type": "text", "field_class": "personal"})
    one = person(crm, tags=["a", "b"], custom={"size": "L"}, preferences={"x": 1})
    other = person(crm, tags=["b", "c"], custom={"size": "M", "colour": "red"}, preferences={"x": 2, "y": 3})
    merge(crm, one, other)
    found = read(crm, one)
    assert (found["tags"], found["custom"], found["preferences"]) == (
        ["a", "b", "c"],
        {"size": "L", "colour": "red"},
        {"x": 1, "y": 3},
    )


def test_a_potential_customer_becomes_one_through_the_other(crm: CRM) -> None:
    """Whoever bought stays a customer, since the day on which that began."""
    one, other = person(crm), person(crm)
    crm.run(ADMIN, "customer.convert", {}, target=other)
    merge(crm, one, other)
    with crm.session(ADMIN) as session:
        found = session.get_one(Customer, one)
        assert (found.standing, found.converted_at is not None) == ("customer", True)


def test_relationships_follow_and_never_lead_to_oneself(crm: CRM) -> None:
    """Those to others are the survivor's, equal ones once; the one between the two goes."""
    one, other, friend = person(crm), person(crm), person(crm, "Friend")
    for who in (one, other):
        crm.run(ADMIN, "relationship.add", {"other_id": friend, "kind": "friend"}, target=who)
    crm.run(ADMIN, "relationship.add", {"other_id": one, "kind": "spouse"}, target=other)
    merge(crm, one, other)
    with crm.session(ADMIN) as session:
        assert [(item.other_id, item.kind) for item in relationships_of(session, one)] == [(friend, "friend")]


def test_organisations_do_not_end_in_a_circle(crm: CRM) -> None:
    """Whoever was a part of the absorbed one is the survivor's, and the survivor is not its own part."""
    top = newcomer(crm, "Top", kind="organization")
    other = newcomer(crm, "Other", kind="organization", parent_id=top)
    middle = newcomer(crm, "Middle", kind="organization", parent_id=other)
    one = newcomer(crm, "One", kind="organization", parent_id=middle)
    merge(crm, one, other)
    assert (read(crm, one)["parent"], read(crm, middle)["parent"]) == (top, one)


def test_the_earliest_exposure_and_the_last_claim_stay(crm: CRM) -> None:
    """Of two that cannot both be, the one that says more stays."""
    one, other = person(crm), person(crm)
    for who, days, arm in ((one, 3, "b"), (other, 1, "a")):
        at = DAY + timedelta(days=days)
        put(crm, Exposure, experiment="x", customer_id=who, arm=arm, exposed_at=at, recorded_at=at)
        put(crm, RuleClaim, rule="r", customer_id=who, period="last", fired_at=at)
    merge(crm, one, other)
    with crm.engines.system_read.connect() as connection:
        arms = connection.execute(select(Exposure.arm, Exposure.customer_id)).all()
        claims = connection.execute(select(RuleClaim.fired_at)).scalars().all()
    assert ([tuple(row) for row in arms], claims) == ([("a", one)], [DAY + timedelta(days=3)])


def test_the_stream_facts_and_the_search_follow(crm: CRM) -> None:
    """What either bought counts for the survivor at once, and the absorbed name finds nobody any more."""
    one, other = person(crm, "Anna Meier"), person(crm, "Zacharias")
    for who in (one, other):
        crm.run(
            ADMIN, "interaction.record", {"kind": "purchase", "customer_id": who, "amount": "10", "currency": "EUR"}
        )
    merge(crm, one, other)
    with crm.session(ADMIN) as session:
        ref = catalogue_of(session).ref("purchase.count")
        assert values_of(session, [ref], [one], moment_of(session))[one][ref] == 2
        assert [hit.customer_id for hit in search(session, "Zacharias").hits] == []
        assert [hit.customer_id for hit in search(session, "Meier").hits] == [one]


def test_old_numbers_lead_to_the_survivor(crm: CRM) -> None:
    """Through chains too; a list that names the absorbed customer by its id means the survivor."""
    first, second, third = person(crm), person(crm), person(crm)
    merge(crm, second, third)
    merge(crm, first, second)
    with crm.session(ADMIN) as session:
        assert [surviving_id(session, each) for each in (third, second, first)] == [first, first, None]
        query = select(CustomerIdentifier.external_id).where(CustomerIdentifier.customer_id == first)
        assert sorted(session.scalars(query)) == sorted([str(second), str(third)])


def test_what_cannot_be_merged(crm: CRM) -> None:
    """Oneself, a person with an organisation unless said, somebody deleted, somebody on hold, nobody."""
    one, other, works = person(crm), person(crm), newcomer(crm, "Works", kind="organization")
    held, gone = person(crm), person(crm)
    crm.run(ADMIN, "privacy.hold", {"reason": "court"}, target=held)
    crm.run(ADMIN, "customer.delete", {}, target=gone)
    wrong: tuple[tuple[UUID, type[CrmkitError]], ...] = (
        (one, MergeError),
        (works, MergeError),
        (gone, MergeError),
        (held, OnLegalHold),
        (UUID(int=5), NotFound),
    )
    for absorb, error in wrong:
        with pytest.raises(error):
            merge(crm, one, absorb)
    with pytest.raises(OnLegalHold):
        merge(crm, held, one)
    merge(crm, one, works, choices=[{"field": "kind"}])
    merge(crm, one, other)
    with pytest.raises(AlreadyMerged):
        merge(crm, one, other)


def test_versions_guard_both(crm: CRM) -> None:
    """What was changed since it was looked at is not merged."""
    one, other = person(crm), person(crm)
    crm.run(ADMIN, "customer.update", {"city": "Bonn"}, target=other)
    with pytest.raises(StaleWrite):
        merge(crm, one, other, absorbed_version=1)
    with pytest.raises(StaleWrite):
        crm.run(ADMIN, "customer.merge", {"absorb": other}, target=one, version=7)


def test_of_two_at_once_one_wins(crm: CRM) -> None:
    """The other one is told; nothing is merged twice and nobody waits for ever."""
    people = [person(crm) for _number in range(3)]

    def attempt(pair: tuple[UUID, UUID]) -> str:
        try:
            merge(crm, *pair)
        except (Conflict, NotFound) as error:
            return error.code
        return "done"

    pairs = [(people[0], people[1]), (people[1], people[0]), (people[2], people[1])]
    with ThreadPoolExecutor(3) as pool:
        outcomes = list(pool.map(attempt, pairs))
    with crm.session(ADMIN) as session:
        left = session.scalar(select(func.count()).select_from(Customer))
        assert (left, outcomes.count("done")) == (3 - outcomes.count("done"), outcomes.count("done"))
        assert outcomes.count("done") in (1, 2)
    assert set(outcomes) <= {"done", "CK501", "CK510", "CK661", "CK511"}


def test_a_key_merges_once(crm: CRM) -> None:
    """The same call again is answered and does nothing."""
    one, other = person(crm), person(crm)
    first = crm.run(ADMIN, "customer.merge", {"absorb": other}, target=one, key="k")
    again = crm.run(ADMIN, "customer.merge", {"absorb": other}, target=one, key="k")
    assert str(again["merge_id"]) == str(first.merge_id)


def test_it_needs_the_right_on_both(crm: CRM) -> None:
    """Whom somebody does not see is not found; whom he only sees he may not merge."""
    team = crm.run(ADMIN, "team.create", {"name": "South"})
    boss, seller = user(crm, "boss", "manager", team), user(crm, "anna", "seller", team)
    ours = [person(crm, team_id=team.id) for _number in range(2)]
    foreign = person(crm)

    def acting(actor: Actor, survivor: UUID, absorb: UUID) -> Any:
        return crm.run(actor, "customer.merge", {"absorb": absorb}, target=survivor)

    with pytest.raises(Refused):
        acting(seller, *ours)
    with pytest.raises(NotFound) as hidden:
        acting(boss, ours[0], foreign)
    with pytest.raises(NotFound) as nowhere:
        acting(boss, ours[0], UUID(int=7))
    assert hidden.value.message == nowhere.value.message
    assert acting(boss, *ours).absorbed_id == ours[1]


def test_one_record_of_the_audit_log_is_about_both(crm: CRM) -> None:
    """With a subject row for each."""
    one, other = person(crm), person(crm)
    merge(crm, one, other)
    with crm.engines.system_read.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT s.customer_id FROM crm_audit a JOIN crm_audit_subject s ON s.audit_id = a.id"
                " WHERE a.operation = 'customer.merge' AND a.outcome = 'done'"
            )
        ).scalars()
        found = {UUID(bytes=row) if isinstance(row, bytes) else row for row in rows}
    assert found == {one, other}


def test_the_plan_says_what_happens_and_changes_nothing(crm: CRM) -> None:
    """Fields side by side as the reader may see them, rows by table, and what speaks against it."""
    one = person(crm, city="Bonn", birth_date="1990-01-01", tags=["a"])
    other = person(crm, city="Köln", birth_date="1991-01-01", tags=["a", "b"])
    with crm.session(ADMIN) as session:
        plan = plan_merge(session, one, other, [FieldChoice(field="city", take="absorbed")])
    city = next(item for item in plan.fields if item.field == "city")
    tags = next(item for item in plan.tables if item.table == "crm_customer_tag")
    assert (city.survivor, city.absorbed, city.chosen, city.differs) == ("Bonn", "Köln", "Köln", True)
    assert (tags.moved, tags.united) == (1, 1)
    assert plan.warnings == ("Their dates of birth differ.",)
    assert read(crm, other)["city"] == "Köln"


def test_the_plan_stays_masked(crm: CRM) -> None:
    """Who may not see a date of birth sees that there is one."""
    team = crm.run(ADMIN, "team.create", {"name": "South"})
    boss = user(crm, "boss", "manager", team)
    one = person(crm, team_id=team.id)
    other = person(crm, team_id=team.id, birth_date="1991-01-01", email="secret@example.com")
    with crm.session(boss) as session:
        plan = plan_merge(session, one, other)
    assert "1991-01-01" not in repr(plan)


def test_the_merge_is_remembered(crm: CRM) -> None:
    """By whom, why, and under which name; the history of the survivor tells what was taken over."""
    one, other = person(crm), person(crm, "Anna Meyer", city="Bonn")
    done = merge(crm, one, other, reason="same phone")
    with crm.session(ADMIN) as session:
        (record,) = merges_of(session, one)
        lines = [line for line in customer_history(session, one) if line.operation == "customer.merge"]
    assert (record.id, record.absorbed_id, record.absorbed_name, record.reason) == (
        done.merge_id,
        other,
        "Anna Meyer",
        "same phone",
    )
    assert ["city"] in [[change.name for change in line.changes] for line in lines]
