"""Setting up where cases come in: mailboxes of plugin messaging, and forms with their addresses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

import attrs
from crmkit_work.api import Queue
from sqlalchemy import select

from crmkit import (
    UNSET,
    Conflict,
    CrmSession,
    Input,
    InvalidInput,
    IssuedLink,
    NotFound,
    Problem,
    Team,
    UnsetType,
    given,
    operation,
    random_text,
    texts,
)
from crmkit.errors import AlreadyExists
from crmkit.i18n import LANGUAGES
from crmkit_service.cases.models import CaseType
from crmkit_service.channels.errors import MailNeeded
from crmkit_service.channels.models import ServiceChannel
from crmkit_service.channels.sending import can_mail
from crmkit_service.channels.words import CHANNEL_KINDS, FIELDS, REACHED_BY, ChannelKind, FormField

_ = texts("crmkit_service")

MANAGE = "service.channel.manage"
PAGE = "service.form"
DAYS = 730
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?")


@attrs.frozen(kw_only=True)
class CaseQuestion:
    """Something that a form asks."""

    field: Annotated[FormField, Input(title=_("Question"), choices=FIELDS, classified="public")]
    required: Annotated[bool, Input(title=_("Required"), classified="public")] = False


@attrs.frozen(kw_only=True)
class CaseFormText:
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


Title = Annotated[str, Input(title=_("Title"), max_length=200, classified="public")]
MailboxName = Annotated[
    str | None,
    Input(title=_("Mailbox"), help=_("The name of a mailbox of messaging."), max_length=60, classified="public"),
]
TypeId = Annotated[UUID | None, Input(title=_("Type of the cases"), resource="service.case_type", classified="public")]
QueueId = Annotated[UUID | None, Input(title=_("Queue"), resource="work.queue", classified="public")]
TeamId = Annotated[UUID | None, Input(title=_("Team"), resource="team", classified="public")]
Language = Annotated[str | None, Input(title=_("Language"), max_length=12, classified="public")]
Acknowledges = Annotated[bool, Input(title=_("Acknowledge what comes in"), classified="public")]
Rates = Annotated[bool, Input(title=_("Ask how satisfied customers are"), classified="public")]
Questions = Annotated[tuple[CaseQuestion, ...], Input(title=_("Questions"), max_length=20, classified="public")]
Texts = Annotated[tuple[CaseFormText, ...], Input(title=_("Texts"), max_length=10, classified="public")]
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
Hourly = Annotated[
    int, Input(title=_("Most in an hour from one address"), minimum=1, maximum=1000, classified="public")
]
USUAL = (
    CaseQuestion(field="name", required=True),
    CaseQuestion(field="email", required=True),
    CaseQuestion(field="subject", required=True),
    CaseQuestion(field="text", required=True),
    CaseQuestion(field="order"),
)


@attrs.frozen(kw_only=True)
class NewServiceChannel:
    """Where cases come in: a mailbox by its name, or a form with what it asks and says. What comes in becomes a case of
    the type (the usual one without), and goes into the queue."""

    name: Annotated[
        str, Input(title=_("Name"), max_length=60, classified="public", help=_("Small letters, digits, - and _."))
    ]
    title: Title
    kind: Annotated[ChannelKind, Input(title=_("Kind"), choices=CHANNEL_KINDS, classified="public")]
    mailbox: MailboxName = None
    type_id: TypeId = None
    queue_id: QueueId = None
    team_id: TeamId = None
    language: Language = None
    acknowledges: Acknowledges = True
    rates: Rates = True
    fields: Questions = USUAL
    texts: Texts = ()
    purposes: Purposes = ()
    origins: Origins = ()
    hourly: Hourly = 10


@attrs.frozen(kw_only=True)
class ServiceChannelUpdate:
    """What to change of a channel; what is not given stays."""

    title: Title | UnsetType = UNSET
    active: Annotated[bool | UnsetType, Input(title=_("Active"), classified="public")] = UNSET
    mailbox: MailboxName | UnsetType = UNSET
    type_id: TypeId | UnsetType = UNSET
    queue_id: QueueId | UnsetType = UNSET
    team_id: TeamId | UnsetType = UNSET
    language: Language | UnsetType = UNSET
    acknowledges: Acknowledges | UnsetType = UNSET
    rates: Rates | UnsetType = UNSET
    fields: Questions | UnsetType = UNSET
    texts: Texts | UnsetType = UNSET
    purposes: Purposes | UnsetType = UNSET
    origins: Origins | UnsetType = UNSET
    hourly: Hourly | UnsetType = UNSET


@operation("service.channel.create", title=_("Add a channel"), permission=MANAGE, effect="create")
def create_channel(session: CrmSession, new: NewServiceChannel) -> ServiceChannel:
    """Add a mailbox or a form by which cases come in; a form has an address once that is asked for.

    Raises AlreadyExists for a name or mailbox that is taken, MailNeeded for a mailbox without plugin messaging,
    NotFound for a type, queue or team that there is not, InvalidInput with every problem.
    """
    if _NAME.fullmatch(new.name) is None:
        raise InvalidInput(
            [Problem(InvalidInput.code, _("Small letters, digits, - and _."), field="name", value=new.name)]
        )
    if session.scalar(select(ServiceChannel.id).where(ServiceChannel.name == new.name)) is not None:
        raise AlreadyExists(_('There is a channel "{name}" already.'), name=new.name)
    values = {each.name: getattr(new, each.name) for each in attrs.fields(NewServiceChannel) if each.name != "name"}
    if new.kind == "mail" and not new.mailbox:
        raise InvalidInput([Problem(InvalidInput.code, _("Name the mailbox."), field="mailbox")])
    channel = ServiceChannel(name=new.name, secret=random_text(43), **_kept(session, values, None, new.kind))
    session.add(channel)
    return channel


@operation("service.channel.update", title=_("Change the channel"), permission=MANAGE, effect="update")
def update_channel(session: CrmSession, channel: ServiceChannel, changes: ServiceChannelUpdate) -> ServiceChannel:
    """Change a channel; the address of a form stays. Raises as adding one does."""
    for name, value in _kept(session, given(changes), channel, channel.kind).items():
        setattr(channel, name, value)
    return channel


@operation("service.channel.link", title=_("Make an address"), permission=MANAGE, effect="update")
def link_channel(session: CrmSession, channel: ServiceChannel) -> IssuedLink:
    """Make the address of a form, which holds for two years, and return it; the one before does not open it any more.
    Raises Conflict for a mailbox, and for a form that is not active."""
    if channel.kind != "form":
        raise Conflict(_("A mailbox has no page."))
    if not channel.active:
        raise Conflict(_("The channel is not active."))
    given = {"page": PAGE, "ref": f"service.channel:{channel.id}", "days": DAYS}
    made: IssuedLink = session.run("public_link.create", given)
    channel.link_id = made.link_id
    return made


def _kept(session: CrmSession, values: Mapping[str, Any], channel: ServiceChannel | None, kind: str) -> dict[str, Any]:
    """Return values as they are kept. Raises as `create_channel`."""
    kept = dict(values)
    problems: list[Problem] = []
    if kind == "mail":
        kept = {name: value for name, value in kept.items() if name not in ("fields", "texts", "origins", "purposes")}
        if kept.get("mailbox"):
            _check_mailbox(session, str(kept["mailbox"]), channel)
    else:
        kept.pop("mailbox", None)
    for name, model, text in (
        ("type_id", CaseType, _("There is no type of case {id}.")),
        ("queue_id", Queue, _("There is no queue {id}.")),
        ("team_id", Team, _("There is no team {id}.")),
    ):
        if kept.get(name) is not None and session.get(model, kept[name]) is None:
            raise NotFound(text, id=kept[name])
    if "fields" in kept:
        names = [each.field for each in kept["fields"]]
        if not any(name in REACHED_BY for name in names):
            text = _("A form has to ask for an e-mail address or a number.")
            problems.append(Problem(InvalidInput.code, text, field="fields"))
        if "text" not in names:
            problems.append(Problem(InvalidInput.code, _("A form has to ask what has happened."), field="fields"))
        if len(set(names)) != len(names):
            problems.append(Problem(InvalidInput.code, _("Each question can be asked once."), field="fields"))
        kept["fields"] = [[each.field, each.required] for each in kept["fields"]]
    if "texts" in kept:
        kept["texts"] = {each.language: attrs.asdict(each) for each in kept["texts"]}
    if "origins" in kept:
        kept["origins"] = [each.strip().rstrip("/") for each in kept["origins"] if each.strip()]
        problems += [
            Problem(InvalidInput.code, _("This is no address of a website: {value}"), field="origins", value=each)
            for each in kept["origins"]
            if not _ORIGIN.fullmatch(each)
        ]
    if "purposes" in kept:
        known = session.crm.config.get(session).options.get("consent_purpose", {})
        kept["purposes"] = list(kept["purposes"])
        problems += [
            Problem(InvalidInput.code, _("There is no such purpose."), field="purposes", value=each)
            for each in kept["purposes"]
            if each not in known
        ]
    if problems:
        raise InvalidInput(problems)
    return kept


def _check_mailbox(session: CrmSession, name: str, channel: ServiceChannel | None) -> None:
    resource = session.gate.registry.resources.get("messaging.mailbox")
    if not can_mail(session) or resource is None:
        raise MailNeeded
    box: Any = resource.model
    if session.scalar(select(box.id).where(box.name == name)) is None:
        names = ", ".join(session.scalars(select(box.name).order_by(box.name))) or "–"
        raise NotFound(_('There is no mailbox "{name}".'), fix=_("There are: {names}."), name=name, names=names)
    taken = session.scalar(select(ServiceChannel).where(ServiceChannel.mailbox == name))
    if taken is not None and taken is not channel:
        raise AlreadyExists(_('The channel "{name}" has this mailbox already.'), name=taken.name)


OPERATIONS = [create_channel, update_channel, link_channel]
