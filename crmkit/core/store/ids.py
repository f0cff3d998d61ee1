"""Identifiers of records: UUIDs of version 7, made in Python so that a value can be bound to its record before it is
written and no sequence has to be shared."""

from __future__ import annotations

import os
import threading
import time
from uuid import UUID

_lock = threading.Lock()
_last = 0


def new_id() -> UUID:
    """Return a new UUIDv7 (RFC 9562): 48 bits of Unix milliseconds, then a part that grows within this process.

    Ids made by one process sort in the order in which they were made; 62 bits are random.
    """
    global _last
    # Milliseconds in the upper bits and a 12-bit counter below: one integer to compare and to increase.
    now = time.time_ns() // 1_000_000 << 12
    with _lock:
        _last = now if now > _last else _last + 1
        stamp = _last
    random = int.from_bytes(os.urandom(8), "big") & 0x3FFF_FFFF_FFFF_FFFF
    value = (stamp >> 12) << 80 | 0x7000 << 64 | (stamp & 0xFFF) << 64 | 0x8000 << 48 | random
    return UUID(int=value)


def parse_id(text: str) -> UUID | None:
    """Return the id that a text stands for, or None when it is not one."""
    try:
        return UUID(text)
    except ValueError:
        return None
