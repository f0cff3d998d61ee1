"""Answering from the page of a case: nothing is sent over what has come meanwhile, nothing that was written is lost.

Whoever writes says up to which message they have read. Where another message has come since, from the customer or a
colleague, the answer is kept as a draft and held back, and the page shows what is new; sent once more, it goes.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from attrs import field, frozen
from sqlalchemy import or_, select

from crmkit import CrmSession, Input, Refused, operation, texts
from crmkit_service.cases.inputs import Files
from crmkit_service.cases.models import Case, CaseMessage
from crmkit_service.desk.errors import UnfilledField
from crmkit_service.desk.filling import filled, unfilled, values_for
from crmkit_service.desk.models import DRAFT_KINDS, USED_FROM, ReplyDraft, SuggestionUse

_ = texts("crmkit_service")

Kind = Annotated[Literal["reply", "note"], Input(title=_("Kind"), choices=DRAFT_KINDS, classified="internal")]
Body = Annotated[str, Input(title=_("Text"), max_length=1_000_000, multiline=True, classified="text")]
Seen = Annotated[
    UUID | None,
    Input(
        title=_("Read up to"),
        classified="internal",
        help=_("The last message that was there; without it nothing is held back."),
    ),
]
Then = Annotated[
    Literal["open", "waiting_customer", "waiting_third_party", "on_hold", "resolved"] | None,
    Input(title=_("Then"), classified="internal"),
]
UsedFrom = Annotated[
    Literal["saved_reply", "answer"] | None, Input(title=_("Made of"), choices=USED_FROM, classified="internal")
]


@frozen(kw_only=True)
class AnswerFile:
    """A file that goes with an answer, as it came: its name, which is not trusted, and its content."""

    filename: Annotated[str, Input(title=_("File name"), max_length=1000, classified="personal")]
    content: bytes = field(repr=False)


@operation("service.case.answer", title=_("Answer or note"), permission="service.case.note", effect="update")
def answer(
    session: CrmSession,
    case: Case,
    *,
    body: Body,
    kind: Kind = "reply",
    seen: Seen = None,
    then: Then = None,
    files: Files = (),
    used_from: UsedFrom = None,
    used_id: Annotated[UUID | None, Input(title=_("Made of"), classified="internal")] = None,
    file: AnswerFile | None = None,
) -> CaseMessage | ReplyDraft:
    """Send an answer, or add a note, and return the message; or keep it as a draft that is held back, and return that,
    where another message has come since ``seen``.

    Fields in the text are filled in. A ``file`` is kept among the customer's, and goes along. ``used_from`` and
    ``used_id`` say of what suggestion it was made. Raises UnfilledField for a field without a value; as answering and
    noting do.
    """
    if kind == "reply" and seen is not None and came_since(session, case, seen):
        return _keep(session, case, body, kind, seen, held=True, then=then)
    text = filled(body, values_for(session, case)) if kind == "reply" else body
    if kind == "reply" and (missing := unfilled(text)):
        raise UnfilledField(
            _("There is no value for {fields}."),
            fix=_("Write it yourself, or take the field out."),
            fields=", ".join(missing),
        )
    if kind == "note":
        message: CaseMessage = session.run("service.case.note", {"body": text}, target=case)
        if then is not None:
            session.run("service.case.set_state", {"state": then}, target=case)
    else:
        values: dict[str, Any] = {"body": text, "files": [*files, *_attached(session, case, file)]}
        message = session.run("service.case.reply", values | ({"state": then} if then is not None else {}), target=case)
        if used_from is not None and used_id is not None:
            note_use(session, case, used_from, used_id)
    draft = draft_of(session, case)
    if draft is not None:
        session.delete(draft)
    return message


def _attached(session: CrmSession, case: Case, file: AnswerFile | None) -> list[UUID]:
    if file is None:
        return []
    upload = {"filename": file.filename, "content": file.content}
    return [session.run("attachment.add", {"upload": upload, "customer_id": case.customer_id}).id]


@operation("service.draft.keep", title=_("Keep what was written"), permission="service.case.note")
def keep_draft(session: CrmSession, case: Case, *, body: Body, kind: Kind = "reply", seen: Seen = None) -> None:
    """Keep what whoever acts has written for a case, or forget it where that is nothing. A draft that is held back
    stays so."""
    if body.strip():
        _keep(session, case, body, kind, seen)
    elif (draft := draft_of(session, case)) is not None:
        session.delete(draft)


@operation("service.draft.discard", title=_("Discard the draft"), permission="service.case.note")
def discard_draft(session: CrmSession, case: Case) -> None:
    """Forget what whoever acts has written for a case and not sent."""
    draft = draft_of(session, case)
    if draft is not None:
        session.delete(draft)


def draft_of(session: CrmSession, case: Case) -> ReplyDraft | None:
    """Return what whoever acts has written for a case and not sent."""
    user_id = session.guarding.rights.user_id
    return session.scalar(select(ReplyDraft).where(ReplyDraft.case_id == case.id, ReplyDraft.user_id == user_id))


def came_since(session: CrmSession, case: Case, seen: UUID) -> list[CaseMessage]:
    """Return the messages of a case that came after one, the first first: the customer's, and the answers of others.
    Notes hold nothing back. A message that is not the case's counts as none."""
    last = session.get(CaseMessage, seen)
    if last is None or last.case_id != case.id:
        return []
    own = session.guarding.rights.user_id
    query = (
        select(CaseMessage)
        .where(
            CaseMessage.case_id == case.id,
            CaseMessage.direction != "internal",
            ~CaseMessage.automatic,
            or_(CaseMessage.at > last.at, (CaseMessage.at == last.at) & (CaseMessage.id > last.id)),
            or_(CaseMessage.author_id.is_(None), CaseMessage.author_id != own),
        )
        .order_by(CaseMessage.at, CaseMessage.id)
    )
    return list(session.scalars(query))


def _keep(
    session: CrmSession,
    case: Case,
    body: str,
    kind: str,
    seen: UUID | None,
    *,
    held: bool = False,
    then: str | None = None,
) -> ReplyDraft:
    user_id = session.guarding.rights.user_id
    if user_id is None:
        raise Refused(_("Only a user has drafts."))
    draft = draft_of(session, case)
    if draft is None:
        draft = ReplyDraft(case_id=case.id, customer_id=case.customer_id, user_id=user_id, held=False)
        session.add(draft)
    draft.body, draft.kind = body, kind
    if held or not draft.held:
        draft.seen_id = seen
    if held:
        draft.held, draft.then_state = True, then
    return draft


def note_use(session: CrmSession, case: Case, used_from: str, source_id: UUID) -> None:
    """Note that an answer was made of something that was suggested, or a macro was run."""
    clock = session.gate.clock
    session.add(
        SuggestionUse(
            recorded_at=clock.now(),
            case_id=case.id,
            customer_id=case.customer_id,
            user_id=session.guarding.rights.user_id,
            at=clock.business_now(),
            used_from=used_from,
            source_id=source_id,
        )
    )


OPERATIONS = [answer, keep_draft, discard_draft]
