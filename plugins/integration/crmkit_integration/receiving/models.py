"""The tables of web-hooks in: where they come from, what they do, and what has come."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped

from crmkit import Access, Customer, Record, Team, User, field, json_type, kernel_key, texts

_ = texts("crmkit_integration")

SCHEMES = {
    "standard": _("Standard Webhooks"),
    "hmac": _("Signature in a header (HMAC)"),
    "token": _("Token in a header"),
    "none": _("The address alone"),
}
"""How it is shown that a web-hook comes from its source, with titles."""
ALGORITHMS = {"sha256": "HMAC-SHA-256", "sha512": "HMAC-SHA-512", "sha1": "HMAC-SHA-1"}
"""Hash functions of signatures."""
ENCODINGS = {"hex": _("Hexadecimal"), "base64": "Base64"}
"""How a signature is written."""
STATES = {
    "running": _("Being worked on"),
    "done": _("Done"),
    "ignored": _("Concerns nobody"),
    "quarantined": _("In quarantine"),
    "dropped": _("Dropped"),
}
"""What became of a web-hook, with titles."""
REASONS = {
    "unverified": _("It is not shown that it comes from the source"),
    "unreadable": _("It cannot be read"),
    "unnamed": _("It has no id"),
    "unmapped": _("What the operation needs is not in it"),
    "invalid": _("The operation does not take these values"),
    "refused": _("Whoever it acts as may not do this"),
    "failed": _("The operation failed"),
}
"""Why a web-hook is in quarantine, with titles."""


class WebhookSource(Record):
    """A system that sends web-hooks: how it proves itself, and whose rights what it sends has.

    ``tolerance`` is in seconds. ``signed`` is what the signature is made over, with ``{timestamp}``, ``{id}`` and
    ``{body}`` in it. Where signature and time stand in one header, ``signature_part`` and ``timestamp_part`` name
    them there. ``id_from`` is a term (`crmkit_integration.receiving.terms`). The previous secret holds as well until
    ``previous_until`` (UTC). ``sample`` is a body that somebody has made up.
    """

    __tablename__ = "integration_source"
    __access__ = Access.owned()

    name: Mapped[str] = field(String(60), title=_("Name"), classified="internal", unique=True)
    title: Mapped[str] = field(String(200), title=_("Title"), classified="internal", default="")
    active: Mapped[bool] = field(title=_("Takes web-hooks"), classified="internal", default=True)
    runs_as_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("Acts as"), classified="internal", index=True
    )
    owner_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("Owner"), classified="internal", index=True
    )
    team_id: Mapped[UUID | None] = field(
        kernel_key(Team.id, ondelete="SET NULL"), title=_("Team"), classified="internal", index=True
    )
    scheme: Mapped[str] = field(String(10), title=_("Proof"), classified="internal", choices=SCHEMES)
    secret: Mapped[str | None] = field(String(500), title=_("Secret"), classified="secret", editable=False)
    previous_secret: Mapped[str | None] = field(
        String(500), title=_("Previous secret"), classified="secret", editable=False
    )
    previous_until: Mapped[datetime | None] = field(
        title=_("The previous one holds until"), classified="internal", editable=False
    )
    header: Mapped[str] = field(String(100), title=_("Header of the proof"), classified="internal", default="")
    algorithm: Mapped[str] = field(
        String(10), title=_("Hash function"), classified="internal", choices=ALGORITHMS, default="sha256"
    )
    encoding: Mapped[str] = field(
        String(10), title=_("Written as"), classified="internal", choices=ENCODINGS, default="hex"
    )
    prefix: Mapped[str] = field(String(40), title=_("Before the signature"), classified="internal", default="")
    signed: Mapped[str] = field(String(100), title=_("What is signed"), classified="internal", default="{body}")
    timestamp_header: Mapped[str] = field(String(100), title=_("Header of the time"), classified="internal", default="")
    signature_part: Mapped[str] = field(
        String(20), title=_("Part of the header: signature"), classified="internal", default=""
    )
    timestamp_part: Mapped[str] = field(
        String(20), title=_("Part of the header: time"), classified="internal", default=""
    )
    tolerance: Mapped[int] = field(Integer, title=_("Tolerance (seconds)"), classified="internal", default=300)
    id_from: Mapped[str] = field(String(300), title=_("Where its id stands"), classified="internal", default="")
    sample: Mapped[str | None] = field(String, title=_("Sample"), classified="internal", editable=False)
    sample_headers: Mapped[dict[str, Any] | None] = field(
        json_type(), title=_("Headers of the sample"), classified="internal", editable=False
    )
    link_id: Mapped[UUID | None] = field(title=_("Link"), classified="internal", editable=False)
    seen_at: Mapped[datetime | None] = field(title=_("Last received"), classified="internal", editable=False)
    unkept: Mapped[int] = field(
        Integer, title=_("Unverified, not kept"), classified="internal", default=0, editable=False
    )


class WebhookMapping(Record):
    """What a web-hook of a source does: the first mapping in their order whose condition holds is taken.

    ``names`` are terms by the names that ``when`` uses; ``inputs`` terms by the operation's inputs; ``target`` is the
    term of the record that it acts on.
    """

    __tablename__ = "integration_mapping"
    __access__ = Access.via("source_id", resource="integration.mapping")

    source_id: Mapped[UUID] = field(
        ForeignKey("integration_source.id", ondelete="CASCADE"),
        title=_("Source"),
        classified="internal",
        index=True,
        editable=False,
    )
    title: Mapped[str] = field(String(200), title=_("Title"), classified="internal", default="")
    position: Mapped[int] = field(Integer, title=_("Place in the order"), classified="internal", default=0)
    names: Mapped[dict[str, Any]] = field(json_type(), title=_("Names"), classified="internal", default=dict)
    when: Mapped[str] = field(String(2000), title=_("Condition"), classified="internal", default="")
    operation: Mapped[str] = field(String(120), title=_("Operation"), classified="internal")
    target: Mapped[str] = field(String(500), title=_("Record"), classified="internal", default="")
    inputs: Mapped[dict[str, Any]] = field(json_type(), title=_("Inputs"), classified="internal", default=dict)


class ReceivedWebhook(Record):
    """A web-hook that came, and what became of it. Its body is kept while it is in quarantine, and no longer.

    ``external_id`` is its id at the source: there is one row for it, so it never runs twice. ``result`` is
    ``<resource>:<id>`` of the record that came of it.
    """

    __tablename__ = "integration_received"
    __access__ = Access.via("source_id", resource="integration.received")
    __history__ = False

    source_id: Mapped[UUID] = field(
        ForeignKey("integration_source.id", ondelete="CASCADE"),
        title=_("Source"),
        classified="internal",
        editable=False,
    )
    external_id: Mapped[str | None] = field(
        String(200), title=_("Id at the source"), classified="internal", editable=False
    )
    received_at: Mapped[datetime] = field(title=_("Received"), classified="internal", editable=False)
    state: Mapped[str] = field(
        String(12), title=_("State"), classified="internal", choices=STATES, default="running", editable=False
    )
    reason: Mapped[str | None] = field(
        String(12), title=_("Reason"), classified="internal", choices=REASONS, editable=False
    )
    code: Mapped[str | None] = field(String(10), title=_("Code"), classified="internal", editable=False)
    place: Mapped[str | None] = field(String(300), title=_("Where"), classified="internal", editable=False)
    problems: Mapped[list[Any] | None] = field(
        json_type(), title=_("What is wrong"), classified="sensitive", editable=False
    )
    operation: Mapped[str | None] = field(String(120), title=_("Operation"), classified="internal", editable=False)
    result: Mapped[str | None] = field(String(160), title=_("Result"), classified="internal", editable=False)
    customer_id: Mapped[UUID | None] = field(
        kernel_key(Customer.id, ondelete="SET NULL"),
        title=_("Customer"),
        classified="internal",
        index=True,
        editable=False,
    )
    attempts: Mapped[int] = field(Integer, title=_("Attempts"), classified="internal", default=0, editable=False)
    tried_at: Mapped[datetime | None] = field(title=_("Last tried"), classified="internal", editable=False)
    size: Mapped[int] = field(Integer, title=_("Bytes"), classified="internal", default=0, editable=False)
    mended: Mapped[bool] = field(title=_("Mended by hand"), classified="internal", default=False, editable=False)
    body: Mapped[str | None] = field(String, title=_("Body"), classified="sensitive", editable=False)
    headers: Mapped[dict[str, Any] | None] = field(
        json_type(), title=_("Headers"), classified="sensitive", editable=False
    )

    __table_args__ = (
        UniqueConstraint("source_id", "external_id"),
        Index("ix_integration_received_state", "state", "received_at", "id"),
    )
