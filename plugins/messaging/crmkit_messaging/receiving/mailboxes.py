"""What receiving needs of mailboxes: which there are, how each is read, and what becomes of its mail."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from attrs import field, frozen
from sqlalchemy import select

from crmkit import CrmSession, secret_of
from crmkit_messaging.mail.models import Mailbox


@frozen(kw_only=True)
class Receiving:
    """How mail of a mailbox is taken in. ``ours`` are the addresses of all mailboxes, in lower case; ``adds_unknown``
    says whether an unknown sender becomes a potential customer."""

    name: str
    address: str = field(default="", repr=False)
    ours: frozenset[str] = field(default=frozenset(), repr=False)
    adds_unknown: bool = True


@frozen(kw_only=True)
class Account:
    """The account by which a mailbox is read (IMAP). ``since`` is the instant before which nothing is fetched."""

    mailbox: str
    host: str
    port: int
    security: str
    user: str = field(repr=False)
    password: str = field(repr=False)
    folder: str = "INBOX"
    private: bool = False
    since: datetime


def receiving_of(session: CrmSession, name: str) -> Receiving | None:
    """Return how mail of a mailbox is taken in, or None where there is no such mailbox that is active."""
    found = session.scalar(select(Mailbox).where(Mailbox.name == name, Mailbox.active))
    if found is None:
        return None
    return Receiving(
        name=found.name,
        address=found.address,
        ours=frozenset(each.casefold() for each in session.scalars(select(Mailbox.address))),
        adds_unknown=found.unknown_senders == "potential",
    )


def our_addresses(session: CrmSession) -> frozenset[str]:
    """Return the addresses of all mailboxes, in lower case."""
    return frozenset(each.casefold() for each in session.scalars(select(Mailbox.address)))


def readable_mailboxes(session: CrmSession) -> list[str]:
    """Return the names of the mailboxes that are read by IMAP."""
    query = select(Mailbox.name).where(Mailbox.active, Mailbox.imap_host.is_not(None), Mailbox.imap_host != "")
    return list(session.scalars(query.order_by(Mailbox.name)))


def account_of(session: CrmSession, name: str) -> Account | None:
    """Return the account by which a mailbox is read, or None where it is not read any more. Its password is for signing
    in alone."""
    found = session.scalar(select(Mailbox).where(Mailbox.name == name, Mailbox.active))
    if found is None or not found.imap_host:
        return None
    return Account(
        mailbox=found.name,
        host=found.imap_host,
        port=found.imap_port or (143 if found.imap_security != "tls" else 993),
        security=found.imap_security,
        user=found.imap_user or found.address,
        password=secret_of(found, "imap_password") or "",
        folder=found.imap_folder or "INBOX",
        private=found.private,
        since=found.created_at,
    )


def mailbox_id(session: CrmSession, name: str) -> UUID | None:
    """Return the id of a mailbox."""
    return session.scalar(select(Mailbox.id).where(Mailbox.name == name))
