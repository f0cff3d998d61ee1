"""Writing needs down, changing them, and deciding what becomes of them."""

from __future__ import annotations

from typing import Annotated

from crmkit import CrmSession, Input, given, new_id, operation, texts
from crmkit_needs.catalogue.areas import area_named
from crmkit_needs.catalogue.errors import NeedMoveRefused
from crmkit_needs.catalogue.events import NeedAssigned, NeedChanged, NeedDelivered, NeedMoved, NeedOpened
from crmkit_needs.catalogue.history import next_number, note, problem, require_here
from crmkit_needs.catalogue.inputs import Decline, Internal, NeedUpdate, NewNeed, Public, State
from crmkit_needs.catalogue.models import Need, ProductArea
from crmkit_needs.catalogue.owning import lead_for
from crmkit_needs.catalogue.words import MOVES, OPEN

_ = texts("crmkit_needs")

CREATE, UPDATE = "needs.need.create", "needs.need.update"


@operation(CREATE, title=_("Write a need down"), permission=CREATE, effect="create")
def create_need(session: CrmSession, new: NewNeed) -> Need:
    """Write a need down; who needs it is said by evidence. Raises InvalidInput for a title that says nothing, NotFound
    for an area that there is not."""
    area = area_named(session, new.area) if new.area else None
    now = session.gate.clock.business_now()
    title = " ".join(new.title.split())
    if not title:
        raise problem("title", _("Say what is needed."))
    identity = new_id()
    need = Need(
        id=identity,
        root_id=identity,
        number=next_number(session),
        title=title,
        description=new.description.strip() or None,
        kind=new.kind,
        scope=new.scope,
        urgency=new.urgency,
        complexity=new.complexity,
        area_id=area.id if area is not None else None,
        state="new",
        state_since=now,
        opened_at=now,
        owner_id=new.owner_id or lead_for(session, area),
        team_id=new.team_id,
        due_on=new.due_on,
        promised_on=new.promised_on,
        release=new.release.strip() or None,
        tags=list(new.tags),
        links=[],
        inputs={},
        internal_note=new.internal_note.strip() or None,
    )
    session.add(need)
    session.flush()
    note(session, need, "opened", after=need.kind)
    session.emit(NeedOpened(need_id=need.id, number=need.number, kind=need.kind))
    _say_whose(session, need, None)
    return need


@operation("needs.need.update", title=_("Change the need"), permission=UPDATE, effect="update")
def update_need(session: CrmSession, need: Need, changes: NeedUpdate) -> Need:
    """Change what is said of a need. Raises NeedElsewhere for one that was merged, InvalidInput for a link that names
    no record, NotFound for an area that there is not."""
    require_here(session, need)
    said = given(changes)
    before = need.owner_id
    if "area" in said:
        name = said.pop("area")
        area: ProductArea | None = area_named(session, name) if name else None
        need.area_id = area.id if area is not None else None
        if area is not None and need.owner_id is None and "owner_id" not in said:
            need.owner_id = lead_for(session, area)
    if "title" in said and not said["title"].strip():
        raise problem("title", _("Say what is needed."))
    for name in ("links", "tags"):
        if name in said:
            setattr(need, name, list(dict.fromkeys(said.pop(name))))
    for each in need.links:
        if each.rpartition(":")[0] not in session.gate.registry.resources:
            raise problem("links", _('"{said}" names no record. Write it as resource:id.'), said=each)
    for name, value in said.items():
        setattr(need, name, (value.strip() or None) if isinstance(value, str) and name != "title" else value)
    if need.owner_id != before:
        note(session, need, "assigned", before=before, after=need.owner_id)
    _say_whose(session, need, before)
    session.emit(NeedChanged(need_id=need.id))
    return need


@operation("needs.need.move", title=_("Decide"), permission=UPDATE, effect="update")
def move_need(
    session: CrmSession,
    need: Need,
    *,
    to: State,
    text: Public = "",
    internal: Internal = "",
    decline: Decline | None = None,
) -> Need:
    """Bring a need into another state; ``text`` is what those who asked read of it, ``internal`` what colleagues do.

    Raises NeedMoveRefused for a state that it does not go to, InvalidInput where it is declined without saying why,
    NeedElsewhere for one that was merged.
    """
    require_here(session, need)
    before = need.state
    if to not in MOVES[before]:
        raise NeedMoveRefused(need.number, before, to, MOVES[before])
    if to == "declined" and decline is None:
        raise problem("decline", _("Say why it is declined."))
    put(session, need, to)
    need.decline = decline if to == "declined" else None
    note(session, need, "state", before=before, after=to, text=text or None, public=bool(text.strip()))
    if internal.strip():
        note(session, need, "note", text=internal)
    if text.strip():
        need.public_text = text.strip()
    session.emit(NeedMoved(need_id=need.id, number=need.number, from_state=before, to_state=to))
    if to == "delivered":
        session.emit(NeedDelivered(need_id=need.id, number=need.number))
    return need


@operation("needs.need.note", title=_("Add a note"), permission="needs.evidence.create", effect="update")
def note_need(
    session: CrmSession,
    need: Need,
    *,
    text: Annotated[str, Input(title=_("Note"), max_length=4000, multiline=True, classified="internal")],
) -> Need:
    """Add a note that colleagues read. Raises InvalidInput for an empty one."""
    if not text.strip():
        raise problem("text", _("Please write something."))
    note(session, need, "note", text=text)
    return need


def _say_whose(session: CrmSession, need: Need, before: object) -> None:
    """Say to whom a need was given, unless they took it themselves."""
    if need.owner_id not in (None, before, session.actor.user_id):
        session.emit(NeedAssigned(need_id=need.id, owner_id=need.owner_id))


def put(session: CrmSession, need: Need, state: str) -> None:
    """Set the state of a need, with since when."""
    now = session.gate.clock.business_now()
    need.state, need.state_since = state, now
    need.ended_at = None if state in OPEN else now


OPERATIONS = [create_need, update_need, move_need, note_need]
