"""Cases as other systems have them, taken over with their past, many at once.

What happened to a case is given, or follows from the instants that are: opened, first answered, resolved, closed. No
rule answers to it, nobody is told, and no type is asked whether it allowed the past. Clocks are computed afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import attrs
from crmkit_work.api import Queue
from sqlalchemy import insert, select

from crmkit import (
    CrmkitError,
    CrmSession,
    Customer,
    ImportField,
    Imports,
    NotFound,
    new_id,
    operation,
    texts,
)
from crmkit_service.cases.complaint_models import Complaint
from crmkit_service.cases.history import ref_of, short
from crmkit_service.cases.models import Case, CaseEvent, CaseMessage, CaseType
from crmkit_service.cases.numbers import next_number
from crmkit_service.cases.opening import COUNTER
from crmkit_service.cases.past import (
    CHANNEL_WORDS,
    PRIORITY_WORDS,
    PastCase,
    check_order,
    history_of,
    last_of,
    plain,
    state_of,
    word_of,
)
from crmkit_service.cases.teams import usual_team
from crmkit_service.cases.words import CHANNELS, INTERACTIONS, PHASE_OF, PRIORITIES

_ = texts("crmkit_service")

IMPORT = "service.case.import"
CHUNK = 1000
IMPORTS = Imports(
    operation=IMPORT,
    customer="required",
    owner=True,
    known=(("external_source", "external_id"),),
    fields=[
        ImportField(name="external_id", title=_("External id"), headings="case id|id|case number|工单编号|编号|单号"),
        ImportField(name="subject", title=_("Subject"), required=True, headings="title|summary|topic|主题|标题|问题"),
        ImportField(name="body", title=_("Text"), headings="description|message|details|question|描述|内容|详情"),
        ImportField(name="type", title=_("Type"), headings="case type|category|类型|工单类型"),
        ImportField(name="state", title=_("State"), headings="status|状态|工单状态"),
        ImportField(name="priority", title=_("Priority"), headings="urgency|优先级|紧急程度"),
        ImportField(name="severity", title=_("Severity"), headings="严重程度"),
        ImportField(name="channel", title=_("Channel"), headings="origin|case origin|via|渠道|来源"),
        ImportField(
            name="opened_at",
            title=_("Opened at"),
            type="instant",
            required=True,
            headings="created|created at|created date|date opened|创建时间|提交时间",
        ),
        ImportField(
            name="answered_at",
            title=_("First answered at"),
            type="instant",
            headings="first response|first response at|首次响应时间",
        ),
        ImportField(name="resolved_at", title=_("Resolved at"), type="instant", headings="solved at|resolved|解决时间"),
        ImportField(name="closed_at", title=_("Closed at"), type="instant", headings="closed|date closed|关闭时间"),
        ImportField(name="queue", title=_("Queue"), headings="group|队列|小组"),
        ImportField(name="intent", title=_("Intent"), headings="意图|reason"),
        ImportField(name="language", title=_("Language"), headings="locale|语言"),
    ],
)
"""How cases are filled from files."""


def import_many(session: CrmSession, items: Sequence[PastCase]) -> list[Case | CrmkitError]:
    """Take cases over, and return each, or the error for which it was not taken. What was taken over before under its
    source and external id is returned as it is."""
    taking = _Taking(session)
    answers: list[Case | CrmkitError] = []
    taking.look_up(items)
    for item in items:
        try:
            answers.append(taking.take(item))
        except CrmkitError as error:
            answers.append(error)
    taking.write()
    return answers


@operation(IMPORT, title=_("Take a case over"), permission=IMPORT, effect="create", bulk=import_many)
def import_case(session: CrmSession, past: PastCase) -> Case:
    """Take a case of another system over, with its past, once for its external id.

    Raises NotFound for a customer, type or queue that there is not, InvalidInput for a word that is not known, instants
    that are not in order, or a history that does not begin with its opening.
    """
    (answer,) = import_many(session, [past])
    if isinstance(answer, CrmkitError):
        raise answer
    return answer


class _Taking:
    """One batch on its way to rows."""

    def __init__(self, session: CrmSession) -> None:
        self.session = session
        self.types = {each.name: each for each in session.scalars(select(CaseType).order_by(CaseType.name))}
        self.titles = {plain(each.title): each for each in self.types.values()}
        self.usual = next((each for each in self.types.values() if each.usual), next(iter(self.types.values()), None))
        self.queues = {each.name: each for each in session.scalars(select(Queue))}
        self.customers: dict[UUID, Customer] = {}
        self.known: dict[tuple[str, str], Case] = {}
        self.fresh: list[tuple[Case, PastCase]] = []
        self.usual_team = usual_team(session)
        self.recorded = session.gate.clock.now()

    def look_up(self, items: Sequence[PastCase]) -> None:
        """Find the customers, and what was taken over before."""
        ids = list({each.customer_id for each in items})
        pairs = {(each.external_source or "", each.external_id) for each in items if each.external_id is not None}
        for start in range(0, len(ids), CHUNK):
            query = select(Customer).where(Customer.id.in_(ids[start : start + CHUNK]), Customer.deleted_at.is_(None))
            self.customers.update((each.id, each) for each in self.session.scalars(query))
        named = sorted({external for _source, external in pairs if external is not None})
        for start in range(0, len(named), CHUNK):
            for case in self.session.scalars(select(Case).where(Case.external_id.in_(named[start : start + CHUNK]))):
                self.known[(case.source or "", case.external_id or "")] = case

    def take(self, past: PastCase) -> Case:
        """Make the case of an item. Raises what `import_case` does."""
        key = (past.external_source or "", past.external_id or "")
        if past.external_id is not None and key in self.known:
            return self.known[key]
        customer = self.customers.get(past.customer_id)
        if customer is None:
            raise NotFound(_("There is no customer {id}."), id=past.customer_id)
        kind = self._type(past.type)
        if past.queue and past.queue not in self.queues:
            raise NotFound(_('There is no queue "{name}".'), name=past.queue)
        queue = self.queues[past.queue] if past.queue else None
        check_order(past)
        state = state_of(past)
        channel = word_of(past.channel, "channel", CHANNEL_WORDS, CHANNELS) or "api"
        priority = word_of(past.priority, "priority", PRIORITY_WORDS, PRIORITIES) or kind.default_priority
        events = history_of(past, state, channel)
        last = next((each.at for each in reversed(events) if each.kind in ("opened", "state")), past.opened_at)
        resolved = next((each.at for each in reversed(events) if each.after == "resolved"), past.resolved_at)
        phase = PHASE_OF[state]
        case = Case(
            customer_id=customer.id,
            owner_id=past.owner_id,
            team_id=(queue.fallback_team_id if queue is not None else None) or customer.team_id or self.usual_team,
            subject=" ".join(past.subject.split())[:300] or "–",
            type_id=kind.id,
            kind=kind.kind,
            state=state,
            phase=phase,
            state_since=last,
            priority=priority,
            severity=past.severity,
            channel=channel,
            queue_id=queue.id if queue is not None else None,
            opened_at=past.opened_at,
            resolved_at=resolved if phase in ("resolved", "closed") else None,
            closed_at=(past.closed_at or last) if phase == "closed" else None,
            last_in_at=last_of(events, "customer_message"),
            last_out_at=last_of(events, "agent_message"),
            reopened=sum(each.after == "reopened" for each in events),
            breached=False,
            intent=past.intent,
            language=past.language or customer.language,
            product_id=past.product_id,
            source=past.external_source,
            external_id=past.external_id,
        )
        self.fresh.append((case, attrs.evolve(past, events=events)))
        if past.external_id is not None:
            self.known[key] = case
        return case

    def write(self) -> None:
        """Write the rows of what was taken."""
        if not self.fresh:
            return
        session = self.session
        first = next_number(session, COUNTER, len(self.fresh))
        for number, (case, _past) in enumerate(self.fresh, first):
            case.number = number
        session.add_all(case for case, _past in self.fresh)
        session.flush()
        complaints = [case for case, _past in self.fresh if case.kind == "complaint"]
        session.add_all(Complaint(case_id=case.id, customer_id=case.customer_id) for case in complaints)
        said = self._said()
        actor, rows = session.actor.id, list[dict[str, Any]]()
        for case, past in self.fresh:
            message_id = said.get(case.id)
            for each in past.events:
                ours = message_id if each.kind == "customer_message" else None
                message_id = None if ours is not None else message_id
                rows.append(
                    {
                        "id": new_id(),
                        "recorded_at": self.recorded,
                        "case_id": case.id,
                        "customer_id": case.customer_id,
                        "at": each.at,
                        "kind": each.kind,
                        "before": short(each.before),
                        "after": short(each.after),
                        "actor_id": actor,
                        "user_id": each.user_id,
                        "message_id": ours,
                    }
                )
        for start in range(0, len(rows), CHUNK):
            session.execute(insert(CaseEvent), rows[start : start + CHUNK])

    def _said(self) -> dict[UUID, UUID]:
        """Record what customers said, and return the id of the message by its case."""
        with_body = [(case, past) for case, past in self.fresh if (past.body or "").strip()]
        if not with_body:
            return {}
        items: list[dict[str, Any]] = []
        for case, past in with_body:
            kind, way = INTERACTIONS[case.channel]
            given: dict[str, Any] = {
                "kind": kind,
                "channel": way,
                "direction": "in",
                "customer_id": case.customer_id,
                "occurred_at": past.opened_at,
                "subject": case.subject,
                "body": past.body,
                "thread": ref_of(case),
            }
            if kind == "service.message":
                given["payload"] = {"number": case.number}
            items.append(given)
        messages: dict[UUID, UUID] = {}
        outcomes = self.session.run_many("interaction.record", items)
        for (case, past), outcome in zip(with_body, outcomes, strict=True):
            message = CaseMessage(
                case_id=case.id,
                customer_id=case.customer_id,
                interaction_id=outcome.result.id if outcome.ok else None,
                body=None if outcome.ok else past.body,
                direction="in",
                channel=case.channel,
                at=past.opened_at,
            )
            self.session.add(message)
            messages[case.id] = message.id
        self.session.flush()
        return messages

    def _type(self, said: str | None) -> CaseType:
        found = self.usual if said is None else self.types.get(said) or self.titles.get(plain(said))
        if found is None:
            names = ", ".join(self.types) or "–"
            raise NotFound(
                _('There is no type of case "{name}".'), fix=_("There are: {names}."), name=said or "", names=names
            )
        return found


OPERATIONS = [import_case]
