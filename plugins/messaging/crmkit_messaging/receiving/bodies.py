"""The parts of a mail to text, HTML and files, within limits. Never raises.

Must not know what a mail is about. The limits hold against mails that are made to keep machines busy: deep nesting,
thousands of parts, documents without end. What is left out for them is said.
"""

from __future__ import annotations

import re
from email.message import Message
from email.parser import BytesHeaderParser, BytesParser
from email.policy import compat32
from typing import Any

from attrs import Factory, define

from crmkit_messaging.receiving.charsets import decode, plain_text
from crmkit_messaging.receiving.headers import one_line, raw_values, readable, text_of
from crmkit_messaging.receiving.values import File, LeftOut

DEEPEST = 12
"""Levels of parts within parts."""
MOST_PARTS = 300
MOST_FILES = 50
LONGEST_TEXT = 400_000
"""Characters of text that are kept of a mail."""
_BOUNDARY = re.compile(rb"boundary\s{0,5}\*?\d?\*?\s{0,5}=", re.IGNORECASE)
_EMBEDDED = re.compile(rb"message/(?:rfc822|global|partial|external)", re.IGNORECASE)
_NAME_ONLY = re.compile(r"(?i)name\*?\s*=")


@define(kw_only=True)
class Body:
    """What the parts of a mail hold."""

    texts: list[str] = Factory(list[str])
    html: list[str] = Factory(list[str])
    files: list[File] = Factory(list[File])
    left_out: list[LeftOut] = Factory(list[LeftOut])

    @property
    def text(self) -> str:
        """Return all plain text, one part below the other."""
        return "\n\n".join(each.strip("\n") for each in self.texts if each.strip())


def message_of(raw: bytes) -> tuple[Message[Any, Any], list[LeftOut]]:
    """Return a mail taken apart, with what was left out. Of one that is nested without reason only the headers are
    read, and the rest is one text."""
    if len(_BOUNDARY.findall(raw)) > 100 or len(_EMBEDDED.findall(raw)) > 60:
        return _headers_of(raw), [LeftOut(code="nested")]
    try:
        return BytesParser(policy=compat32).parsebytes(raw), []
    except Exception:  # The library fails on some of what is sent, in ways that it does not name (and on deep nesting).
        return _headers_of(raw), [LeftOut(code="broken")]


def _headers_of(raw: bytes) -> Message[Any, Any]:
    head = raw[:200_000]
    try:
        found = BytesHeaderParser(policy=compat32).parsebytes(head)
    except Exception:  # As above; a mail of which nothing can be read has no headers.
        found = Message[Any, Any]()
        found.set_payload(decode(head))
    for name in ("content-type", "content-transfer-encoding"):
        del found[name]
    return found


def read_body(message: Message[Any, Any]) -> Body:
    """Return texts, HTML and files of a mail."""
    body = Body()
    waiting: list[tuple[Message[Any, Any], int]] = [(message, 0)]
    number = 0
    while waiting:
        part, depth = waiting.pop()
        number += 1
        if number > MOST_PARTS:
            body.left_out.append(LeftOut(code="parts"))
            break
        try:
            inner = _read_part(part, body, top=part is message)
        except Exception:  # A part that cannot be read costs itself alone.
            body.left_out.append(LeftOut(code="unreadable"))
            continue
        if inner and depth >= DEEPEST:
            body.left_out.append(LeftOut(code="nested"))
        elif inner:
            waiting.extend((each, depth + 1) for each in reversed(inner[: MOST_PARTS + 1]))
    return body


def _read_part(part: Message[Any, Any], body: Body, *, top: bool) -> list[Message[Any, Any]]:
    """Read one part; return the parts inside it that are to be read as parts of the mail."""
    kind = part.get_content_type()
    name = _filename(part)
    disposition = text_of(part, "content-disposition", most=200).partition(";")[0].strip().lower()
    payload: Any = part.get_payload()
    if kind in _REPORTS:
        return []
    if kind.startswith("message/"):
        if not top:
            _keep(body, name or f"{_subject(payload)[:80] or 'mail'}.eml", "message/rfc822", _embedded(part, payload))
            return []
        return [each for each in payload if isinstance(each, Message)] if isinstance(payload, list) else []
    if isinstance(payload, list):
        return [each for each in payload if isinstance(each, Message)]
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        content = str(payload or "").encode("utf-8", "surrogateescape")
    shown = kind in ("text/plain", "text/html") and disposition != "attachment" and (top or not name)
    if not shown:
        if content.strip() or name:
            _keep(body, name or _name_for(kind, len(body.files)), kind, content)
        return []
    text = plain_text(decode(content[: LONGEST_TEXT * 4], _charset(part)))
    found = body.html if kind == "text/html" else body.texts
    room = LONGEST_TEXT - sum(len(each) for each in found)
    if len(text) > room:
        body.left_out.append(LeftOut(code="text"))
    found.append(text[: max(room, 0)])
    return []


_REPORTS = frozenset((
    "message/delivery-status", "message/global-delivery-status", "message/feedback-report",
    "message/disposition-notification", "message/global-disposition-notification", "message/rfc822-headers",
    "text/rfc822-headers", "message/global-headers",
))  # fmt: skip
"""Parts for machines; see `crmkit_messaging.receiving.reports`."""


def _keep(body: Body, name: str, kind: str, content: bytes) -> None:
    if len(body.files) >= MOST_FILES:
        body.left_out.append(LeftOut(code="files", name=name))
        return
    body.files.append(File(filename=name, media_type=kind, content=content))


def _embedded(part: Message[Any, Any], payload: Any) -> bytes:
    """Return a mail that is part of a mail as bytes."""
    if isinstance(payload, list):
        inner = [each for each in payload if isinstance(each, Message)]
        if len(inner) == 1:
            # One that came encoded, which no mail should be, is decoded.
            content = inner[0].get_payload(decode=True) if not inner[0].keys() else None
            return content if isinstance(content, bytes) and content else inner[0].as_bytes()
        return b"\n\n".join(each.as_bytes() for each in inner)
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else str(payload or "").encode("utf-8", "surrogateescape")


def _subject(payload: Any) -> str:
    first = payload[0] if isinstance(payload, list) and payload else None
    return text_of(first, "subject", most=100) if isinstance(first, Message) else ""


def _filename(part: Message[Any, Any]) -> str:
    """Return the name of a file as it is meant: by RFC 2231, by RFC 2047 where it should not be, or as raw bytes."""
    try:
        found = part.get_filename()
    except Exception:  # Parameters fail in many ways; the name that stands there is used.
        found = None
    if not found:
        raw = " ".join((*raw_values(part, "content-disposition"), *raw_values(part, "content-type")))
        named = _NAME_ONLY.split(raw, maxsplit=1)
        found = named[1].strip().strip("\"'").partition(";")[0] if len(named) == 2 else ""
    if found and not found.isascii():
        found = decode(found.encode("utf-8", "surrogateescape"))
    return readable(one_line(found or ""))[:200]


def _name_for(kind: str, number: int) -> str:
    known = {
        "image/jpeg": "jpg",
        "image/png": "png",
        "image/gif": "gif",
        "text/calendar": "ics",
        "application/pdf": "pdf",
        "text/plain": "txt",
        "text/html": "html",
        "text/csv": "csv",
    }
    return f"{kind.partition('/')[0] or 'file'}-{number + 1}.{known.get(kind, 'bin')}"


def _charset(part: Message[Any, Any]) -> str | None:
    try:
        found = part.get_param("charset")
    except Exception:  # As for names.
        return None
    if isinstance(found, tuple):
        found = found[2]
    return found if isinstance(found, str) else None
