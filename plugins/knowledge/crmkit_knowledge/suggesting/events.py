"""What happens when somebody asks for help, for whoever listens."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmkit import Input, event


@event("knowledge.session.answered")
class HelpAnswered:
    """Somebody who was about to ask says that an article has answered it."""

    session_id: UUID
    articles: Annotated[tuple[UUID, ...], Input(classified="internal")]


EVENTS = [HelpAnswered]
