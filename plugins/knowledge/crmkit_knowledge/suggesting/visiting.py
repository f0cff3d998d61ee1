"""Noting visits: that one began, that an article was opened, that it helped, that the question was sent, and that it
became a case."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.event import listen, remove

from crmkit import Actor, CrmSession, Input, Subscription, operation, texts
from crmkit_knowledge.settings import settings_of
from crmkit_knowledge.suggesting.drawing import arm_for
from crmkit_knowledge.suggesting.events import HelpAnswered
from crmkit_knowledge.suggesting.models import HelpSession, owner_key

_ = texts("crmkit_knowledge")

CREATE, UPDATE = "knowledge.session.create", "knowledge.session.update"
MOST = 20
"""Articles of a visit that are kept."""
INTAKE = "service_intake"
ArticleIds = Annotated[tuple[UUID, ...], Input(title=_("Articles"), max_length=MOST, classified="internal")]
Ref = Annotated[str, Input(title=_("Record"), max_length=160, classified="internal")]


@operation(
    "knowledge.session.begin", title=_("Note that somebody asks"), permission=CREATE, effect="create", hidden=True
)
def begin(
    session: CrmSession, *, key: Annotated[str, Input(title=_("Key"), max_length=200, classified="internal")]
) -> HelpSession:
    """Note that somebody is about to ask for help, and draw whether they are shown articles; for the same key the draw
    is always the same, and a visit that goes on is not counted again."""
    own = owner_key(session, key)
    settings = settings_of(session.crm.settings)
    now = session.gate.clock.business_now()
    since = now - timedelta(hours=settings.deflection_hours)
    query = (
        select(HelpSession)
        .where(HelpSession.key == own, HelpSession.started_at > since, HelpSession.ended_at.is_(None))
        .order_by(HelpSession.started_at.desc(), HelpSession.id.desc())
    )
    known = session.scalars(query.limit(1)).first()
    if known is not None:
        return known
    made = HelpSession(key=own, started_at=now, arm=arm_for(own, settings.control_share))
    session.add(made)
    session.flush()
    return made


@operation(
    "knowledge.session.note", title=_("Note what a visitor did"), permission=UPDATE, effect="update", hidden=True
)
def note(
    session: CrmSession,
    visit: HelpSession,
    *,
    what: Annotated[Literal["suggested", "viewed", "answered", "sent"], Input(title=_("What"), classified="internal")],
    articles: ArticleIds = (),
    ref: Ref = "",
) -> HelpSession:
    """Note that articles were suggested or opened in a visit, that the visitor says that they helped, or that the
    question was sent as ``ref``."""
    now = session.gate.clock.business_now()
    said = [str(each) for each in articles]
    if what == "suggested":
        visit.suggested = list(dict.fromkeys((*visit.suggested, *said)))[:MOST]
    elif what == "viewed":
        visit.articles = list(dict.fromkeys((*visit.articles, *said)))[:MOST]
    elif what == "answered":
        visit.answered, visit.ended_at = True, visit.ended_at or now
        session.emit(HelpAnswered(session_id=visit.id, articles=tuple(UUID(each) for each in visit.articles)))
    else:
        visit.sent_at, visit.ended_at, visit.request_ref = now, now, ref or None
    return visit


@operation(
    "knowledge.session.settle", title=_("Note that it became a case"), permission=UPDATE, effect="update", hidden=True
)
def settle(session: CrmSession, visit: HelpSession, *, ref: Ref) -> HelpSession:
    """Note which case came of a visit."""
    visit.case_ref = ref
    return visit


def visit_of(session: CrmSession, identity: str, key: str) -> HelpSession | None:
    """Return the visit of a form, where it is the visitor's own."""
    try:
        found = session.get(HelpSession, UUID(identity)) if identity else None
    except ValueError:
        return None
    return found if found is not None and found.key == owner_key(session, key) else None


class Sent:
    """Sees what a form becomes while it is sent within a session: ``ref`` is ``<resource>:<id>``, "" where nothing is
    known of it. What a visitor has sent no visitor reads, so it cannot be asked for afterwards."""

    def __init__(self, session: CrmSession) -> None:
        self.ref = ""
        self._session = session

    def __enter__(self) -> Sent:
        """Begin to look."""
        listen(self._session, "pending_to_persistent", self._saw)
        return self

    def __exit__(self, *_problem: object) -> None:
        """Look no more."""
        remove(self._session, "pending_to_persistent", self._saw)

    def _saw(self, _session: Any, record: Any) -> None:
        if getattr(type(record), "__tablename__", "") == INTAKE:
            self.ref = f"service.intake:{record.id}"


def intake_settled(session: CrmSession, event: Any) -> None:
    """Note which case came of a visit."""
    query = select(HelpSession.id).where(HelpSession.request_ref == f"service.intake:{event.intake_id}")
    for identity in session.scalars(query).all():
        session.run("knowledge.session.settle", {"ref": f"service.case:{event.case_id}"}, target=identity)


def comes_of_a_visit(session: CrmSession, event: Any) -> bool:
    """Say whether what came in was sent in a visit at all."""
    query = select(HelpSession.id).where(HelpSession.request_ref == f"service.intake:{event.intake_id}")
    with session.crm.session(Actor.system("whether a case comes of a visit")) as whole:
        return whole.scalar(query.limit(1)) is not None


OPERATIONS = [begin, note, settle]
SUBSCRIPTIONS = [
    Subscription(
        name="knowledge.case_of_visit",
        event="service.intake.settled",
        handler=intake_settled,
        wanted=comes_of_a_visit,
    )
]
