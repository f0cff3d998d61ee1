"""Lists as people want to see them: saved views with a condition, an order and columns, private or shared with all, and
the columns that somebody keeps for a list of a kind of record.

Must not know what conditions mean, nor how a list is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import Index, String, UniqueConstraint, or_, select
from sqlalchemy.orm import Mapped

from crmkit.core.access.resolving import rights_of
from crmkit.core.operations.inputs import Input
from crmkit.core.operations.operation import operation
from crmkit.core.store.guard import region
from crmkit.core.store.model import Access, Record, field
from crmkit.core.store.session import CrmSession
from crmkit.errors import InvalidInput, NotFound, Problem, Refused
from crmkit.i18n import texts

_ = texts("crmkit")

MOST = 200
"""Most views of one person and kind of record."""
_WHY = "views of lists"

ResourceName = Annotated[str, Input(title=_("Kind of record"), max_length=60, classified="public")]
Columns = Annotated[tuple[str, ...], Input(title=_("Columns"), max_length=40, classified="public")]


class SavedView(Record):
    """How somebody wants to see a list. The one without a title holds the columns of the plain list."""

    __tablename__ = "crm_saved_view"
    __access__ = Access.system()
    __history__ = False

    owner: Mapped[str] = field(String(80), title=_("Saved by"), classified="internal")
    """The actor who saved it, as records keep actors."""
    resource: Mapped[str] = field(String(60), title=_("Kind of record"), classified="public")
    title: Mapped[str] = field(String(120), title=_("Title"), classified="internal", default="")
    shared: Mapped[bool] = field(title=_("Shared with everybody"), classified="internal", default=False)
    filter: Mapped[str] = field(String(4000), title=_("Condition"), classified="internal", default="")
    sort: Mapped[str] = field(String(200), title=_("Order"), classified="internal", default="")
    columns: Mapped[list[str]] = field(title=_("Columns"), classified="internal", default=list)

    __table_args__ = (
        UniqueConstraint("owner", "resource", "title"),
        Index("ix_crm_saved_view_shared", "resource", "shared"),
    )


@frozen(kw_only=True)
class View:
    """A saved view as its reader sees it; ``mine`` says that the reader saved it."""

    id: UUID
    resource: str
    title: str
    filter: str
    sort: str
    columns: tuple[str, ...]
    shared: bool
    mine: bool


def may_share(session: CrmSession) -> bool:
    """Say whether the session's actor may share views with everybody, and change those that are shared."""
    return rights_of(session).scope("view", "share") != "none"


def views_of(session: CrmSession, resource: str) -> Sequence[View]:
    """Return the views of a kind of record that the session's actor may use: the own ones, then those shared by others,
    both by title."""
    actor = session.actor.id
    query = select(SavedView).where(
        SavedView.resource == resource,
        SavedView.title != "",
        or_(SavedView.owner == actor, SavedView.shared.is_(True)),
    )
    with region(session, _WHY):
        found = [_view(item, actor) for item in session.scalars(query)]
    return sorted(found, key=lambda view: (not view.mine, view.title.casefold(), view.id))


def kept_columns(session: CrmSession, resource: str) -> tuple[str, ...]:
    """Return the columns that the session's actor keeps for the plain list of a kind of record; none for the usual
    ones."""
    with region(session, _WHY):
        found = session.scalar(_own(session, resource, ""))
    return () if found is None else tuple(found.columns)


@operation("view.save", title=_("Save a view"))
def save_view(
    session: CrmSession,
    *,
    resource: ResourceName,
    title: Annotated[str, Input(title=_("Title"), max_length=120, classified="internal")],
    filter: Annotated[str, Input(title=_("Condition"), max_length=4000, classified="internal", multiline=True)] = "",
    sort: Annotated[str, Input(title=_("Order"), max_length=200, classified="internal")] = "",
    columns: Columns = (),
    shared: Annotated[bool, Input(title=_("Shared with everybody"), classified="internal")] = False,
) -> View:
    """Keep how a list is shown under a title; one's own view of the same title is replaced.

    Raises InvalidInput for an empty title, Refused for sharing without the right to.
    """
    title = " ".join(title.split())
    if not title:
        raise InvalidInput([Problem("CK500", _("This cannot be empty."), field="title")])
    if shared and not may_share(session):
        raise Refused(
            _("You may keep views for yourself, and not share them."), fix=_("It needs the right view.share.")
        )
    return _kept(session, resource, title, filter=filter.strip(), sort=sort, columns=columns, shared=shared)


@operation("view.share", title=_("Share a view"))
def share_view(
    session: CrmSession,
    *,
    view_id: Annotated[UUID, Input(title=_("View"), classified="internal")],
    shared: Annotated[bool, Input(title=_("Shared with everybody"), classified="internal")] = True,
) -> View:
    """Share a view with everybody, or take that back. Raises NotFound for one that there is not, or that is private to
    somebody else."""
    item = _found(session, view_id)
    item.shared = shared
    return _view(item, session.actor.id)


@operation("view.remove", title=_("Remove a view"))
def remove_view(
    session: CrmSession, *, view_id: Annotated[UUID, Input(title=_("View"), classified="internal")]
) -> None:
    """Remove a view: one's own, or a shared one with the right to share. Raises NotFound for any other, Refused for a
    shared one without that right."""
    item = _found(session, view_id)
    if item.owner != session.actor.id and not may_share(session):
        raise Refused(_("This view is somebody else's."), fix=_("It needs the right view.share."))
    with region(session, _WHY):
        session.delete(item)
        session.flush()


@operation("view.keep_columns", title=_("Keep the columns of a list"), permission="view.save", hidden=True)
def keep_columns(session: CrmSession, *, resource: ResourceName, columns: Columns) -> View:
    """Keep which columns the plain list of a kind of record shows the actor; none for the usual ones."""
    return _kept(session, resource, "", columns=columns)


def _own(session: CrmSession, resource: str, title: str) -> Any:
    return select(SavedView).where(
        SavedView.owner == session.actor.id, SavedView.resource == resource, SavedView.title == title
    )


def _kept(session: CrmSession, resource: str, title: str, **values: Any) -> View:
    values["columns"] = list(values["columns"])
    with region(session, _WHY):
        item = session.scalar(_own(session, resource, title))
        if item is None:
            if len(session.scalars(select(SavedView.id).where(SavedView.owner == session.actor.id)).all()) >= MOST:
                raise InvalidInput(_("Nobody keeps more than {most} views."), fix=_("Remove one first."), most=MOST)
            item = SavedView(owner=session.actor.id, resource=resource, title=title)
            session.add(item)
        for name, value in values.items():
            setattr(item, name, value)
        session.flush()
        return _view(item, session.actor.id)


def _found(session: CrmSession, view_id: UUID) -> SavedView:
    with region(session, _WHY):
        item = session.get(SavedView, view_id)
        if item is None or not (item.shared or item.owner == session.actor.id):
            raise NotFound(_("There is no such view."))
    return item


def _view(item: SavedView, actor: str) -> View:
    return View(
        id=item.id,
        resource=item.resource,
        title=item.title,
        filter=item.filter,
        sort=item.sort,
        columns=tuple(item.columns),
        shared=item.shared,
        mine=item.owner == actor,
    )


OPERATIONS: list[Any] = [save_view, share_view, remove_view, keep_columns]
