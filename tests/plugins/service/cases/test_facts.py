"""What is known of customers' cases as of any day, the rules that read it, and where cases are shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from crmkit_service.cases import display
from crmkit_service.cases.models import Case
from crmkit_service.cases.talking import thread_of
from crmkit_work.notices.models import Notice
from sqlalchemy import select

from crmkit import Actor, catalogue_of, moment_of, values_of
from crmkit.app import CRM
from tests.plugins.service.cases.conftest import Base, opened

NAMES = ("case_count", "open_cases", "waiting_cases", "complaints", "complaints_90_days", "reopened")
DAY = timedelta(days=1)


def facts(base: Base, as_of: datetime | None = None, names: tuple[str, ...] = NAMES) -> tuple[Any, ...]:
    """Return facts about the customer, now or as of an instant."""
    with base.crm.session(base.system) as session:
        refs = [catalogue_of(session).ref(f"service.{name}") for name in names]
        known = None if as_of is None else max(base.time.now, datetime.now(UTC))
        found = values_of(session, refs, [base.customer], moment_of(session, as_of, known))
        return tuple(found[base.customer].values())


def test_facts_are_those_of_any_day(base: Base) -> None:
    """What was open then and is resolved now counts as open then; spam and merged cases are none."""
    begun = base.time.now
    first, spam, merged = opened(base), opened(base), opened(base)
    base.run("service.case.set_state", {"state": "spam"}, target=spam)
    base.run("service.case.merge", {"into_id": first}, target=merged)
    base.time.pass_(DAY)
    complaint = opened(base, type="complaint")
    base.run("service.case.set_state", {"state": "on_hold"}, target=complaint)
    base.run("service.case.set_state", {"state": "resolved"}, target=first)
    base.time.pass_(DAY)
    base.run("service.case.set_state", {"state": "reopened"}, target=first)
    assert facts(base) == (2, 2, 1, 1, 1, 1)
    assert facts(base, begun) == (1, 1, 0, 0, 0, 0)
    assert facts(base, begun + DAY) == (2, 1, 1, 1, 1, 0)
    assert facts(base, begun + 92 * DAY) == (2, 2, 1, 1, 0, 1)
    assert facts(base, begun - DAY) == (0, 0, 0, 0, 0, 0)


def test_facts_say_when_something_happened_last(base: Base) -> None:
    """The last case, the last message, the last answer and the last solution."""
    begun = base.time.now
    case = opened(base, body="Broken", channel="chat")
    base.time.pass_(DAY)
    base.run("service.case.reply", {"body": "Yes", "state": "resolved"}, target=case)
    names = ("last_case_at", "last_message_at", "last_answer_at", "last_resolved_at")
    assert facts(base, names=names) == (begun, begun, begun + DAY, begun + DAY)


def test_facts_are_the_same_on_postgresql(crm: CRM) -> None:
    """Both databases count alike, now and as of a day."""
    base = Base.of(crm)
    case = opened(base, type="complaint")
    base.run("service.case.set_state", {"state": "on_hold"}, target=case)
    assert facts(base) == (1, 1, 1, 1, 1, 0)
    assert facts(base, datetime.now(UTC) + DAY) == (1, 1, 1, 1, 1, 0)


def test_a_complaint_of_a_premium_customer_is_urgent(lite: CRM) -> None:
    """Others are as their type says."""
    base = Base.of(lite)
    plain = opened(base, type="complaint")
    lite.worker().run_until_idle()
    pinned = {"dimension": "service_level", "label": "premium", "reason": "Agreed"}
    base.run("customer.pin_label", pinned, target=base.customer)
    premium, question = opened(base, type="complaint"), opened(base)
    lite.worker().run_until_idle()
    assert [base.case(each).priority for each in (plain, premium, question)] == ["high", "urgent", "normal"]


def test_who_looks_after_a_customer_hears_of_the_third_complaint(lite: CRM) -> None:
    """Once, with the case that it was."""
    base = Base.of(lite)
    owner = base.user("ann", "seller")
    base.run("customer.assign", {"owner_id": owner}, target=base.customer)
    for _each in range(2):
        opened(base, type="complaint")
    lite.worker().run_until_idle()
    third, _fourth = opened(base, type="complaint"), opened(base, type="complaint")
    lite.worker().run_until_idle()
    with lite.session(base.system) as session:
        told = session.scalars(select(Notice)).all()
        assert [(each.user_id, each.ref) for each in told] == [(owner, f"service.case:{third}")]


def test_cases_stand_where_the_customer_is_shown(base: Base) -> None:
    """The panel has the open ones, the timeline what became of them; both as whoever looks may see."""
    case = opened(base, body="Broken")
    base.run("service.case.set_state", {"state": "resolved"}, target=case)
    other = opened(base, type="support")
    with base.crm.session(base.system) as session:
        (panel,) = display.customer_panels(session, [base.customer])
        assert (panel.path, panel.link) == (f"/modules/service/case?id={other}", "The kettle")
        entries = display.timeline_entries(session, [base.customer], None, None)
        assert [(each.kind, each.summary) for each in entries] == [
            ("service.case.opened", "1001 · The kettle"),
            ("service.case.resolved", "1001 · The kettle"),
            ("service.case.opened", "1002 · The kettle"),
        ]
        assert display.timeline_entries(session, [base.customer], None, base.time.now) == []


def test_an_agent_sees_cases_and_reads_what_was_said(lite: CRM) -> None:
    """A service agent reads everything of a case; a marketer sees no case, an analyst no subject."""
    base = Base.of(lite)
    case = opened(base, body="Broken")
    base.run("service.case.note", {"body": "Be careful."}, target=case)
    agent, marketer, analyst = (
        Actor.user(base.user(login, role), login.title())
        for login, role in (("ann", "service_agent"), ("max", "marketer"), ("ada", "analyst"))
    )
    with lite.session(agent) as session:
        found = session.get_one(Case, case)
        assert (found.subject, [each.body for each in thread_of(session, found)]) == (
            "The kettle",
            ["Broken", "Be careful."],
        )
    with lite.session(marketer) as session:
        assert session.scalars(select(Case)).all() == []
    with lite.session(analyst) as session:
        assert session.scalars(select(Case)).one().subject != "The kettle"


def test_my_cases_stand_on_the_first_page(lite: CRM) -> None:
    """Those that are open, not those that wait."""
    base = Base.of(lite)
    ann = base.user("ann", "service_agent")
    mine, waiting, _others = opened(base, owner_id=ann), opened(base, owner_id=ann), opened(base)
    base.run("service.case.set_state", {"state": "on_hold"}, target=waiting)
    with lite.session(Actor.user(ann, "Ann")) as session:
        assert [each.path for each in display.mine_lines(session)] == [f"/modules/service/case?id={mine}"]


def test_a_regulator_is_answered_in_time(base: Base) -> None:
    """Two weeks ahead the complaint stands on the first page, and shows when it is late."""
    case, far = opened(base, type="complaint"), opened(base, type="complaint")
    for each, days in ((case, 10), (far, 20)):
        day = (base.time.now + days * DAY).date().isoformat()
        values = {"regulator": "Ombudsman", "regulator_deadline": day}
        base.run("service.complaint.update", values, target=each)
    with base.crm.session(base.system) as session:
        assert [(each.values["number"], each.tone) for each in display.regulator_lines(session)] == [("1001", "warn")]
    base.time.pass_(11 * DAY)
    with base.crm.session(base.system) as session:
        assert [(each.values["number"], each.tone) for each in display.regulator_lines(session)] == [
            ("1001", "bad"),
            ("1002", "warn"),
        ]
