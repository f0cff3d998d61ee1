"""The rules that cases ship, and what they do; an admin can change or stop each of them."""

from __future__ import annotations

from crmkit_work.api import NewNotice, notify

from crmkit import CrmSession, Customer, Do, Rule, operation, texts
from crmkit_service.cases.history import path_of, ref_of
from crmkit_service.cases.linking import KIND
from crmkit_service.cases.models import Case

_ = texts("crmkit_service")


@operation(
    "service.case.tell_owner",
    title=_("Tell who looks after the customer"),
    permission="service.case.update",
    effect="update",
)
def tell_owner(session: CrmSession, case: Case) -> Case:
    """Tell who looks after the customer of a case that there is something to see to; nobody is told of a customer who
    is nobody's."""
    customer = session.get(Customer, case.customer_id)
    told = NewNotice(
        kind=KIND,
        title=_("Case {number} of {customer} needs your attention."),
        values={"number": str(case.number)},
        ref=ref_of(case),
        path=path_of(case),
        customer_id=case.customer_id,
        urgent=True,
    )
    notify(session, [customer.owner_id if customer is not None else None], told)
    return case


RULES = [
    Rule(
        name="service.premium_complaint",
        title=_("Make complaints of premium customers urgent"),
        doc=_("A complaint of a customer with premium service is urgent from the beginning."),
        on="service.case.opened",
        when='event.kind == "complaint" and label.service_level == "premium"',
        then=[
            Do(operation="service.case.set_priority", target="event.case_id", arguments={"priority": "'urgent'"}),
        ],
        priority=10,
    ),
    Rule(
        name="service.many_complaints",
        title=_("Tell the owner of a customer who complains often"),
        doc=_("Whoever looks after a customer hears of the third complaint within 90 days."),
        on="service.case.opened",
        when='event.kind == "complaint" and service.complaints_90_days >= 3',
        then=[Do(operation="service.case.tell_owner", target="event.case_id")],
        once_per="customer, 30 days",
    ),
]
OPERATIONS = [tell_owner]
