"""Purchases and everything else that points are given for, as it comes in; and what refunds take back.

Each interaction is taken once for each programme, whatever comes first: a refund that is known before its purchase has
earned is taken right after it. Must not know tiers or rewards, nor how much a refund takes back.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import frozen
from sqlalchemy import insert, select

from crmkit import (
    CrmkitError,
    CrmSession,
    Customer,
    Input,
    Interaction,
    Subscription,
    moment_of,
    operation,
    texts,
    values_of,
)
from crmkit_loyalty.earning.compiling import ReadySet, ready
from crmkit_loyalty.earning.computing import Happening, Part, compute, totals
from crmkit_loyalty.earning.happening import happenings_of
from crmkit_loyalty.earning.limits import used_before
from crmkit_loyalty.earning.models import Contribution
from crmkit_loyalty.earning.operations import published
from crmkit_loyalty.earning.returning import REFUND, catch_up, refund_of, reverse_of, undone_of, unrefund_of
from crmkit_loyalty.ledger.books import About
from crmkit_loyalty.ledger.giving import Earned, earn
from crmkit_loyalty.ledger.models import Transaction
from crmkit_loyalty.ledger.operations import tell
from crmkit_loyalty.programs.joining import drawn_out, enrol
from crmkit_loyalty.programs.models import Account, Member, PointType, Program

_ = texts("crmkit_loyalty")
_log = logging.getLogger("crmkit.loyalty")

TAKE, UNTAKE = "loyalty.earning.take", "loyalty.earning.take_back"
RUN = "loyalty.ledger.run"
Ids = Annotated[tuple[UUID, ...], Input(max_length=1000, classified="internal")]
InteractionId = Annotated[UUID, Input(title=_("Interaction"), classified="internal")]


@frozen(kw_only=True)
class Took:
    """How many interactions gave points, and how many points were taken back for how many."""

    earned: int = 0
    taken_back: int = 0


@operation(TAKE, title=_("Give points for what happened"), permission=RUN, hidden=True)
def take(session: CrmSession, *, interaction_ids: Ids) -> Took:
    """Give points for interactions by the rules that count now, each once for each programme, and take back what
    refunds among them cost. Who buys joins a programme in which everybody takes part who buys."""
    query = select(Interaction).where(Interaction.id.in_(interaction_ids), Interaction.customer_id.is_not(None))
    found = session.scalars(query.order_by(Interaction.occurred_at, Interaction.id)).all()
    earned = taken_back = 0
    for program in session.scalars(select(Program).where(Program.active.is_(True)).order_by(Program.created_at)).all():
        version = published(session, program)
        own = [each for each in found if each.reverses_id is None and each.kind != REFUND]
        if version is not None and own:
            earned += _earn(session, program, ready(session, version), own)
        for each in found:
            if each.kind == REFUND and each.reverses_id is None and each.about_id is not None:
                taken_back += refund_of(session, program, each)
    return Took(earned=earned, taken_back=taken_back)


@operation(UNTAKE, title=_("Take points back"), permission=RUN, hidden=True)
def take_back(session: CrmSession, *, interaction_id: InteractionId, reversal_id: InteractionId) -> Took:
    """Take back what an interaction earned that was reversed; of a refund that was reversed, give back what it took."""
    interaction = session.get(Interaction, interaction_id)
    if interaction is None:
        return Took()
    count = 0
    for program in session.scalars(select(Program)).all():
        if interaction.kind == REFUND:
            count += unrefund_of(session, program, interaction, reversal_id)
        else:
            count += reverse_of(session, program, interaction, reversal_id)
    return Took(taken_back=count)


# --- earning ----------------------------------------------------------------------------------------------------------


def _earn(session: CrmSession, program: Program, rules: ReadySet, found: Sequence[Interaction]) -> int:
    zone = ZoneInfo(session.business().zone)
    wanted = [each for each in found if rules.counts(each.kind, each.occurred_at.astimezone(zone).date())]
    keys = {f"earn {program.id} {each.id}": each for each in wanted}
    there = set(session.scalars(select(Transaction.key).where(Transaction.key.in_(list(keys)))))
    wanted = [each for key, each in keys.items() if key not in there]
    first: dict[UUID, datetime] = {}
    for each in wanted:
        if each.customer_id is not None:
            first[each.customer_id] = min(each.occurred_at, first.get(each.customer_id, each.occurred_at))
    members = _members(session, program, first)
    wanted = [each for each in wanted if each.customer_id in members]
    facts = values_of(session, rules.facts, sorted(members), moment_of(session), check=False) if rules.facts else {}
    bound = rules.bound(session)
    happened = _happened(session, program, wanted, facts)
    undone = undone_of(session, list(happened))
    count = 0
    for each in wanted:
        if each.id not in happened:
            continue
        assert each.customer_id is not None
        used = used_before(session, program, bound, each.customer_id, each.occurred_at)
        try:
            parts = compute(bound, happened[each.id], used)
        except CrmkitError as error:
            _say(program, each, error)
            continue
        done = _give(session, program, members[each.customer_id], each, parts)
        count += done is not None
        if done is not None and each.id in undone:
            catch_up(session, program, each)
    return count


def _happened(
    session: CrmSession, program: Program, wanted: Sequence[Interaction], facts: Any
) -> dict[UUID, Happening]:
    """Return what rules read of interactions. Without a rate nobody knows what one is worth; the others are not to wait
    for it."""
    try:
        return happenings_of(session, wanted, facts)
    except CrmkitError as error:
        if len(wanted) == 1:
            _say(program, wanted[0], error)
            return {}
        return {id_: found for each in wanted for id_, found in _happened(session, program, [each], facts).items()}


def _say(program: Program, interaction: Interaction, error: CrmkitError) -> None:
    _log.warning("interaction %s earns nothing in %s: %s", interaction.id, program.name, error.render())


def _give(
    session: CrmSession, program: Program, member: Member, interaction: Interaction, parts: Sequence[Part]
) -> Transaction | None:
    kinds = {each.id: each for each in session.scalars(select(PointType).where(PointType.program_id == program.id))}
    account = session.get_one(Account, member.account_id)
    given = [part for part in parts if part.points]
    about = About(
        key=f"earn {program.id} {interaction.id}",
        kind="earn",
        at=interaction.occurred_at,
        source="purchase" if interaction.kind == "purchase" else "event",
        rule=", ".join(dict.fromkeys(part.rule.name for part in given))[:80] or None,
        interaction_id=interaction.id,
    )
    done = earn(
        session,
        account,
        about,
        [
            Earned(kind=kinds[type_id], points=points, line_no=line_no, pending_days=pending)
            for (type_id, line_no, pending), points in totals(parts).items()
        ],
    )
    if done is None:
        return None
    session.execute(
        insert(Contribution),
        [
            {
                "transaction_id": done.id,
                "number": number,
                "customer_id": interaction.customer_id,
                "program_id": program.id,
                "rule": part.rule.name,
                "line_no": part.line_no,
                "points": part.points,
                "at": interaction.occurred_at,
            }
            for number, part in enumerate(given, 1)
        ],
    )
    for kind in kinds.values():
        points = sum(part.points for part in given if part.rule.type_id == kind.id)
        if points:
            tell(session, done, kind, points)
    return done


def _members(session: CrmSession, program: Program, customers: Mapping[UUID, datetime]) -> dict[UUID, Member]:
    """Return how customers take part; in a programme for everybody who buys the others join, with the first of
    what they bought, but those who are held out. ``customers`` has when that was."""
    ids = sorted(customers)
    query = select(Member).where(Member.program_id == program.id, Member.customer_id.in_(ids), Member.left_at.is_(None))
    found: dict[UUID, Member] = {}
    for each in session.scalars(query.order_by(Member.joined_at.desc(), Member.id.desc())):
        found[each.customer_id] = each
    if program.enrolment == "automatic":
        left = select(Member.customer_id).where(Member.program_id == program.id, Member.customer_id.in_(ids))
        known_before = set(session.scalars(left))
        candidates = [each for each in ids if each not in known_before]
        held = drawn_out(session, program, candidates)
        new = [each for each in candidates if each not in held]
        if new:
            people = session.scalars(select(Customer).where(Customer.id.in_(new)).order_by(Customer.id)).all()
            found.update({each.customer_id: each for each in enrol(session, program, people, customers)})
    return found


# --- as it comes in ---------------------------------------------------------------------------------------------------


def _recorded(session: CrmSession, happened: Any) -> None:
    session.run(TAKE, {"interaction_ids": happened.interaction_ids})


def _reversed(session: CrmSession, happened: Any) -> None:
    session.run(UNTAKE, {"interaction_id": happened.interaction_id, "reversal_id": happened.reversal_id})


def _resolved(session: CrmSession, happened: Any) -> None:
    session.run(TAKE, {"interaction_ids": (happened.interaction_id,)})


OPERATIONS = [take, take_back]
SUBSCRIPTIONS = [
    Subscription(name="loyalty.earn_recorded", event="interaction.recorded", handler=_recorded),
    Subscription(name="loyalty.earn_reversed", event="interaction.reversed", handler=_reversed),
    Subscription(name="loyalty.earn_resolved", event="interaction.resolved", handler=_resolved),
]
