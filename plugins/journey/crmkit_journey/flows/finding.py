"""Finding flows, their drafts and their versions."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from functools import lru_cache
from uuid import UUID

import msgspec
from sqlalchemy import select

from crmkit import CrmSession, NotFound, texts
from crmkit_journey.flows.documents import flow_of
from crmkit_journey.flows.models import Flow, FlowDraft, FlowVersion
from crmkit_journey.flows.nodes import Flow as Definition

_ = texts("crmkit_journey")


def flow_named(session: CrmSession, name: str) -> Flow:
    """Return a flow by its name. Raises NotFound, suggesting the one that was probably meant."""
    found = session.scalars(select(Flow).where(Flow.name == name)).first()
    if found is None:
        known = session.scalars(select(Flow.name).order_by(Flow.name)).all()
        close = difflib.get_close_matches(name, known, 1)
        raise NotFound(
            _('There is no flow "{name}".'),
            fix=_('Did you mean "{close}"?') if close else _("crmkit journey flows list names them."),
            name=name,
            close=close[0] if close else "",
        )
    return found


def flows(session: CrmSession) -> Sequence[Flow]:
    """Return all flows, by title."""
    return session.scalars(select(Flow).order_by(Flow.title, Flow.name)).all()


def draft_of(session: CrmSession, flow: Flow) -> FlowDraft | None:
    """Return the draft at hand, None before the first was saved."""
    query = select(FlowDraft).where(FlowDraft.flow_id == flow.id, FlowDraft.number == flow.draft_number)
    return session.scalars(query).first()


def version_of(session: CrmSession, flow_id: UUID, number: int) -> FlowVersion:
    """Return a version of a flow. Raises NotFound."""
    query = select(FlowVersion).where(FlowVersion.flow_id == flow_id, FlowVersion.number == number)
    found = session.scalars(query).first()
    if found is None:
        raise NotFound(_("There is no version {number} of the flow."), number=number)
    return found


def definition(version: FlowVersion) -> Definition:
    """Return what a version says. It is read once for each version, as versions never change."""
    return _read(version.id, msgspec.json.encode(version.document))


@lru_cache(maxsize=256)
def _read(_id: UUID, document: bytes) -> Definition:
    return flow_of(msgspec.json.decode(document))
