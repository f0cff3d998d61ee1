"""The table of mailboxes: an address, and the servers by which mail leaves from it and comes in to it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, String
from sqlalchemy.orm import Mapped

from crmkit import Access, Id, Record, field, json_type, texts

_ = texts("crmkit_messaging")

SECURITIES = {"tls": _("TLS from the beginning"), "starttls": _("STARTTLS"), "none": _("None (own network only)")}
"""How a connection is protected, with titles."""
UNKNOWN = {"potential": _("Make a potential customer"), "unresolved": _("Leave it to a person")}
"""What becomes of mail of somebody unknown, with titles."""


class Mailbox(Record):
    """A mailbox: its address, the SMTP server by which its mail leaves, the IMAP server where its mail comes in, and
    what becomes of what comes in.

    ``private`` says that its servers may be in the own network. ``sender_check`` is what the last look at the
    domain's SPF, DKIM and DMARC has found, at ``checked_at``; it is empty until somebody has looked.
    """

    __tablename__ = "messaging_mailbox"
    __access__ = Access.open()

    name: Mapped[str] = field(String(60), title=_("Name"), classified="public", unique=True, editable=False)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="public")
    address: Mapped[str] = field(String(254), title=_("Address"), classified="internal", unique=True)
    display_name: Mapped[str] = field(String(200), title=_("Shown as"), classified="internal", default="")
    active: Mapped[bool] = field(title=_("Active"), classified="public", default=True)
    usual: Mapped[bool] = field(title=_("Usual"), classified="public", default=False)
    """Mail leaves by it where no other one is named; one mailbox at most is the usual one."""
    private: Mapped[bool] = field(title=_("In the own network"), classified="internal", default=False)

    smtp_host: Mapped[str | None] = field(String(253), title=_("SMTP server"), classified="internal")
    smtp_port: Mapped[int] = field(Integer, title=_("SMTP port"), classified="internal", default=587)
    smtp_security: Mapped[str] = field(
        String(8), title=_("SMTP protection"), classified="internal", choices=SECURITIES, default="starttls"
    )
    smtp_user: Mapped[str | None] = field(String(254), title=_("SMTP user"), classified="internal")
    smtp_password: Mapped[str | None] = field(String(500), title=_("SMTP password"), classified="secret")
    imap_host: Mapped[str | None] = field(String(253), title=_("IMAP server"), classified="internal")
    imap_port: Mapped[int] = field(Integer, title=_("IMAP port"), classified="internal", default=993)
    imap_security: Mapped[str] = field(
        String(8), title=_("IMAP protection"), classified="internal", choices=SECURITIES, default="tls"
    )
    imap_user: Mapped[str | None] = field(String(254), title=_("IMAP user"), classified="internal")
    imap_password: Mapped[str | None] = field(String(500), title=_("IMAP password"), classified="secret")
    imap_folder: Mapped[str] = field(String(200), title=_("IMAP folder"), classified="internal", default="INBOX")

    unknown_senders: Mapped[str] = field(
        String(12), title=_("Unknown senders"), classified="internal", choices=UNKNOWN, default="potential"
    )
    makes_tasks: Mapped[bool] = field(title=_("Mail becomes a task"), classified="internal", default=False)
    task_queue_id: Mapped[UUID | None] = field(Id, title=_("Queue of the tasks"), classified="internal")
    auto_reply_template: Mapped[str | None] = field(
        String(120), title=_("Template of automatic answers"), classified="internal"
    )
    calendar_id: Mapped[UUID | None] = field(Id, title=_("Working calendar"), classified="internal")
    """Outside its hours mail is answered automatically, if at all; without one it always is."""

    dkim_selector: Mapped[str | None] = field(String(63), title=_("DKIM selector"), classified="internal")
    sender_check: Mapped[dict[str, Any]] = field(
        json_type(), title=_("Check of the domain"), classified="internal", default=dict, editable=False
    )
    checked_at: Mapped[datetime | None] = field(title=_("Domain checked at"), classified="internal", editable=False)
