"""What a vault knows of its keys, and what it does with those that serve the whole installation: tokens, signatures.

Other processes may change keys at any time; this notices. Must not know data keys, nor what they seal.
"""

from __future__ import annotations

import hmac
import threading
import time
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from attrs import field, frozen
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import Connection

from crmkit.core.store.engine import Engines
from crmkit.core.store.guard.regions import region
from crmkit.core.vault import blind, envelope
from crmkit.core.vault.database import bump, make_keys, new_instance
from crmkit.core.vault.state import GENERAL, GENERATION, INDEX, SIGN, State, generation_of, read_state

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession
    from crmkit.core.vault.providers import Providers

REFRESH = 1.0
"""Seconds after which calls that come without a session look whether another process has changed the keys."""
WHY = "the keys of what is sealed"
_CHECKED = "crmkit.vault"


@frozen(kw_only=True)
class Codes:
    """Makes message authentication codes of 32 bytes for one purpose, under each version of the key.

    ``version`` is the one in use; what was coded under an earlier one is checked with that.
    """

    version: int
    versions: Mapping[int, Callable[[bytes], bytes]] = field(repr=False)


class KnownKeys:
    """The keys of one CRM as its database and its providers have them."""

    def __init__(self, engines: Engines, providers: Callable[[], Providers]) -> None:
        self._engines = engines
        self._open_providers = providers
        self._providers: Providers | None = None
        self._state: State | None = None
        self._looked = 0.0
        self._lock = threading.RLock()
        self._looking = threading.Lock()
        self._derived: dict[tuple[int, str], Any] = {}

    # --- what is known of the keys --------------------------------------------------------------------------------

    @property
    def providers(self) -> Providers:
        """Return what keeps the root keys."""
        with self._lock:
            if self._providers is None:
                self._providers = self._open_providers()
            return self._providers

    @property
    def instance_id(self) -> UUID:
        """Return the installation's id, which everything sealed is bound to."""
        return self.state().instance

    def state(self, session: CrmSession | None = None) -> State:
        """Return what the database says of its keys: in a session as it is in its transaction, otherwise as it was at
        most a second ago."""
        state = self._state
        if session is not None:
            if state is not None and _CHECKED in session.info:
                return state
            if session.info.get(_CHECKED) == "changed":
                # What this transaction has changed may yet be undone: nobody else is to rely on it.
                with region(session.connection(), WHY):
                    return read_state(session.connection(), self.providers)
            found = self._read(session.connection(), state)
            session.info[_CHECKED] = "read"
            return found
        if state is not None and time.monotonic() - self._looked < REFRESH:
            return state
        with self._engines.system_read.connect() as connection:
            return self._read(connection, state)

    def _read(self, connection: Connection, known: State | None) -> State:
        looked = time.monotonic()
        with region(connection, WHY):
            if known is not None and generation_of(connection) == known.generation:
                self._looked = looked
                return known
            state = read_state(connection, self.providers)
        with self._lock:
            if self._state is not None and self._state.generation > state.generation:
                # A transaction that began earlier sees the keys of then, which the later ones include.
                return self._state
            self._drop()
            self._state, self._looked = state, looked
            return state

    def _drop(self) -> None:
        """Drop what was made of the keys that were known."""
        self._derived.clear()

    def forget(self) -> None:
        """Drop everything that is kept in memory; it is read again when it is needed."""
        with self._lock:
            self._state = None
            self._drop()

    def changed(self, session: CrmSession) -> None:
        """Tell every process, once the session's transaction commits, that keys were made, promoted or destroyed."""
        self.state(session)
        with region(session.connection(), WHY):
            bump(session.connection(), GENERATION)
        session.info[_CHECKED] = "changed"
        session.on_commit(self.forget)

    def establish(self) -> None:
        """Give a database that has none its id and its first keys. Nothing happens when it has them."""
        with self._engines.system_write.begin() as connection, region(connection, WHY):
            instance = new_instance(connection)
            if instance is not None:
                make_keys(connection, self.providers.current, instance)
        self.forget()

    # --- lookups, signatures and keys for purposes -------------------------------------------------------------------

    def token(self, index: str, canonical: str) -> bytes:
        """Return the token that a value in its canonical form is written under."""
        state = self.state()
        return self._token(state, state.current(INDEX), index, canonical)

    def tokens(self, index: str, canonical: str) -> list[bytes]:
        """Return the tokens under which a value may have been written: one for each version that is in use."""
        state = self.state()
        return [self._token(state, version, index, canonical) for version in state.purposes[INDEX]]

    def _token(self, state: State, version: Any, index: str, canonical: str) -> bytes:
        key = self._derived.get((version.version, index))
        if key is None:
            key = blind.index_key(version.key, state.instance.bytes, index)
            self._derived[version.version, index] = key
        return blind.token(key, version.version, canonical)

    def purpose_key(self, name: str) -> bytes:
        """Return a key of 32 bytes for one purpose, the same at every call."""
        state = self.state()
        return envelope.expand(state.current(GENERAL).key, b"crmkit purpose " + name.encode())

    def mac(self, purpose: str, data: bytes) -> bytes:
        """Return 32 bytes by which data that was altered by somebody without the keys is told."""
        return hmac.digest(self.purpose_key(f"mac {purpose}"), data, "sha256")

    def codes(self, purpose: str) -> Codes:
        """Return what makes the same codes as `mac`, many at little cost, under each version of the key."""
        made: dict[int, Callable[[bytes], bytes]] = {}
        for version in self.state().purposes.get(GENERAL, ()):
            key = envelope.expand(version.key, f"crmkit purpose mac {purpose}".encode())
            made[version.version] = partial(_code, HMAC(key, SHA256()))
        return Codes(version=self.state().current(GENERAL).version, versions=made)

    def fingerprint(self, text: str) -> str:
        """Return 64 hexadecimal digits that are the same for the same text and say nothing of it without the keys."""
        return self.mac("fingerprint", text.encode()).hex()

    def sign(self, data: bytes) -> bytes:
        """Return the signature (Ed25519, 64 bytes) of data."""
        return _signer(self.state().current(SIGN).key).sign(data)

    def verify(self, data: bytes, signature: bytes) -> bool:
        """Say whether a signature was made by this installation over just this data."""
        for version in self.state().purposes.get(SIGN, ()):
            try:
                _signer(version.key).public_key().verify(signature, data)
            except InvalidSignature:
                continue
            return True
        return False

    @property
    def public_key(self) -> bytes:
        """Return the 32 bytes by which others can check signatures of this installation."""
        return _signer(self.state().current(SIGN).key).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def _code(keyed: HMAC, data: bytes) -> bytes:
    # A copy of what has taken in the key already: a third of the time of beginning with the key.
    code = keyed.copy()
    code.update(data)
    return code.finalize()


@lru_cache(maxsize=8)
def _signer(seed: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(seed)
