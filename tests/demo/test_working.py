"""The demonstration's administrator finds something to do on the first day."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from crmkit_work.tasks.models import Task
from sqlalchemy import select

from crmkit import CRM, Actor, Customer
from crmkit.cli.invocation import Invocation
from crmkit.demo.selling import _quarter
from crmkit.demo.serving import sign_in_path
from tests.conftest import Templates

SYSTEM = Actor.system("a test")


@pytest.mark.parametrize("enabled", [True, False])
def test_the_administrator_has_tasks_where_there_can_be_any(
    templates: Templates, tmp_path: Path, enabled: bool
) -> None:
    """Each about a customer, one of them overdue, all given once; without the plugin there are none."""
    url = templates.copy("sqlite", tmp_path)
    with CRM.open(url) as crm:
        if enabled:
            crm.enable("work")
        for number in range(6):
            crm.run(SYSTEM, "customer.create", {"name": f"Customer {number}"})
    cli = Invocation()
    cli.home_option = str(tmp_path)
    (tmp_path / "crmkit.toml").write_text(f'database = "{url}"\n')
    assert sign_in_path(cli) != sign_in_path(cli)
    crm = cli.crm
    if enabled:
        with crm.session(SYSTEM) as session:
            tasks = session.scalars(select(Task)).all()
            customers = set(session.scalars(select(Customer.id)))
            assert {each.customer_id for each in tasks} <= customers
            assert sorted(each.due_at < crm.clock.now() for each in tasks) == [False] * 4 + [True]
    else:
        assert "work.task.create" not in crm.registry.operations
    cli.close()


def test_the_administrator_has_something_to_sell(templates: Templates, tmp_path: Path) -> None:
    """Opportunities in every stage, leads, a quote and a quota; once, however often one signs in."""
    from crmkit_sales.pipelines.models import Opportunity
    from crmkit_sales.quotes.models import Quote

    url = templates.copy("sqlite", tmp_path)
    with CRM.open(url) as crm:
        crm.enable("sales")
        crm.run(SYSTEM, "business.configure", {"base_currency": "GBP"})
        for number in range(3):
            crm.run(SYSTEM, "customer.create", {"name": f"Customer {number}"})
    cli = Invocation()
    cli.home_option = str(tmp_path)
    (tmp_path / "crmkit.toml").write_text(f'database = "{url}"\n')
    assert sign_in_path(cli) != sign_in_path(cli)
    with cli.crm.session(SYSTEM) as session:
        deals = session.scalars(select(Opportunity)).all()
        assert {each.stage for each in deals} == {"qualification", "proposal", "negotiation", "won", "lost"}
        assert len(session.scalars(select(Quote)).all()) == 1
        assert session.scalar(select(Customer.id).where(Customer.name == "Harbour Books")) is not None
    cli.close()


def test_a_quarter_has_its_first_and_last_day() -> None:
    """The last one of the year, too."""
    assert _quarter(date(2011, 12, 9)) == (date(2011, 10, 1), date(2011, 12, 31))
    assert _quarter(date(2012, 2, 29)) == (date(2012, 1, 1), date(2012, 3, 31))
