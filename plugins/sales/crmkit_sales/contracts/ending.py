"""How contracts end and go on: notice, renewal, the opportunity to renew, and an end before the time."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any, Literal

import attrs

from crmkit import CrmSession, Input, InvalidInput, Problem, operation, texts
from crmkit.i18n import translate
from crmkit_sales.contracts.dating import set_notice
from crmkit_sales.contracts.errors import ContractState, NoticeTooLate
from crmkit_sales.contracts.events import ContractEnded, ContractRenewed, NoticeGiven
from crmkit_sales.contracts.inputs import Currency, Minor, NextMonths
from crmkit_sales.contracts.models import Contract
from crmkit_sales.contracts.terms import term_after
from crmkit_sales.contracts.words import SIDES, STATES
from crmkit_sales.pipelines.models import Opportunity

_ = texts("crmkit_sales")

Day = Annotated[date, Input(title=_("On"), classified="internal")]
Reason = Annotated[str, Input(title=_("Reason"), max_length=500, multiline=True)]


@attrs.frozen(kw_only=True)
class Notice:
    """Notice to a contract: who gives it, and on which day, by default today. With ``despite_late`` one that comes too
    late counts as if it were in time."""

    side: Annotated[Literal["customer", "us"], Input(title=_("Given by"), choices=SIDES, classified="internal")] = (
        "customer"
    )
    on: Day | None = None
    reason: Reason | None = None
    despite_late: Annotated[bool, Input(title=_("Accept it although it is late"), classified="internal")] = False


@operation("sales.contract.give_notice", title=_("Note that notice was given"), permission="sales.contract.close")
def give_notice(session: CrmSession, contract: Contract, notice: Notice) -> Contract:
    """Note that one side gives notice: the contract ends with its term; one without an end, after its days of notice.

    Raises ContractState for one that is not active, NoticeTooLate after the last day of notice where it renews itself.
    """
    _require(contract, "active")
    on = notice.on or session.today()
    late = contract.notice_by is not None and on > contract.notice_by
    if late and contract.renewal == "automatic" and not notice.despite_late:
        raise NoticeTooLate(
            _("The last day of notice was {day}: {contract} renews itself."),
            fix=_("Accept it although it is late, or give notice to the next term."),
            day=contract.notice_by,
            contract=contract.label,
        )
    if contract.end_on is None:
        contract.end_on = max(on, contract.start_on) + timedelta(days=contract.notice_days)
    contract.state = "notice_given"
    contract.notice_on, contract.notice_side = on, notice.side
    contract.notice_reason = notice.reason
    contract.notice_by = contract.remind_on = None
    session.emit(
        NoticeGiven(contract_id=contract.id, customer_id=contract.customer_id, side=notice.side, end_on=contract.end_on)
    )
    return contract


@operation("sales.contract.withdraw_notice", title=_("Take the notice back"), permission="sales.contract.close")
def withdraw_notice(session: CrmSession, contract: Contract) -> Contract:
    """Let a contract go on to which notice was given. Raises ContractState for any other."""
    _require(contract, "notice_given")
    contract.state = "active"
    contract.notice_on = contract.notice_side = contract.notice_reason = None
    if contract.term_months is None:
        contract.end_on = None
    set_notice(contract)
    return contract


@attrs.frozen(kw_only=True)
class NextTerm:
    """What the next term is to be; what is not given stays as it is."""

    months: NextMonths | None = None
    value_minor: Minor | None = None
    currency: Currency | None = None


@operation("sales.contract.renew", title=_("Renew"), permission="sales.contract.close", effect="create")
def renew_contract(session: CrmSession, contract: Contract, changes: NextTerm) -> Contract:
    """Add the next term, which begins on the day after the last one, and return it.

    Raises ContractState for a contract that is not active or has no end, and for one that is renewed already.
    """
    return make_next(session, contract, changes, automatic=False)


def make_next(session: CrmSession, contract: Contract, changes: NextTerm, *, automatic: bool) -> Contract:
    """Do what `renew_contract` says, within an operation of this room."""
    _require(contract, "active")
    months = changes.months or contract.renewal_months or contract.term_months
    if contract.end_on is None or contract.term_months is None or months is None:
        raise ContractState(_("{contract} has no end."), contract=contract.label)
    before = contract.months_before + contract.term_months
    term = term_after(contract.first_on, before, months)
    following = Contract(
        number=contract.number,
        term=contract.term + 1,
        state="active",
        customer_id=contract.customer_id,
        owner_id=contract.owner_id,
        team_id=contract.team_id,
        title=contract.title,
        start_on=term.start,
        end_on=term.end,
        term_months=months,
        first_on=contract.first_on,
        months_before=before,
        renewal=contract.renewal,
        renewal_months=contract.renewal_months,
        notice_days=contract.notice_days,
        remind_days=contract.remind_days,
        value_minor=contract.value_minor if changes.value_minor is None else changes.value_minor,
        currency=(changes.currency or "").strip().upper() or contract.currency,
        period=contract.period,
        order_id=contract.order_id,
        opportunity_id=contract.renewal_opportunity_id or contract.opportunity_id,
        follows_id=contract.id,
        activated_at=session.gate.clock.business_now(),
    )
    set_notice(following)
    session.add(following)
    contract.state = "renewed"
    session.flush()
    session.emit(
        ContractRenewed(
            contract_id=contract.id,
            renewed_id=following.id,
            customer_id=contract.customer_id,
            automatic=automatic,
        )
    )
    return following


@operation("sales.contract.end", title=_("End it before the time"), permission="sales.contract.close", effect="update")
def end_contract(session: CrmSession, contract: Contract, *, reason: Reason, on: Day | None = None) -> Contract:
    """End a contract that runs, by default today, whatever was agreed on; that day is its last one.

    Raises ContractState for one that does not run, InvalidInput for a day outside its term.
    """
    if not contract.is_running:
        raise ContractState(_("{contract}: {state}."), contract=contract.label, state=STATES[contract.state])
    day = on or session.today()
    if day < contract.start_on or (contract.end_on is not None and day > contract.end_on):
        raise InvalidInput([Problem(InvalidInput.code, _("This day is not within the term."), field="on")])
    contract.notice_reason = reason
    finish(session, contract, day)
    return contract


def finish(session: CrmSession, contract: Contract, day: date) -> None:
    """Let a contract be over with a day."""
    contract.state = "ended"
    contract.ended_on = day
    contract.ended_at = session.gate.clock.business_now()
    contract.notice_by = contract.remind_on = None
    session.emit(ContractEnded(contract_id=contract.id, customer_id=contract.customer_id, ended_on=day))


@operation("sales.contract.open_renewal", title=_("Work on the renewal"), permission="sales.contract.update")
def open_renewal(session: CrmSession, contract: Contract) -> Opportunity:
    """Add the opportunity to renew a contract, worth its next term, and return it; the one that there is already is the
    answer. Once it is won the contract is renewed.

    Raises ContractState for a contract that is not active.
    """
    if contract.renewal_opportunity_id is not None:
        known = session.get(Opportunity, contract.renewal_opportunity_id)
        if known is not None:
            return known
    _require(contract, "active")
    language = session.crm.config.get(session).language
    title = translate(_("Renewal of {contract}: {title}"), language, contract=contract.label, title=contract.title)
    value: Any = contract.worth
    made: Opportunity = session.run(
        "sales.opportunity.create",
        {
            "customer_id": contract.customer_id,
            "title": title[:200],
            "amount_minor": None if value is None else value.amount,
            "currency": None if value is None else value.currency,
            "expected_close": contract.notice_by or contract.end_on,
            "owner_id": contract.owner_id,
        },
    )
    contract.renewal_opportunity_id = made.id
    return made


def _require(contract: Contract, state: str) -> None:
    if contract.state != state:
        raise ContractState(_("{contract}: {state}."), contract=contract.label, state=STATES[contract.state])


OPERATIONS = [give_notice, withdraw_notice, renew_contract, end_contract, open_renewal]
