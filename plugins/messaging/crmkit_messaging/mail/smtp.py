"""One mail handed to an SMTP server, step by step, so that it is known at each whether it can have left.

The connection goes to the very address that was judged to be allowed. Must not know mailboxes' records.
"""

from __future__ import annotations

import contextlib
import re
import smtplib
import socket
from email.message import EmailMessage
from typing import Any, Literal

from attrs import field, frozen

from crmkit import Delivery, Refused, open_line, tls_context

SECONDS = 30.0
"""Most seconds for each step."""
_BAD_ADDRESS = re.compile(r"\b5\.(1\.[0-36]|2\.1)\b")
"""Enhanced codes (RFC 3463) that say the address itself is no good, or its mailbox is disabled."""
_ADDRESS = re.compile(r"[^\s<>]+@[^\s<>]+")


@frozen(kw_only=True)
class Server:
    """An SMTP server and the account on it. ``private`` allows one in the own network."""

    host: str
    port: int
    security: Literal["tls", "starttls", "none"]
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    private: bool = False


class LeftUnknown(Exception):
    """The connection broke after the mail was sent and before the server said that it has taken it."""


def hand_over(server: Server, sender: str, recipient: str, mail: EmailMessage) -> Delivery:
    """Hand a mail to a server and return whether it was taken, is refused for good or is to be tried again. The address
    is not repeated in the reason.

    Raises LeftUnknown where the line broke while the server had the whole mail: nobody knows whether it took it.
    """
    try:
        client = _connected(server)
    except Refused as error:
        return Delivery(outcome="later", reason=error.render("en")[:300])
    except (OSError, smtplib.SMTPException) as error:
        return Delivery(outcome="later", reason=_reason(error))
    try:
        return _transaction(client, server, sender, recipient, mail)
    finally:
        client.close()


def _connected(server: Server) -> smtplib.SMTP:
    client = _Judged(server)
    try:
        client.ehlo_or_helo_if_needed()
        if server.security == "starttls":
            client.starttls(context=tls_context())
            client.ehlo()
        if server.user:
            client.login(server.user, server.password or "")
    except BaseException:
        client.close()
        raise
    return client


def _transaction(client: smtplib.SMTP, server: Server, sender: str, recipient: str, mail: EmailMessage) -> Delivery:
    wide = not (sender + recipient).isascii()
    if wide and not client.has_extn("smtputf8"):
        return Delivery(outcome="refused", reason="the server takes no addresses beyond ASCII (SMTPUTF8)")
    content = mail.as_bytes(policy=mail.policy.clone(utf8=wide, linesep="\r\n"))
    options = [*(["SMTPUTF8"] if wide else []), *(["BODY=8BITMIME"] if client.has_extn("8bitmime") else [])]
    try:
        if client.has_extn("size") and client.esmtp_features["size"].isdigit():
            most = int(client.esmtp_features["size"])
            if 0 < most < len(content):
                return Delivery(outcome="refused", reason=f"the server takes {most} bytes, the mail has {len(content)}")
        answer = client.mail(sender, options)
        if answer[0] != 250:
            return _answered(answer)
        answer = client.rcpt(recipient)
        if answer[0] not in (250, 251):
            return _answered(answer, about_address=True)
    except (OSError, smtplib.SMTPException) as error:
        return Delivery(outcome="later", reason=_reason(error))
    try:
        answer = client.data(content)
    except smtplib.SMTPDataError as error:
        return _answered((error.smtp_code, error.smtp_error))
    except (OSError, smtplib.SMTPException) as error:
        raise LeftUnknown(_reason(error)) from error
    if answer[0] != 250:
        return _answered(answer)
    with contextlib.suppress(OSError, smtplib.SMTPException):
        client.quit()
    return Delivery(outcome="accepted", carrier_id=_text(answer[1])[:200])


def _answered(answer: tuple[int, Any], *, about_address: bool = False) -> Delivery:
    """Return what a refusal means: come again from 400 on, never from 500 on."""
    code, said = answer[0], _text(answer[1])
    reason = f"smtp {code} {said}".strip()[:300]
    if not 500 <= code < 600:
        return Delivery(outcome="later", reason=reason)
    bad = bool(_BAD_ADDRESS.search(said)) or (
        about_address and code in (550, 551, 553) and not re.search(r"\b5\.7\.", said)
    )
    return Delivery(outcome="refused", reason=reason, bad_address=bad)


def _text(said: object) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return _ADDRESS.sub("…", " ".join(text.split()))


def _reason(error: Exception) -> str:
    code = getattr(error, "smtp_code", None)
    if code is not None:
        return f"smtp {code} {_text(getattr(error, 'smtp_error', ''))}".strip()[:300]
    return _text(f"{type(error).__name__}: {error}")[:300]


class _Judged(smtplib.SMTP):
    """Connects to an address of the server that was judged, whatever its name says by then."""

    def __init__(self, server: Server) -> None:
        self._server = server
        super().__init__(server.host, server.port, timeout=SECONDS)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        tls, private = self._server.security == "tls", self._server.private
        return open_line(host, port, seconds=timeout, tls=tls, private=private)
