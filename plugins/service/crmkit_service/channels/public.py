"""The pages that customers open without an account: a form that opens a case, the page on which they follow one, and
the page on which they rate it.

The page of a case shows what was said with the customer, and nothing of what colleagues say among themselves. Opening a
page does nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import frozen
from sqlalchemy import select

from crmkit import (
    Attachment,
    Conflict,
    CrmSession,
    InvalidInput,
    NotFound,
    Problem,
    PublicPage,
    Visit,
    random_text,
    texts,
)
from crmkit_service.cases.changing import moves_from
from crmkit_service.cases.completing import missing_of
from crmkit_service.cases.inputs import survivor_of
from crmkit_service.cases.models import Case, CaseMessage, CaseType
from crmkit_service.cases.talking import thread_of
from crmkit_service.channels.deflecting import VISIT
from crmkit_service.channels.forming import MOST_FILES, OPENED, TRAP, stamp
from crmkit_service.channels.links import CASE, RATING
from crmkit_service.channels.models import ServiceChannel
from crmkit_service.channels.rating import is_rated, round_of
from crmkit_service.channels.setting import DAYS, PAGE
from crmkit_service.channels.words import FIELDS, SCORES

_ = texts("crmkit_service")

KINDS = {"email": "email", "phone": "tel"}
FILLS = {"name": "name", "email": "email", "phone": "tel"}
"""By these names browsers know what to fill in."""
LONGEST = 20_000
SHOWN = {
    "new": _("We have your request"),
    "open": _("We are working on it"),
    "reopened": _("We are working on it again"),
    "waiting_customer": _("We wait for your answer"),
    "waiting_third_party": _("We wait for somebody else"),
    "on_hold": _("It rests for the time being"),
    "resolved": _("Solved"),
    "closed": _("Closed"),
}
"""What customers read of the state of a case."""
CASE_RIGHTS = (
    "attachment.create",
    "attachment.read",
    "customer.read",
    "interaction.create",
    "interaction.read",
    "service.case.read",
    "service.case.receive",
    "service.case.visit",
    "service.case_type.read",
)
RATING_RIGHTS = ("customer.read", "interaction.create", "service.case.rate", "service.case.read", "service.rating.read")


# --- the form ---------------------------------------------------------------------------------------------------------


def show_form(session: CrmSession, visit: Visit) -> Mapping[str, Any]:
    """Return what a form asks and says in the language of the visitor."""
    channel = _channel(session, visit)
    said = channel.texts.get(visit.language) or next(iter(channel.texts.values()), {})
    titles = session.crm.config.get(session).options.get("consent_purpose", {})
    return {
        "heading": said.get("title") or channel.title,
        "introduction": said.get("introduction", ""),
        "thanks": said.get("thanks", ""),
        "agreed": said.get("consent", ""),
        "questions": [(field, FIELDS[field], required) for field, required in channel.fields],
        "kinds": KINDS,
        "fills": FILLS,
        "purposes": [(name, titles.get(name, name)) for name in channel.purposes],
        "trap": TRAP,
        "opened": OPENED,
        "stamp": stamp(channel, session.gate.clock.now()),
        "visit": VISIT,
        "visit_key": random_text(24),
        "most_files": MOST_FILES,
    }


def submit_form(session: CrmSession, visit: Visit, values: Mapping[str, tuple[str, ...]]) -> None:
    """Keep what was filled in. Raises InvalidInput for what is missing, TooManyAttempts for too much."""
    channel = _channel(session, visit)
    said: dict[str, Any] = {name: found[0] for name, found in values.items() if found and name != "consent"}
    said["consent"] = list(values.get("consent", ()))
    files = [{"filename": each.filename, "content": each.content} for each in visit.files]
    given = {"values": said, "files": files, "language": visit.language}
    session.run("service.form.answer", given, target=channel)


def embeds(session: CrmSession, visit: Visit) -> Sequence[str]:
    """Return the websites that may show the form in a frame."""
    return _channel(session, visit).origins


def _channel(session: CrmSession, visit: Visit) -> ServiceChannel:
    channel = session.get(ServiceChannel, _id(visit))
    # The address before the last one does not open it any more.
    if channel is None or not channel.active or channel.kind != "form" or channel.link_id != visit.link_id:
        raise NotFound(_("There is no such page."))
    return channel


# --- the case ---------------------------------------------------------------------------------------------------------


@frozen(kw_only=True)
class SaidToCustomer:
    """A message as its customer reads it: when, whether we said it, the text, and the names of its files."""

    at: str
    ours: bool
    body: str
    files: tuple[str, ...]


def show_case(session: CrmSession, visit: Visit) -> Mapping[str, Any]:
    """Return what was said with the customer in a case, its state, and what the customer can do."""
    case = _case(session, visit)
    said = thread_of(session, case, public=True)
    zone = ZoneInfo(session.crm.config.get(session).zone)
    files = _files(session, [each.message for each in said])
    return {
        "case": case,
        "state": SHOWN.get(case.state, ""),
        "said": [
            SaidToCustomer(
                at=f"{each.message.at.astimezone(zone):%Y-%m-%d %H:%M}",
                ours=each.message.direction == "out",
                body=each.body if type(each.body) is str else "",
                files=tuple(files.get(each.message.id, ())),
            )
            for each in said
            if each.message.delivery != "failed"
        ],
        "over": case.phase in ("resolved", "closed"),
        "closes": _closes(session, case),
        "reopens": _reopens(session, case),
        "most_files": MOST_FILES,
    }


def submit_case(session: CrmSession, visit: Visit, values: Mapping[str, tuple[str, ...]]) -> None:
    """Add what the customer writes, with files, or close the case. Raises InvalidInput for nothing, and for too
    much."""
    case = _case(session, visit)
    text = (values.get("text") or ("",))[0].strip()
    (act,) = values.get("act", ("write",))[:1]
    if len(text) > LONGEST:
        message = _("This is longer than {most} characters.")
        raise InvalidInput([Problem(InvalidInput.code, message, field="text", most=LONGEST)])
    if act != "close" and not text:
        raise InvalidInput([Problem(InvalidInput.code, _("Please write something."), field="text")])
    try:
        files = [{"filename": each.filename, "content": each.content} for each in visit.files]
        session.run("service.case.visit", {"text": text, "files": files, "close": act == "close"}, target=case)
    except Conflict as error:
        raise InvalidInput(list(error.problems)) from None


def _files(session: CrmSession, messages: Sequence[CaseMessage]) -> dict[UUID, list[str]]:
    """Return the names of the files of messages: those of what the customer sent, and those that we sent."""
    own = {each.interaction_id: each.id for each in messages if each.interaction_id is not None}
    sent = {UUID(file): each.id for each in messages for file in each.files}
    query = select(Attachment.id, Attachment.interaction_id, Attachment.filename).where(
        Attachment.interaction_id.in_(list(own)) | Attachment.id.in_(list(sent))
    )
    found: dict[UUID, list[str]] = {}
    for file_id, interaction_id, filename in session.execute(query.order_by(Attachment.id)):
        message_id = sent.get(file_id) or (own.get(interaction_id) if interaction_id is not None else None)
        if message_id is not None and type(filename) is str:
            found.setdefault(message_id, []).append(filename)
    return found


def _ways(session: CrmSession, case: Case) -> Sequence[str]:
    return moves_from(session.get_one(CaseType, case.type_id), case.state)


def _closes(session: CrmSession, case: Case) -> bool:
    """Say whether the customer can close a case: where nothing is lacking that its type asks for."""
    if case.phase in ("resolved", "closed"):
        return case.state == "resolved" and "closed" in _ways(session, case)
    return "resolved" in _ways(session, case) and not missing_of(session, case)


def _reopens(session: CrmSession, case: Case) -> bool:
    """Say whether a message of the customer opens the same case again."""
    if case.phase not in ("resolved", "closed") or "reopened" not in _ways(session, case):
        return False
    over = case.resolved_at or case.closed_at or case.state_since
    window = timedelta(days=session.get_one(CaseType, case.type_id).follow_up_days)
    return session.gate.clock.business_now() - over <= window


def _case(session: CrmSession, visit: Visit) -> Case:
    """Return the case that a link is about, or the one that it was merged into. Raises NotFound."""
    found = session.get(Case, _id(visit))
    case = survivor_of(session, found) if found is not None else None
    if case is None or case.customer_id != visit.customer_id or case.state in ("merged", "spam"):
        raise NotFound(_("There is no such page."))
    return case


# --- the rating -------------------------------------------------------------------------------------------------------


def show_rating(session: CrmSession, visit: Visit) -> Mapping[str, Any]:
    """Return what is rated, and what can be answered."""
    case = _case(session, visit)
    return {"case": case, "scores": SCORES, "rated": is_rated(session, case), "open": round_of(case) > 0}


def submit_rating(session: CrmSession, visit: Visit, values: Mapping[str, tuple[str, ...]]) -> None:
    """Keep a rating. Raises InvalidInput for none, and where it was given already."""
    case = _case(session, visit)
    (score,) = values.get("score", ("",))[:1]
    comment = (values.get("comment") or ("",))[0]
    if score not in {str(each) for each in SCORES}:
        raise InvalidInput([Problem(InvalidInput.code, _("Please choose how satisfied you are."), field="score")])
    if len(comment) > 2000:
        text = _("This is longer than {most} characters.")
        raise InvalidInput([Problem(InvalidInput.code, text, field="comment", most=2000)])
    try:
        session.run("service.case.rate", {"score": int(score), "comment": comment}, target=case)
    except Conflict as error:
        raise InvalidInput(list(error.problems)) from None


def _id(visit: Visit) -> UUID:
    try:
        return UUID((visit.ref or "").rpartition(":")[2])
    except ValueError:
        raise NotFound(_("There is no such page.")) from None


FORM_PAGE = PublicPage(
    name=PAGE,
    title=_("Request"),
    template="service/channels/form.html",
    show=show_form,
    submit=submit_form,
    embeds=embeds,
    rights=("service.channel.read", "service.deflection.create", "service.form.answer", "service.intake.create"),
    expires=DAYS,
    throttle=1000,
    files=MOST_FILES,
)
CASE_PAGE = PublicPage(
    name=CASE,
    title=_("Your request"),
    template="service/channels/case.html",
    show=show_case,
    submit=submit_case,
    rights=CASE_RIGHTS,
    expires=90,
    files=MOST_FILES,
)
RATING_PAGE = PublicPage(
    name=RATING,
    title=_("How satisfied are you?"),
    template="service/channels/rating.html",
    show=show_rating,
    submit=submit_rating,
    rights=RATING_RIGHTS,
    expires=90,
)
PUBLIC_PAGES = [FORM_PAGE, CASE_PAGE, RATING_PAGE]
