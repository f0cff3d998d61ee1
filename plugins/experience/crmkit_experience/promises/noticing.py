"""What is noticed by itself: texts that read like promises, and interactions that look like what was promised.

Both are suggested; a person confirms. Texts are read in system scope, and nothing of them is kept but the sentence,
sealed. Must not settle a promise.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession, Customer, Input, Interaction, Refused, Subscription, User, operation, texts
from crmkit_experience.promises.events import PromiseSuggested
from crmkit_experience.promises.making import UPDATE
from crmkit_experience.promises.models import Promise, PromiseSuggestion
from crmkit_experience.promises.texts_of import promises_in
from crmkit_experience.promises.words import KEEPING, OPEN, SPEAKING

_ = texts("crmkit_experience")

LOOK = "experience.promise.look"
LOOKED_AT = frozenset(SPEAKING) | {kind for kinds, _way in KEEPING.values() for kind in kinds}


@operation(LOOK, title=_("Look for promises"), permission=UPDATE, hidden=True)
def look(
    session: CrmSession,
    *,
    interaction_ids: Annotated[
        tuple[UUID, ...], Input(title=_("Interactions"), max_length=1000, classified="internal")
    ],
) -> int:
    """Look for promises in what was recorded, and for what keeps open ones; return how many suggestions there are. Of
    what was looked at before nothing is suggested again. Raises Refused outside system scope."""
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))
    query = select(Interaction).where(
        Interaction.id.in_(interaction_ids),
        Interaction.customer_id.is_not(None),
        Interaction.reverses_id.is_(None),
    )
    found = session.scalars(query.order_by(Interaction.occurred_at, Interaction.id)).all()
    _prove(session, found)
    return _suggest(session, [each for each in found if each.kind in SPEAKING and each.direction == "out"])


def _suggest(session: CrmSession, spoken: Sequence[Interaction]) -> int:
    known = select(PromiseSuggestion.interaction_id).where(
        PromiseSuggestion.interaction_id.in_([each.id for each in spoken])
    )
    seen = set(session.scalars(known)) if spoken else set()
    zone, people = session.business().zone, _people(session, spoken)
    customers = {each.customer_id for each in spoken}
    owners = {
        each.id: each for each in session.scalars(select(Customer).where(Customer.id.in_(customers)))
    } if customers else {}  # fmt: skip
    count = 0
    for each in spoken:
        customer = owners.get(each.customer_id) if each.customer_id is not None else None
        if each.id in seen or customer is None or type(each.body) is not str:
            continue
        for place, promise in enumerate(promises_in(each.body, each.occurred_at, zone)):
            made = PromiseSuggestion(
                customer_id=customer.id,
                owner_id=people.get(each.actor_id) or customer.owner_id,
                team_id=customer.team_id,
                interaction_id=each.id,
                place=place,
                what=promise.what,
                kind=promise.kind,
                due_at=promise.due.at,
                due_on=promise.due.day,
                whole_day=promise.due.whole_day,
                said_at=each.occurred_at,
            )
            session.add(made)
            session.emit(
                PromiseSuggested(
                    suggestion_id=made.id, customer_id=customer.id, interaction_id=each.id, kind=promise.kind
                )
            )
            count += 1
    session.flush()
    return count


def _people(session: CrmSession, spoken: Sequence[Interaction]) -> dict[str, UUID]:
    """Return the users who spoke, by the name under which interactions keep who acted."""
    said = {each.actor_id for each in spoken if each.actor_id.startswith("user:")}
    ids = [UUID(each.removeprefix("user:")) for each in said]
    users = session.scalars(select(User.id).where(User.id.in_(ids), User.active)) if ids else ()
    return {f"user:{each}": each for each in users}


def _prove(session: CrmSession, found: Sequence[Interaction]) -> None:
    """Note of open promises the first interaction that looks like what was promised."""
    customers = {each.customer_id for each in found}
    if not customers:
        return
    query = select(Promise).where(
        Promise.customer_id.in_(customers),
        Promise.state == OPEN,
        Promise.proof_id.is_(None),
        Promise.kind.in_(KEEPING),
    )
    waiting: dict[UUID, list[Promise]] = defaultdict(list)
    for promise in session.scalars(query.order_by(Promise.due_at, Promise.id)):
        waiting[promise.customer_id].append(promise)
    for each in found:
        for promise in waiting.get(each.customer_id, ()) if each.customer_id is not None else ():
            if promise.proof_id is None and keeps(promise, each):
                promise.proof_id, promise.proof_at = each.id, each.occurred_at


def keeps(promise: Promise, interaction: Interaction) -> bool:
    """Say whether an interaction looks like what a promise of this kind is kept by: after it was made, not the one in
    which it was, and no call that nobody answered."""
    kinds, way = KEEPING[promise.kind]
    payload: Any = interaction.payload_open or {}
    return (
        interaction.kind in kinds
        and (not way or interaction.direction == way)
        and interaction.occurred_at > promise.promised_at
        and promise.ref != f"interaction:{interaction.id}"
        and payload.get("answered") is not False
        and payload.get("voicemail") is not True
    )


def _recorded(session: CrmSession, happened: Any) -> None:
    """Look at what was recorded."""
    session.run(LOOK, {"interaction_ids": list(happened.interaction_ids)})


def _wanted(session: CrmSession, happened: Any) -> bool:
    """Say whether what was recorded can hold or keep a promise."""
    return happened.kind in LOOKED_AT


OPERATIONS = [look]
SUBSCRIPTIONS = [
    Subscription(name="experience.look_for_promises", event="interaction.recorded", handler=_recorded, wanted=_wanted)
]
