"""Headers of mails to values: text, addresses, Message-IDs, instants. Never raises, and never takes long.

Must not know bodies. Addresses are told apart before what is encoded in them is decoded: a name cannot become an
address.
"""

from __future__ import annotations

import base64
import binascii
import quopri
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta, timezone
from email.message import Message
from email.utils import getaddresses, parsedate_tz
from typing import Any

from crmkit_messaging.receiving.charsets import decode, plain_text
from crmkit_messaging.receiving.values import Address

LONGEST = 10_000
"""Characters of a header that are read."""
MOST_ADDRESSES = 100
MOST_IDS = 100
_WORD = re.compile(r"=\?([A-Za-z0-9_.:+-]{1,40})(?:\*[A-Za-z0-9-]{0,20})?\?([bBqQ])\?([^?]{0,4000})\?=")
_BETWEEN = re.compile(r"(\?=)\s+(?==\?)")
_SPACE = re.compile(r"\s+")
_ID = re.compile(r"<([^<>\s]{1,900})>")
_ADDRESS = re.compile(r"[^\s<>\"@,;:()\[\]\\]{1,64}@[^\s<>\"@,;:()\[\]\\]{1,253}")
_IN_TEXT = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-][A-Za-z0-9.-]{0,252}")
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)


def raw_values(message: Message[Any, Any], name: str) -> list[str]:
    """Return all values of a header as they stand there, cut at a length; bytes beyond ASCII are decoded."""
    wanted = name.lower()
    return [_salvaged(value) for found, value in message.raw_items() if str(found).lower() == wanted][:20]


def _salvaged(value: Any) -> str:
    text = str(value)[:LONGEST]
    if text.isascii():
        return text
    return decode(text.encode("utf-8", "surrogateescape"))


def text_of(message: Message[Any, Any], name: str, *, most: int = 1000) -> str:
    """Return a header as text in one line, or an empty one."""
    values = raw_values(message, name)
    return readable(values[0])[:most] if values else ""


def readable(value: str) -> str:
    """Return a header's value with what is encoded in it decoded (RFC 2047), in one line."""
    joined = _BETWEEN.sub(r"\1", value[:LONGEST])
    parts: list[str] = []
    waiting: tuple[str, bytearray] | None = None
    end = 0
    for found in _WORD.finditer(joined):
        between = joined[end : found.start()]
        content = _word(found[2].lower(), found[3])
        # Some writers cut between the bytes of one character: neighbours of one charset are decoded together.
        if waiting is not None and not between and waiting[0] == found[1].lower():
            waiting[1].extend(content)
        else:
            if waiting is not None:
                parts.append(decode(bytes(waiting[1]), waiting[0]))
            parts.append(between)
            waiting = (found[1].lower(), bytearray(content))
        end = found.end()
    if waiting is not None:
        parts.append(decode(bytes(waiting[1]), waiting[0]))
    parts.append(joined[end:])
    return one_line("".join(parts))


def _word(encoding: str, text: str) -> bytes:
    raw = text.encode("ascii", "ignore")
    try:
        if encoding == "q":
            return quopri.decodestring(raw, header=True)
        return base64.b64decode(raw + b"=" * (-len(raw) % 4))
    except (binascii.Error, ValueError):
        return raw


def one_line(text: str) -> str:
    """Return text in one line, without control characters: nothing of it can begin another header."""
    return _SPACE.sub(" ", plain_text(text)).strip()


def addresses(message: Message[Any, Any], name: str) -> tuple[Address, ...]:
    """Return the addresses of a header, each once; what is no address is left out."""
    values = raw_values(message, name)
    if not values:
        return ()
    try:
        pairs = getaddresses([_SPACE.sub(" ", value) for value in values])
    except Exception:  # The library fails on some of what is sent in many ways; addresses are looked for by hand then.
        pairs = [("", found) for value in values for found in _ADDRESS.findall(value)]
    found: dict[str, Address] = {}
    for shown, address in pairs[: MOST_ADDRESSES * 2]:
        plain = one_line(address)
        if _ADDRESS.fullmatch(plain) and len(found) < MOST_ADDRESSES:
            found.setdefault(plain.lower(), Address(address=plain, name=readable(shown)[:200].strip("\"' ")))
    return tuple(found.values())


def addresses_in(text: str) -> list[str]:
    """Return what looks like addresses in a text, each once."""
    return list(dict.fromkeys(each.strip(".'`") for each in _IN_TEXT.findall(text[:LONGEST])))


def is_address(text: str) -> bool:
    """Say whether a text is an address and nothing else."""
    return _ADDRESS.fullmatch(text) is not None


def message_ids(values: Iterable[str]) -> tuple[str, ...]:
    """Return the Message-IDs that stand in headers, without brackets, each once and in their order."""
    found: dict[str, None] = {}
    for value in values:
        ids = _ID.findall(value[: LONGEST * 4])
        if not ids and (plain := value.strip()) and " " not in plain and "@" in plain:
            ids = [plain.strip("<>")]
        for each in ids:
            found.setdefault(one_line(each)[:900])
    return tuple(each for each in found if each)[-MOST_IDS:]


def message_id_of(message: Message[Any, Any]) -> str:
    """Return a mail's own Message-ID without brackets, or an empty text where it has none."""
    return next(iter(message_ids(raw_values(message, "message-id")[:1])), "")


def instant_of(values: Sequence[str], now: datetime) -> datetime | None:
    """Return when a mail says that it was sent, in UTC, or None for what cannot be: before there was mail, or in the
    future (a day is let pass for wrong clocks)."""
    if not values:
        return None
    try:
        parts = parsedate_tz(values[0][:200])
        if parts is None:
            return None
        zone = timezone(timedelta(seconds=parts[9] or 0))
        when = datetime(*parts[:6], tzinfo=zone).astimezone(UTC)
    except Exception:  # Dates fail in many ways: overflows, months that there are not, zones of days.
        return None
    return when if _EARLIEST <= when <= now + timedelta(days=1) else None
