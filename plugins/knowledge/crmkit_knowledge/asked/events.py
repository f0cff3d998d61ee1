"""What happens to questions, for whoever listens."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmkit import Input, event

Number = Annotated[int, Input(classified="internal")]


@event("knowledge.question.found")
class QuestionFound:
    """Several people search for something and find nothing that helps them."""

    question_id: UUID
    visits: Number
    missed: Number


@event("knowledge.question.answered")
class QuestionAnswered:
    """Somebody says which article answers a question."""

    question_id: UUID
    article_id: UUID


@event("knowledge.question.returned")
class QuestionReturned:
    """A question goes on failing after it was answered, and is open again."""

    question_id: UUID
    visits: Number
    missed: Number


EVENTS = [QuestionFound, QuestionAnswered, QuestionReturned]
