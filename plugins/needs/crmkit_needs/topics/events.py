"""What happens to topics, for whoever listens."""

from __future__ import annotations

from uuid import UUID

from crmkit import event


@event("needs.topics.mined")
class TopicsMined:
    """A search for topics has ended with some."""

    run_id: UUID


@event("needs.topic.became_need")
class TopicBecameNeed:
    """A topic was made a need, or evidence of one."""

    topic_id: UUID
    need_id: UUID


EVENTS = [TopicsMined, TopicBecameNeed]
