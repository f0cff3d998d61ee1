"""Forms by which visitors come in: adding and changing them, their address, and what they are answered with.

An answer is kept as an inquiry and settled afterwards, so that a visitor never touches a customer and learns of none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

import attrs
from sqlalchemy import func, select

from crmkit import (
    UNSET,
    Actor,
    Conflict,
    CrmSession,
    Input,
    InvalidInput,
    IssuedLink,
    NotFound,
    Problem,
    UnsetType,
    given,
    hmac_digest,
    operation,
    random_text,
    same,
    secret_of,
    texts,
)
from crmkit.errors import AlreadyExists, TooManyAttempts
from crmkit.i18n import LANGUAGES
from crmkit_sales.leads.events import InquiryReceived
from crmkit_sales.leads.inputs import Campaign, SourceId, Title, check_choice, problem
from crmkit_sales.leads.models import Inquiry, LeadForm, LeadSource
from crmkit_sales.leads.words import CHOICES, FIELDS, REACHED_BY

_ = texts("crmkit_sales")

MANAGE = "sales.form.manage"
PAGE = "sales.form"
DAYS = 730
TRAP = "website"
"""A field that people do not see: what fills it in is a machine."""
OPENED = "opened"
QUICKEST = timedelta(seconds=2)
"""Nobody fills in a form in less."""
HOUR = timedelta(hours=1)
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
LONGEST = {"need": 5000, "email": 320, "phone": 100}
USUAL_LENGTH = 200

Field = Literal["name", "email", "phone", "company", "job_title", "city", "country", "need", "budget", "timing"]


@attrs.frozen(kw_only=True)
class Question:
    """Something that a form asks."""

    field: Annotated[Field, Input(title=_("Question"), choices=FIELDS, classified="public")]
    required: Annotated[bool, Input(title=_("Required"), classified="public")] = False


@attrs.frozen(kw_only=True)
class FormText:
    """What a form says in a language."""

    language: Annotated[str, Input(title=_("Language"), choices=LANGUAGES, classified="public")]
    title: Annotated[str, Input(title=_("Title"), max_length=200, classified="public")]
    introduction: Annotated[
        str, Input(title=_("Introduction"), max_length=2000, multiline=True, classified="public")
    ] = ""
    thanks: Annotated[str, Input(title=_("Thanks"), max_length=2000, multiline=True, classified="public")] = ""
    consent: Annotated[
        str, Input(title=_("What is agreed to"), max_length=2000, multiline=True, classified="public")
    ] = ""


Questions = Annotated[tuple[Question, ...], Input(title=_("Questions"), max_length=20, classified="public")]
Texts = Annotated[tuple[FormText, ...], Input(title=_("Texts"), max_length=10, classified="public")]
Purposes = Annotated[tuple[str, ...], Input(title=_("Consent"), max_length=10, classified="public")]
Origins = Annotated[
    tuple[str, ...],
    Input(
        title=_("May be embedded in"),
        max_length=20,
        classified="public",
        help=_("Addresses of websites, as in https://www.example.com."),
    ),
]
QueueName = Annotated[str, Input(title=_("Queue"), max_length=60, classified="internal")]
TeamId = Annotated[UUID | None, Input(title=_("Team"), resource="team", classified="public")]
OwnerId = Annotated[UUID | None, Input(title=_("Owner"), resource="user", classified="public")]
Hourly = Annotated[
    int, Input(title=_("Most in an hour from one address"), minimum=1, maximum=1000, classified="public")
]
USUAL = (Question(field="name", required=True), Question(field="email", required=True), Question(field="need"))


@attrs.frozen(kw_only=True)
class NewForm:
    """A form: what it asks, says and asks consent for, and to whom its leads go."""

    name: Annotated[str, Input(title=_("Name"), max_length=60, classified="public")]
    title: Title
    fields: Questions = USUAL
    texts: Texts = ()
    purposes: Purposes = ()
    origins: Origins = ()
    source_id: SourceId = None
    campaign: Campaign = None
    queue: QueueName = ""
    team_id: TeamId = None
    owner_id: OwnerId = None
    hourly: Hourly = 10


@attrs.frozen(kw_only=True)
class FormUpdate:
    """What to change of a form; what is not given stays."""

    title: Title | UnsetType = UNSET
    active: Annotated[bool | UnsetType, Input(title=_("Active"), classified="public")] = UNSET
    fields: Questions | UnsetType = UNSET
    texts: Texts | UnsetType = UNSET
    purposes: Purposes | UnsetType = UNSET
    origins: Origins | UnsetType = UNSET
    source_id: SourceId | UnsetType = UNSET
    campaign: Campaign | UnsetType = UNSET
    queue: QueueName | UnsetType = UNSET
    team_id: TeamId | UnsetType = UNSET
    owner_id: OwnerId | UnsetType = UNSET
    hourly: Hourly | UnsetType = UNSET


@operation("sales.form.create", title=_("Add a form"), permission=MANAGE, effect="create")
def create_form(session: CrmSession, new: NewForm) -> LeadForm:
    """Add a form; it has an address once that is asked for. Raises AlreadyExists for a name that is taken,
    InvalidInput for what is not right."""
    name = new.name.strip()
    if not name:
        raise problem("name", _("This cannot be empty."))
    if session.scalar(select(LeadForm.id).where(LeadForm.name == name)) is not None:
        raise AlreadyExists(_('There is a form "{name}" already.'), name=name)
    values = {each.name: getattr(new, each.name) for each in attrs.fields(NewForm) if each.name != "name"}
    form = LeadForm(name=name, secret=random_text(43), **_kept(session, values))
    session.add(form)
    return form


@operation("sales.form.update", title=_("Change the form"), permission=MANAGE, effect="update")
def update_form(session: CrmSession, form: LeadForm, changes: FormUpdate) -> LeadForm:
    """Change a form; its address stays. Raises InvalidInput for what is not right."""
    for name, value in _kept(session, given(changes)).items():
        setattr(form, name, value)
    return form


@operation("sales.form.link", title=_("Make an address"), permission=MANAGE, effect="update")
def link_form(session: CrmSession, form: LeadForm) -> IssuedLink:
    """Make the address of a form, which holds for two years, and return it; the one before does not open it any
    more. Raises Conflict for a form that is not active."""
    if not form.active:
        raise Conflict(_("The form is not active."))
    made: IssuedLink = session.run("public_link.create", {"page": PAGE, "ref": f"sales.form:{form.id}", "days": DAYS})
    form.link_id = made.link_id
    return made


def _kept(session: CrmSession, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as they are kept. Raises InvalidInput."""
    kept = dict(values)
    problems: list[Problem] = []
    if "fields" in values:
        names = [each.field for each in values["fields"]]
        if not any(name in REACHED_BY for name in names):
            problems.append(
                Problem(InvalidInput.code, _("A form has to ask for an e-mail address or a number."), field="fields")
            )
        if len(set(names)) != len(names):
            problems.append(Problem(InvalidInput.code, _("Each question can be asked once."), field="fields"))
        kept["fields"] = [[each.field, each.required] for each in values["fields"]]
    if "texts" in values:
        kept["texts"] = {each.language: attrs.asdict(each) for each in values["texts"]}
    if "origins" in values:
        kept["origins"] = [each.strip().rstrip("/") for each in values["origins"] if each.strip()]
        for each in kept["origins"]:
            if not _ORIGIN.fullmatch(each):
                text = _("This is no address of a website: {value}")
                problems.append(Problem(InvalidInput.code, text, field="origins", value=each))
    if "purposes" in values:
        known = session.crm.config.get(session).options.get("consent_purpose", {})
        kept["purposes"] = list(values["purposes"])
        for each in kept["purposes"]:
            check_choice("purposes", each, known)
    if values.get("source_id") is not None and session.get(LeadSource, values["source_id"]) is None:
        raise NotFound(_("There is no source {id}."), id=values["source_id"])
    if problems:
        raise InvalidInput(problems)
    return kept


# --- answers ----------------------------------------------------------------------------------------------------------


@operation(
    "sales.form.answer", title=_("Fill in the form"), permission="sales.form.answer", effect="create", hidden=True
)
def answer(
    session: CrmSession,
    form: LeadForm,
    *,
    values: Annotated[Mapping[str, Any], Input(title=_("Answers"))],
    language: Annotated[str, Input(title=_("Language"), max_length=12, classified="public")] = "en",
) -> None:
    """Keep what a visitor has filled in. What a machine sends is kept aside, and answered the same.

    Raises InvalidInput for what is missing or too long, TooManyAttempts for too much from one address.
    """
    key = (secret_of(form, "secret") or "").encode()
    sender = hmac_digest(key, (session.actor.address or "").encode())[:12].hex() if session.actor.address else None
    now = session.gate.clock.now()
    if sender is not None and _lately(session, sender) >= form.hourly:
        raise TooManyAttempts(seconds=int(HOUR.total_seconds()))
    said = _answers(session, form, values, language)
    suspect = bool(str(values.get(TRAP) or "")) or not _took_time(key, str(values.get(OPENED) or ""), now)
    inquiry = Inquiry(
        way="form",
        form_id=form.id,
        external_source=f"form:{form.name}"[:60],
        received_at=session.gate.clock.business_now(),
        state="suspect" if suspect else "waiting",
        answers=said,
        sender=sender,
    )
    session.add(inquiry)
    session.flush()
    if not suspect:
        session.emit(InquiryReceived(inquiry_id=inquiry.id))


def _lately(session: CrmSession, sender: str) -> int:
    """Return how much came from an address within an hour. A visitor sees none of it."""
    since = session.gate.clock.business_now() - HOUR
    with session.crm.session(Actor.system("counting what comes from one address")) as whole:
        query = select(func.count(Inquiry.id)).where(Inquiry.sender == sender, Inquiry.received_at > since)
        return whole.scalar(query) or 0


def _answers(session: CrmSession, form: LeadForm, values: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Return what was answered, by the names that an inquiry has. Raises InvalidInput."""
    said: dict[str, Any] = {}
    problems: list[Problem] = []

    def wrong(field: str, message: str, **more: Any) -> None:
        problems.append(Problem(InvalidInput.code, message, field=field, **more))

    for field, required in form.fields:
        value = (
            " ".join(str(values.get(field) or "").split()) if field != "need" else str(values.get(field) or "").strip()
        )
        most = LONGEST.get(field, USUAL_LENGTH)
        if not value:
            if required:
                wrong(field, _("Please answer this: {question}"), question=FIELDS[field])
            continue
        if len(value) > most:
            wrong(field, _("This is longer than {most} characters."), most=most)
        elif field in CHOICES and value not in CHOICES[field]:
            wrong(field, _("There is no such choice."))
        elif field == "email" and not _EMAIL.fullmatch(value):
            wrong(field, _("This is no e-mail address."))
        elif field == "phone" and sum(sign.isdigit() for sign in value) < 5:
            wrong(field, _("This is no telephone number."))
        said["ability" if field == "budget" else field] = value
    if not problems and not any(said.get(field) for field in REACHED_BY):
        wrong("email", _("Please say how we can reach you."))
    if problems:
        raise InvalidInput(problems)
    granted = [each for each in form.purposes if each in (values.get("consent") or ())]
    titles = session.crm.config.get(session).options.get("consent_purpose", {})
    words = (form.texts.get(language) or {}).get("consent") or ", ".join(
        str(titles.get(each, each)) for each in granted
    )
    said |= {"consents": granted, "language": language, "evidence": f"{form.title} ({language}): {words}"[:2000]}
    return said


def stamp(form: LeadForm, now: datetime) -> str:
    """Return what a form carries along so that it shows when it was handed out."""
    second = str(int(now.timestamp()))
    return f"{second}.{_code((secret_of(form, 'secret') or '').encode(), second)}"


def _took_time(key: bytes, text: str, now: datetime) -> bool:
    second, _dot, code = text.partition(".")
    if not (second.isascii() and second.isdigit() and len(second) < 12):
        return False
    if not same(_code(key, second).encode(), code.encode("utf-8", "replace")):
        return False
    return now - datetime.fromtimestamp(int(second), UTC) >= QUICKEST


def _code(key: bytes, second: str) -> str:
    return hmac_digest(key, f"opened:{second}".encode())[:12].hex()


OPERATIONS = [create_form, update_form, link_form, answer]
