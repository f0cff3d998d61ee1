"""The inbox as queries: which cases a view shows, in what order, how many there are; and views that somebody keeps.

Every query is filtered by what the reader may see. Must not know pages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from attrs import frozen
from crmkit_work.api import queues_of
from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from crmkit import CrmSession, Input, InvalidInput, Problem, TeamMember, operation, search, texts
from crmkit_service.cases.models import Case
from crmkit_service.cases.words import KINDS, PRIORITIES, UNFINISHED
from crmkit_service.desk.models import InboxView
from crmkit_service.desk.sharing import Scope, placed, require_mine

_ = texts("crmkit_service")

SOON = timedelta(hours=2)
"""What is due within this time is due soon."""
MOST_COUNTED = 999
"""Views with more cases than this are not counted to the end."""
SIZE = 50
VIEWS: Mapping[str, tuple[str, str]] = {
    "mine": (_("Mine"), "user"),
    "unassigned": (_("Nobody's"), "user-plus"),
    "queues": (_("My queues"), "columns"),
    "soon": (_("Due soon"), "hourglass"),
    "late": (_("Late"), "alert-triangle"),
    "waiting": (_("Waiting"), "player-pause"),
    "open": (_("All open"), "headset"),
    "over": (_("Lately resolved"), "circle-check"),
}
"""The views that everybody has, with titles and drawings."""
SORTS = {"due": _("Due first"), "new": _("Newest first"), "old": _("Oldest first"), "wait": _("Waiting longest")}


@frozen(kw_only=True)
class Wanted:
    """What the inbox is asked for: a view, and what narrows it."""

    view: str = "mine"
    text: str = ""
    kind: str = ""
    priority: str = ""
    queue_id: UUID | None = None
    sort: str = ""
    page: int = 1

    def as_query(self, **changes: Any) -> dict[str, str]:
        """Return the parameters of the address that asks for it, with some changed."""
        values = {
            "view": self.view,
            "q": self.text,
            "kind": self.kind,
            "priority": self.priority,
            "queue": str(self.queue_id) if self.queue_id else "",
            "sort": self.sort,
            "page": str(self.page) if self.page > 1 else "",
            **changes,
        }
        return {name: str(value) for name, value in values.items() if value}


def wanted_of(session: CrmSession, query: Mapping[str, str]) -> Wanted:
    """Return what the parameters of an address ask for; what is not understood is left out."""
    page = query.get("page", "")
    return Wanted(
        view=query.get("view", "") if _known_view(session, query.get("view", "")) else "mine",
        text=query.get("q", "").strip()[:200],
        kind=query.get("kind", "") if query.get("kind") in KINDS else "",
        priority=query.get("priority", "") if query.get("priority") in PRIORITIES else "",
        queue_id=identity(query.get("queue")),
        sort=query.get("sort", "") if query.get("sort") in SORTS else "",
        page=int(page) if page.isdecimal() and 1 <= len(page) <= 4 and int(page) > 0 else 1,
    )


def identity(text: str | None) -> UUID | None:
    """Return an id that stands in an address, None for what is none."""
    try:
        return UUID(str(text))
    except ValueError:
        return None


def listed(session: CrmSession, wanted: Wanted, *, size: int = SIZE) -> tuple[Sequence[Case], bool]:
    """Return a page of the cases that are asked for, and whether there are more."""
    found = _page(session, select(Case), wanted, (wanted.page - 1) * size, size + 1)
    return found[:size], len(found) > size


def _page(session: CrmSession, columns: Select[Any], wanted: Wanted, skip: int, most: int) -> list[Any]:
    query, sort = _narrowed(session, columns, wanted), _sort_of(session, wanted)
    if sort != "due":
        return list(session.scalars(_ordered(query, sort).limit(most).offset(skip)))
    # Those without a deadline come last. Read apart, both parts are in the order of an index.
    dated, undated = query.where(Case.due_at.is_not(None)), query.where(Case.due_at.is_(None))
    found = list(session.scalars(dated.order_by(Case.due_at, Case.id).limit(most).offset(skip)))
    if len(found) < most:
        before = 0 if found or not skip else session.scalar(select(func.count()).select_from(dated.subquery())) or 0
        rest = undated.order_by(Case.opened_at, Case.id).limit(most - len(found))
        found.extend(session.scalars(rest.offset(0 if found else max(skip - before, 0))))
    return found


def neighbours(session: CrmSession, wanted: Wanted, case_id: UUID) -> tuple[UUID | None, UUID | None]:
    """Return the cases before and after one on a page of a view, None where there is none."""
    ids = _page(session, select(Case.id), wanted, (wanted.page - 1) * SIZE, SIZE + 1)
    if case_id not in ids:
        return None, ids[0] if ids else None
    place = ids.index(case_id)
    return (ids[place - 1] if place else None), (ids[place + 1] if place + 1 < len(ids) else None)


def counts(session: CrmSession) -> Mapping[str, int]:
    """Return how many cases each view has, at most `MOST_COUNTED` + 1 each; what is over is not counted."""
    found: dict[str, int] = {}
    for name in VIEWS:
        if name == "over":
            continue
        inner = select(Case.id).where(condition_of(session, name)).limit(MOST_COUNTED + 1).subquery()
        found[name] = session.scalar(select(func.count()).select_from(inner)) or 0
    return found


def condition_of(session: CrmSession, view: str) -> ColumnElement[bool]:
    """Return the condition that a case is in a view that everybody has."""
    now = session.gate.clock.business_now()
    user_id = session.guarding.rights.user_id
    open_ = Case.phase == "open"
    if view == "mine":
        return and_(Case.phase.in_(("open", "paused")), Case.owner_id == user_id, Case.state != "waiting_customer")
    if view == "unassigned":
        return and_(open_, Case.owner_id.is_(None))
    if view == "queues":
        return and_(open_, Case.queue_id.in_(own_queues(session)))
    if view == "soon":
        return and_(open_, Case.due_at > now, Case.due_at <= now + SOON)
    if view == "late":
        return and_(open_, Case.due_at <= now)
    if view == "waiting":
        return Case.phase == "paused"
    if view == "over":
        return and_(Case.phase == "resolved", Case.resolved_at >= now - timedelta(days=14))
    return open_


def is_late(case: Case, now: datetime) -> bool:
    """Say whether a target of a case has passed and is not met."""
    return case.due_at is not None and case.due_at <= now and case.state in UNFINISHED


def own_queues(session: CrmSession) -> list[UUID]:
    """Return the queues of which whoever acts is a member, alone or by a team."""
    user_id = session.guarding.rights.user_id
    teams = list(session.scalars(select(TeamMember.team_id).where(TeamMember.user_id == user_id)))
    return queues_of(session, user_id, teams)


def _narrowed(session: CrmSession, query: Select[Any], wanted: Wanted) -> Select[Any]:
    kept = kept_view(session, wanted.view)
    if kept is not None:
        wanted = _merged(session, wanted, kept)
    if wanted.text:
        # What is looked for is looked for everywhere: a case that is over is found, too.
        query = query.where(_text_condition(session, wanted.text))
    else:
        query = query.where(condition_of(session, wanted.view))
    if wanted.kind:
        query = query.where(Case.kind == wanted.kind)
    if wanted.priority:
        query = query.where(Case.priority == wanted.priority)
    if wanted.queue_id is not None:
        query = query.where(Case.queue_id == wanted.queue_id)
    return query


def _text_condition(session: CrmSession, text: str) -> ColumnElement[bool]:
    number = text.lstrip("#")
    if number.isdecimal() and len(number) < 10:
        return Case.number == int(number)
    kinds = [name for name in ("service.case", "customer") if name in session.gate.registry.searchables]
    found = search(session, text, within=kinds, limit=200).hits if kinds else ()
    ids: dict[str, list[UUID]] = {"service.case": [], "customer": []}
    for hit in found:
        kind, _colon, known = hit.ref.partition(":")
        ids[kind].append(UUID(known))
    condition = or_(Case.id.in_(ids["service.case"]), Case.customer_id.in_(ids["customer"]))
    if "service.case" not in kinds:
        condition = or_(condition, Case.subject.icontains(text, autoescape=True))
    return condition


def _sort_of(session: CrmSession, wanted: Wanted) -> str:
    kept = kept_view(session, wanted.view)
    asked = wanted.sort or (kept.filters.get("sort", "") if kept is not None else "")
    return asked or ("new" if wanted.view == "over" or wanted.text else "due")


def _ordered(query: Select[Any], sort: str) -> Select[Any]:
    if sort == "new":
        return query.order_by(Case.opened_at.desc(), Case.id.desc())
    if sort == "old":
        return query.order_by(Case.opened_at, Case.id)
    return query.order_by(Case.last_in_at.is_(None), Case.last_in_at, Case.id)


# --- views that somebody keeps ----------------------------------------------------------------------------------------

RESOURCE = "service.view"
Title = Annotated[str, Input(title=_("Title"), max_length=100, classified="internal")]


@operation("service.view.create", title=_("Keep this view"), effect="create")
def create_view(
    session: CrmSession,
    *,
    title: Title,
    scope: Scope = "personal",
    view: Annotated[str, Input(title=_("View"), max_length=60, classified="internal")] = "open",
    kind: Annotated[
        Literal["", "consultation", "complaint", "support"], Input(title=_("Kind"), classified="internal")
    ] = "",
    priority: Annotated[
        Literal["", "low", "normal", "high", "urgent"], Input(title=_("Priority"), classified="internal")
    ] = "",
    queue_id: Annotated[UUID | None, Input(title=_("Queue"), resource="work.queue", classified="internal")] = None,
    sort: Annotated[Literal["", "due", "new", "old", "wait"], Input(title=_("Order"), classified="internal")] = "",
) -> InboxView:
    """Keep a way to look at the inbox under a title. Raises InvalidInput for a view that there is not."""
    if view not in VIEWS or not title.strip():
        raise InvalidInput([Problem(InvalidInput.code, _("There is no such view, or no title."), field="title")])
    filters = {"view": view, "kind": kind, "priority": priority, "queue": str(queue_id or ""), "sort": sort}
    found = InboxView(
        title=title.strip(),
        filters={name: value for name, value in filters.items() if value},
        **placed(session, scope, RESOURCE),
    )
    session.add(found)
    return found


@operation("service.view.delete", title=_("Remove the view"), effect="delete")
def delete_view(session: CrmSession, view: InboxView) -> None:
    """Remove a view. Raises Refused for others' without the right."""
    require_mine(session, view, RESOURCE)
    session.delete(view)


def kept_views(session: CrmSession) -> Sequence[InboxView]:
    """Return the views that whoever acts has, by their titles."""
    return session.scalars(select(InboxView).order_by(InboxView.title, InboxView.id)).all()


def kept_view(session: CrmSession, name: str) -> InboxView | None:
    """Return a kept view by the name that it has in an address, its id."""
    found = identity(name)
    return session.get(InboxView, found) if found is not None else None


def _merged(session: CrmSession, wanted: Wanted, kept: InboxView) -> Wanted:
    filters = kept.filters
    return Wanted(
        view=filters.get("view", "open"),
        text=wanted.text,
        kind=wanted.kind or filters.get("kind", ""),
        priority=wanted.priority or filters.get("priority", ""),
        queue_id=wanted.queue_id or identity(filters.get("queue")),
        sort=wanted.sort or filters.get("sort", ""),
        page=wanted.page,
    )


def _known_view(session: CrmSession, name: str) -> bool:
    return name in VIEWS or kept_view(session, name) is not None


OPERATIONS = [create_view, delete_view]
