"""What a customer does on the page of a case: write, send files, close it."""

from __future__ import annotations

from typing import Annotated

from crmkit import CrmSession, Input, Interaction, operation, texts
from crmkit_service.cases.changing import enter
from crmkit_service.cases.models import Case
from crmkit_service.cases.talking import record
from crmkit_service.channels.forming import FormFile

_ = texts("crmkit_service")


@operation("service.case.visit", title=_("Write on the page of the case"), permission="service.case.visit",
           effect="update", hidden=True)  # fmt: skip
def visit_case(
    session: CrmSession,
    case: Case,
    *,
    text: Annotated[str, Input(title=_("Text"), max_length=20_000, multiline=True, classified="text")] = "",
    files: tuple[FormFile, ...] = (),
    close: Annotated[bool, Input(title=_("Close it"), classified="internal")] = False,
) -> Case:
    """Add what the customer writes on the page of a case, with its files, and close the case where that is asked for;
    return the case in which it stands.

    Raises MoveRefused where the case cannot be closed as it is, FileRejected for a file that is not accepted.
    """
    if text.strip():
        now = session.gate.clock.business_now()
        interaction: Interaction = record(session, case, "page", "in", body=text, subject=None, at=now)
        for each in files:
            upload = {"filename": each.filename, "content": each.content}
            session.run("attachment.add", {"upload": upload, "interaction_id": interaction.id})
        if close:
            given = {"interaction_id": interaction.id, "channel": "page", "automatic": True}
            case = session.run("service.case.receive", given, target=case)
        else:
            given = {"interaction_id": interaction.id, "channel": "page"}
            case = session.run("service.case.receive", given, target=case)
    if close and case.phase not in ("resolved", "closed"):
        enter(session, case, "resolved")
    if close and case.state == "resolved":
        enter(session, case, "closed")
    return case


OPERATIONS = [visit_case]
