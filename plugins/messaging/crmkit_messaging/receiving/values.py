"""What a mail is once it was read: frozen values. Must not know how mails are read or kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from attrs import field, frozen

Kind = Literal["mail", "auto_reply", "bounce", "complaint", "receipt"]
Severity = Literal["hard", "soft", "blocked", "delayed", "delivered"]


@frozen(kw_only=True)
class Address:
    """Somebody's address in a mail, with the name that stands beside it."""

    address: str = field(repr=False)
    name: str = field(default="", repr=False)


@frozen(kw_only=True)
class File:
    """A file that came with a mail; its name and type are what the sender says."""

    filename: str = field(repr=False)
    media_type: str = "application/octet-stream"
    content: bytes = field(repr=False)


@frozen(kw_only=True)
class LeftOut:
    """Something of a mail that was not kept: what, by a code, and its name. The mail itself stays on its server."""

    code: str
    name: str = ""


@frozen(kw_only=True)
class Failure:
    """What a server says of one recipient of a mail of ours. ``status`` is as in RFC 3463, such as ``5.1.1``."""

    recipient: str = field(default="", repr=False)
    severity: Severity
    status: str = ""
    diagnostic: str = field(default="", repr=False)


@frozen(kw_only=True)
class Report:
    """What a machine says of a mail of ours: which one, and what became of it.

    ``message_ids`` are those that the report names as of the mail that it is about. ``feedback`` is the type of a
    complaint (RFC 5965), ``disposition`` what a receipt says (RFC 8098).
    """

    message_ids: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()
    feedback: str = ""
    disposition: str = ""


@frozen(kw_only=True)
class ParsedMail:
    """A mail that was read. Texts have no control characters; ``html`` is cleaned; instants are in UTC.

    ``text`` is what was newly written, ``quoted`` the history below it. ``return_path`` is None where the mail does
    not say, and empty for the null sender. ``automatic`` says that no person wrote it; ``bulk`` that it went to many.
    ``digest`` tells mails apart that bear the same Message-ID.
    """

    message_id: str = ""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    sender: Address | None = None
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    return_path: str | None = None
    subject: str = field(default="", repr=False)
    sent_at: datetime | None = None
    text: str = field(default="", repr=False)
    quoted: str = field(default="", repr=False)
    html: str = field(default="", repr=False)
    files: tuple[File, ...] = field(default=(), repr=False)
    headers: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    left_out: tuple[LeftOut, ...] = ()
    kind: Kind = "mail"
    automatic: bool = False
    bulk: bool = False
    language: str = ""
    report: Report | None = None
    digest: str = ""

    @property
    def ancestors(self) -> tuple[str, ...]:
        """Return the Message-IDs of the mails that this one answers, the nearest first, each once."""
        return tuple(dict.fromkeys((*self.in_reply_to, *reversed(self.references))))
