"""The table of public links: what each leads to and until when. Nothing in it opens anything: links are signed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped

from crmkit.core.customers.models import Customer
from crmkit.core.store.model import Access, Record, field, kernel_key
from crmkit.i18n import texts

_ = texts("crmkit")


class PublicLink(Record):
    """A link to a public page, for a customer or for nobody in particular.

    ``subject`` is whom it was made for; the signature binds it and it never changes, while ``customer_id`` follows a
    merge.
    """

    __tablename__ = "crm_public_link"
    __access__ = Access.via("customer_id", author="created_by")
    __history__ = False

    page: Mapped[str] = field(String(80), title=_("Page"), classified="internal", editable=False)
    customer_id: Mapped[UUID | None] = field(
        kernel_key(Customer.id, ondelete="CASCADE"),
        title=_("Customer"),
        classified="internal",
        index=True,
        editable=False,
    )
    subject: Mapped[str] = field(String(80), classified="internal", editable=False, default="")
    ref: Mapped[str | None] = field(String(160), title=_("About"), classified="internal", editable=False)
    """The record that the link is about, as ``<resource>:<id>``."""
    expires_at: Mapped[datetime] = field(title=_("Expires at"), classified="internal", index=True, editable=False)
    revoked_at: Mapped[datetime | None] = field(title=_("Revoked at"), classified="internal", editable=False)
    used_at: Mapped[datetime | None] = field(title=_("Used at"), classified="internal", editable=False)
    """When something was last sent by it."""
    last_form: Mapped[bytes | None] = field(LargeBinary(16), classified="internal", editable=False)
    """A fingerprint of the form that was sent last, by which a second sending of it is told."""
