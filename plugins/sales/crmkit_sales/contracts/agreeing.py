"""Adding contracts, changing what they say, and letting them hold; and the files that belong to them."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import attrs

from crmkit import (
    CrmSession,
    Customer,
    Input,
    InvalidInput,
    Money,
    NotFound,
    Problem,
    given,
    operation,
    texts,
)
from crmkit_sales.contracts.dating import set_days, set_notice
from crmkit_sales.contracts.errors import ContractState
from crmkit_sales.contracts.events import ContractActivated
from crmkit_sales.contracts.inputs import AGREED, ContractUpdate, NewContract
from crmkit_sales.contracts.models import Contract, ContractFile
from crmkit_sales.contracts.terms import PERIODS
from crmkit_sales.contracts.words import RENEWALS, STATES
from crmkit_sales.orders.models import Order
from crmkit_sales.pipelines.models import Opportunity
from crmkit_sales.pipelines.numbers import next_number

_ = texts("crmkit_sales")

COUNTER = "contract"


@operation("sales.contract.create", title=_("Add a contract"), effect="create")
def create_contract(session: CrmSession, new: NewContract) -> Contract:
    """Add a contract of a customer, as a draft; its owner is the customer's unless said otherwise.

    Raises NotFound for an unknown customer, InvalidInput for everything else that is not right.
    """
    customer = session.get(Customer, new.customer_id)
    if customer is None or customer.deleted_at is not None:
        raise NotFound(_("There is no customer {id}."), id=new.customer_id)
    contract = Contract(
        number=next_number(session, COUNTER),
        term=1,
        state="draft",
        customer_id=customer.id,
        owner_id=new.owner_id or customer.owner_id,
        team_id=customer.team_id,
        title=new.title,
        start_on=new.start_on,
        first_on=new.start_on,
        months_before=0,
        term_months=new.term_months,
        renewal=new.renewal,
        renewal_months=new.renewal_months,
        notice_days=new.notice_days,
        remind_days=new.remind_days,
        value_minor=new.value_minor,
        currency=new.currency,
        period=new.period,
        notes=new.notes or None,
        order_id=new.order_id,
        opportunity_id=new.opportunity_id,
    )
    _check(session, contract)
    set_days(contract)
    session.add(contract)
    return contract


@operation("sales.contract.update", title=_("Change the contract"), effect="update")
def update_contract(session: CrmSession, contract: Contract, changes: ContractUpdate) -> Contract:
    """Change what a contract says. Raises ContractState for one that is over, and for days and value of one that is
    active: those are agreed on."""
    values = given(changes)
    if contract.state not in ("draft", "active", "notice_given"):
        raise _in_state(contract)
    agreed = sorted(
        name for name in values.keys() & AGREED if contract.state != "draft" and values[name] != getattr(contract, name)
    )
    if agreed:
        raise ContractState(
            _("{contract} is active: its days and its value are agreed on."),
            fix=_("Give notice and make another one, or say it when you renew it."),
            contract=contract.label,
            field=agreed[0],
        )
    for name, value in values.items():
        setattr(contract, name, value)
    _check(session, contract)
    if contract.state == "draft":
        contract.first_on = contract.start_on
        set_days(contract)
    elif contract.state == "active":
        set_notice(contract)
    return contract


@operation("sales.contract.activate", title=_("It is signed"), permission="sales.contract.update", effect="update")
def activate_contract(session: CrmSession, contract: Contract) -> Contract:
    """Let a draft hold, from its first day on. Raises ContractState for what is no draft."""
    if contract.state != "draft":
        raise _in_state(contract)
    contract.state = "active"
    contract.activated_at = session.gate.clock.business_now()
    session.emit(ContractActivated(contract_id=contract.id, customer_id=contract.customer_id))
    return contract


@attrs.frozen(kw_only=True)
class NewFile:
    """A file as it came: its name and its content."""

    filename: Annotated[str, Input(title=_("File name"), max_length=1000, classified="personal")]
    content: bytes = attrs.field(repr=False)


@operation("sales.contract.attach", title=_("Attach a file"), permission="sales.contract.update")
def attach_file(session: CrmSession, contract: Contract, *, upload: NewFile) -> ContractFile:
    """Keep a file with a contract: the signed paper, an appendix. It is among the customer's files, too.

    Raises FileRejected for one that is too large or of a type that is not accepted.
    """
    kept = session.run(
        "attachment.add",
        {
            "customer_id": contract.customer_id,
            "upload": {"filename": upload.filename, "content": upload.content},
        },
    )
    found = ContractFile(
        contract_id=contract.id, customer_id=contract.customer_id, attachment_id=kept.id, filename=kept.filename
    )
    session.add(found)
    return found


def _in_state(contract: Contract) -> ContractState:
    return ContractState(_("{contract}: {state}."), contract=contract.label, state=STATES[contract.state])


def _check(session: CrmSession, contract: Contract) -> None:
    problems: list[Problem] = []
    if not contract.title.strip():
        problems.append(_problem("title", _("This cannot be empty.")))
    for name, choices in (("renewal", RENEWALS), ("period", PERIODS)):
        if getattr(contract, name) not in choices:
            problems.append(_problem(name, _("There is no such choice.")))
    if contract.renewal == "automatic" and contract.term_months is None:
        problems.append(_problem("term_months", _("What renews itself has to have an end.")))
    if contract.value_minor is not None and contract.currency is None:
        contract.currency = session.crm.config.get(session).base_currency
        if contract.currency is None:
            problems.append(_problem("currency", _("An amount and its currency are given together.")))
    for name, model in (("order_id", Order), ("opportunity_id", Opportunity)):
        problems += _missing(session, contract, name, model)
    if problems:
        raise InvalidInput(problems)
    if contract.currency is not None:
        contract.currency = contract.currency.strip().upper()
        Money(contract.value_minor or 0, contract.currency)


def _missing(session: CrmSession, contract: Contract, name: str, model: Any) -> list[Problem]:
    identity: UUID | None = getattr(contract, name)
    if identity is None:
        return []
    found = session.get(model, identity)
    if found is None or found.customer_id != contract.customer_id:
        return [_problem(name, _("The customer has no such record."))]
    return []


def _problem(name: str, text: str) -> Problem:
    return Problem(InvalidInput.code, text, field=name)


OPERATIONS = [create_contract, update_contract, activate_contract, attach_file]
