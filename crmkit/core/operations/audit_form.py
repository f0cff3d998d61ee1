"""The form of the audit log: which bytes are signed, how records are chained, how texts are made harmless.

Both who writes the log and who verifies it go by this module. Pure functions; they know no database and no key.
"""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

SIGNED = (
    "id",
    "recorded_at",
    "actor_id",
    "method",
    "token_id",
    "address",
    "operation",
    "resource",
    "outcome",
    "target_table",
    "target_id",
    "items",
    "code",
    "reason",
    "correlation_id",
    "details",
    "subjects_hash",
    "commitment",
    "payload_hash",
    "writer",
    "counter",
    "key_version",
)
"""The columns of ``crm_audit`` that a record's code covers, in this order: all but the code itself."""

GENESIS = bytes(32)
"""What the first link has in the place of the link before."""
PURPOSE = "audit"
"""The purpose of the key that records and links are signed with."""

Mac = Callable[[bytes], bytes]

_pack = msgspec.msgpack.Encoder().encode
_json = msgspec.json.Encoder(order="deterministic", decimal_format="string", enc_hook=str).encode
_place = struct.Struct(">BQ").pack
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def signed_bytes(values: Iterable[bytes | int | None]) -> bytes:
    """Return the bytes that a record's code covers: its columns as a MessagePack array, so that no two records give
    the same bytes. Texts are UTF-8, ids 16 bytes, the instant its text of fixed width."""
    return b"\x00" + _pack(tuple(values))


def link_bytes(seq: int, previous: bytes, audit_id: bytes, row_mac: bytes) -> bytes:
    """Return the bytes that a link's code covers."""
    return _place(1, seq) + previous + audit_id + row_mac


def stored(value: Any) -> bytes | int | None:
    """Return a column's value in the form that is signed."""
    if value is None or isinstance(value, (bytes, int)):
        return value
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, UUID):
        return value.bytes
    assert isinstance(value, datetime)
    return instant_text(value).encode()


def instant_text(value: datetime) -> str:
    """Return an instant as it is signed: UTC, to the microsecond."""
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def hash_of_subjects(ids: Iterable[bytes]) -> bytes | None:
    """Return the hash of the customers that a record is about, or None for none."""
    listed = list(ids)
    joined = listed[0] if len(listed) == 1 else b"".join(sorted(listed))
    return hashlib.sha256(joined).digest() if joined else None


def hash_of_payload(salt: bytes, sealed: bytes) -> bytes:
    """Return the hash of a payload's row."""
    return hashlib.sha256(salt + sealed).digest()


def commitment(salt: bytes, payload: bytes) -> bytes:
    """Return what commits to a payload without telling anything of it as long as the salt is unknown."""
    return hashlib.sha256(salt + payload).digest()


def canonical(value: Any) -> bytes:
    """Return the JSON of a value, the same for equal values."""
    return _json(value)


def details_text(details: Mapping[str, Any] | None) -> str | None:
    """Return details as the text that is kept: JSON without control characters."""
    if not details:
        return None
    return _CONTROL.sub(lambda found: f"\\u{ord(found.group()):04x}", _json(dict(details)).decode())


def harmless(text: str | None, most: int) -> str | None:
    """Return a text in which control characters, line ends and marks of direction are written out, so that nothing in
    a record can look like another one; at most so many characters."""
    if text is None:
        return None
    if _CONTROL.search(text) is not None:
        text = _CONTROL.sub(lambda found: f"\\u{ord(found.group()):04x}", text)
    return text if len(text) <= most else text[: most - 1] + "…"
