"""Drawing flows: making them, saving drafts, undoing, and taking them away."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import func, select

from crmkit import UNSET, CrmSession, Input, UnsetType, given, operation, texts
from crmkit.errors import AlreadyExists
from crmkit_journey.flows.documents import document_of, flow_of
from crmkit_journey.flows.errors import DraftChanged, FlowInState, problem
from crmkit_journey.flows.finding import draft_of, version_of
from crmkit_journey.flows.models import Flow, FlowDraft

_ = texts("crmkit_journey")

_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
EMPTY: Mapping[str, Any] = {"entry": {}, "start": "finish", "nodes": {"finish": {"type": "exit"}}}
"""What a new flow begins with."""

Title = Annotated[str, Input(title=_("Title"), max_length=200, classified="public")]
Description = Annotated[str, Input(title=_("What it is for"), max_length=2000, multiline=True, classified="public")]
Document = Annotated[Mapping[str, Any], Input(title=_("Definition"), classified="internal")]
OwnerId = Annotated[UUID | None, Input(title=_("Owner"), resource="user", classified="internal")]


@frozen(kw_only=True)
class FlowUpdate:
    """What to change about a flow; what is not given stays."""

    title: Title | UnsetType = UNSET
    description: Description | UnsetType = UNSET
    owner_id: OwnerId | UnsetType = UNSET


@operation("journey.flow.create", title=_("Add a flow"), permission="journey.flow.manage", effect="create")
def create_flow(
    session: CrmSession,
    *,
    name: Annotated[str, Input(title=_("Name"), max_length=60, classified="public")],
    title: Title = "",
    description: Description = "",
    document: Document | None = None,
    owner_id: OwnerId = None,
) -> Flow:
    """Add a flow with its first draft; nothing happens before it is published. Raises AlreadyExists, InvalidInput for a
    name or a definition that is none."""
    if not _NAME.fullmatch(name):
        raise problem("name", _("A name has small letters, digits and _, and begins with a letter."))
    if session.scalar(select(Flow.id).where(Flow.name == name)) is not None:
        raise AlreadyExists(_('There is a flow "{name}" already.'), name=name)
    flow = Flow(
        name=name,
        title=title.strip() or name,
        description=description.strip() or None,
        owner_id=owner_id or session.actor.user_id,
    )
    session.add(flow)
    session.flush()
    _save(session, flow, EMPTY if document is None else document)
    return flow


@operation("journey.flow.update", title=_("Change title and owner"), permission="journey.flow.manage", effect="update")
def update_flow(session: CrmSession, flow: Flow, changes: FlowUpdate) -> Flow:
    """Change what a flow is called, what it is for and whose it is."""
    for name, value in given(changes).items():
        setattr(flow, name, (value.strip() or None) if name == "description" else value)
    return flow


@operation("journey.flow.draft", title=_("Save the draft"), permission="journey.flow.manage", effect="update")
def save_draft(
    session: CrmSession,
    flow: Flow,
    *,
    document: Document,
    before: Annotated[int | None, Input(title=_("Draft that it came from"), classified="public")] = None,
) -> Flow:
    """Save what somebody drew, with its faults: these only keep it from being published.

    Raises InvalidInput for what is no definition at all, DraftChanged where somebody else saved one after ``before``,
    FlowInState for a flow that is retired.
    """
    if flow.state == "retired":
        raise FlowInState(flow.name, flow.state)
    if before is not None and before != flow.draft_number:
        raise DraftChanged(flow.name, flow.draft_number)
    _save(session, flow, document)
    return flow


@operation("journey.flow.undo", title=_("Undo the draft"), permission="journey.flow.manage", effect="update")
def undo_draft(session: CrmSession, flow: Flow) -> Flow:
    """Go back to the draft from which the one at hand came; what was undone is kept and can be redone."""
    draft = draft_of(session, flow)
    if draft is None or not draft.before:
        raise problem("draft", _("There is nothing to undo."))
    flow.draft_number = draft.before
    return flow


@operation("journey.flow.redo", title=_("Redo the draft"), permission="journey.flow.manage", effect="update")
def redo_draft(session: CrmSession, flow: Flow) -> Flow:
    """Go on to the newest draft that came from the one at hand."""
    query = select(func.max(FlowDraft.number)).where(
        FlowDraft.flow_id == flow.id, FlowDraft.before == flow.draft_number
    )
    number = session.scalar(query)
    if number is None:
        raise problem("draft", _("There is nothing to redo."))
    flow.draft_number = number
    return flow


@operation("journey.flow.take_back", title=_("Draw on from it"), permission="journey.flow.manage", effect="update")
def take_back(
    session: CrmSession, flow: Flow, *, number: Annotated[int, Input(title=_("Version"), classified="public")]
) -> Flow:
    """Make a version that was published the draft again. Raises NotFound for one that there is not."""
    _save(session, flow, version_of(session, flow.id, number).document)
    return flow


@operation("journey.flow.delete", title=_("Delete the flow"), permission="journey.flow.manage", effect="delete")
def delete_flow(session: CrmSession, flow: Flow) -> None:
    """Delete a flow that was never published. Raises FlowInState: what customers went through is kept; retire it."""
    if flow.live_number is not None:
        raise FlowInState(flow.name, flow.state)
    session.delete(flow)


def _save(session: CrmSession, flow: Flow, document: Mapping[str, Any]) -> None:
    # Read and written again, so that two ways to say the same are the same draft.
    plain = document_of(flow_of(document))
    at_hand = draft_of(session, flow)
    if at_hand is not None and at_hand.document == plain:
        return
    newest = session.scalar(select(func.max(FlowDraft.number)).where(FlowDraft.flow_id == flow.id)) or 0
    session.add(
        FlowDraft(
            flow_id=flow.id,
            number=newest + 1,
            before=flow.draft_number,
            document=plain,
            user_id=session.actor.user_id,
        )
    )
    flow.draft_number = newest + 1


OPERATIONS = [create_flow, update_flow, save_draft, undo_draft, redo_draft, take_back, delete_flow]
