"""What crosses the border in hooks whose first result wins: values that are handed over and ports that come back.

A port is a protocol, so a plugin implements it without inheriting anything. Must not know who calls or implements it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol
from uuid import UUID

from attrs import field, frozen

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession


@frozen(kw_only=True)
class ActorContext:
    """What a door knows about a caller before it knows who that is.

    ``door`` names the way in; ``credentials`` holds what came with the call by lower-case name (``authorization``,
    ``user`` …) and is kept out of ``repr``, as it is secret; ``address`` is the network address, where there is one.
    """

    door: Literal["python", "cli", "rest", "web", "mail", "job"]
    credentials: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    address: str | None = field(default=None, repr=False)


@frozen(kw_only=True)
class Message:
    """A message that is ready to be sent, in the language and form of its recipient.

    ``id`` is the same at every attempt, so that a carrier can refuse a repeat. ``address`` is the normalised contact
    point. Recipient and content are personal data and kept out of ``repr``.
    """

    id: UUID
    channel: str
    address: str = field(repr=False)
    body: str = field(repr=False)
    subject: str = field(default="", repr=False)
    html: str | None = field(default=None, repr=False)
    customer_id: UUID | None = None
    headers: Mapping[str, str] = field(factory=dict[str, str], repr=False)


@frozen(kw_only=True)
class Delivery:
    """What became of a message: a carrier took it, refuses it for good, or asks to be tried again.

    ``carrier_id`` is the carrier's own number, ``reason`` why it was not taken, ``retry_at`` (UTC) the earliest time
    of another attempt.
    """

    outcome: Literal["accepted", "refused", "later"]
    carrier_id: str | None = None
    reason: str = ""
    retry_at: datetime | None = None


class KeyProvider(Protocol):
    """Keeps the root keys. Data keys are wrapped and unwrapped by it; a root key itself never leaves it.

    ``context`` is authenticated together with the key: what was wrapped in one context unwraps in no other.
    """

    def current(self) -> str:
        """Return the id of the root key that new data keys are wrapped under."""
        ...

    def wrap(self, key: bytes, *, context: bytes) -> bytes:
        """Return a data key wrapped under the current root key; the result says which one that was."""
        ...

    def unwrap(self, wrapped: bytes, *, context: bytes) -> bytes:
        """Return a data key. Raises an error of crmkit's tree when it was altered or its root key is gone."""
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
