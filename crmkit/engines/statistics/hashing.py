"""Chance that can be repeated: whether a customer is held out, and which arm of an experiment a customer is in.

A share is read off SHA-256 of a name and the customer's id. The same two give the same answer in every process, on
every machine and for ever, so nobody has to be written down to stay in a group; other names give independent answers.
Must not know what is held out or tried.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING
from uuid import UUID

from crmkit.errors import InvalidInput, Problem
from crmkit.i18n import texts

if TYPE_CHECKING:
    from hashlib import _Hash

_ = texts("crmkit")

_BITS = 53
"""As many as a float holds exactly."""
_SLACK = 1e-9


@lru_cache(maxsize=1024)
def _begun(name: str) -> _Hash:
    text = unicodedata.normalize("NFC", name).encode()
    return hashlib.sha256(len(text).to_bytes(4, "big") + text)


def share_of(name: str, id: UUID) -> float:
    """Return where an id stands in [0, 1) for a name: uniform over ids, independent between names, always the same.

    The first 53 bits of SHA-256 over the length of the name (4 bytes), the name (NFC, UTF-8) and the id (16 bytes).
    """
    digest = _begun(name).copy()
    digest.update(id.bytes)
    return (int.from_bytes(digest.digest()[:8], "big") >> (64 - _BITS)) / (1 << _BITS)


def held_out(name: str, share: float, id: UUID) -> bool:
    """Say whether an id belongs to the part ``share`` (0 to 1) that is held out under a name.

    Whoever is held out stays so when the share grows. Raises InvalidInput for a share outside 0 to 1.
    """
    _check([share])
    return share_of(f"hold-out:{name}", id) < share


def arm_of(name: str, shares: Mapping[str, float], id: UUID) -> str | None:
    """Return the arm of an id, by shares in their order; None for the part that they leave out.

    An arm keeps who is in it when arms are added behind it. Raises InvalidInput for a share outside 0 to 1 and for
    shares that exceed 1 together.
    """
    _check(shares.values())
    return _fallen(share_of(f"arm:{name}", id), shares)


def arms_of(name: str, shares: Mapping[str, float], ids: Iterable[UUID]) -> dict[UUID, str | None]:
    """Return what `arm_of` says of each of many ids."""
    _check(shares.values())
    return {id: _fallen(share_of(f"arm:{name}", id), shares) for id in ids}


def _fallen(point: float, shares: Mapping[str, float]) -> str | None:
    edge = 0.0
    for arm, share in shares.items():
        edge += share
        if point < edge or edge > 1 - _SLACK:
            return arm
    return None


def _check(shares: Iterable[float]) -> None:
    values = list(shares)
    if all(0 <= share <= 1 for share in values) and sum(values) <= 1 + _SLACK:
        return
    raise InvalidInput([Problem("CK500", _("Shares lie between 0 and 1, together at most 1."), field="share")])
