"""What people do with questions: they take them, say which article answers them, or that they are not theirs."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmkit import CrmSession, Input, User, operation, texts
from crmkit_knowledge.articles.errors import problem
from crmkit_knowledge.articles.finding import article_numbered
from crmkit_knowledge.articles.words import SHOWN
from crmkit_knowledge.asked.counting import MANAGE
from crmkit_knowledge.asked.errors import QuestionInState
from crmkit_knowledge.asked.events import QuestionAnswered
from crmkit_knowledge.asked.models import Question

_ = texts("crmkit_knowledge")

Note = Annotated[str, Input(title=_("Note"), max_length=500, multiline=True, classified="internal")]


@operation("knowledge.question.take", title=_("Take the question"), permission=MANAGE, effect="update")
def take_question(
    session: CrmSession,
    question: Question,
    *,
    owner_id: Annotated[
        UUID | None,
        Input(title=_("Owner"), help=_("Empty: myself."), resource="user", classified="internal"),
    ] = None,
) -> Question:
    """Give a question an owner: whoever asks for it, or somebody else. Raises InvalidInput for nobody."""
    owner = owner_id or session.guarding.rights.user_id
    user = session.get(User, owner) if owner is not None else None
    if user is None or not user.active:
        raise problem("owner_id", _("Say whose it is."))
    question.owner_id = user.id
    return question


@operation("knowledge.question.answer", title=_("Answered by an article"), permission=MANAGE, effect="update")
def answer_question(
    session: CrmSession,
    question: Question,
    *,
    article: Annotated[
        int, Input(title=_("Article"), help=_("Its number."), minimum=1, maximum=2**31 - 1, classified="internal")
    ],
    note: Note = "",
) -> Question:
    """Say which published article answers a question. It is open again where it goes on failing from now on. Raises
    QuestionInState for one that is not ours, InvalidInput for an article that is not published, NotFound."""
    if question.state == "dismissed":
        raise QuestionInState(question.state)
    found = article_numbered(session, article)
    if found.state not in SHOWN:
        raise problem("article", _("Article {number} is not published."), number=article)
    question.article_id = found.id
    _decide(session, question, "answered", note)
    session.emit(QuestionAnswered(question_id=question.id, article_id=found.id))
    return question


@operation("knowledge.question.dismiss", title=_("Not ours"), permission=MANAGE, effect="update")
def dismiss_question(session: CrmSession, question: Question, *, note: Note = "") -> Question:
    """Say that nothing has to be written for a question: it stays away however often it is asked."""
    _decide(session, question, "dismissed", note)
    return question


@operation("knowledge.question.reopen", title=_("Reopen"), permission=MANAGE, effect="update")
def reopen_question(session: CrmSession, question: Question) -> Question:
    """Open a question again. Raises QuestionInState for one that is open."""
    if question.state == "open":
        raise QuestionInState(question.state)
    question.state, question.decided_at = "open", None
    return question


def _decide(session: CrmSession, question: Question, state: str, note: str) -> None:
    question.state, question.decided_at = state, session.gate.clock.business_now()
    question.note = note.strip() or question.note


OPERATIONS = [take_question, answer_question, dismiss_question, reopen_question]
