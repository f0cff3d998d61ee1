"""Setting the board up, voting on it, suggesting, and telling those who asked what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from attrs import frozen
from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased

from crmkit import (
    UNSET,
    Conflict,
    CrmSession,
    Customer,
    Input,
    IssuedLink,
    Subscription,
    UnsetType,
    event,
    given,
    operation,
    texts,
)
from crmkit.i18n import translate
from crmkit_needs.board.models import COUNTINGS, BoardPolicy
from crmkit_needs.catalogue.counting import company_of
from crmkit_needs.catalogue.evidence import evidence_of
from crmkit_needs.catalogue.history import problem, survivor_of
from crmkit_needs.catalogue.inputs import CustomerId
from crmkit_needs.catalogue.models import Evidence, Need
from crmkit_needs.catalogue.words import OPEN, STATES

_ = texts("crmkit_needs")

MANAGE, VOTE, SUGGEST, TELL = "needs.board.manage", "needs.board.vote", "needs.board.suggest", "needs.board.tell"
PAGE = "needs.board"
SEND = "messaging.send"
NAME = "board"
DAYS = 730
Yes = Annotated[bool, Input(classified="public")]


@event("needs.news.told")
class NewsTold:
    """A customer was told what became of a need; whoever asks after a delivery how it went listens to this."""

    need_id: Annotated[str, Input(classified="internal")]
    customer_id: Annotated[str, Input(classified="internal")]
    state: Annotated[str, Input(classified="internal")]


@frozen(kw_only=True)
class BoardUpdate:
    """What is to be changed; what is not given stays."""

    active: Annotated[bool, Input(title=_("Anybody may read it"), classified="public")] | UnsetType = UNSET
    title: Annotated[str, Input(title=_("Title"), max_length=200, classified="public")] | UnsetType = UNSET
    counting: (
        Annotated[Literal["person", "company"], Input(title=_("Counted"), choices=COUNTINGS, classified="public")]
        | UnsetType
    ) = UNSET
    most_votes: (
        Annotated[int, Input(title=_("Most votes of a customer"), minimum=1, maximum=1000, classified="public")]
        | UnsetType
    ) = UNSET
    suggestions: Annotated[bool, Input(title=_("Takes suggestions"), classified="public")] | UnsetType = UNSET
    purpose: Annotated[str, Input(title=_("Purpose of news"), max_length=60, classified="public")] | UnsetType = UNSET


@operation("needs.board.set", title=_("Set the public board up"), permission=MANAGE, effect="update")
def set_board(session: CrmSession, changes: BoardUpdate) -> BoardPolicy:
    """Change how the board is set up. It is off until it is made active."""
    policy = policy_of(session)
    if policy.id is None or policy not in session:
        session.add(policy)
    for name, value in given(changes).items():
        setattr(policy, name, value)
    session.flush()
    return policy


@operation("needs.board.link", title=_("Make an address"), permission=MANAGE, effect="update")
def link_board(session: CrmSession, *, customer_id: CustomerId | None = None) -> IssuedLink:
    """Return a new address of the board: the one for anybody, in place of that before, or one by which a customer
    votes. Raises Conflict while the board is not active."""
    policy = policy_of(session)
    if not policy.active:
        raise Conflict(_("The public board is not active."))
    values: dict[str, Any] = {"page": PAGE, "days": DAYS}
    if customer_id is not None:
        values["customer_id"] = customer_id
    made: IssuedLink = session.run("public_link.create", values)
    if customer_id is None:
        policy.link_id = made.link_id
    return made


@operation("needs.need.show_on_board", title=_("Show it on the board"), permission=MANAGE, effect="update")
def show_need(session: CrmSession, need: Need, *, shown: Yes = True) -> Need:
    """Show a need on the board, or no more. Raises InvalidInput for one without a public title: what stands on the
    board is written for it."""
    if shown and not (need.public_title or "").strip():
        raise problem("public_title", _("Give it a public title first."))
    need.on_board = shown
    return need


@operation(VOTE, title=_("Vote for it"), permission=VOTE, effect="create")
def vote(session: CrmSession, need: Need, *, customer_id: CustomerId) -> Evidence:
    """Keep the vote of a customer, once. Raises Conflict where the need is not open on the board, or the customer has
    voted for as many as there may be."""
    need = survivor_of(session, need)
    policy = policy_of(session)
    if not policy.active or not need.on_board or need.state not in OPEN:
        raise Conflict(_("One cannot vote for this."))
    # Held, so that two votes at once are counted one after the other.
    session.scalars(select(Customer.id).where(Customer.id == customer_id).with_for_update()).first()
    # Votes for what was merged since count for the need in which it goes on.
    root = aliased(Need)
    mine = {
        each.id
        for each in session.scalars(
            select(root)
            .join(Need, Need.root_id == root.id)
            .join(Evidence, Evidence.need_id == Need.id)
            .where(Evidence.customer_id == customer_id, Evidence.source == "board", root.state.in_(OPEN))
        )
    }
    if need.id not in mine and len(mine) >= policy.most_votes:
        raise Conflict(_("You have voted for {most} already."), most=policy.most_votes)
    made: Evidence = session.run("needs.evidence.add", {"customer_id": customer_id, "source": "board"}, target=need)
    return made


@operation(SUGGEST, title=_("Suggest something"), permission=SUGGEST, effect="create", hidden=True)
def suggest(
    session: CrmSession,
    *,
    title: Annotated[str, Input(title=_("What is missing?"), max_length=200)],
    description: Annotated[str, Input(title=_("Description"), max_length=4000, multiline=True)] = "",
    customer_id: CustomerId | None = None,
) -> Need:
    """Keep what a visitor suggests as a new need off the board, for colleagues to look at. Raises Conflict where the
    board takes none."""
    policy = policy_of(session)
    if not policy.active or not policy.suggestions:
        raise Conflict(_("The board takes no suggestions."))
    values = {"title": title, "description": description, "kind": "idea", "tags": ("board",)}
    made: Need = session.run("needs.need.create", values)
    if customer_id is not None:
        said = {"customer_id": customer_id, "source": "board", "quote": title}
        session.run("needs.evidence.add", said, target=made)
    return made


@operation(TELL, title=_("Tell those who asked"), permission="needs.need.update", effect="update")
def tell(session: CrmSession, need: Need, *, customer_id: CustomerId | None = None) -> Need:
    """Tell everybody who needs it and wants news, or one of them, in which state it is, each once for a state, where
    messaging may.

    The message and that it was sent are kept together: what breaks off is gone on with, and nobody is told twice. Who
    was refused by consent stays in `untold`, and is tried again when this runs again, and once they consent.
    """
    if SEND not in session.gate.registry.operations:
        return need
    purpose = policy_of(session).purpose
    told: set[Any] = set()
    for each in _held_evidence(session, need):
        if not each.wants_news or each.told_state == need.state or customer_id not in (None, each.customer_id):
            continue
        if each.customer_id not in told:
            customer = session.get(Customer, each.customer_id)
            if customer is None:
                continue
            language = customer.language or session.business().language
            title = need.public_title or need.title
            sent = session.run(
                SEND,
                {
                    "customer_id": customer.id,
                    "purpose": purpose,
                    "subject": translate(_("News of what you asked for"), language),
                    "body": f"{title}: {translate(STATES[need.state], language)}\n\n{need.public_text or ''}".strip(),
                    "language": language,
                    # With the second: what was refused is asked again later, not answered from memory.
                    "key": f"needs {need.id} {need.state} {customer.id} {session.gate.clock.now():%Y%m%dT%H%M%S}",
                    "ref": f"needs.need:{need.id}",
                    "automatic": True,
                },
            )
            if sent.state == "refused":
                continue
            told.add(customer.id)
            session.emit(NewsTold(need_id=str(need.id), customer_id=str(customer.id), state=need.state))
        each.told_state, each.told_at = need.state, session.gate.clock.business_now()
    return need


def _held_evidence(session: CrmSession, need: Need) -> Sequence[Evidence]:
    """Return the evidence as it is kept once nobody else tells of the same need: two who tell at the same moment do so
    one after the other, and the second finds what the first has told."""
    session.flush()
    # Evidence may be added meanwhile, so the key itself is not held.
    held = select(Need).where(Need.id == need.id).with_for_update(key_share=True)
    session.scalars(held.execution_options(populate_existing=True)).one()
    known = evidence_of(session, need)
    for each in known:
        session.refresh(each)
    return known


def tell_of(session: CrmSession, happened: Any) -> None:
    """Tell those who asked, once a need has moved to where something is said of it."""
    need = session.get(Need, happened.need_id)
    if need is not None and need.state == happened.to_state and (need.public_text or "").strip():
        session.run(TELL, target=need)


def tell_merged(session: CrmSession, happened: Any) -> None:
    """Tell those who asked for a need that was merged what became of the one in which it goes on."""
    need = session.get(Need, happened.into_id)
    if need is not None and need.state != "new" and (need.public_text or "").strip():
        session.run(TELL, target=survivor_of(session, need))


def tell_consented(session: CrmSession, happened: Any) -> None:
    """Tell a customer who consents now what they were not told before."""
    if not happened.granted or happened.purpose != policy_of(session).purpose:
        return
    root = aliased(Need)
    query = (
        select(root)
        .join(Need, Need.root_id == root.id)
        .join(Evidence, Evidence.need_id == Need.id)
        .where(
            Evidence.customer_id == happened.customer_id,
            Evidence.wants_news,
            root.public_text.is_not(None),
            root.state != "new",
            or_(Evidence.told_state.is_(None), Evidence.told_state != root.state),
        )
        .distinct()
    )
    for need in session.scalars(query).all():
        session.run(TELL, {"customer_id": happened.customer_id}, target=need)


def untold(session: CrmSession, need: Need) -> list[Evidence]:
    """Return the evidence of those who want news and have not been told of the state in which a need is."""
    return [each for each in evidence_of(session, need) if each.wants_news and each.told_state != need.state]


def policy_of(session: CrmSession) -> BoardPolicy:
    """Return how the board is set up; one that is off, not kept yet, where nobody has."""
    found = session.scalars(select(BoardPolicy).where(BoardPolicy.name == NAME)).first()
    return found or BoardPolicy(
        name=NAME, active=False, title="", counting="company", most_votes=10, suggestions=True, purpose="service"
    )


def counts_of(session: CrmSession, counting: str) -> dict[Any, int]:
    """Return how many persons, or companies, need each need on the board. A person who belongs to a company counts for
    it where companies are counted."""
    root = aliased(Need)
    who = company_of(Evidence.customer_id, session.today()) if counting == "company" else Evidence.customer_id
    query = (
        select(root.id, func.count(func.distinct(who)))
        .select_from(Evidence)
        .join(Need, Need.id == Evidence.need_id)
        .join(root, root.id == Need.root_id)
        .where(root.on_board)
        .group_by(root.id)
    )
    return {row[0]: row[1] for row in session.execute(query)}


OPERATIONS = [set_board, link_board, show_need, vote, suggest, tell]
EVENTS = [NewsTold]
SUBSCRIPTIONS = [
    Subscription(name="needs.tell", event="needs.need.moved", handler=tell_of),
    Subscription(name="needs.tell_merged", event="needs.need.merged", handler=tell_merged),
    Subscription(name="needs.tell_consented", event="consent.recorded", handler=tell_consented),
]
