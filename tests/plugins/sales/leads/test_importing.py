"""Leads out of a file: each row settled as any other inquiry, once for its id."""

from __future__ import annotations

from pathlib import Path

from crmkit_sales.leads.models import Inquiry, Lead
from sqlalchemy import func, select

from crmkit import Customer
from tests.exchange.importing import figures, load
from tests.plugins.sales.leads.house import SYSTEM, House

LIST = """编号,姓名,邮箱,公司,需求,意向
1,李娜,li@tea.example,Leaf Ltd,绿茶,high
2,王伟,wang@tea.example,,红茶,huge
3,李娜,LI@tea.example,Leaf Ltd,白茶,
"""


def test_a_list_of_a_fair_becomes_leads(house: House, tmp_path: Path) -> None:
    """Two rows are about one customer; what is wrong comes back with its reason; a second time nothing is added."""
    path = tmp_path / "fair.csv"
    path.write_text(LIST, "utf-8")
    options = {"resource": "sales.inquiry", "source": "fair"}
    assert figures(load(house.crm, path, **options)) == (3, 2, 0, 0, 1)
    house.work()
    with house.crm.session(SYSTEM) as session:
        assert [str(each) for each in session.scalars(select(Inquiry.state))] == ["settled", "settled"]
        (lead,) = session.scalars(select(Lead)).all()
        assert (lead.intent, lead.need) == ("high", "绿茶\n\n白茶")
        people = select(func.count(Customer.id)).where(Customer.kind == "person")
        assert session.scalar(people) == 1
    assert figures(load(house.crm, path, again=True, **options)) == (3, 0, 0, 2, 1)
