"""The page on which a customer answers a survey, page by page and without scripts.

By the link of an invitation what is answered is kept after each page, and the same link goes on there. By an open link,
and of an anonymous survey, there is nothing by which to find it again: what was answered travels in the form until the
end, and is kept then. Opening a page keeps nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crmkit import Actor, Conflict, CrmSession, Customer, InvalidInput, NotFound, PublicPage, Visit, random_text, texts
from crmkit_feedback.answering.ballots import is_cast
from crmkit_feedback.answering.keeping import DONE, said_of
from crmkit_feedback.answering.links import PAGE, link_of
from crmkit_feedback.answering.models import SurveyResponse
from crmkit_feedback.answering.showing import QuestionShown, fields_of, shown_question
from crmkit_feedback.asking.models import Invitation
from crmkit_feedback.surveys.answers import Given, answers_map, read
from crmkit_feedback.surveys.choosing import content_of_version
from crmkit_feedback.surveys.content import Content, piped, said
from crmkit_feedback.surveys.flow import PageOfQuestions, next_page, page_before, path
from crmkit_feedback.surveys.models import Survey, SurveyVersion

_ = texts("crmkit_feedback")

Fields = Mapping[str, tuple[str, ...]]
AT, BACK, OPENED, CHANNEL, KEY = "at", "back", "opened", "by", "key"
"""Names of fields: the page that was filled in, whether it is to go back, when it began, by what way, which visit."""
OVER = ("declined", "expired", "withheld")
RIGHTS = (
    "customer.read",
    "feedback.invitation.read",
    "feedback.response.answer",
    "feedback.response.read",
    "feedback.survey.read",
    "interaction.create",
    "interaction.read",
)


class _Going:
    """One survey as one visitor answers it."""

    def __init__(self, session: CrmSession, visit: Visit) -> None:
        self.session, self.visit = session, visit
        self.invitation, self.survey = _subject(session, visit)
        self.response = _response(session, self.invitation)
        version_id = (self.response.version_id if self.response is not None else None) or self.survey.version_id
        version = None if version_id is None else session.get(SurveyVersion, version_id)
        if version is None:
            raise NotFound(_("There is no such page."))
        self.content: Content = content_of_version(version)
        self.piped = "customer.name" in str(version.content)
        self.resumes = self.invitation is not None and not self.survey.anonymous
        self.kept = said_of(session, self.response) if self.response is not None else ()

    @property
    def answered(self) -> bool:
        """Say whether the invitation was used up."""
        if self.invitation is None:
            return False
        if self.survey.anonymous:
            return is_cast(self.session, self.survey.id, self.invitation.id)
        return self.response is not None and self.response.state in DONE

    @property
    def open(self) -> bool:
        """Say whether the survey takes answers from this visitor."""
        if self.survey.state != "open" or (self.response is not None and self.response.ended_at is not None):
            return False
        ends = None if self.invitation is None else self.invitation.expires_at
        return ends is None or ends > self.session.gate.clock.business_now()

    def said_before(self, values: Fields) -> tuple[Given, ...]:
        """Return what was answered before: what is kept, or what travels in the form, as far as it can be read."""
        if self.resumes:
            return self.kept
        found: list[Given] = []
        at = (values.get(AT) or ("",))[0]
        for block in self.content.blocks:
            if block.key == at:
                break
            for question in block.questions:
                try:
                    found += read(question, values)
                except InvalidInput:
                    continue
        return tuple(found)

    def page_at(self, values: Fields, before: Sequence[Given]) -> PageOfQuestions | None:
        """Return the page that was filled in."""
        key = (values.get(AT) or ("",))[0]
        answers = answers_map(before)
        page = next_page(self.content, answers)
        while page is not None and page.block.key != key:
            page = next_page(self.content, answers, page.block.key)
        return page


def show(session: CrmSession, visit: Visit) -> Mapping[str, Any]:
    """Return the survey, and what makes the page that is to be shown of what was sent."""
    going = _Going(session, visit)
    title = said(going.content.title, visit.language, going.survey.title)
    return {
        "heading": title,
        "step": _stepping(going),
        "introduction": said(going.content.introduction, visit.language),
    }


def _stepping(going: _Going) -> Callable[..., Mapping[str, Any]]:
    def step(given: Fields, problems: Sequence[Mapping[str, Any]], saved: bool) -> Mapping[str, Any]:
        language = going.visit.language
        texts_ = going.content
        if going.answered:
            screened = going.response is not None and going.response.state == "screened"
            return {"kind": "thanks", "text": said(texts_.screened if screened else texts_.thanks, language)}
        if saved and not going.resumes:
            return {"kind": "thanks", "text": said(texts_.thanks, language)}
        if not going.open:
            return {"kind": "closed", "text": ""}
        page, before = _wanted(going, given, problems)
        if page is None:
            # What was sent ends an anonymous survey: it is kept apart from the link by which it came.
            return _dropped(going, given)
        return _page(going, page, before, given, problems)

    return step


def _wanted(
    going: _Going, given: Fields, problems: Sequence[Mapping[str, Any]]
) -> tuple[PageOfQuestions | None, tuple[Given, ...]]:
    """Return which page comes, and what was answered before it."""
    before = going.said_before(given)
    answers = answers_map(before)
    at = (given.get(AT) or ("",))[0]
    if not at:
        return _next_open(going, before), before
    if problems:
        return going.page_at(given, before), before
    if given.get(BACK):
        page = page_before(going.content, answers, at)
        return page or next_page(going.content, answers), before
    here = going.page_at(given, before)
    found = list(before)
    for question in here.questions if here is not None else ():
        found += read(question, given)
    return next_page(going.content, answers_map(found), at), tuple(found)


def _next_open(going: _Going, before: Sequence[Given]) -> PageOfQuestions | None:
    """Return the first page, or the one after the last that was answered."""
    answers = answers_map(before)
    done = {each.question for each in before}
    seen = set((going.response.attributes or {}).get("pages", ())) if going.response is not None else set[str]()
    page = next_page(going.content, answers)
    while page is not None:
        if page.block.key not in seen and not any(each.key in done for each in page.questions):
            return page
        following = next_page(going.content, answers, page.block.key)
        if following is None:
            return page
        page = following
    return page


def _page(
    going: _Going,
    page: PageOfQuestions,
    before: Sequence[Given],
    given: Fields,
    problems: Sequence[Mapping[str, Any]],
) -> Mapping[str, Any]:
    language = going.visit.language
    answers = answers_map(before)
    names = _names(going)
    wrong = {str(each["field"]): str(each["text"]) for each in problems if each.get("field")}
    typed = given if (problems or not going.resumes) else fields_of(before)
    if not given.get(AT):
        typed = {**_preselected(going, page), **typed}
    here = {f"q.{each.key}" for each in page.questions}
    questions: list[QuestionShown] = [
        shown_question(each, language, typed, wrong, lambda text: piped(text, answers, names))
        for each in page.questions
    ]
    clock = going.session.gate.clock
    first = page_before(going.content, answers, page.block.key) is None
    carried = [
        (name, value)
        for name, values in given.items()
        if not going.resumes and name.startswith("q.") and ".".join(name.split(".")[:2]) not in here
        for value in values
    ]
    return {
        "kind": "page",
        "at": page.block.key,
        "block": piped(said(page.block.title, language), answers, names),
        "questions": questions,
        "number": page.number,
        "count": page.count,
        "first": first,
        "carried": carried,
        "opened": (given.get(OPENED) or (str(int(clock.now().timestamp())),))[0],
        "by": (given.get(CHANNEL) or _asked(going, CHANNEL) or ("",))[0],
        "key": (given.get(KEY) or (random_text(16),))[0],
        "last": page.number == page.count,
        "wrong": wrong,
        "anonymous": going.survey.anonymous,
    }


def _asked(going: _Going, name: str) -> tuple[str, ...]:
    """Return what the query of the link says, where visits tell it."""
    return tuple((getattr(going.visit, "query", None) or {}).get(name, ()))


def _preselected(going: _Going, page: PageOfQuestions) -> Fields:
    """Return the first question's answer that a link in a mail has chosen already; nothing is kept of it."""
    measured = next((each for each in page.questions if each.kind == going.survey.metric), None)
    score = _asked(going, "score")
    return {f"q.{measured.key}": score[:1]} if measured is not None and score else {}


def _names(going: _Going) -> Mapping[str, str]:
    if going.survey.anonymous or going.visit.customer_id is None or not going.piped:
        return {}
    customer = going.session.get(Customer, going.visit.customer_id)
    return {"customer.name": customer.name} if customer is not None and isinstance(customer.name, str) else {}


# --- sending ----------------------------------------------------------------------------------------------------------


def submit(session: CrmSession, visit: Visit, values: Mapping[str, tuple[str, ...]]) -> None:
    """Keep a page. Raises InvalidInput for what cannot be an answer, with what was given; and without any problem where
    the next page is to be shown of what travels in the form."""
    going = _Going(session, visit)
    if going.answered:
        if going.survey.anonymous:
            # A link that is never sent to its end never tells that it was.
            raise InvalidInput([])
        return
    if not going.open:
        raise InvalidInput(_("This survey is over. Thank you for wanting to answer."))
    if values.get(BACK):
        raise InvalidInput([])
    before = going.said_before(values)
    page = going.page_at(values, before)
    if page is None:
        raise InvalidInput(_("Please look this over and send it again."))
    found, problems = _read_page(page, values)
    if problems:
        raise InvalidInput(problems)
    replaced = {each.key for each in page.questions}
    whole = [*(each for each in before if each.question not in replaced), *found]
    way = path(going.content, answers_map(whole))
    on_way = {each.key for each in way.questions}
    following = next_page(going.content, answers_map(whole), page.block.key)
    if going.survey.anonymous or (not going.resumes and following is not None):
        raise InvalidInput([])
    state = "partial" if following is not None else "screened" if way.ended == "screen_out" else "complete"
    answers = found if going.resumes else [each for each in whole if each.question in on_way]
    dropped = sorted({each.question for each in before} - on_way) if going.resumes else []
    dropped += [each for each in replaced if all(one.question != each for one in found)]
    try:
        session.run(
            "feedback.response.answer",
            {
                "answers": [_part(each) for each in answers],
                "invitation_id": going.invitation.id if going.resumes and going.invitation is not None else None,
                "state": state,
                "language": visit.language,
                "channel": _channel(going, values),
                "seconds": _seconds(going, values),
                "key": None if going.resumes else (values.get(KEY) or ("",))[0][:40] or None,
                "page": page.block.key,
                "drop": dropped,
            },
            target=going.survey,
        )
    except Conflict as error:
        raise InvalidInput(list(error.problems)) from None


def _dropped(going: _Going, given: Fields) -> Mapping[str, Any]:
    """Keep what ends an anonymous survey, in a transaction that knows neither the customer nor the link."""
    before = list(going.said_before({**given, AT: ("",)}))
    way = path(going.content, answers_map(before))
    on_way = {each.key for each in way.questions}
    screened = way.ended == "screen_out"
    going.session.crm.run(
        Actor.system("an anonymous answer"),
        "feedback.response.drop",
        {
            "answers": [_part(each) for each in before if each.question in on_way],
            "ballot": None if going.invitation is None else going.invitation.id,
            "key": (given.get(KEY) or ("",))[0][:40] or None,
            "state": "screened" if screened else "complete",
            "language": going.visit.language,
        },
        target=going.survey.id,
    )
    text = said(going.content.screened if screened else going.content.thanks, going.visit.language)
    return {"kind": "thanks", "text": text}


def _read_page(page: PageOfQuestions, values: Fields) -> tuple[list[Given], list[Any]]:
    found: list[Given] = []
    problems: list[Any] = []
    for question in page.questions:
        try:
            found += read(question, values)
        except InvalidInput as error:
            problems += error.problems
    return found, problems


def _part(given: Given) -> dict[str, Any]:
    return {
        "question": given.question,
        "item": given.item,
        "value": given.value,
        "choice": given.choice,
        "text": given.text,
    }


def _channel(going: _Going, values: Fields) -> str:
    if going.invitation is not None:
        return "email"
    by = (values.get(CHANNEL) or ("",))[0]
    return by if by in ("qr", "embed") else "web"


def _seconds(going: _Going, values: Fields) -> int:
    try:
        opened = datetime.fromtimestamp(
            int((values.get(OPENED) or ("0",))[0]), tz=going.session.gate.clock.now().tzinfo
        )
    except (ValueError, OverflowError, OSError):
        return 0
    passed = going.session.gate.clock.now() - opened
    return int(passed.total_seconds()) if timedelta() <= passed <= timedelta(days=1) else 0


# --- what a link is about ---------------------------------------------------------------------------------------------


def _subject(session: CrmSession, visit: Visit) -> tuple[Invitation | None, Survey]:
    """Return the invitation, if there is one, and the survey that a link is about. Raises NotFound."""
    name, _colon, identity = (visit.ref or "").rpartition(":")
    try:
        found = UUID(identity)
    except ValueError:
        raise NotFound(_("There is no such page.")) from None
    if name.rpartition(".")[2] == "invitation":
        invitation = session.get(Invitation, found)
        if invitation is None or invitation.customer_id != visit.customer_id or invitation.state in OVER:
            raise NotFound(_("There is no such page."))
        return invitation, session.get_one(Survey, invitation.survey_id)
    survey = session.get(Survey, found)
    known = None if survey is None else link_of(session, survey)
    # The address before the last one does not open it any more.
    if survey is None or known is None or known.link_id != visit.link_id:
        raise NotFound(_("There is no such page."))
    return None, survey


def _response(session: CrmSession, invitation: Invitation | None) -> SurveyResponse | None:
    if invitation is None:
        return None
    return session.scalar(select(SurveyResponse).where(SurveyResponse.invitation_id == invitation.id))


def embeds(session: CrmSession, visit: Visit) -> Sequence[str]:
    """Return the websites that may show a survey in a frame: those of its open link."""
    invitation, survey = _subject(session, visit)
    known = None if invitation is not None else link_of(session, survey)
    return tuple(map(str, known.origins)) if known is not None else ()


ANSWER_PAGE = PublicPage(
    name=PAGE,
    title=_("How did we do?"),
    template="feedback/answering/answer.html",
    show=show,
    submit=submit,
    embeds=embeds,
    rights=RIGHTS,
    expires=90,
    throttle=2000,
)
PUBLIC_PAGES = [ANSWER_PAGE]
