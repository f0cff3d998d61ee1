"""Reading a mailbox by IMAP (RFC 9051, RFC 3501): which mails are new, and each of them as bytes.

Nothing is changed on the server: folders are opened to read, mails are not marked. The server is looked up first, and
every address that it has is judged; the connection goes to an address that was judged. Must not know what becomes of
mails, nor databases.
"""

from __future__ import annotations

import imaplib
import re
import socket
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from attrs import frozen

from crmkit import Refused, open_line, texts, tls_context
from crmkit_messaging.receiving.mailboxes import Account
from crmkit_messaging.receiving.parsing import LARGEST

_ = texts("crmkit_messaging")

SECONDS = 30.0
"""Within which each step of the server has to come."""
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SIZE = re.compile(rb"RFC822\.SIZE (\d{1,12})")
_UID = re.compile(rb"\bUID (\d{1,12})\b")


class ImapError(Exception):
    """A mailbox cannot be read just now: what the server did, without anything that is secret or personal."""


@frozen(kw_only=True)
class Fetched:
    """A mail as it is on the server; of one that is too large the beginning."""

    uid: int
    raw: bytes


class Folder:
    """A folder that is open to be read. ``uid_validity`` is the number under which its UIDs hold."""

    def __init__(self, connection: imaplib.IMAP4, uid_validity: int) -> None:
        self._connection = connection
        self.uid_validity = uid_validity

    def uids_after(self, last: int, since: datetime) -> Sequence[int]:
        """Return the UIDs of mails beyond one, in order, of mails that came on or after a day. Raises ImapError."""
        # A day earlier, as the server's days begin elsewhere.
        day = since - timedelta(days=1)
        date = f"{day.day}-{_MONTHS[day.month - 1]}-{day.year:04}"
        data = self._uid("SEARCH", f"UID {last + 1}:* SINCE {date}")
        found = {int(each) for part in data if isinstance(part, bytes) for each in part.split() if each.isdigit()}
        # "n:*" names the last mail also where its number is below n.
        return sorted(uid for uid in found if uid > last)

    def fetch(self, uid: int) -> Fetched | None:
        """Return a mail, or None where it is gone meanwhile. Raises ImapError."""
        data = self._uid("FETCH", str(uid), f"(UID RFC822.SIZE BODY.PEEK[]<0.{LARGEST + 1}>)")
        for part in data:
            if isinstance(part, tuple) and len(part) >= 2:
                head: bytes = part[0]
                named = _UID.search(head)
                if named is None or int(named[1]) == uid:
                    return Fetched(uid=uid, raw=bytes(part[1]))
        return None

    def _uid(self, command: str, *arguments: str) -> list[Any]:
        try:
            answer, data = self._connection.uid(command, *arguments)
        except (imaplib.IMAP4.error, OSError, ValueError, EOFError) as error:
            raise ImapError(f"{command}: {type(error).__name__}") from error
        if answer != "OK":
            raise ImapError(f"{command}: {answer}")
        return list(data)


@contextmanager
def open_folder(account: Account) -> Generator[Folder]:
    """Connect to a mailbox and open its folder to be read. Raises ImapError for all that may go wrong, Refused for a
    server in a network that is not called."""
    try:
        connection = _connect(account)
    except (imaplib.IMAP4.error, OSError, ValueError, EOFError) as error:
        raise ImapError(f"connect: {_name(error)}") from error
    try:
        try:
            _sign_in(connection, account)
            answer, _data = connection.select(_quoted(account.folder), readonly=True)
            if answer != "OK":
                raise ImapError("no such folder")
            said = connection.response("UIDVALIDITY")[1]
            validity = int(said[0]) if said and said[0] else 0
        except (imaplib.IMAP4.error, OSError, ValueError, EOFError) as error:
            raise ImapError(f"sign in: {_name(error)}") from error
        yield Folder(connection, validity)
    finally:
        try:
            connection.logout()
        except (imaplib.IMAP4.error, OSError, ValueError, EOFError):
            connection.shutdown()


def _name(error: BaseException) -> str:
    """Return what an error is, without the words of the server: they may repeat what was sent."""
    # What is wrong with a certificate is said by the library, and not by the server.
    return " ".join(filter(None, (type(error).__name__, getattr(error, "reason", None))))


def _connect(account: Account) -> imaplib.IMAP4:
    if account.security == "none" and not account.private:
        raise Refused(_("{host} is to be called with encryption."), host=account.host[:200])
    connection = _Judged(account)
    if account.security == "starttls":
        connection.starttls(tls_context())
    return connection


def _sign_in(connection: imaplib.IMAP4, account: Account) -> None:
    if any(char in account.user + account.password for char in "\r\n\0"):
        raise ImapError("sign in: unusable account")
    if "AUTH=PLAIN" in connection.capabilities:
        secret = f"\0{account.user}\0{account.password}".encode()
        connection.authenticate("PLAIN", lambda _challenge: secret)
    else:
        connection.login(account.user, account.password)


def _quoted(folder: str) -> str:
    """Return the name of a folder as the protocol writes it: modified UTF-7 (RFC 3501, 5.1.3), in quotes."""
    parts: list[str] = []
    waiting = ""

    def encoded(text: str) -> str:
        from base64 import b64encode

        return "&" + b64encode(text.encode("utf-16-be")).decode().rstrip("=").replace("/", ",") + "-" if text else ""

    for char in folder:
        if " " <= char <= "~":
            parts += [encoded(waiting), "&-" if char == "&" else char]
            waiting = ""
        else:
            waiting += char
    parts.append(encoded(waiting))
    plain = "".join(parts).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{plain}"'


class _Judged(imaplib.IMAP4):
    """A connection to an address of the server that was judged, whatever its name says by then; it refuses what is
    longer than a mail may be, as a server could name any length."""

    def __init__(self, account: Account) -> None:
        self._account = account
        super().__init__(account.host, account.port, timeout=SECONDS)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        tls, private = self._account.security == "tls", self._account.private
        return open_line(self.host, self.port, seconds=timeout or SECONDS, tls=tls, private=private)

    def read(self, size: int) -> bytes:
        """Return a literal of the server. Raises an error of imaplib for one that is too long."""
        if size > LARGEST + 1_000_000:
            raise imaplib.IMAP4.abort("literal too long")
        return super().read(size)
