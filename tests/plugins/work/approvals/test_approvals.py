"""Approvals: who has to agree, who may, and that what was agreed to is run once, as whoever asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from attrs import frozen
from crmkit_work.api import approvals_needed, require_approval
from crmkit_work.approvals.models import Approval, ApprovalEntry
from crmkit_work.approvals.reading import request_of, requests_of
from crmkit_work.approvals.steps import Progress, Vote, current, read, write
from crmkit_work.notices.reading import told
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import func, select

from crmkit import Product
from crmkit.app import CRM
from crmkit.core.store.actor import Actor
from crmkit.errors import Conflict, CrmkitError, InvalidInput, NotFound, Refused
from tests.conftest import ENGINES, Templates
from tests.plugins.work.staff import SYSTEM, person, team, work


@frozen(kw_only=True)
class Office:
    """A team with its lead, two who keep the books, and somebody who asks."""

    crm: CRM
    sam: Actor
    boss: Actor
    """Leads the team of sam."""
    ann: Actor
    bob: Actor
    """With ann the books."""


def fill(crm: CRM) -> dict[str, Actor]:
    """Enable work, and add who asks and who decides."""
    crm.enable("work")
    north, books = team(crm, "North"), team(crm, "Books")
    boss = person(crm, "boss", "manager", teams=[north])
    crm.run(SYSTEM, "work.ladder.set_lead", {"team_id": north, "user_id": boss.user_id})
    return {
        "sam": person(crm, "sam", "marketer", teams=[north]),
        "boss": boss,
        "ann": person(crm, "ann", teams=[books]),
        "bob": person(crm, "bob", teams=[books]),
    }


@pytest.fixture(params=ENGINES)
def office(request: pytest.FixtureRequest, templates: Templates, tmp_path: Path) -> Iterator[Office]:
    """Who asks and who decides, once for each engine."""
    url, people = templates.copy_filled(request.param, tmp_path, fill)
    with CRM.open(url) as crm:
        yield Office(crm=crm, **people)


LEAD = {"title": "Lead", "who": "lead"}
BOOKS = {"title": "Books", "who": "team", "name": "Books", "needs": "all"}
TEA = {"sku": "T-1", "title": "Tea"}


def chain(office: Office, *steps: dict[str, Any], **values: Any) -> None:
    """Lay down who has to agree before a product is added."""
    given = {"name": "products", "operation": "product.create", "steps": list(steps), **values}
    office.crm.run(SYSTEM, "work.approval_chain.create", given)


def ask(office: Office, values: dict[str, Any] | None = None, actor: Actor | None = None) -> UUID:
    """Ask for a product to be added; returns the request's id."""
    found: UUID = office.crm.run(
        actor or office.sam, "work.approval.request", {"chain": "products", "values": values or TEA}
    )
    return found


def agree(office: Office, approval_id: UUID, *actors: Actor) -> None:
    """Let people agree, and what follows be carried out."""
    for each in actors:
        office.crm.run(each, "work.approval.approve", {"approval_id": approval_id})
    work(office.crm)


def state(office: Office, approval_id: UUID) -> str:
    """Return what a request is."""
    with office.crm.session(SYSTEM) as session:
        return session.get_one(Approval, approval_id).state


def products(office: Office) -> int:
    """Return how many products there are."""
    with office.crm.session(SYSTEM) as session:
        return session.scalar(select(func.count(Product.id))) or 0


def heard(office: Office, actor: Actor) -> list[str]:
    """Return what somebody was told, the newest first."""
    with office.crm.session(actor) as session:
        return [each.title for each in told(session, "en")]


def actions(office: Office, approval_id: UUID) -> list[str]:
    """Return the log of a request."""
    with office.crm.session(SYSTEM) as session:
        query = select(ApprovalEntry.action).where(ApprovalEntry.approval_id == approval_id)
        return list(session.scalars(query.order_by(ApprovalEntry.at, ApprovalEntry.id)))


# --- agreeing ---------------------------------------------------------------------------------------------------------


def test_what_all_steps_agree_to_is_run_once_as_whoever_asked(office: Office) -> None:
    """Not before the last one; what comes of it is shown, and everything is kept and told."""
    chain(office, LEAD, BOOKS)
    asked = ask(office)
    assert (products(office), heard(office, office.boss)) == (0, ["Your approval is asked for: products"])
    agree(office, asked, office.boss, office.ann)
    assert (products(office), state(office, asked)) == (0, "open")
    agree(office, asked, office.bob)
    assert (products(office), state(office, asked)) == (1, "run")
    with office.crm.session(SYSTEM) as session:
        product = session.scalars(select(Product)).one()
        assert product.created_by == f"user:{office.sam.user_id}"
    with office.crm.session(office.sam) as session:
        assert request_of(session, asked).result == f"product:{product.id}"
    assert actions(office, asked) == ["request", "approve", "approve", "approve", "run"]
    assert heard(office, office.sam) == ["Approved and carried out: products"]
    with pytest.raises(Conflict):
        office.crm.run(office.sam, "work.approval.carry_out", {"values": TEA}, target=asked)
    assert products(office) == 1


def test_one_of_them_suffices_where_any_will_do(office: Office) -> None:
    """The other is told that it is decided."""
    chain(office, {**BOOKS, "needs": "any"})
    asked = ask(office)
    agree(office, asked, office.ann)
    assert state(office, asked) == "run"
    with pytest.raises(Conflict):
        office.crm.run(office.bob, "work.approval.approve", {"approval_id": asked})


def test_one_refusal_ends_it(office: Office) -> None:
    """With its reason, which whoever asked reads; nothing is run."""
    chain(office, BOOKS)
    asked = ask(office)
    with pytest.raises(InvalidInput):
        office.crm.run(office.ann, "work.approval.reject", {"approval_id": asked, "reason": ""})
    office.crm.run(office.ann, "work.approval.reject", {"approval_id": asked, "reason": "No budget"})
    work(office.crm)
    assert (state(office, asked), products(office)) == ("rejected", 0)
    with office.crm.session(office.boss) as session, pytest.raises(NotFound):
        request_of(session, asked)
    with office.crm.session(office.ann) as session:
        assert [each.reason for each in request_of(session, asked).log] == ["", "No budget"]
    assert heard(office, office.sam) == ["Ann has rejected: products"]


def test_nobody_decides_about_a_request_of_their_own(office: Office) -> None:
    """Neither as one of those who are asked, nor as a deputy; a step that nobody else could decide is said at once."""
    chain(office, {"title": "Both", "who": "role", "name": "manager"})
    with pytest.raises(InvalidInput):
        ask(office, actor=office.boss)
    other = person(office.crm, "max", "manager")
    asked = ask(office, actor=office.boss)
    absent(office, other, office.boss)
    with pytest.raises(Refused):
        office.crm.run(office.boss, "work.approval.approve", {"approval_id": asked})
    with office.crm.session(office.boss) as session:
        assert not request_of(session, asked).decides
    agree(office, asked, other)
    assert state(office, asked) == "run"


def test_a_deputy_decides_during_an_absence(office: Office) -> None:
    """In place of the one who is absent, as the log says; without an absence nobody stands in."""
    chain(office, LEAD)
    deputy = person(office.crm, "dee", "manager")
    asked = ask(office)
    with pytest.raises(NotFound):
        office.crm.run(deputy, "work.approval.approve", {"approval_id": asked})
    absent(office, office.boss, deputy)
    with office.crm.session(deputy) as session:
        assert [each.id for each in requests_of(session)] == [asked]
    agree(office, asked, deputy)
    assert state(office, asked) == "run"
    with office.crm.session(office.sam) as session:
        entry = next(each for each in request_of(session, asked).log if each.action == "approve")
    assert (entry.who, entry.instead_of) == ("Dee", "Boss")


def test_a_request_is_nobody_else_s_business(office: Office) -> None:
    """It is not found, however one asks."""
    chain(office, LEAD)
    asked = ask(office)
    with office.crm.session(office.ann) as session:
        assert requests_of(session, which="all") == []
        with pytest.raises(NotFound):
            request_of(session, asked)
        assert session.scalars(select(Approval)).all() == []
    for operation, values in (
        ("approve", {}),
        ("reject", {"reason": "x"}),
        ("withdraw", {}),
        ("retry", {}),
    ):
        with pytest.raises(NotFound):
            office.crm.run(office.ann, f"work.approval.{operation}", {"approval_id": asked, **values})
    for operation, values in (
        ("decide", {"agrees": True}),
        ("take_back", {}),
        ("begin_again", {}),
        ("carry_out", {"values": TEA}),
    ):
        with pytest.raises(NotFound):
            office.crm.run(office.ann, f"work.approval.{operation}", values, target=asked)


# --- thresholds -------------------------------------------------------------------------------------------------------


def test_below_the_threshold_nobody_has_to_agree(office: Office) -> None:
    """What is asked is run at once; a step of its own threshold is left out."""
    chain(office, LEAD, {**BOOKS, "condition": 'title == "Gold"'}, condition='title != "Water"')
    water, tea, gold = (
        ask(office, {"sku": f"S-{number}", "title": name}) for number, name in enumerate(("Water", "Tea", "Gold"))
    )
    work(office.crm)
    assert state(office, water) == "run"
    agree(office, tea, office.boss)
    assert state(office, tea) == "run"
    agree(office, gold, office.boss)
    assert state(office, gold) == "open"


def test_an_operation_can_ask_for_approval(office: Office) -> None:
    """It goes on where nobody has to agree, and says by which chain to ask otherwise."""
    chain(office, LEAD, condition='title == "Gold"')
    with office.crm.session(office.sam) as session:
        require_approval(session, "product.create", TEA)
        assert approvals_needed(session, "product.create", {"title": "Gold"}) == ["products"]
        with pytest.raises(Refused) as caught:
            require_approval(session, "product.create", {"title": "Gold"})
    assert caught.value.values["chain"] == "products"


@pytest.mark.parametrize(
    "wrong",
    [
        {"steps": []},
        {"steps": [{"title": "x", "who": "user", "name": "nobody"}]},
        {"steps": [LEAD], "condition": "no_such_input > 3"},
        {"steps": [{**LEAD, "condition": "title >"}]},
        {"steps": [LEAD], "operation": "work.approval.approve"},
        {"steps": [LEAD], "operation": "no.such"},
    ],
)
def test_a_chain_that_could_not_work_is_refused(office: Office, wrong: dict[str, Any]) -> None:
    """When it is laid down, not when somebody asks."""
    given = {"name": "x", "operation": "product.create", **wrong}
    with pytest.raises(CrmkitError) as caught:
        office.crm.run(SYSTEM, "work.approval_chain.create", given)
    assert isinstance(caught.value, InvalidInput | NotFound)


# --- running ----------------------------------------------------------------------------------------------------------


def test_what_could_not_be_run_is_said_before_anybody_is_asked(office: Office) -> None:
    """It is rehearsed and undone: nothing of it stays, and what is wrong with it is told at once."""
    chain(office, LEAD)
    with pytest.raises(InvalidInput):
        ask(office, {"title": "Tea"})
    with pytest.raises(Refused):
        ask(office, actor=person(office.crm, "eve", "analyst"))
    assert (products(office), heard(office, office.boss)) == (0, [])


def test_it_is_run_with_the_rights_of_then(office: Office) -> None:
    """Whoever asked and has lost the right meanwhile gets nothing by an approval; it can be tried again."""
    chain(office, LEAD)
    asked = ask(office)
    assert office.sam.user_id is not None
    office.crm.run(SYSTEM, "user.unassign_role", {"role": "marketer"}, target=office.sam.user_id)
    agree(office, asked, office.boss)
    assert (state(office, asked), products(office)) == ("failed", 0)
    office.crm.run(SYSTEM, "user.assign_role", {"role": "marketer"}, target=office.sam.user_id)
    assert heard(office, office.sam) == ["Approved, and could not be carried out: products"]
    office.crm.run(office.sam, "work.approval.retry", {"approval_id": asked})
    work(office.crm)
    assert (state(office, asked), products(office)) == ("run", 1)


def test_nothing_else_is_run_than_what_was_agreed_to(office: Office) -> None:
    """Other values are refused, also by whoever asked."""
    chain(office, LEAD)
    asked = ask(office)
    office.crm.run(office.boss, "work.approval.approve", {"approval_id": asked})
    with pytest.raises(Refused):
        office.crm.run(office.sam, "work.approval.carry_out", {"values": {**TEA, "title": "Gold"}}, target=asked)
    work(office.crm)
    assert (products(office), state(office, asked)) == (1, "run")


def test_what_is_withdrawn_or_late_is_not_run(office: Office) -> None:
    """Both sides are told of what nobody has decided in time."""
    chain(office, LEAD)
    first, second = ask(office), ask(office)
    office.crm.run(office.sam, "work.approval.withdraw", {"approval_id": first})
    table: Any = Approval.__table__
    with office.crm.engines.system_write.begin() as connection:
        past = datetime.now(UTC) - timedelta(minutes=1)
        connection.execute(table.update().where(table.c.id == second).values(due_at=past))
    office.crm.run(SYSTEM, "work.approval.expire", {"approval_id": second})
    for each in (first, second):
        with pytest.raises(Conflict):
            office.crm.run(office.boss, "work.approval.approve", {"approval_id": each})
    assert (state(office, first), state(office, second), products(office)) == ("withdrawn", "expired", 0)
    assert heard(office, office.sam) == ["Not decided in time: products"]


def test_the_values_are_sealed_and_shown_by_their_class(office: Office) -> None:
    """Whoever decides sees what they would see of such a record."""
    chain(office, LEAD)
    asked = ask(office, {"sku": "T-4711", "title": "Tea"})
    with office.crm.engines.system_read.connect() as connection:
        for name in ("work_approval", "work_approval_entry", "work_notice"):
            assert "T-4711" not in repr(connection.exec_driver_sql(f"SELECT * FROM {name}").all())
    with office.crm.session(office.sam) as session:
        assert "T-4711" in dict(request_of(session, asked).values).values()


# --- at once ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("needs", ["any", "all"])
def test_two_who_decide_at_once_are_both_heard(office: Office, needs: str) -> None:
    """No vote is lost, and what they agree to is run once."""
    chain(office, {**BOOKS, "needs": needs})
    for number in range(3):
        asked = ask(office, {"sku": f"R-{number}", "title": "Tea"})
        outcomes = at_once(
            [lambda each=each, asked=asked: agree_alone(office, asked, each) for each in (office.ann, office.bob)]
        )
        for _again in range(2):
            work(office.crm)
        assert (state(office, asked), products(office)) == ("run", number + 1)
        assert sorted(outcomes) == (["agreed", "agreed"] if needs == "all" else ["agreed", "late"])
        assert actions(office, asked).count("run") == 1


def test_a_refusal_and_the_last_agreement_at_once_have_one_outcome(office: Office) -> None:
    """Whichever comes first."""
    chain(office, {**BOOKS, "needs": "any"})
    for number in range(3):
        asked = ask(office, {"sku": f"R-{number}", "title": "Tea"})
        before = products(office)
        at_once([lambda asked=asked: agree_alone(office, asked, office.ann), lambda asked=asked: refuse(office, asked)])
        work(office.crm)
        found = state(office, asked)
        assert (found, products(office) - before) in (("run", 1), ("rejected", 0))


def agree_alone(office: Office, asked: UUID, actor: Actor) -> str:
    """Agree, and say what came of it."""
    try:
        office.crm.run(actor, "work.approval.approve", {"approval_id": asked})
    except Conflict:
        return "late"
    return "agreed"


def refuse(office: Office, asked: UUID) -> str:
    """Refuse, and say what came of it."""
    try:
        office.crm.run(office.bob, "work.approval.reject", {"approval_id": asked, "reason": "No"})
    except Conflict:
        return "late"
    return "refused"


def at_once(calls: Sequence[Any]) -> list[str]:
    """Make calls at the same time, and return what they returned."""
    found: list[str] = []
    gate = threading.Barrier(len(calls))

    def run(call: Any) -> None:
        gate.wait()
        found.append(call())

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return found


def absent(office: Office, actor: Actor, deputy: Actor) -> None:
    """Let somebody be absent for a while."""
    now = datetime.now(UTC)
    given = {
        "user_id": actor.user_id,
        "starts_at": now - timedelta(hours=1),
        "ends_at": now + timedelta(days=3),
        "deputy_id": deputy.user_id,
    }
    office.crm.run(SYSTEM, "work.absence.create", given)


# --- the algebra of steps ---------------------------------------------------------------------------------------------

IDS = st.integers(1, 6).map(lambda number: UUID(int=number))
VOTES = st.builds(Vote, user_id=IDS, for_id=IDS, approved=st.booleans())
STEPS = st.builds(
    Progress,
    title=st.sampled_from(["Lead", "财务"]),
    needs=st.sampled_from(["any", "all"]),
    asked=st.lists(IDS, min_size=1, max_size=4, unique=True).map(tuple),
    votes=st.lists(VOTES, max_size=3).map(tuple),
    needed=st.booleans(),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(STEPS, max_size=3))
def test_progress_is_read_as_it_was_written(progress: list[Progress]) -> None:
    """And the step that is decided next is the first that has not agreed."""
    assert read(write(progress)) == progress
    number = current(progress)
    assert all(each.agreed for each in progress[:number])
    assert number == len(progress) or not progress[number].agreed
