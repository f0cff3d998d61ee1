"""The tables of customers: the customer, contact points, identifiers, tags, relationships, consent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, object_session, relationship

from crmkit.core.access.models import Team, User
from crmkit.core.customers.contacts import match_key
from crmkit.core.customers.custom import band_of, birthday_of, custom_parts, split_custom
from crmkit.core.customers.names import folded
from crmkit.core.store.clock import system_now
from crmkit.core.store.model import Access, Entry, Model, Record, field, kernel_key
from crmkit.core.store.opening import has_pending, plain, reseal_field
from crmkit.core.store.sealed import refuse_masked
from crmkit.core.store.tables import RecordChange
from crmkit.core.store.types import json_type
from crmkit.i18n import texts

_ = texts("crmkit")


def _name_key(context: Any) -> str:
    return folded(context.get_current_parameters()["name"])


class Customer(Record):
    """A person or an organisation, from the first contact on: a lead and an unknown sender are customers of standing
    *potential*.

    The date of birth and the identity number are sealed; ``birthday`` (month and day) and ``birth_band`` (the first of
    the five years that the year of birth is in) are kept in plain beside the date, for lists. Of the custom fields,
    those that are classified as sensitive are sealed, in ``custom_sealed``; the others are in ``custom_open``, and SQL
    can use them. ``custom`` is both.
    """

    __tablename__ = "crm_customer"
    __access__ = Access.owned()

    kind: Mapped[str] = field(String(12), title=_("Kind"), classified="public", default="person")
    """person or organization."""
    standing: Mapped[str] = field(String(12), title=_("Standing"), classified="public", default="potential")
    """potential, or customer once converted."""
    converted_at: Mapped[datetime | None] = field(title=_("Customer since"), classified="internal", editable=False)
    name: Mapped[str] = field(String(300), title=_("Name"), classified="personal", searchable=True)
    sort_name: Mapped[str] = field(String(300), title=_("Sorted as"), classified="personal", editable=False)
    name_key: Mapped[str] = field(String(300), classified="personal", editable=False, default=_name_key)
    """What equal names have in common whatever their case, width and spaces; looked up and searched by."""
    family_name: Mapped[str | None] = field(String(150), title=_("Family name"), classified="personal")
    given_name: Mapped[str | None] = field(String(150), title=_("Given name"), classified="personal")
    middle_name: Mapped[str | None] = field(String(150), title=_("Middle name"), classified="personal")
    salutation: Mapped[str | None] = field(String(60), title=_("Salutation"), classified="personal")
    job_title: Mapped[str | None] = field(String(200), title=_("Job title"), classified="personal")
    birth_date: Mapped[date | None] = field(
        title=_("Date of birth"),
        classified="sensitive",
        derived={"birthday": birthday_of, "birth_band": band_of},
    )
    birthday: Mapped[str | None] = field(
        String(5), title=_("Birthday (MM-DD)"), classified="personal", editable=False, index=True
    )
    birth_band: Mapped[int | None] = field(
        Integer, title=_("Born in the five years from"), classified="personal", editable=False
    )
    gender: Mapped[str | None] = field(String(20), title=_("Gender"), classified="personal", options="gender")
    occupation: Mapped[str | None] = field(
        String(120), title=_("Occupation"), classified="personal", options="occupation"
    )
    language: Mapped[str | None] = field(String(12), title=_("Language"), classified="personal")
    time_zone: Mapped[str | None] = field(String(60), title=_("Time zone"), classified="personal")
    identity_kind: Mapped[str | None] = field(String(30), title=_("Kind of identity number"), classified="personal")
    identity_number: Mapped[str | None] = field(
        String(60), title=_("Identity number"), classified="sensitive", matchable=True
    )
    industry: Mapped[str | None] = field(String(120), title=_("Industry"), classified="internal", options="industry")
    size: Mapped[int | None] = field(Integer, title=_("Size (employees)"), classified="internal")
    registration_number: Mapped[str | None] = field(String(60), title=_("Registration number"), classified="internal")
    website: Mapped[str | None] = field(String(500), title=_("Website"), classified="internal")
    country: Mapped[str | None] = field(String(2), title=_("Country"), classified="personal")
    province: Mapped[str | None] = field(String(120), title=_("Province"), classified="personal")
    city: Mapped[str | None] = field(String(120), title=_("City"), classified="personal")
    preferences: Mapped[dict[str, Any]] = field(
        json_type(), title=_("Preferences"), classified="personal", default=dict
    )
    source: Mapped[str | None] = field(String(120), title=_("Source"), classified="internal", options="source")
    parent_id: Mapped[UUID | None] = field(
        ForeignKey("crm_customer.id", ondelete="SET NULL"), title=_("Organisation"), classified="internal", index=True
    )
    owner_id: Mapped[UUID | None] = field(
        kernel_key(User.id, ondelete="SET NULL"), title=_("Owner"), classified="internal"
    )
    team_id: Mapped[UUID | None] = field(
        kernel_key(Team.id, ondelete="SET NULL"), title=_("Team"), classified="internal", index=True
    )
    custom_open: Mapped[dict[str, Any]] = field(
        "custom", json_type(), title=_("Custom fields"), classified="personal", default=dict
    )
    custom_sealed: Mapped[dict[str, Any] | None] = field(
        json_type(), title=_("Sensitive custom fields"), classified="sensitive"
    )
    deleted_at: Mapped[datetime | None] = field(title=_("Deleted at"), classified="internal", editable=False)

    contact_points: Mapped[list[ContactPoint]] = relationship(
        back_populates="customer",
        order_by="ContactPoint.position, ContactPoint.id",
        cascade="all, delete-orphan",
        passive_deletes=True,
    )
    tags: Mapped[list[CustomerTag]] = relationship(
        order_by="CustomerTag.name", cascade="all, delete-orphan", passive_deletes=True
    )
    identifiers: Mapped[list[CustomerIdentifier]] = relationship(
        order_by="CustomerIdentifier.source", cascade="all, delete-orphan", passive_deletes=True
    )

    __table_args__ = (
        Index("ix_crm_customer_sort_name", "sort_name", "id"),
        # What somebody looks at every day: the own customers by name.
        Index("ix_crm_customer_owner", "owner_id", "sort_name", "id"),
        Index("ix_crm_customer_created_at", "created_at", "id"),
        Index("ix_crm_customer_city", "city"),
        Index("ix_crm_customer_name_key", "name_key"),
        Index("ix_crm_customer_identity", "identity_number_token"),
    )

    @hybrid_property
    def custom(self) -> dict[str, Any]:
        """The custom fields, as the reader may see them; in SQL those alone that are kept in plain."""
        return custom_parts(self.custom_open, self.custom_sealed)

    @custom.inplace.setter
    def _set_custom(self, value: Mapping[str, Any]) -> None:
        refuse_masked(dict(value), "custom")
        session: Any = object_session(self)
        # Of a record that belongs to no session yet, the flush knows which of them are sensitive.
        shown, sealed = ({}, dict(value)) if session is None else split_custom(session.crm.config.get(session), value)
        self.custom_open, self.custom_sealed = shown, sealed or None

    @custom.inplace.expression
    @classmethod
    def _custom_in_plain(cls) -> Any:
        return cls.custom_open

    def before_sealing(self, session: Any) -> None:
        """Keep in plain what is not sensitive of custom fields that were set."""
        if has_pending(self, "custom_sealed"):
            whole = custom_of(self)
            shown, sealed = split_custom(session.crm.config.get(session), whole)
            if sealed != plain(self, "custom_sealed"):
                self.custom_open, self.custom_sealed = shown, sealed or None


class ContactPoint(Record):
    """One way to reach a customer. ``value`` is the normal form (E.164, an address as written), and sealed; its token
    is what equal ones have in common."""

    __tablename__ = "crm_contact_point"
    __access__ = Access.via("customer_id", resource="customer")

    customer_id: Mapped[UUID] = field(
        ForeignKey("crm_customer.id", ondelete="CASCADE"), classified="internal", index=True, editable=False
    )
    kind: Mapped[str] = field(String(10), title=_("Kind"), classified="internal")
    """email, phone, address, social or web."""
    value: Mapped[str] = field(String(1000), title=_("Value"), classified="sensitive", matchable=True)
    label: Mapped[str | None] = field(String(40), title=_("Label"), classified="internal")
    """home, work, mobile, fax, other …; for a social account its network."""
    preferred: Mapped[bool] = field(title=_("Preferred"), classified="internal", default=False)
    verified_at: Mapped[datetime | None] = field(title=_("Verified at"), classified="internal")
    details: Mapped[dict[str, Any]] = field(json_type(), title=_("Details"), classified="sensitive", default=dict)
    """For a postal address its parts: country, province, city, district, postal_code, street."""
    position: Mapped[int] = field(Integer, classified="internal", default=0)

    customer: Mapped[Customer] = relationship(back_populates="contact_points")

    __table_args__ = (Index("ix_crm_contact_point_match", "value_token", "kind"),)

    def before_sealing(self, session: Any) -> None:
        """Find a number anew whose extension was changed."""
        if has_pending(self, "details") and not has_pending(self, "value"):
            reseal_field(self, "value")

    def match_form(self, name: str, value: Any) -> str | None:
        """Return the form under which equal contact points are found."""
        return self.match_form_of(name, value, {"kind": self.kind, "details": plain(self, "details")})

    @classmethod
    def match_form_of(cls, name: str, value: Any, row: Mapping[str, Any]) -> str | None:
        """Return the form under which equal contact points are found: the kind, and what equal ones have in common,
        which the row may say as ``match_key``."""
        key = row.get("match_key") or point_key(row["kind"], value, row.get("details"))
        return None if key is None else contact_form(row["kind"], key)


def custom_of(customer: Customer) -> dict[str, Any]:
    """Return a customer's custom fields whatever its reader may see: for the framework's own use."""
    return custom_parts(plain(customer, "custom_open"), plain(customer, "custom_sealed"))


def new_point(row: Mapping[str, Any]) -> ContactPoint:
    """Return a contact point of a checked row, not yet in a session."""
    return ContactPoint(**{name: value for name, value in row.items() if name != "match_key"})


def contact_form(kind: str, key: str) -> str:
    """Return the form under which a contact point is found for its kind and match key."""
    return f"{kind}\n{key}"


def point_key(kind: str, value: str, details: Mapping[str, Any] | None) -> str | None:
    """Return the match key of a contact point that is in its normal form, its extension in the details."""
    extension = (details or {}).get("extension") if kind == "phone" else None
    return match_key(kind, f"{value};ext={extension}" if extension else value)


class CustomerIdentifier(Model):
    """What another system calls the customer: unique for each source."""

    __tablename__ = "crm_customer_identifier"
    __access__ = Access.via("customer_id", resource="customer")

    source: Mapped[str] = field(String(60), title=_("Source"), classified="internal", primary_key=True)
    external_id: Mapped[str] = field(String(200), title=_("External id"), classified="internal", primary_key=True)
    customer_id: Mapped[UUID] = field(
        ForeignKey("crm_customer.id", ondelete="CASCADE"), classified="internal", index=True
    )
    recorded_at: Mapped[datetime] = field(classified="internal", default=system_now)


class CustomerTag(Model):
    """A tag or an interest of a customer."""

    __tablename__ = "crm_customer_tag"
    __access__ = Access.via("customer_id", resource="customer")

    customer_id: Mapped[UUID] = field(
        ForeignKey("crm_customer.id", ondelete="CASCADE"), classified="internal", primary_key=True
    )
    kind: Mapped[str] = field(String(10), classified="internal", primary_key=True)
    """tag or interest."""
    name: Mapped[str] = field(String(120), classified="internal", primary_key=True)

    __table_args__ = (Index("ix_crm_customer_tag_name", "kind", "name", "customer_id"),)


class Relationship(Record):
    """A typed, dated relationship from one customer to another: employee of, spouse of, partner of, referred by …"""

    __tablename__ = "crm_relationship"
    __access__ = Access.via("customer_id", resource="customer").and_via("other_id")

    customer_id: Mapped[UUID] = field(
        ForeignKey("crm_customer.id", ondelete="CASCADE"), classified="internal", index=True, editable=False
    )
    other_id: Mapped[UUID] = field(
        ForeignKey("crm_customer.id", ondelete="CASCADE"), title=_("Other customer"), classified="internal", index=True
    )
    kind: Mapped[str] = field(String(60), title=_("Kind"), classified="personal", options="relationship")
    valid_from: Mapped[date | None] = field(title=_("From"), classified="personal")
    valid_to: Mapped[date | None] = field(title=_("Until"), classified="personal")
    note: Mapped[str | None] = field(String(1000), title=_("Note"), classified="sensitive")


class Consent(Entry):
    """One entry of the consent ledger: what a customer allowed or withdrew, for which purpose and channel, and the
    evidence. What holds now is the last entry by occurrence."""

    __tablename__ = "crm_consent"
    __access__ = Access.via("customer_id", resource="customer")

    customer_id: Mapped[UUID] = field(ForeignKey("crm_customer.id", ondelete="CASCADE"), classified="internal")
    purpose: Mapped[str] = field(String(60), title=_("Purpose"), classified="internal")
    channel: Mapped[str] = field(String(30), title=_("Channel"), classified="internal")
    """A channel's name, or "*" for all."""
    granted: Mapped[bool] = field(title=_("Granted"), classified="internal")
    occurred_at: Mapped[datetime] = field(title=_("When"), classified="internal")
    expires_at: Mapped[datetime | None] = field(title=_("Expires at"), classified="internal")
    source: Mapped[str | None] = field(String(120), title=_("Source"), classified="internal")
    evidence: Mapped[str | None] = field(String(2000), title=_("Evidence"), classified="sensitive")
    actor_id: Mapped[str] = field(String(80), classified="internal")

    __table_args__ = (Index("ix_crm_consent_current", "customer_id", "purpose", "channel", "occurred_at"),)


# Said here, as the store knows no customer: the history of a customer is seen by whoever sees the customer.
RecordChange.__access__ = Access.via("customer_id", Customer, author="actor_id", resource="customer")
