"""Servers of the tests: one that takes mail (aiosmtpd), and one that answers questions about names (dnspython)."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, cast

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
from aiosmtpd.controller import Controller
from attrs import define, field


@define
class MailServer:
    """A server that keeps what it is given. ``answer`` says what it answers to a recipient, and to a mail's content."""

    port: int = 0
    mails: list[tuple[str, list[str], bytes]] = field(factory=list)
    to_recipient: Callable[[str], str | None] = lambda address: None
    to_content: Callable[[bytes], str | None] = lambda content: None

    def read(self, place: int = -1) -> EmailMessage:
        """Return a mail that came, as a mail program reads it."""
        return cast(EmailMessage, message_from_bytes(self.mails[place][2], policy=default))

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        """Take or refuse a recipient."""
        refused = self.to_recipient(address)
        if refused is None:
            envelope.rcpt_tos.append(address)
        return refused or "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Keep a mail, unless it is refused."""
        content = bytes(envelope.original_content or envelope.content)
        refused = self.to_content(content)
        if refused is None:
            self.mails.append((envelope.mail_from, list(envelope.rcpt_tos), content))
        return refused or "250 Taken as 4711"


@contextmanager
def mail_server(**options: Any) -> Iterator[MailServer]:
    """Serve SMTP on a port of this machine."""
    found = MailServer()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        found.port = free.getsockname()[1]
    controller = Controller(found, hostname="127.0.0.1", port=found.port, **options)
    controller.start()
    try:
        yield found
    finally:
        controller.stop()


@contextmanager
def name_server(zone: Mapping[tuple[str, str], Sequence[str]]) -> Iterator[str]:
    """Answer questions over UDP from a table of (name, type); yields the address as HOST:PORT."""
    line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    line.bind(("127.0.0.1", 0))
    line.settimeout(0.1)
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            try:
                wire, sender = line.recvfrom(4096)
            except TimeoutError:
                continue
            asked = dns.message.from_wire(wire)
            (question,) = asked.question
            answer = dns.message.make_response(asked)
            answer.flags |= dns.flags.RA
            name, kind = question.name.to_text(omit_final_dot=True).lower(), dns.rdatatype.to_text(question.rdtype)
            found = zone.get((name, kind))
            if found:
                answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *found))
            elif not any(each == name for each, _kind in zone):
                answer.set_rcode(dns.rcode.NXDOMAIN)
            line.sendto(answer.to_wire(), sender)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{line.getsockname()[1]}"
    finally:
        over.set()
        thread.join()
        line.close()
