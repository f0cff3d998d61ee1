"""What crosses the border in hooks whose first result wins: values that are handed over and ports that come back.

A port is a protocol, so a plugin implements it without inheriting anything. Must not know who calls or implements it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable
from uuid import UUID

from attrs import field, frozen

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession


@frozen(kw_only=True)
class ActorContext:
    """What a door knows about a caller before it knows who that is.

    ``door`` names the way in; ``credentials`` holds what came with the call by lower-case name (``authorization``,
    ``user`` …) and is kept out of ``repr``, as it is secret; ``address`` is the network address, where there is one.
    ``host`` is the ASGI scope of a call over the network, as the middleware of an embedding host has filled it (its
    ``user``, its ``session``); of a WSGI host the environ is in it, as ``wsgi_environ``.
    """

    door: Literal["python", "cli", "rest", "web", "mail", "job"]
    credentials: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    address: str | None = field(default=None, repr=False)
    host: Mapping[str, Any] | None = field(default=None, repr=False, eq=False)


@frozen(kw_only=True)
class MessageFile:
    """A file that goes with a message."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


@frozen(kw_only=True)
class Message:
    """A message that is ready to be sent, in the language and form of its recipient.

    ``id`` is the same at every attempt, so that a carrier can refuse a repeat. ``address`` is the normalised contact
    point. ``sender`` names the account of the carrier that it goes through, empty for the usual one. Recipient and
    content are personal data and kept out of ``repr``.
    """

    id: UUID
    channel: str
    address: str = field(repr=False)
    body: str = field(repr=False)
    subject: str = field(default="", repr=False)
    html: str | None = field(default=None, repr=False)
    customer_id: UUID | None = None
    headers: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    sender: str = ""
    files: tuple[MessageFile, ...] = field(default=(), converter=tuple, repr=False)


@frozen(kw_only=True)
class Delivery:
    """What became of a message: a carrier took it, refuses it for good, or asks to be tried again.

    ``carrier_id`` is the carrier's own number, ``reason`` why it was not taken, which must not repeat the address,
    ``retry_at`` (UTC) the earliest time of another attempt. Of a refusal ``bad_address`` says that the address itself
    is no good, so that nothing is to be sent there any more.
    """

    outcome: Literal["accepted", "refused", "later"]
    carrier_id: str | None = None
    reason: str = ""
    retry_at: datetime | None = None
    bad_address: bool = False


class KeyProvider(Protocol):
    """Keeps the root keys, each under a name. Other keys are wrapped and unwrapped by it, many at once; a root key
    itself need never leave it.

    Which root key is in use is in the database. What is wrapped comes with a *context* that is authenticated: what was
    wrapped in one context unwraps in no other.
    """

    @property
    def kind(self) -> str:
        """Return what the keys are kept in, in a word (``file``, ``keyring``): for lists and messages."""
        ...

    def names(self) -> Sequence[str]:
        """Return the names of the root keys that can be used, oldest first. Raises an error of crmkit's tree when they
        are not kept safely."""
        ...

    def create(self, used: Collection[str]) -> str:
        """Make a root key, or take one that was put ready, and return its name, which is none of ``used``."""
        ...

    def wrap(self, name: str, keys: Sequence[tuple[bytes, bytes]]) -> Sequence[bytes]:
        """Return keys, given as (key, context), wrapped under a root key. Raises KeyMissing when there is none of that
        name."""
        ...

    def unwrap(self, name: str, wrapped: Sequence[tuple[bytes, bytes]]) -> Sequence[bytes]:
        """Return keys that were wrapped, given as (wrapped, context). Raises KeyMissing, and WrongKey for what was
        altered or wrapped under another key."""
        ...

    def destroy(self, name: str) -> None:
        """Destroy a root key for good; nothing happens when there is none of that name."""
        ...


@runtime_checkable
class ExportableKeys(Protocol):
    """A `KeyProvider` that can hand root keys over for a key backup, and take them back."""

    def export(self, name: str) -> bytes:
        """Return a root key. Raises KeyMissing."""
        ...

    def restore(self, name: str, key: bytes) -> bool:
        """Keep a root key under its name and return whether it was not there before. Raises WrongKey when another key
        is kept under that name."""
        ...


class JobBackend(Protocol):
    """Carries out deferred jobs instead of the kernel's own table and workers."""

    def defer(
        self, session: CrmSession, job: str, arguments: Mapping[str, Any], *, run_at: datetime | None, key: str | None
    ) -> None:
        """Queue a job within the session's transaction: it runs if that commits, not before ``run_at`` (UTC).

        A second job with the same ``key`` is not queued while the first has not run.
        """
        ...


class FileStore(Protocol):
    """Keeps the bytes of attachments under keys that the kernel makes up (letters, digits, ``-`` and ``/``)."""

    def put(self, key: str, content: bytes) -> None:
        """Store the content durably before returning; the same key with the same content may come again."""
        ...

    def get(self, key: str) -> bytes:
        """Return the content. Raises NotFound when there is none."""
        ...

    def delete(self, key: str) -> None:
        """Remove the content; nothing happens when there is none."""
        ...
