"""A journey drawn in the demonstration runs on its customers: a goal is reached, who is stuck is noticed, and what it
brings is shown beside those held out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import define
from crmkit_journey.flows.finding import flow_named
from crmkit_journey.measuring.figures import FlowFigures, figures
from crmkit_journey.passages.models import Passage
from crmkit_journey.passages.running import run_due
from crmkit_journey.watching.models import Alarm
from sqlalchemy import select

from crmkit import CRM, Actor, Customer, Settings, User
from crmkit.cli.invocation import Invocation
from crmkit.demo.serving import LOGIN, sign_in_path
from crmkit.demo.travelling import FLOW
from crmkit.testing.workbench import MovableClock
from tests.conftest import Templates
from tests.web.conftest import Browsing, Web

SYSTEM = Actor.system("a test")
CUSTOMERS = 240


@define
class Demo:
    """The demonstration, opened with a clock that can be moved."""

    crm: CRM
    clock: MovableClock

    def figures(self, flow: str) -> FlowFigures:
        """Return the figures of a flow."""
        with self.crm.session(SYSTEM) as session:
            return figures(session, flow_named(session, flow))

    def after(self, **span: float) -> None:
        """Let time go by, and flows go on."""
        self.clock.advance(**span)
        self.crm.worker().run_until_idle()
        run_due(self.crm, SYSTEM)


@pytest.fixture
def demo(templates: Templates, tmp_path: Path) -> Iterator[Demo]:
    """The demonstration of somebody who has work and journey."""
    url = templates.copy("sqlite", tmp_path)
    with CRM.open(url) as crm:
        for name in ("work", "journey"):
            crm.enable(name)
        crm.run(SYSTEM, "business.configure", {"name": "Lantern", "base_currency": "GBP"})
        many = [{"name": f"Shop {number}", "kind": "organization"} for number in range(CUSTOMERS)]
        crm.run_many(SYSTEM, "customer.create", many)
    cli = Invocation()
    cli.home_option = str(tmp_path)
    (tmp_path / "crmkit.toml").write_text(f'database = "{url}"\n')
    sign_in_path(cli)
    cli.close()
    clock = MovableClock()
    with CRM.open(Settings(database=url), clock=clock.as_clock()) as crm:
        yield Demo(crm, clock)


def test_the_demonstrations_flow_has_customers_on_their_way(demo: Demo) -> None:
    found = demo.figures(FLOW)
    assert found.began + found.held_out == 60
    assert found.under_way == found.began
    assert {each.name: each.now for each in found.nodes}["breathe"] == found.began


def test_a_journey_that_is_drawn_runs_reaches_its_goal_and_notices_who_is_stuck(demo: Demo) -> None:
    """It is drawn by the forms of the pages as the administrator; of those who pass through half buy, of those held out
    a tenth: the difference that is shown covers that."""
    with demo.crm.session(SYSTEM) as session:
        user = session.scalars(select(User).where(User.login == LOGIN)).one().id
    web = Web(crm=demo.crm, users={LOGIN: user}, customers={})
    client = web.client(LOGIN)
    _form(client, "journey.flow.create", name="drawn", title="Drawn")
    flow = _flow(demo)
    strokes: tuple[tuple[str, dict[str, str]], ...] = (
        ("set_task", {"node": "ask", "task": "Ask", "after": "start"}),
        ("set_wait", {"node": "hold", "kinds": "email", "after": "ask.next"}),
        ("set_goal", {"kinds": "purchase", "days": "30", "leave": "true"}),
        (
            "set_entry",
            {"on": "call", "again": "never", "hold_out": "0.3", "when": "true", "days": "0", "most": "0"},
        ),
    )
    for name, values in strokes:
        _form(client, f"journey.flow.{name}", flow, **values)
    _form(client, "journey.flow.publish", flow)
    page = client.get("/modules/journey/flow?flow=drawn")
    assert "Ask" in page.text
    client.inner.close()
    with demo.crm.session(SYSTEM) as session:
        customers = session.scalars(select(Customer.id).order_by(Customer.id)).all()
    for each in customers:
        demo.crm.run(SYSTEM, "journey.passage.enter", {"flow": "drawn", "customer_id": each})
    demo.after(minutes=1)
    _buy(demo)
    demo.after(days=1)
    found = demo.figures("drawn")
    assert found.goal > 0
    assert found.effect is not None
    assert found.effect.low < 0.4 < found.effect.high
    assert found.effect.verdict == "better"
    demo.after(days=20)
    demo.crm.run(SYSTEM, "journey.alarm.look")
    with demo.crm.session(SYSTEM) as session:
        alarms = session.scalars(select(Alarm).where(Alarm.kind == "stuck")).all()
        assert [(each.node, int(each.value)) for each in alarms] == [("hold", found.began - found.goal)]


def _form(client: Browsing, name: str, target: Any = None, /, **values: str) -> None:
    place = f"/operations/{name}?next=/modules/journey" + (f"&target={target}" if target is not None else "")
    answer = client.post(place, values)
    assert answer.status_code in (302, 303), (name, answer.text[:2000])


def _flow(demo: Demo) -> Any:
    with demo.crm.session(SYSTEM) as session:
        return flow_named(session, "drawn").id


def _buy(demo: Demo) -> None:
    turn = {True: 0, False: 0}
    with demo.crm.session(SYSTEM) as session:
        flow = flow_named(session, "drawn").id
        query = select(Passage.customer_id, Passage.held_out).where(Passage.flow_id == flow).order_by(Passage.id)
        rows = session.execute(query).all()
    for customer_id, alone in rows:
        turn[alone] += 1
        if turn[alone] % 10 < (1 if alone else 5):
            values = {"kind": "purchase", "customer_id": customer_id, "amount": "10.00", "currency": "GBP"}
            demo.crm.run(SYSTEM, "interaction.record", {**values, "occurred_at": demo.clock.instant})
