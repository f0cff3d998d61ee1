"""Operations on segments: saving them, turning them on and off, freezing and thawing them."""

from __future__ import annotations

from typing import Annotated, Any

from crmkit.core.business.config import bump
from crmkit.core.operations.inputs import Input
from crmkit.core.operations.operation import operation
from crmkit.core.store.clock import system_now
from crmkit.core.store.session import CrmSession
from crmkit.engines.definitions.publishing import GENERATION, Defined, publish, reset, set_enabled
from crmkit.engines.segments.events import SegmentChanged
from crmkit.engines.segments.membership import SOON, Found, classes_of, find_members
from crmkit.engines.segments.resolving import CLASSES, KIND, find_segment, is_frozen, users_of
from crmkit.engines.segments.tables import SegmentFreeze
from crmkit.errors import Conflict
from crmkit.hooks.segments import Segment
from crmkit.i18n import texts

_ = texts("crmkit")

Name = Annotated[str, Input(title=_("Name"), max_length=120, classified="public")]
Text = Annotated[str, Input(title=_("Title"), max_length=200, classified="public")]
Where = Annotated[str, Input(title=_("Condition"), max_length=4000, classified="internal", multiline=True)]
Doc = Annotated[str, Input(title=_("Description"), max_length=1000, classified="internal", multiline=True)]
Why = Annotated[str, Input(title=_("Justification"), max_length=1000, classified="internal", multiline=True)]
Note = Annotated[str, Input(title=_("Note"), max_length=500, classified="internal")]


def _changed(session: CrmSession, name: str) -> None:
    session.emit(SegmentChanged(segment=name, operation=session.unit.stack[-1]))
    session.defer(SOON, name=name, unique=f"{SOON}:{name}")


@operation("segment.save", title=_("Save a segment"), permission="segment.update")
def save_segment(
    session: CrmSession,
    *,
    name: Name,
    title: Text,
    where: Where,
    doc: Doc = "",
    justification: Why = "",
    enabled: bool | None = None,
    note: Note = "",
) -> Defined:
    """Put a segment into effect under its name, as a new version. Raises DefinitionError with every problem: a circle
    of segments, a fact that its author may not read, an attribute that needs a justification."""
    value = Segment(name=name, title=title, where=where, doc=doc, justification=justification)
    saved = publish(session, KIND, value, enabled=enabled, note=note)
    _changed(session, name)
    return saved


@operation("segment.enable", title=_("Turn a segment on"), permission="segment.update")
def enable_segment(session: CrmSession, *, name: Name) -> Defined:
    """Turn a segment on. Raises UnknownDefinition, DefinitionError for one that cannot be used."""
    found = set_enabled(session, KIND, name, True)
    _changed(session, name)
    return found


@operation("segment.disable", title=_("Turn a segment off"), permission="segment.update")
def disable_segment(session: CrmSession, *, name: Name) -> Defined:
    """Turn a segment off: it can still be counted, and nobody enters or leaves it. Raises UnknownDefinition."""
    found = set_enabled(session, KIND, name, False)
    _changed(session, name)
    return found


@operation("segment.reset", title=_("Take back changes of a segment"), permission="segment.update")
def reset_segment(session: CrmSession, *, name: Name) -> Defined | None:
    """Make a segment as its plugin ships it again; one of one's own is removed. Raises UnknownDefinition, and Conflict
    for one that is frozen or that another segment is made of."""
    if is_frozen(session, name):
        raise Conflict(_('The segment "{name}" is frozen.'), fix=_("Thaw it first."), name=name)
    users = [] if find_segment(session, name).origin != "own" else users_of(session, name)
    if users:
        raise Conflict(_('"{name}" is part of {users}.'), name=name, users=", ".join(users))
    found = reset(session, KIND, name)
    _changed(session, name)
    return found


@operation("segment.freeze", title=_("Freeze a segment"), permission="segment.update")
def freeze_segment(session: CrmSession, *, name: Name) -> Found:
    """Find out who belongs to a segment and keep it so, whatever becomes of those customers. Raises UnknownDefinition,
    Conflict for one that is frozen."""
    defined = find_segment(session, name)
    if is_frozen(session, name):
        raise Conflict(_('The segment "{name}" is frozen.'), name=name)
    found = find_members(session, defined)
    guarded = max(classes_of(session, name), key=CLASSES.index)
    kept = SegmentFreeze(segment=name, frozen_at=system_now(), frozen_by=session.actor.id, classified=guarded)
    session.add(kept)
    session.flush()
    bump(session, GENERATION)
    _changed(session, name)
    return found


@operation("segment.thaw", title=_("Thaw a segment"), permission="segment.update")
def thaw_segment(session: CrmSession, *, name: Name) -> Found:
    """Let a segment's condition decide again, and find out who belongs to it. Raises UnknownDefinition, Conflict for
    one that is not frozen."""
    defined, kept = find_segment(session, name), session.get(SegmentFreeze, name)
    if kept is None:
        raise Conflict(_('The segment "{name}" is not frozen: its condition decides.'), name=name)
    session.delete(kept)
    session.flush()
    bump(session, GENERATION)
    found = find_members(session, defined)
    _changed(session, name)
    return found


OPERATIONS: list[Any] = [
    save_segment,
    enable_segment,
    disable_segment,
    reset_segment,
    freeze_segment,
    thaw_segment,
]
