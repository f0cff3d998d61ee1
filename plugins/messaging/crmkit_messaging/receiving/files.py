"""The files of a mail to attachments of its interaction. What is not accepted is named, and costs nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from crmkit import CrmkitError, CrmSession
from crmkit_messaging.receiving.values import File, LeftOut


def keep_files(session: CrmSession, files: Iterable[File], interaction_id: UUID) -> list[LeftOut]:
    """Attach files to an interaction, inside an operation; return those that are not accepted: of a dangerous or
    unknown type, too large, or of no place to put them."""
    left_out: list[LeftOut] = []
    for file in files:
        upload = {"filename": file.filename, "content": file.content}
        try:
            session.run("attachment.add", {"upload": upload, "interaction_id": interaction_id})
        except CrmkitError:
            left_out.append(LeftOut(code="refused", name=file.filename))
    return left_out
