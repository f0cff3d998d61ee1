"""Cases of other systems, taken over with their past, one by one and many at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from crmkit_service.cases.models import Case, CaseEvent
from crmkit_service.cases.talking import thread_of
from sqlalchemy import func, select

from crmkit.app import CRM
from crmkit.errors import InvalidInput, NotFound
from tests.exchange.importing import figures, load
from tests.plugins.service.cases.conftest import Base, opened

BEGUN = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def past(base: Base, **values: Any) -> dict[str, Any]:
    """Return a case of another system."""
    return {"customer_id": base.customer, "subject": "Broken", "opened_at": BEGUN, **values}


def test_a_past_follows_from_its_instants(crm: CRM) -> None:
    """A case that was answered, solved and closed is so here, with its history at those instants, and goes on from
    there."""
    base = Base.of(crm)
    made = base.run(
        "service.case.import",
        past(
            base,
            state="已关闭",
            priority="P2",
            channel="E-Mail",
            body="It is broken.",
            answered_at=BEGUN + HOUR,
            resolved_at=BEGUN + 2 * HOUR,
            closed_at=BEGUN + 3 * HOUR,
        ),
    )
    found = base.case(made.id)
    assert (found.state, found.phase, found.priority, found.channel) == ("closed", "closed", "high", "mail")
    assert (found.resolved_at, found.closed_at, found.last_out_at) == (BEGUN + 2 * HOUR, BEGUN + 3 * HOUR, BEGUN + HOUR)
    assert base.history(made.id) == [
        ("opened", "", "new"),
        ("customer_message", "", "mail"),
        ("agent_message", "", "mail"),
        ("state", "new", "open"),
        ("state", "open", "resolved"),
        ("state", "resolved", "closed"),
    ]
    with crm.session(base.system) as session:
        assert [each.body for each in thread_of(session, found)] == ["It is broken."]
    assert base.case(opened(base)).number == found.number + 1


def test_a_whole_history_can_be_given(lite: CRM) -> None:
    """Then nothing is derived; the state is that in which it ends."""
    base = Base.of(lite)
    events = [
        {"at": BEGUN, "kind": "opened", "after": "new"},
        {"at": BEGUN + HOUR, "kind": "state", "before": "new", "after": "on_hold"},
    ]
    made = base.run("service.case.import", past(base, events=events))
    assert (made.state, made.phase, made.state_since) == ("on_hold", "paused", BEGUN + HOUR)
    assert base.history(made.id) == [("opened", "", "new"), ("state", "new", "on_hold")]


def test_what_cannot_be_taken_over_is_said(lite: CRM) -> None:
    """Unknown words, instants in another order, histories that begin in the middle; the others of a batch go in."""
    base = Base.of(lite)
    opening = {"at": BEGUN, "kind": "opened", "after": "new"}
    wrong: list[tuple[dict[str, Any], type[Exception]]] = [
        ({"state": "lost in space"}, InvalidInput),
        ({"state": "merged"}, InvalidInput),
        ({"priority": "purple"}, InvalidInput),
        ({"type": "quarrel"}, NotFound),
        ({"queue": "nowhere"}, NotFound),
        ({"answered_at": BEGUN - HOUR}, InvalidInput),
        ({"events": [{**opening, "kind": "state"}]}, InvalidInput),
        ({"events": [opening, {**opening, "at": BEGUN - HOUR}]}, InvalidInput),
        ({"events": [opening, {**opening, "kind": "sung"}]}, InvalidInput),
        ({"events": [opening], "state": "closed"}, InvalidInput),
    ]
    for values, error in wrong:
        with pytest.raises(error):
            base.run("service.case.import", past(base, **values))
    outcomes = lite.run_many(base.system, "service.case.import", [past(base, state="?!x"), past(base)])
    assert [each.ok for each in outcomes] == [False, True]


def test_many_are_taken_over_at_once_and_once(crm: CRM) -> None:
    """Thousands in a few statements; what was taken over before stays as it is."""
    base = Base.of(crm)
    items = [
        past(base, external_source="old", external_id=str(each), state="solved", resolved_at=BEGUN + HOUR)
        for each in range(300)
    ]
    for _again in range(2):
        outcomes = crm.run_many(base.system, "service.case.import", items)
        assert all(each.ok for each in outcomes)
    with crm.session(base.system) as session:
        assert session.scalar(select(func.count(Case.id))) == 300
        assert session.scalar(select(func.count(CaseEvent.id))) == 900
        assert session.scalar(select(func.count(Case.number.distinct()))) == 300


def test_cases_come_out_of_a_file(lite: CRM, tmp_path: Path) -> None:
    """With the headings and words of another help desk, in either language; a second time nothing is added, and a row
    that cannot be read is rejected with the reason."""
    base = Base.of(lite)
    base.run(
        "customer.create",
        {"name": "Ada", "contact_points": [{"kind": "email", "value": "ada@x.example"}]},
    )
    rows = [
        ["工单编号", "邮箱", "标题", "状态", "优先级", "创建时间", "解决时间"],
        ["T-1", "ada@x.example", "水壶坏了", "已解决", "紧急", "2026-01-05 08:00", "2026-01-06 08:00"],
        ["T-2", "ada@x.example", "订单在哪里", "处理中", "低", "2026-01-07 08:00", ""],
        ["T-3", "ada@x.example", "?", "唱歌", "低", "2026-01-07 08:00", ""],
    ]
    file = tmp_path / "工单.csv"
    file.write_text("\n".join(",".join(row) for row in rows), "utf-8")
    report = load(lite, file, resource="service.case", source="desk")
    assert figures(report) == (3, 2, 0, 0, 1)
    again = load(lite, file, resource="service.case", source="desk", again=True)
    assert figures(again) == (3, 0, 0, 2, 1)
    with lite.session(base.system) as session:
        found = session.scalars(select(Case).order_by(Case.number)).all()
        assert [(each.subject, each.state, each.priority) for each in found] == [
            ("水壶坏了", "resolved", "urgent"),
            ("订单在哪里", "open", "low"),
        ]
