"""The carrier of e-mail: makes a mail of a message and hands it to the server of its mailbox."""

from __future__ import annotations

from datetime import timedelta
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

from attrs import frozen
from sqlalchemy import select

from crmkit import Actor, Delivery, Message, secret_of, texts
from crmkit_messaging.mail import domains
from crmkit_messaging.mail.models import Mailbox
from crmkit_messaging.mail.smtp import Server, hand_over
from crmkit_messaging.settings import settings_of

if TYPE_CHECKING:
    from crmkit import CRM

_ = texts("crmkit_messaging")

CHANNEL = "email"
_OWN = frozenset(("from", "to", "date", "mime-version", "content-type", "content-transfer-encoding", "subject"))
"""Headers that the carrier sets itself, and nobody else."""


@frozen(kw_only=True)
class Account:
    """What a mail needs of its mailbox, read beforehand: nothing is locked while a server is talked to."""

    mailbox: str
    address: str
    display_name: str
    server: Server
    check: dict[str, Any]


def deliver_message(crm: CRM, message: Message) -> Delivery | None:
    """Hand an e-mail to the server of the mailbox that the message names, or of the usual one; None for what is no
    e-mail, and where there is no mailbox to send by.

    Raises LeftUnknown where nobody knows whether the server took it.
    """
    if message.channel != CHANNEL:
        return None
    account = account_of(crm, message.sender)
    if account is None:
        return None
    if settings_of(crm.settings).sender_check == "refuse":
        wrong = domains.why_refused(crm, account.mailbox)
        if wrong:
            retry = crm.clock.now() + timedelta(hours=1)
            return Delivery(outcome="later", reason=f"the domain is not ready: {', '.join(wrong)}", retry_at=retry)
    try:
        mail = mail_of(crm, message, account)
    except (ValueError, MessageError, LookupError) as error:
        return Delivery(outcome="refused", reason=f"the mail cannot be written: {type(error).__name__}")
    # An automatic answer has no sender to whom it could come back (RFC 3834, 3.3): so no machine answers it.
    answers = str(mail["Auto-Submitted"] or "").startswith("auto-replied")
    return hand_over(account.server, "" if answers else account.address, message.address, mail)


def account_of(crm: CRM, name: str) -> Account | None:
    """Return the mailbox of a name, or the usual one, with its server; None where there is none that sends."""
    with crm.session(Actor.system("the mailbox that a message leaves by")) as session:
        query = select(Mailbox).where(Mailbox.active, Mailbox.smtp_host.is_not(None))
        query = query.where(Mailbox.name == name) if name else query.order_by(Mailbox.usual.desc(), Mailbox.id)
        found = session.scalars(query.limit(1)).first()
        if found is None:
            return None
        security: Any = found.smtp_security
        return Account(
            mailbox=found.name,
            address=found.address,
            display_name=found.display_name,
            server=Server(
                host=str(found.smtp_host),
                port=found.smtp_port,
                security=security,
                user=found.smtp_user,
                password=secret_of(found, "smtp_password"),
                private=found.private,
            ),
            check=dict(found.sender_check),
        )


def mail_of(crm: CRM, message: Message, account: Account) -> EmailMessage:
    """Return a message as a mail (RFC 5322) with its plain text, its HTML and its files.

    Raises ValueError for an address or a header that does not fit on one line.
    """
    mail = EmailMessage(policy=SMTP)
    domain = account.address.rpartition("@")[2]
    mail["From"] = Address(display_name=account.display_name, addr_spec=account.address)
    mail["To"] = Address(addr_spec=message.address)
    mail["Subject"] = " ".join(message.subject.split())
    mail["Date"] = format_datetime(crm.clock.now())
    for name, value in message.headers.items():
        if name.lower() not in _OWN:
            mail[name] = value
    if "Message-ID" not in mail:
        mail["Message-ID"] = f"<{message.id.hex}@{domain}>"
    mail.set_content(message.body)
    if message.html is not None:
        mail.add_alternative(message.html, subtype="html")
    for file in message.files:
        main, _slash, sub = file.media_type.partition("/")
        mail.add_attachment(
            file.content, maintype=main or "application", subtype=sub or "octet-stream", filename=file.name
        )
    return mail
