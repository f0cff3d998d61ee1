"""Planning whom a distribution asks: everybody at once, one after each event, or a single customer.

Whoever is left out by chance or by a rule is kept with the reason. Must not ask anybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import insert, select

from crmkit import (
    CrmSession,
    Customer,
    Input,
    InvalidInput,
    NotFound,
    Problem,
    Refused,
    Subscription,
    new_id,
    operation,
    texts,
)
from crmkit_feedback.asking import inputs
from crmkit_feedback.asking.choosing import distribution_named, holding, kept_out, sampled, wanted_of
from crmkit_feedback.asking.distributing import LISTENING, MANAGE, can_send
from crmkit_feedback.asking.errors import DistributionInState
from crmkit_feedback.asking.models import Distribution, Invitation
from crmkit_feedback.surveys.choosing import survey_named, version_of
from crmkit_feedback.surveys.models import Survey

_ = texts("crmkit_feedback")

CHUNK = 2000
STAMPS = ("version", "created_at", "updated_at", "created_by")
SINGLE = "-single"
"""Ends the name of the distribution of customers who are asked one by one."""

Occasion = Annotated[
    str,
    Input(
        title=_("Occasion"),
        max_length=80,
        classified="internal",
        help=_("A customer is asked once for each; by default the day."),
    ),
]


@operation("feedback.distribution.plan", title=_("Plan whom it asks"), permission=MANAGE, hidden=True)
def plan(session: CrmSession, distribution: Distribution) -> int:
    """Plan everybody whom a distribution without an event asks and whom it has not planned yet, and return how many.
    Raises Refused outside system scope."""
    _only_system(session)
    if distribution.state != "running" or distribution.event:
        return 0
    distribution.planned_at = session.gate.clock.business_now()
    wanted = wanted_of(distribution)
    if not wanted:
        return 0
    _hold(session, distribution)
    known = set(session.scalars(select(Invitation.customer_id).where(Invitation.distribution_id == distribution.id)))
    ids = sorted(holding(session, wanted) - known)
    return len(add_invitations(session, distribution, ids))


def _hold(session: CrmSession, distribution: Distribution) -> None:
    """Hold a distribution until this is over, so that two who plan at once plan nobody twice."""
    held = select(Distribution.id).where(Distribution.id == distribution.id)
    session.scalars(held.with_for_update(key_share=True)).all()


def add_invitations(
    session: CrmSession,
    distribution: Distribution,
    ids: Sequence[UUID],
    occasion: str = "",
    *,
    about: str | None = None,
    delay: timedelta = timedelta(0),
    chance: bool = True,
) -> list[UUID]:
    """Plan to ask customers who are not planned for the occasion yet, in bulk; return the ids of the invitations."""
    business, now = session.gate.clock.business_now(), session.gate.clock.now()
    out = kept_out(session, distribution, ids if len(ids) <= CHUNK else None)
    made: list[UUID] = []
    for start in range(0, len(ids), CHUNK):
        part = ids[start : start + CHUNK]
        owners = session.execute(select(Customer.id, Customer.owner_id, Customer.team_id).where(Customer.id.in_(part)))
        rows: list[dict[str, Any]] = []
        for customer_id, owner_id, team_id in owners:
            inside = not chance or sampled(distribution, customer_id, occasion)
            reason = None if inside else "sampled_out"
            if inside and customer_id in out:
                reason = "rule"
            rows.append(
                {
                    "id": new_id(),
                    "customer_id": customer_id,
                    "owner_id": owner_id,
                    "team_id": team_id,
                    "distribution_id": distribution.id,
                    "survey_id": distribution.survey_id,
                    "occasion": occasion,
                    "about": about,
                    "state": "withheld" if reason else "planned",
                    "reason": reason,
                    "due_at": max(business, distribution.starts_at or business) + delay,
                    "version": 1,
                    "created_at": now,
                    "updated_at": now,
                    "created_by": session.actor.id,
                }
            )
        if session.guarding.rights.unrestricted and rows:
            session.execute(insert(Invitation), rows)
        else:
            # Of somebody each record passes by the checks of what may be written.
            session.add_all([Invitation(**{k: v for k, v in row.items() if k not in STAMPS}) for row in rows])
            session.flush()
        made.extend(row["id"] for row in rows)
    return made


@operation(
    "feedback.invitation.create",
    title=_("Ask a customer"),
    permission="feedback.invitation.create",
    effect="create",
)
def create(
    session: CrmSession,
    *,
    customer_id: inputs.CustomerId,
    survey: inputs.SurveyName = "",
    distribution: Annotated[str, Input(title=_("Distribution"), max_length=60, classified="public")] = "",
    occasion: Occasion = "",
    delay_hours: inputs.DelayHours | None = None,
    about: Annotated[str | None, Input(title=_("About"), max_length=160, classified="internal")] = None,
) -> Invitation:
    """Plan to ask one customer, by a distribution or simply by a survey; who was planned for the occasion already stays
    so. Whether the customer is asked is decided when it is due: consent, quarantine and quotas hold here too.

    Raises NotFound for a customer, a survey or a distribution that there is not, InvalidInput unless one of the two is
    named, DistributionInState for a distribution that does not run, SurveyNotOpen.
    """
    customer = session.get(Customer, customer_id)
    if customer is None or customer.deleted_at is not None:
        raise NotFound(_("There is no customer {id}."), id=customer_id)
    if bool(survey) == bool(distribution):
        text = _("Name a survey or a distribution, one of the two.")
        raise InvalidInput([Problem(InvalidInput.code, text, field="survey")])
    found = distribution_named(session, distribution) if distribution else single(session, survey)
    if found.state != "running":
        raise DistributionInState(found.name, found.state)
    version_of(session, session.get_one(Survey, found.survey_id))
    when = occasion.strip() or session.today().isoformat()
    _hold(session, found)
    known = _known(session, found, customer_id, when)
    if known is None:
        hours = found.delay_hours if delay_hours is None else delay_hours
        delay = timedelta(hours=hours)
        add_invitations(session, found, [customer_id], when, about=about, delay=delay, chance=bool(distribution))
        known = _known(session, found, customer_id, when)
        assert known is not None
        session.defer("feedback.ask_now")
    return known


def _known(session: CrmSession, distribution: Distribution, customer_id: UUID, occasion: str) -> Invitation | None:
    query = select(Invitation).where(
        Invitation.distribution_id == distribution.id,
        Invitation.customer_id == customer_id,
        Invitation.occasion == occasion,
    )
    return session.scalar(query)


def single(session: CrmSession, survey: str) -> Distribution:
    """Return the distribution of a survey by which customers are asked one by one; made when it is needed first."""
    of = survey_named(session, survey)
    name = f"{of.name[: 60 - len(SINGLE)]}{SINGLE}"
    found = session.scalars(select(Distribution).where(Distribution.name == name)).first()
    if found is None:
        now = session.gate.clock.business_now()
        found = Distribution(
            name=name,
            title=of.title,
            survey_id=of.id,
            state="running",
            way="mail" if can_send(session) else "link",
            started_at=now,
            planned_at=now,
        )
        session.add(found)
        session.flush()
    return found


# --- events -----------------------------------------------------------------------------------------------------------


@operation("feedback.distribution.follow", title=_("Ask after an event"), permission=MANAGE, hidden=True)
def follow(
    session: CrmSession,
    distribution: Distribution,
    *,
    customers: Annotated[tuple[UUID, ...], Input(title=_("Customers"), max_length=5000, classified="internal")],
    occasion: Annotated[str, Input(title=_("Occasion"), max_length=80, classified="internal")],
    about: Annotated[str | None, Input(title=_("About"), max_length=160, classified="internal")] = None,
) -> int:
    """Plan to ask those to whom an event has happened and for whom the distribution's condition holds, each once for
    the occasion; return how many. Raises Refused outside system scope."""
    _only_system(session)
    if distribution.state != "running":
        return 0
    _hold(session, distribution)
    known = select(Invitation.customer_id).where(
        Invitation.distribution_id == distribution.id, Invitation.occasion == occasion
    )
    ids = holding(session, wanted_of(distribution), sorted(set(customers))) - set(session.scalars(known))
    delay = timedelta(hours=distribution.delay_hours)
    return len(add_invitations(session, distribution, sorted(ids), occasion, about=about, delay=delay))


def happened(session: CrmSession, event: Any) -> None:
    """Have the distributions that wait for an event plan whom it is about."""
    cause = session.unit.cause
    occasion = (cause or new_id()).hex
    for each in session.scalars(select(Distribution).where(Distribution.state == "running")).all():
        if each.event and follows(each.event, event):
            values = {"customers": customers_of(event), "occasion": occasion, "about": about_of(event)}
            session.run("feedback.distribution.follow", values, target=each)


def is_awaited(session: CrmSession, event: Any) -> bool:
    """Say whether a distribution that runs waits for an event. The names are read once in a transaction."""
    name = getattr(type(event), "__event__", "")
    if name.startswith("feedback.distribution.") or not customers_of(event):
        return False
    names: Iterable[str] | None = session.info.get(LISTENING)
    if names is None:
        query = select(Distribution.event).where(Distribution.state == "running", Distribution.event.is_not(None))
        names = session.info[LISTENING] = tuple(str(each) for each in session.scalars(query))
    return any(follows(each, event) for each in names)


def follows(wanted: str, event: Any) -> bool:
    """Say whether an event is the one that is wanted: its name, and after a colon its kind."""
    name, _colon, kind = wanted.partition(":")
    return name == getattr(type(event), "__event__", "") and (not kind or kind == getattr(event, "kind", None))


def customers_of(event: Any) -> tuple[UUID, ...]:
    """Return the customers whom an event is about."""
    many = getattr(event, "customer_ids", None) or (getattr(event, "customer_id", None),)
    return tuple(dict.fromkeys(each for each in many if isinstance(each, UUID)))


def about_of(event: Any) -> str | None:
    """Return the record that an event is about, as ``<resource>:<id>``: of ``service.case.resolved`` the case."""
    parts = getattr(type(event), "__event__", "").split(".")
    if len(parts) < 3:
        return None
    found = getattr(event, f"{parts[1]}_id", None)
    return f"{parts[0]}.{parts[1]}:{found}" if isinstance(found, UUID) else None


def _only_system(session: CrmSession) -> None:
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))


OPERATIONS = [plan, create, follow]
SUBSCRIPTIONS = [Subscription(name="feedback.ask_after", event="*", handler=happened, wanted=is_awaited)]
