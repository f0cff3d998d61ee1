"""What templates tell others."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmkit import Input, event

Plain = Annotated[str, Input(classified="internal")]


@event("messaging.template.published")
class TemplatePublished:
    """A version of a template was published: from now on messages are sent by it."""

    template_id: UUID
    name: Plain
    version: Annotated[int, Input(classified="internal")]


EVENTS = [TemplatePublished]
