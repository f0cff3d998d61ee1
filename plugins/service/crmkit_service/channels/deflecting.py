"""What visitors of a form are shown before they send it, and whether they still do: what was shown and spared a case.

Whoever shows something notes it here; what there is to show is others' matter.
"""

from __future__ import annotations

from typing import Annotated

from sqlalchemy import select

from crmkit import Actor, CrmSession, Input, operation, texts
from crmkit_service.channels.models import Deflection, ServiceChannel

_ = texts("crmkit_service")

VISIT = "visit"
"""The hidden field of a form with the key of the visit."""
LONGEST = 64
Key = Annotated[str, Input(title=_("Visit"), max_length=LONGEST, classified="internal")]


@operation(
    "service.deflection.note",
    title=_("Note what was shown before a form was sent"),
    permission="service.deflection.create",
    effect="create",
    hidden=True,
)
def note_shown(
    session: CrmSession,
    channel: ServiceChannel,
    *,
    visit: Key,
    source: Annotated[str, Input(title=_("Kind"), max_length=60, classified="internal")],
    source_id: Annotated[str, Input(title=_("Which"), max_length=120, classified="internal")],
) -> None:
    """Note that a visitor of a form was shown something that may answer what they ask, such as an article."""
    _add(session, channel, visit, "shown", source, source_id)


def note_sent(session: CrmSession, channel: ServiceChannel, visit: str) -> None:
    """Note, within the operation that takes a form in, that it was sent although something was shown; nothing where
    nothing was."""
    if not visit or len(visit) > LONGEST:
        return
    with session.crm.session(Actor.system("looking what a visitor was shown")) as whole:
        query = select(Deflection.id).where(Deflection.visit == visit, Deflection.channel_id == channel.id).limit(1)
        shown = whole.scalar(query) is not None
    if shown:
        _add(session, channel, visit, "sent", "", "")


def _add(session: CrmSession, channel: ServiceChannel, visit: str, what: str, source: str, source_id: str) -> None:
    clock = session.gate.clock
    session.add(
        Deflection(
            recorded_at=clock.now(),
            visit=visit,
            channel_id=channel.id,
            at=clock.business_now(),
            what=what,
            source=source,
            source_id=source_id,
        )
    )


OPERATIONS = [note_shown]
