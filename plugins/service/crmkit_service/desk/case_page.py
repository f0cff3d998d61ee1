"""The page of a case: what was said, where it is answered, and beside it whose it is, what it needs and by when.

Must not change anything; everything that can be done there is an operation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen
from sqlalchemy import func, or_, select

from crmkit import CrmSession, Customer, NotFound, Product, random_text, texts
from crmkit_service.cases.changing import moves_from
from crmkit_service.cases.complaint_models import (
    AFTER_SALE_KINDS,
    AFTER_SALE_STATES,
    REDRESS,
    UPHELD,
    AfterSale,
    Complaint,
)
from crmkit_service.cases.history import path_of
from crmkit_service.cases.inputs import survivor_of
from crmkit_service.cases.models import Case, CaseMessage, CaseType
from crmkit_service.cases.words import DELIVERIES, SEVERITIES, UNFINISHED
from crmkit_service.channels.rating import is_rated, round_of
from crmkit_service.channels.sending import can_mail
from crmkit_service.desk.answering import came_since, draft_of
from crmkit_service.desk.inbox import CASE, HOME, address, agents, case_of, queues
from crmkit_service.desk.macros import foreseen, offered as macros_offered
from crmkit_service.desk.models import Macro, SavedReply
from crmkit_service.desk.presence import others_at
from crmkit_service.desk.replies import offered as replies_offered, said_for
from crmkit_service.desk.showing import due_of, may, span, user_names, words
from crmkit_service.desk.suggesting import suggestions_for
from crmkit_service.desk.thread import items_of
from crmkit_service.desk.views import identity, neighbours, wanted_of
from crmkit_service.intents.models import Intent, IntentModel, IntentSuggestion
from crmkit_service.intents.reading import titles as intent_titles
from crmkit_service.sla.models import Clock
from crmkit_service.sla.words import ALL_CLOCKS, STATES as CLOCK_STATES

_ = texts("crmkit_service")

OTHERS = 5
CLOCK_TONES: Mapping[str, str] = {"met": "good", "missed": "bad", "paused": "", "running": "info", "cancelled": ""}


@frozen(kw_only=True)
class ClockLine:
    """A clock beside a case: its title, state and tone, what is left or was used as a text with values, and the part of
    its target that is used up, 0 to 1."""

    title: str
    state: str
    tone: str
    text: str
    values: Mapping[str, Any]
    part: float
    due_at: Any


def case_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return everything that the page of a case shows. Raises NotFound."""
    case = case_of(session, query)
    customer = session.get(Customer, case.customer_id)
    if customer is None:
        raise NotFound(_("There is no such case."))
    now = session.gate.clock.business_now()
    wanted = wanted_of(session, query)
    name = str(customer.name)
    draft = draft_of(session, case)
    fresh = came_since(session, case, draft.seen_id) if draft is not None and draft.held and draft.seen_id else []
    items = items_of(session, case, name, new=fresh)
    said = [item.said for item in items if item.said is not None]
    kind = session.get_one(CaseType, case.type_id)
    merged = survivor_of(session, case)
    before, after = neighbours(session, wanted, case.id) if "view" in query else (None, None)
    here = address(CASE, wanted, id=case.id) if "view" in query else path_of(case)
    return {
        **words(),
        "case": case,
        "type": kind,
        "customer": customer,
        "customer_name": name,
        "due": due_of(case, now),
        "clocks": clocks_of(session, case),
        "items": items,
        "deliveries": DELIVERIES,
        "severities": SEVERITIES,
        "owner": user_names(session, {case.owner_id}).get(case.owner_id) if case.owner_id else None,
        "own": session.guarding.rights.user_id,
        "queue": next((each for each in queues(session) if each.id == case.queue_id), None),
        "queues": queues(session),
        "agents": agents(session),
        "moves": [each for each in moves_from(kind, case.state) if each != "merged"],
        "survivor": merged if merged.id != case.id else None,
        "open": case.state in UNFINISHED,
        "here": here,
        "home": address(HOME, wanted),
        "path_of": path_of,
        "wanted": wanted,
        "before": address(CASE, wanted, id=before) if before else None,
        "after": address(CASE, wanted, id=after) if after else None,
        "seen": said[-1].message.id if said else None,
        "key": random_text(24),
        "fresh": fresh,
        **_composer(session, case, query, said, draft),
        **_rights(session),
        **_rating(session, case),
        **_beside(session, case, customer),
    }


def live(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return who else is at a case, and how much has come since the page was made."""
    case = case_of(session, query)
    seen = identity(query.get("seen"))
    return {
        "others": others_at(session, case.id),
        "fresh": came_since(session, case, seen) if seen is not None else [],
        "here": path_of(case),
    }


def clocks_of(session: CrmSession, case: Case) -> Sequence[ClockLine]:
    """Return the clocks of a case: the last turn of each, those that are unmet first."""
    now = session.gate.clock.business_now()
    query = select(Clock).where(Clock.case_id == case.id, Clock.state != "cancelled").order_by(Clock.number, Clock.id)
    last = {(each.clock, each.party): each for each in session.scalars(query)}
    order = list(ALL_CLOCKS)
    found = sorted(last.values(), key=lambda each: (each.state not in ("running", "paused"), order.index(each.clock)))
    return [_line(each, now) for each in found]


def _line(clock: Clock, now: Any) -> ClockLine:
    late = clock.state == "running" and clock.due_at is not None and clock.due_at <= now
    text, values = CLOCK_STATES[clock.state], dict[str, Any]()
    if clock.state == "running" and clock.due_at is not None:
        length, values = span(abs(clock.due_at - now))
        text = _("{time} late") if late else _("{time} left")
        values = {"time": length, "inner": values}
    part = min(clock.consumed / clock.target, 1.0) if clock.target else 1.0
    return ClockLine(
        title=ALL_CLOCKS[clock.clock],
        state=clock.state,
        tone="bad" if late else CLOCK_TONES[clock.state],
        text=text,
        values=values,
        part=part,
        due_at=clock.due_at,
    )


def _composer(
    session: CrmSession, case: Case, query: Mapping[str, str], said: Sequence[Any], draft: Any
) -> dict[str, Any]:
    """Return what the field to write in begins with, and what can be put into it."""
    body = draft.body if draft is not None and draft.body else ""
    kind = draft.kind if draft is not None else "note" if query.get("write") == "note" else "reply"
    used_from, used_id = "", ""
    insert = identity(query.get("insert"))
    if insert is not None and (reply := session.get(SavedReply, insert)) is not None:
        body, used_from, used_id = _joined(body, said_for(session, reply, case)), "saved_reply", str(reply.id)
    answer = identity(query.get("answer"))
    if answer is not None and (message := session.get(CaseMessage, answer)) is not None and message.body:
        body, used_from, used_id = _joined(body, message.body), "answer", str(message.id)
    macro = identity(query.get("macro"))
    chosen = session.get(Macro, macro) if macro is not None else None
    asked = next((str(each.body or "") for each in reversed(said) if each.message.direction == "in"), "")
    unfinished = case.state in UNFINISHED
    return {
        "draft": draft,
        "body": body,
        "kind_of": kind,
        "used_from": used_from,
        "used_id": used_id,
        "replies": [(each, said_for(session, each, case)) for each in replies_offered(session, case)[:30]],
        "macros": macros_offered(session),
        "macro": chosen,
        "steps": foreseen(session, chosen, case) if chosen is not None else [],
        "suggestions": suggestions_for(session, case, asked) if unfinished else [],
    }


def _joined(body: str, more: str) -> str:
    return f"{body.rstrip()}\n\n{more}" if body.strip() else more


def _rights(session: CrmSession) -> dict[str, bool]:
    return {
        "may_update": may(session, "service.case.update"),
        "may_reply": may(session, "service.case.reply"),
        "may_note": may(session, "service.case.note"),
        "may_merge": may(session, "service.case.merge"),
        "may_complain": may(session, "service.complaint.update"),
        "may_grant": may(session, "service.complaint.grant"),
        "may_after_sale": may(session, "service.after_sale.create"),
    }


def _rating(session: CrmSession, case: Case) -> dict[str, bool]:
    """Return whether the customer can be asked how satisfied they are: by a mail, or by a link that is handed over."""
    solved = round_of(case) > 0 and not is_rated(session, case)
    over = case.phase in ("resolved", "closed")
    return {
        "may_ask": solved and over and can_mail(session) and bool(session.crm.settings.public_url),
        "may_rate": solved,
    }


def _beside(session: CrmSession, case: Case, customer: Customer) -> dict[str, Any]:
    """Return what stands beside the thread: the customer's other cases, links, complaint, after-sale, the intent."""
    others = select(Case).where(Case.customer_id == customer.id, Case.id != case.id, Case.state != "merged")
    suggestion = session.scalar(select(IntentSuggestion).where(IntentSuggestion.case_id == case.id))
    names = {case.intent, *_suggested(suggestion)} - {None, ""}
    links = [each for each in (case.parent_id, case.problem_id, case.follows_id) if each is not None]
    return {
        "others": session.scalars(others.order_by(Case.opened_at.desc(), Case.id).limit(OTHERS)).all(),
        "count": session.scalar(select(func.count()).select_from(others.subquery())) or 0,
        "linked": {each.id: each for each in session.scalars(select(Case).where(Case.id.in_(links)))},
        "below": session.scalars(
            select(Case)
            .where(or_(Case.parent_id == case.id, Case.problem_id == case.id, Case.follows_id == case.id))
            .order_by(Case.number)
            .limit(20)
        ).all(),
        "complaint": session.scalar(select(Complaint).where(Complaint.case_id == case.id)),
        "upheld": UPHELD,
        "redress": REDRESS,
        "after_sales": session.scalars(
            select(AfterSale).where(AfterSale.case_id == case.id).order_by(AfterSale.number)
        ).all(),
        "after_sale_kinds": AFTER_SALE_KINDS,
        "after_sale_states": AFTER_SALE_STATES,
        "product": session.get(Product, case.product_id) if case.product_id else None,
        "suggestion": suggestion,
        "model": session.get(IntentModel, suggestion.model_id)
        if suggestion is not None and suggestion.model_id
        else None,
        "intent_titles": intent_titles(session, {str(name) for name in names}),
        "intents": session.scalars(select(Intent).where(Intent.active).order_by(Intent.title)).all(),
    }


def _suggested(suggestion: IntentSuggestion | None) -> set[str | None]:
    if suggestion is None:
        return set()
    return {suggestion.intent, *(str(name) for name, _part in suggestion.others)}
