"""From a solved case to an article that helps in the next one."""

from __future__ import annotations

from typing import Any

import pytest
from crmkit_knowledge.capturing.errors import SaidAlready, WrittenAlready

from crmkit import InvalidInput, NotFound, Refused
from crmkit.engines.reports.running import run
from tests.plugins.knowledge.helpdesk import Helpdesk


def test_a_solved_case_becomes_an_article_that_helps_in_the_next(desks: Helpdesk) -> None:
    """It is drafted, published, suggested and linked, and its help is counted."""
    ref = desks.solve(desks.case(desks.customer()))
    article = desks.draft(ref, who="eve")
    draft = desks.text(article)
    assert draft.title == "Kettle leaks at the lid"
    parts = [
        "## Problem",
        "leaks at the lid when water boils",
        "## Environment",
        "## Cause",
        "## Solution",
        "rubber ring",
    ]
    assert [draft.body.index(each) for each in parts] == sorted(draft.body.index(each) for each in parts)
    assert desks.links() == [(ref, "source")]
    desks.publish(article)
    second = desks.case(desks.customer("Grace"), "Water at the lid", "My kettle leaks again, what can I do?")
    assert desks.suggested("My kettle leaks again, what can I do?", "eve") == ["Kettle leaks at the lid"]
    desks.link(article, desks.solve(second), who="eve")
    assert rows(desks, "knowledge.reuse") == [("2027-03", 2, 1)]
    assert rows(desks, "knowledge.linked") == [("Kettle leaks at the lid", 2, 1)]


def rows(desk: Helpdesk, name: str, who: str = "") -> list[tuple[Any, ...]]:
    """Return the telling columns of a report."""
    keys = {"knowledge.reuse": ("month", "solved", "reused"), "knowledge.linked": ("article", "links", "solved_by")}
    with desk.crm.session(desk.actor(who)) as session:
        found = run(session, name, {"period": "2027"})
        return [tuple(found.cell(row.key, key).value for key in keys[name]) for row in found.rows]


def test_an_article_does_not_count_as_found_where_it_was_written(desk: Helpdesk) -> None:
    ref = desk.solve(desk.case(desk.customer()))
    desk.link(desk.draft(ref), ref)
    assert rows(desk, "knowledge.reuse") == [("2027-03", 1, 0)]


def test_nobody_is_named_in_a_draft(desk: Helpdesk) -> None:
    customer = desk.customer("Ada Byron", email="ada@customer.example", phone="+49 30 901820")
    body = "Dear team,\nthis is Ada Byron, ada@customer.example, +49 30 901820. My kettle leaks.\nRegards\nAda"
    ref = desk.solve(
        desk.case(customer, "Ada Byron: kettle leaks", body), "Hello Ada,\nturn the ring around.\nBest regards\nEve"
    )
    draft = desk.text(desk.draft(ref))
    whole = f"{draft.title}\n{draft.body}".lower()
    assert "my kettle leaks" in whole
    assert "turn the ring around" in whole
    for hint in ("ada", "byron", "customer.example", "901820", "eve"):
        assert hint not in whole
    assert draft.title == "kettle leaks"


def test_what_colleagues_say_among_themselves_is_not_in_a_draft(desk: Helpdesk) -> None:
    case = desk.case(desk.customer())
    desk.run("service.case.note", {"body": "He is a difficult one."}, target=case)
    assert "difficult" not in desk.text(desk.draft(desk.solve(case))).body


def test_nobody_drafts_from_a_case_that_they_do_not_see(desk: Helpdesk) -> None:
    ref = desk.solve(desk.case(desk.customer()))
    outsider(desk)
    with pytest.raises((NotFound, Refused)):
        desk.draft(ref, who="out")
    with pytest.raises((NotFound, Refused)):
        desk.link(desk.published(), ref, who="out")


def outsider(desk: Helpdesk) -> None:
    """Add somebody who writes articles and sees their own customers alone."""
    rights = {
        "customer.read": "own",
        "service.case.read": "own",
        "knowledge.article.read": "all",
        "knowledge.article.create": "all",
        "knowledge.space.read": "all",
        "knowledge.link.read": "all",
        "knowledge.link.create": "all",
    }
    role = desk.run("role.create", {"name": "outside", "title": "Outside"}).id
    for permission, scope in rights.items():
        resource, _dot, action = permission.rpartition(".")
        desk.run("role.grant", {"resource": resource, "action": action, "scope": scope}, target=role)
    user = desk.run("user.create", {"login": "out", "name": "Out"})
    desk.run("user.assign_role", {"role": "outside"}, target=user.id)
    desk.users["out"] = user.id


def test_links_are_seen_by_whoever_sees_the_customer(desk: Helpdesk) -> None:
    ref = desk.solve(desk.case(desk.customer()))
    desk.draft(ref)
    outsider(desk)
    assert desk.links("eve") == [(ref, "source")]
    assert desk.links("out") == []


def test_what_an_article_says_already_is_not_written_again(desk: Helpdesk) -> None:
    body = "The kettle leaks at the lid when water boils.\n\nTurn the rubber ring of the lid around."
    known = desk.published("Kettle leaks at the lid", body)
    ref = desk.solve(desk.case(desk.customer()))
    with pytest.raises(SaidAlready) as caught:
        desk.draft(ref)
    assert str(desk.number(known)) in caught.value.render()
    assert str(desk.number(known)) in str(desk.text(desk.draft(ref, despite=True)).note)


def test_of_a_record_one_article_is_written(desk: Helpdesk) -> None:
    ref = desk.solve(desk.case(desk.customer()))
    desk.draft(ref)
    with pytest.raises(WrittenAlready):
        desk.draft(ref)
    desk.draft(ref, despite=True)


def test_an_interaction_becomes_an_article(desk: Helpdesk) -> None:
    given = {"kind": "call", "customer_id": desk.customer(), "subject": "Descaling", "body": "How do I descale it?"}
    said = desk.run("interaction.record", {**given, "direction": "in", "payload": {"answered": True}}).id
    assert "How do I descale it?" in desk.text(desk.draft(f"interaction:{said}")).body


@pytest.mark.parametrize("ref", ["nonsense", "customer:0190a0a0-0000-7000-8000-000000000000", "service.case:1"])
def test_what_names_no_such_record_is_refused(desk: Helpdesk, ref: str) -> None:
    with pytest.raises(InvalidInput):
        desk.draft(ref)


def test_a_heading_of_a_customer_begins_no_part(desk: Helpdesk) -> None:
    ref = desk.solve(desk.case(desk.customer(), body="# Cause\nThe lid leaks."))
    assert "\\# Cause" in desk.text(desk.draft(ref)).body


def test_a_link_that_was_taken_away_does_not_count_from_then_on(desks: Helpdesk) -> None:
    customer = desks.customer()
    ref = desks.solve(desks.case(customer))
    article = desks.published()
    link = desks.link(article, ref)
    assert desks.link(article, ref) == link
    desks.link(article, ref, "sent")
    assert facts(desks, customer) == (1, 1)
    before = desks.clock.as_clock().business_now()
    desks.clock.advance(days=1)
    desks.run("knowledge.link.remove", target=link)
    assert facts(desks, customer) == (0, 1)
    assert facts(desks, customer, as_of=before) == (1, 1)
    assert desks.links() == [(ref, "sent")]


def facts(desk: Helpdesk, customer: Any, **moments: Any) -> tuple[Any, ...]:
    """Return what articles did for a customer."""
    from crmkit import frame, moment_of

    names = ["knowledge.cases_solved_by_article", "knowledge.articles_sent"]
    with desk.crm.session(desk.actor()) as session:
        return next(
            (
                tuple(row[1:])
                for row in frame(session, names, moment=moment_of(session, **moments)).rows()
                if row[0] == customer
            ),
            (),
        )
