"""What is given to send a message. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import attrs

from crmkit import Input, texts

_ = texts("crmkit_messaging")


@attrs.frozen(kw_only=True)
class NewMessage:
    """A message to a customer: from a ``template`` with ``values``, or with a text of its own.

    Without a ``channel`` it takes the one that the customer prefers among those that may be used. ``contact_point_id``
    is where it goes; by default the preferred contact point of the channel's kind. It leaves not before ``not_before``
    and not from ``expires_at`` on (instants with a zone). What is ``urgent``, and what answers an interaction that came
    from the customer (``reply_to_id``), leaves in quiet hours where the purpose's policy lets it. With a ``key`` it is
    accepted once from its actor, however often it comes. ``ref`` is what it is about, as ``<resource>:<id>``;
    ``attachments`` are ids of files of the customer's. ``automatic`` marks an answer that no person wrote, so that no
    machine answers it (RFC 3834).
    """

    customer_id: Annotated[UUID, Input(title=_("Customer"), resource="customer", classified="internal")]
    purpose: Annotated[str, Input(title=_("Purpose"), max_length=60, options="consent_purpose", classified="internal")]
    channel: Annotated[str | None, Input(title=_("Channel"), max_length=30, classified="internal")] = None
    template: Annotated[str | None, Input(title=_("Template"), max_length=120, classified="internal")] = None
    variant: Annotated[str | None, Input(title=_("Variant"), max_length=60, classified="internal")] = None
    subject: Annotated[str | None, Input(title=_("Subject"), max_length=500)] = None
    body: Annotated[str | None, Input(title=_("Text"), max_length=1_000_000, multiline=True)] = None
    html: Annotated[str | None, Input(title=_("HTML"), max_length=2_000_000, multiline=True)] = None
    values: Annotated[Mapping[str, Any], Input(title=_("Values of the template"))] = attrs.field(factory=dict[str, Any])
    language: Annotated[str | None, Input(title=_("Language"), max_length=12, classified="internal")] = None
    key: Annotated[str | None, Input(title=_("Idempotency key"), max_length=200, classified="internal")] = None
    ref: Annotated[str | None, Input(title=_("About"), max_length=120, classified="internal")] = None
    contact_point_id: Annotated[UUID | None, Input(title=_("Contact point"), classified="internal")] = None
    not_before: Annotated[datetime | None, Input(title=_("Not before"), classified="internal")] = None
    expires_at: Annotated[datetime | None, Input(title=_("Too late after"), classified="internal")] = None
    urgent: Annotated[bool, Input(title=_("Urgent"), classified="internal")] = False
    reply_to_id: Annotated[UUID | None, Input(title=_("In reply to"), classified="internal")] = None
    mailbox: Annotated[str | None, Input(title=_("Mailbox"), max_length=60, classified="internal")] = None
    attachments: Annotated[tuple[UUID, ...], Input(title=_("Files"), max_length=20, classified="internal")] = ()
    automatic: Annotated[bool, Input(title=_("Written by a machine"), classified="internal")] = False
