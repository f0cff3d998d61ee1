"""Complaints, what is done after a sale, and cases that are closed by themselves."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from crmkit_service.cases.complaint_models import Complaint
from crmkit_service.cases.errors import AfterSaleRefused, NoComplaint, TypeNotUsable
from sqlalchemy import select

from crmkit.app import CRM
from crmkit.errors import InvalidInput, Refused
from tests.plugins.service.cases.conftest import Base, opened


def handled(base: Base, case: object) -> Complaint:
    """Return how the complaint is handled."""
    with base.crm.session(base.system) as session:
        found = session.scalars(select(Complaint).where(Complaint.case_id == case)).one()
        assert found.finding is None or isinstance(found.finding, str)
        return found


def test_a_complaint_is_acknowledged_looked_into_and_resolved(base: Base) -> None:
    """The first thing that the customer hears acknowledges it; with answer, cause and verdict it can be resolved."""
    case = opened(base, type="complaint", body="Broken!", channel="phone")
    base.time.pass_(timedelta(hours=2))
    base.run("service.case.reply", {"body": "We have it.", "automatic": True}, target=case)
    assert handled(base, case).acknowledged_at == base.time.now
    base.time.pass_(timedelta(hours=2))
    base.run("service.case.reply", {"body": "We are sorry."}, target=case)
    assert handled(base, case).acknowledged_at == base.time.now - timedelta(hours=2)
    base.run(
        "service.complaint.update",
        {"severity": "major", "root_cause": "product_defect", "upheld": "yes", "finding": "The coil was loose."},
        target=case,
    )
    base.run("service.complaint.grant", {"redress": "refund", "amount_minor": 4900, "currency": "EUR"}, target=case)
    base.run("service.case.set_state", {"state": "resolved"}, target=case)
    found = handled(base, case)
    assert (found.root_cause, found.upheld, found.redress, found.redress_minor) == (
        "product_defect",
        "yes",
        "refund",
        4900,
    )
    assert [each for each in base.history(case) if each[0] in ("acknowledged", "complaint", "severity")] == [
        ("acknowledged", "", ""),
        ("severity", "", "major"),
        ("complaint", "root_cause", "root_cause product_defect"),
        ("complaint", "upheld", "upheld yes"),
        ("complaint", "finding", "finding"),
        ("complaint", "redress", "redress refund 4900 EUR"),
    ]


def test_redress_waits_for_who_has_to_agree(lite: CRM) -> None:
    """Where a chain of approval protects it nothing is granted without."""
    base = Base.of(lite)
    base.user("bea", "manager")
    base.run(
        "work.approval_chain.create",
        {
            "name": "redress",
            "title": "Redress",
            "operation": "service.complaint.grant",
            "steps": [{"title": "Manager", "who": "user", "name": "bea"}],
            "condition": "amount_minor > 10000",
        },
    )
    case = opened(base, type="complaint")
    base.run("service.complaint.grant", {"redress": "credit", "amount_minor": 10000, "currency": "EUR"}, target=case)
    with pytest.raises(Refused):
        base.run(
            "service.complaint.grant", {"redress": "credit", "amount_minor": 10001, "currency": "EUR"}, target=case
        )
    assert handled(base, case).redress_minor == 10000


def test_causes_are_of_the_list_once_it_is_closed(lite: CRM) -> None:
    """The list is there from the beginning; until an admin closes it other causes are taken."""
    base = Base.of(lite)
    case = opened(base, type="complaint")
    assert "delivery" in lite.business().options["complaint_root_cause"]
    base.run("service.complaint.update", {"root_cause": "weather"}, target=case)
    base.run("option_list.close", {"list_name": "complaint_root_cause"})
    with pytest.raises(InvalidInput):
        base.run("service.complaint.update", {"root_cause": "moon"}, target=case)
    base.run("service.complaint.update", {"root_cause": "delivery"}, target=case)
    assert handled(base, case).root_cause == "delivery"


def test_only_complaints_are_handled_as_such(lite: CRM) -> None:
    """Of a question nothing of the kind is noted."""
    base = Base.of(lite)
    case = opened(base)
    with pytest.raises(NoComplaint) as refused:
        base.run("service.complaint.update", {"upheld": "no"}, target=case)
    assert refused.value.code == "SVC107"


def test_a_repair_belongs_to_a_case_and_a_line_of_a_purchase(lite: CRM) -> None:
    """The product is that of the line; once done it stays so."""
    base = Base.of(lite)
    product = base.run("product.create", {"sku": "K1", "title": "Kettle"})
    line = {"sku": "K1", "quantity": 1, "amount": Decimal("49")}
    bought = base.run(
        "interaction.record",
        {"kind": "purchase", "customer_id": base.customer, "currency": "EUR", "lines": [line]},
    )
    with base.crm.session(base.system) as session:
        from crmkit import PurchaseLine

        number = session.scalars(select(PurchaseLine.line_no)).one()
    case = opened(base)
    made = base.run(
        "service.after_sale.create",
        {"kind": "repair", "case_id": case, "purchase_id": bought.id, "purchase_line": number, "serial": "K-77"},
    )
    assert (made.product_id, made.customer_id, made.state) == (product.id, base.customer, "planned")
    base.run("service.after_sale.update", {"cost_minor": 1200, "currency": "EUR"}, target=made.id)
    base.run("service.after_sale.set_state", {"state": "done"}, target=made.id)
    with pytest.raises(AfterSaleRefused) as refused:
        base.run("service.after_sale.set_state", {"state": "planned"}, target=made.id)
    assert refused.value.code == "SVC108"
    assert base.history(case)[1:] == [
        ("after_sale", "", f"repair {made.number}"),
        ("after_sale", "planned", f"repair {made.number} done"),
    ]


def test_an_after_sale_record_names_whom_it_is_for(lite: CRM) -> None:
    """The customer or the case; no purchase, case or line of somebody else."""
    base = Base.of(lite)
    other = base.run("customer.create", {"name": "Wu"}).id
    case = opened(base)
    for values in (
        {},
        {"customer_id": other, "case_id": case},
        {"customer_id": other, "purchase_line": 1},
        {"customer_id": other, "cost_minor": 5},
    ):
        with pytest.raises(InvalidInput):
            base.run("service.after_sale.create", {"kind": "return", **values})


def test_what_was_resolved_a_while_ago_is_closed_once(base: Base) -> None:
    """A question after seven days, by its type; what was resolved later stays."""
    early, late, open_ = opened(base), opened(base), opened(base)
    base.run("service.case.set_state", {"state": "resolved"}, target=early)
    base.time.pass_(timedelta(days=1))
    base.run("service.case.set_state", {"state": "resolved"}, target=late)
    base.time.pass_(timedelta(days=6))
    assert base.run("service.case.close_due") == 1
    assert base.run("service.case.close_due") == 0
    assert [base.case(each).state for each in (early, late, open_)] == ["closed", "resolved", "new"]


def test_the_job_closes_what_is_due(base: Base) -> None:
    """Nobody has to think of it."""
    case = opened(base)
    base.run("service.case.set_state", {"state": "resolved"}, target=case)
    base.crm.worker().run_until_idle()
    base.time.pass_(timedelta(days=8))
    base.crm.worker().run_until_idle()
    assert base.case(case).state == "closed"


def test_types_are_checked(lite: CRM) -> None:
    """States and moves that there are not, states that nothing leads to, fields that are another kind's."""
    base = Base.of(lite)
    for values in (
        {"name": "Repairs!"},
        {"states": ["new", "open"]},
        {"states": ["new", "open", "resolved", "closed", "merged", "lost"]},
        {"moves": {"new": ["opened"]}},
        {"moves": {"new": ["open"]}},
        {"required": ["complaint.upheld"]},
        {"required": ["nothing"]},
    ):
        with pytest.raises(TypeNotUsable) as refused:
            base.run("service.case_type.create", {"name": "repairs", "title": "Repairs", "kind": "support", **values})
        assert refused.value.code == "SVC106"
    base.run("service.case_type.create", {"name": "repairs", "title": "Repairs", "kind": "support", "usual": True})
    assert base.case(opened(base)).kind == "support"
