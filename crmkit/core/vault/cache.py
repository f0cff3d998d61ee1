"""Data keys that were unwrapped, kept for a while: at most so many, and at most so long.

Must not know where they come from.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from crmkit.core.vault import envelope

LIMIT = 10_000
AGE = 300.0
"""Seconds after which a key is fetched anew."""


class OpenKey:
    """A data key that is ready for use. ``front`` is what envelopes under it begin with."""

    __slots__ = ("_raw", "cipher", "front")

    def __init__(self, key_id: bytes, raw: bytes) -> None:
        self.front = envelope.HEADER + key_id
        self.cipher = AESGCM(envelope.expand(raw, b"crmkit field"))
        self._raw = raw

    def part(self, label: bytes) -> AESGCM:
        """Return a cipher under a key of its own for a label, made of this one."""
        return AESGCM(envelope.expand(self._raw, label))

    def __repr__(self) -> str:
        return "<a data key>"


class KeyCache:
    """The data keys of one CRM by their ids. It may be used from several threads."""

    def __init__(self, *, limit: int = LIMIT, age: float = AGE) -> None:
        self._limit = limit
        self._age = age
        self._keys: OrderedDict[bytes, tuple[float, OpenKey]] = OrderedDict()
        self._lock = threading.Lock()
        self._round = 0

    def get(self, wanted: Iterable[bytes]) -> dict[bytes, OpenKey]:
        """Return those of the keys that are here and not too old."""
        oldest = time.monotonic() - self._age
        found: dict[bytes, OpenKey] = {}
        with self._lock:
            for key_id in wanted:
                entry = self._keys.get(key_id)
                if entry is None:
                    continue
                if entry[0] < oldest:
                    del self._keys[key_id]
                    continue
                self._keys.move_to_end(key_id)
                found[key_id] = entry[1]
        return found

    @property
    def round(self) -> int:
        """Return a number that grows whenever the cache is emptied: what was read before is not put in after."""
        return self._round

    def put(self, keys: Mapping[bytes, OpenKey], during: int) -> None:
        """Keep keys that were read in a round, unless the cache was emptied since."""
        now = time.monotonic()
        with self._lock:
            if during != self._round:
                return
            for key_id, key in keys.items():
                self._keys[key_id] = (now, key)
            while len(self._keys) > self._limit:
                self._keys.popitem(last=False)

    def clear(self) -> None:
        """Forget all keys."""
        with self._lock:
            self._keys.clear()
            self._round += 1
