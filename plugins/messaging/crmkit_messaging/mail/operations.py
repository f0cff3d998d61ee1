"""What can be done with mailboxes: setting them up, giving them passwords, naming the usual one, checking a domain."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal
from uuid import UUID

from attrs import frozen
from email_validator import EmailNotValidError, validate_email
from sqlalchemy import select

from crmkit import UNSET, CrmSession, Input, InvalidInput, Problem, UnsetType, given, operation, texts
from crmkit.errors import AlreadyExists
from crmkit_messaging.mail.models import SECURITIES, UNKNOWN, Mailbox

_ = texts("crmkit_messaging")

MANAGE = "messaging.mailbox.manage"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
_HOST = re.compile(r"(?=.{1,253}$)[A-Za-z0-9:]([A-Za-z0-9.:-]*[A-Za-z0-9])?")

Security = Literal["tls", "starttls", "none"]
Title = Annotated[str, Input(title=_("Title"), max_length=200, classified="public")]
Address = Annotated[str, Input(title=_("Address"), max_length=254, classified="internal")]
Shown = Annotated[str, Input(title=_("Shown as"), max_length=200, classified="internal")]
Host = Annotated[str | None, Input(max_length=253, classified="internal", help=_("A name or an address."))]
Port = Annotated[int, Input(minimum=1, maximum=65535, classified="internal")]
Protection = Annotated[Security, Input(choices=SECURITIES, classified="internal")]
Account = Annotated[str | None, Input(max_length=254, classified="internal")]
Password = Annotated[str | None, Input(max_length=500, classified="secret")]
Flag = Annotated[bool, Input(classified="internal")]
Unknown = Annotated[
    Literal["potential", "unresolved"], Input(title=_("Unknown senders"), choices=UNKNOWN, classified="internal")
]
Selector = Annotated[str | None, Input(title=_("DKIM selector"), max_length=63, classified="internal")]
Template = Annotated[str | None, Input(title=_("Template of automatic answers"), max_length=120, classified="internal")]
Queue = Annotated[UUID | None, Input(title=_("Queue of the tasks"), classified="internal", resource="work.queue")]
CalendarId = Annotated[UUID | None, Input(title=_("Working calendar"), classified="internal", resource="work.calendar")]


@frozen(kw_only=True)
class NewMailbox:
    """A mailbox that is to be set up. Without an SMTP server it sends nothing, without an IMAP server nothing is
    fetched for it: mail can still be handed in by a pipe."""

    name: Annotated[
        str, Input(title=_("Name"), max_length=60, classified="public", help=_("Small letters, digits, - and _."))
    ]
    address: Address
    title: Title = ""
    display_name: Shown = ""
    usual: Annotated[bool, Input(title=_("Usual"), classified="internal")] = False
    private: Annotated[
        bool,
        Input(
            title=_("In the own network"),
            help=_("Its servers may be in the own network; only then without protection."),
            classified="internal",
        ),
    ] = False
    smtp_host: Annotated[Host, Input(title=_("SMTP server"))] = None
    smtp_port: Annotated[Port, Input(title=_("SMTP port"))] = 587
    smtp_security: Annotated[Protection, Input(title=_("SMTP protection"))] = "starttls"
    smtp_user: Annotated[Account, Input(title=_("SMTP user"))] = None
    smtp_password: Annotated[Password, Input(title=_("SMTP password"))] = None
    imap_host: Annotated[Host, Input(title=_("IMAP server"))] = None
    imap_port: Annotated[Port, Input(title=_("IMAP port"))] = 993
    imap_security: Annotated[Protection, Input(title=_("IMAP protection"))] = "tls"
    imap_user: Annotated[Account, Input(title=_("IMAP user"))] = None
    imap_password: Annotated[Password, Input(title=_("IMAP password"))] = None
    imap_folder: Annotated[str, Input(title=_("IMAP folder"), max_length=200, classified="internal")] = "INBOX"
    unknown_senders: Unknown = "potential"
    makes_tasks: Annotated[Flag, Input(title=_("Mail becomes a task"))] = False
    task_queue_id: Queue = None
    auto_reply_template: Template = None
    calendar_id: CalendarId = None
    dkim_selector: Selector = None


@operation("messaging.mailbox.create", title=_("Set up a mailbox"), permission=MANAGE, effect="create")
def create_mailbox(session: CrmSession, new: NewMailbox) -> Mailbox:
    """Set up a mailbox, and have the SPF, DKIM and DMARC of its domain looked at. The first one is the usual one.

    Raises AlreadyExists for a name or address that another one has, InvalidInput with every problem.
    """
    values = _checked(given(new), [])
    _require_free(session, values)
    usual = values.pop("usual") or session.scalar(select(Mailbox.id).limit(1)) is None
    values["title"] = values["title"] or new.name
    mailbox = Mailbox(**values)
    session.add(mailbox)
    session.flush()
    if usual:
        _make_usual(session, mailbox)
    session.defer("messaging.check_mailbox", mailbox=str(mailbox.id))
    return mailbox


@frozen(kw_only=True)
class MailboxUpdate:
    """What to change of a mailbox; what is not given stays."""

    address: Address | UnsetType = UNSET
    title: Title | UnsetType = UNSET
    display_name: Shown | UnsetType = UNSET
    active: Annotated[bool | UnsetType, Input(title=_("Active"), classified="internal")] = UNSET
    usual: Annotated[bool | UnsetType, Input(title=_("Usual"), classified="internal")] = UNSET
    private: Annotated[bool | UnsetType, Input(title=_("In the own network"), classified="internal")] = UNSET
    smtp_host: Annotated[Host | UnsetType, Input(title=_("SMTP server"))] = UNSET
    smtp_port: Annotated[Port | UnsetType, Input(title=_("SMTP port"))] = UNSET
    smtp_security: Annotated[Protection | UnsetType, Input(title=_("SMTP protection"))] = UNSET
    smtp_user: Annotated[Account | UnsetType, Input(title=_("SMTP user"))] = UNSET
    smtp_password: Annotated[Password | UnsetType, Input(title=_("SMTP password"))] = UNSET
    imap_host: Annotated[Host | UnsetType, Input(title=_("IMAP server"))] = UNSET
    imap_port: Annotated[Port | UnsetType, Input(title=_("IMAP port"))] = UNSET
    imap_security: Annotated[Protection | UnsetType, Input(title=_("IMAP protection"))] = UNSET
    imap_user: Annotated[Account | UnsetType, Input(title=_("IMAP user"))] = UNSET
    imap_password: Annotated[Password | UnsetType, Input(title=_("IMAP password"))] = UNSET
    imap_folder: Annotated[str | UnsetType, Input(title=_("IMAP folder"), max_length=200, classified="internal")] = (
        UNSET
    )
    unknown_senders: Unknown | UnsetType = UNSET
    makes_tasks: Annotated[Flag | UnsetType, Input(title=_("Mail becomes a task"))] = UNSET
    task_queue_id: Queue | UnsetType = UNSET
    auto_reply_template: Template | UnsetType = UNSET
    calendar_id: CalendarId | UnsetType = UNSET
    dkim_selector: Selector | UnsetType = UNSET


@operation("messaging.mailbox.update", title=_("Change the mailbox"), permission=MANAGE, effect="update")
def update_mailbox(session: CrmSession, mailbox: Mailbox, changes: MailboxUpdate) -> Mailbox:
    """Change a mailbox. A password goes when its server changes: it is told to no other one.

    Raises AlreadyExists for an address that another mailbox has, InvalidInput with every problem.
    """
    values = given(changes)
    before = {name: getattr(mailbox, name) for name in _SHAPES}
    values = _checked({**before, **values}, list(values))
    if values.get("address", mailbox.address) != mailbox.address:
        _require_free(session, {"address": values["address"]})
    usual = values.pop("usual", None)
    for kind in ("smtp", "imap"):
        if values.get(f"{kind}_host", getattr(mailbox, f"{kind}_host")) != getattr(mailbox, f"{kind}_host"):
            values.setdefault(f"{kind}_password", None)
    about_domain = {"address", "smtp_host", "dkim_selector"} & set(values)
    for name, value in values.items():
        setattr(mailbox, name, value)
    if usual or (usual is None and mailbox.usual and not mailbox.active):
        _make_usual(session, mailbox if mailbox.active else None)
    elif usual is False:
        mailbox.usual = False
    if about_domain:
        mailbox.sender_check, mailbox.checked_at = {}, None
        session.defer("messaging.check_mailbox", mailbox=str(mailbox.id))
    return mailbox


@operation(
    "messaging.mailbox.keep_check",
    title=_("Keep what a check of the domain has found"),
    permission=MANAGE,
    effect="update",
    hidden=True,
)
def keep_check(
    session: CrmSession,
    mailbox: Mailbox,
    *,
    found: Annotated[dict[str, Any], Input(title=_("Check of the domain"), classified="internal")],
) -> Mailbox:
    """Keep what a look at the domain of a mailbox has found."""
    mailbox.sender_check, mailbox.checked_at = found, session.gate.clock.now()
    return mailbox


@operation("messaging.mailbox.check", title=_("Check the domain"), permission=MANAGE, effect="update")
def check_mailbox(session: CrmSession, mailbox: Mailbox) -> None:
    """Have the SPF, DKIM and DMARC of the mailbox's domain looked at, soon."""
    session.defer("messaging.check_mailbox", mailbox=str(mailbox.id), unique=f"check {mailbox.id}")


_SHAPES = ("private", "smtp_host", "smtp_security", "imap_host", "imap_security")
"""What is judged together, whichever of it changes."""


def _checked(values: dict[str, Any], changed: list[str]) -> dict[str, Any]:
    """Return the values of a mailbox in their normal form; where ``changed`` names some, those alone. Raises
    InvalidInput."""
    problems: list[Problem] = []

    def wrong(field: str, text: str, hint: str = "") -> None:
        problems.append(Problem(InvalidInput.code, text, field=field, value=values.get(field), hint=hint))

    if "name" in values and not _NAME.fullmatch(values["name"]):
        wrong("name", _("A name has small letters, digits, - and _ alone."))
    if values.get("address") is not None:
        try:
            values["address"] = validate_email(values["address"], check_deliverability=False).normalized
        except EmailNotValidError:
            wrong("address", _("This is no e-mail address."))
    if any(sign in (values.get("display_name") or "") for sign in "\r\n\x00"):
        wrong("display_name", _("This has to be one line."))
    for kind in ("smtp", "imap"):
        host = values.get(f"{kind}_host")
        if host:
            values[f"{kind}_host"] = host = host.strip().rstrip(".")
            if not _HOST.fullmatch(host):
                wrong(f"{kind}_host", _("This is no name of a server."), _("Such as mail.example.org."))
        elif host is not None:
            values[f"{kind}_host"] = None
        if host and values.get(f"{kind}_security") == "none" and not values.get("private"):
            wrong(
                f"{kind}_security",
                _("A server outside the own network is not talked to without protection."),
                _("Choose TLS, or say that the server is in the own network."),
            )
    if problems:
        raise InvalidInput(problems)
    return {name: value for name, value in values.items() if not changed or name in changed}


def _require_free(session: CrmSession, values: dict[str, Any]) -> None:
    for name in ("name", "address"):
        if name in values and session.scalar(select(Mailbox.id).where(getattr(Mailbox, name) == values[name])):
            raise AlreadyExists(_("There is such a mailbox already: {value}."), value=values[name])


def _make_usual(session: CrmSession, mailbox: Mailbox | None) -> None:
    for other in session.scalars(select(Mailbox).where(Mailbox.usual)):
        other.usual = False
    if mailbox is not None:
        mailbox.usual = True


OPERATIONS = [create_mailbox, update_mailbox, check_mailbox, keep_check]
