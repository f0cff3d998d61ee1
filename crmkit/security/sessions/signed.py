"""The values of signing in: who a browser's session belongs to, what has been proven, and what is still to be.

Must not know the database.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Literal
from uuid import UUID

from attrs import field, frozen

from crmkit.core.store.actor import Actor
from crmkit.core.vault.secrets import digest, random_text
from crmkit.security.credentials.accounts import Account

Method = Literal["password", "link", "code", "sso"]
FactorKind = Literal["totp", "recovery"]

SIGNS = 43
"""Signs of a token: 256 bits in letters and digits."""


@frozen(kw_only=True)
class Visitor:
    """The browser that somebody signs in with: its network address, what it calls itself, and its language."""

    address: str | None = None
    agent: str | None = None
    language: str | None = None


@frozen(kw_only=True)
class Proof:
    """What somebody has shown so far: who it is, and how.

    ``fresh`` says that it was shown just now, and not by a provider's session of this morning: only that spares a
    step-up.
    """

    account: Account
    method: Method
    factor: FactorKind | None = None
    provider: str | None = None
    fresh: bool = True


@frozen(kw_only=True)
class Signed:
    """Somebody who is signed in to the pages. All instants are UTC; ``expires_at`` is the end in any case.

    ``csrf`` is what the forms of this session carry, made of its token. ``stepped_up_at`` is when a password or a code
    was given last.
    """

    id: UUID
    user_id: UUID
    actor: Actor
    login: str
    csrf: str = field(repr=False)
    method: str
    factor: str | None
    provider: str | None
    language: str | None
    agent: str | None
    signed_in_at: datetime
    seen_at: datetime
    stepped_up_at: datetime | None
    expires_at: datetime


@frozen(kw_only=True)
class Opened:
    """A session that was opened, or that has a new token: the token goes into the cookie and is kept nowhere."""

    token: str = field(repr=False)
    signed: Signed

    @property
    def expires_at(self) -> datetime:
        """Return when the session ends in any case (UTC)."""
        return self.signed.expires_at


@frozen(kw_only=True)
class Pending:
    """A sign-in that asks for more: a code of the second factor, or that one is set up first. ``token`` is what the
    browser keeps until then."""

    token: str = field(repr=False)
    kind: Literal["factor", "set_up"]
    expires_at: datetime


def new_token() -> str:
    """Return a new random token of 256 bits."""
    return random_text(SIGNS)


def token_hash(token: str) -> bytes | None:
    """Return the digest under which a token is kept, or None for a text that is none."""
    return digest(token) if len(token) == SIGNS and token.isascii() and token.isalnum() else None


def csrf_of(token: str) -> str:
    """Return what the forms of a session carry: whoever reads the database cannot make it, as it is made of the
    token."""
    return derived(token, "forms")


def derived(token: str, purpose: str) -> str:
    """Return 64 hexadecimal digits that only the holder of a token can make, other ones for each purpose."""
    return hashlib.sha256(f"crmkit {purpose}\0{token}".encode()).hexdigest()
