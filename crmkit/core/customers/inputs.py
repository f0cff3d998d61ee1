"""What the operations on customers take: one typed value for a new customer, one for a change, one for each part.

Doors read their forms, columns and parameters from here. Must not touch the database.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import attrs

from crmkit.core.operations.inputs import UNSET, Input, UnsetType
from crmkit.i18n import texts

_ = texts("crmkit")

Kind = Literal["person", "organization"]
Standing = Literal["potential", "customer"]
ContactKind = Literal["email", "phone", "address", "social", "web"]
MAX_SIZE = 2_000_000_000


@attrs.frozen(kw_only=True)
class NewContactPoint:
    """A way to reach a customer. ``details`` are the parts of a postal address."""

    kind: Annotated[ContactKind, Input(title=_("Kind"), classified="internal")]
    value: Annotated[str, Input(title=_("Value"), max_length=1000)] = ""
    label: Annotated[str | None, Input(title=_("Label"), max_length=40, classified="internal")] = None
    preferred: Annotated[bool, Input(title=_("Preferred"), classified="internal")] = False
    verified_at: Annotated[datetime | None, Input(title=_("Verified at"), classified="internal")] = None
    details: Annotated[Mapping[str, Any], Input(title=_("Details"))] = attrs.field(factory=dict[str, Any])


@attrs.frozen(kw_only=True)
class NewIdentifier:
    """What another system calls a customer."""

    source: Annotated[str, Input(title=_("Source"), max_length=60, classified="internal")]
    external_id: Annotated[str, Input(title=_("External id"), max_length=200, classified="internal")]


@attrs.frozen(kw_only=True)
class NewConsent:
    """What a customer allowed or withdrew. ``channel`` "*" is every channel; instants are in UTC."""

    purpose: Annotated[str, Input(title=_("Purpose"), max_length=60, classified="internal", options="consent_purpose")]
    channel: Annotated[str, Input(title=_("Channel"), max_length=30, classified="internal")] = "*"
    granted: Annotated[bool, Input(title=_("Granted"), classified="internal")] = True
    occurred_at: Annotated[datetime | None, Input(title=_("When"), classified="internal")] = None
    expires_at: Annotated[datetime | None, Input(title=_("Expires at"), classified="internal")] = None
    source: Annotated[str | None, Input(title=_("Source"), max_length=120, classified="internal")] = None
    evidence: Annotated[str | None, Input(title=_("Evidence"), max_length=2000, multiline=True)] = None


@attrs.frozen(kw_only=True)
class NewCustomer:
    """A new customer: a person or an organisation.

    A name, or parts that make one, or a way to reach the customer is required. ``organization`` is the name of the
    organisation that a person belongs to: an existing one, or it is added. ``email``, ``phone``, ``mobile`` and the
    parts of one address are short for contact points; ``external_id`` with ``identifier_source`` for one identifier.
    """

    kind: Annotated[Kind, Input(title=_("Kind"), classified="public")] = "person"
    standing: Annotated[Standing, Input(title=_("Standing"), classified="public")] = "potential"
    converted_at: Annotated[datetime | None, Input(title=_("Customer since"), classified="internal")] = None
    name: Annotated[str | None, Input(title=_("Name"), max_length=300, classified="personal")] = None
    family_name: Annotated[str | None, Input(title=_("Family name"), max_length=150, classified="personal")] = None
    given_name: Annotated[str | None, Input(title=_("Given name"), max_length=150, classified="personal")] = None
    middle_name: Annotated[str | None, Input(title=_("Middle name"), max_length=150, classified="personal")] = None
    sort_name: Annotated[str | None, Input(title=_("Sorted as"), max_length=300, classified="personal")] = None
    salutation: Annotated[str | None, Input(title=_("Salutation"), max_length=60, classified="personal")] = None
    job_title: Annotated[str | None, Input(title=_("Job title"), max_length=200, classified="personal")] = None
    birth_date: Annotated[date | None, Input(title=_("Date of birth"))] = None
    gender: Annotated[str | None, Input(title=_("Gender"), max_length=20, classified="personal", options="gender")] = (
        None
    )
    occupation: Annotated[
        str | None, Input(title=_("Occupation"), max_length=120, classified="personal", options="occupation")
    ] = None
    language: Annotated[str | None, Input(title=_("Language"), max_length=60, classified="personal")] = None
    time_zone: Annotated[str | None, Input(title=_("Time zone"), max_length=60, classified="personal")] = None
    identity_kind: Annotated[
        str | None, Input(title=_("Kind of identity number"), max_length=30, classified="personal", options="identity")
    ] = None
    identity_number: Annotated[str | None, Input(title=_("Identity number"), max_length=60)] = None
    industry: Annotated[
        str | None, Input(title=_("Industry"), max_length=120, classified="internal", options="industry")
    ] = None
    size: Annotated[
        int | None, Input(title=_("Size (employees)"), minimum=0, maximum=MAX_SIZE, classified="internal")
    ] = None
    registration_number: Annotated[
        str | None, Input(title=_("Registration number"), max_length=60, classified="internal")
    ] = None
    website: Annotated[str | None, Input(title=_("Website"), max_length=500, classified="internal")] = None
    email: Annotated[str | None, Input(title=_("E-mail"), max_length=320)] = None
    phone: Annotated[str | None, Input(title=_("Phone"), max_length=100)] = None
    mobile: Annotated[str | None, Input(title=_("Mobile phone"), max_length=100)] = None
    street: Annotated[str | None, Input(title=_("Street"), max_length=500)] = None
    district: Annotated[str | None, Input(title=_("District"), max_length=120, classified="personal")] = None
    postal_code: Annotated[str | None, Input(title=_("Postal code"), max_length=30)] = None
    city: Annotated[str | None, Input(title=_("City"), max_length=120, classified="personal")] = None
    province: Annotated[str | None, Input(title=_("Province"), max_length=120, classified="personal")] = None
    country: Annotated[str | None, Input(title=_("Country"), max_length=100, classified="personal")] = None
    contact_points: Annotated[tuple[NewContactPoint, ...], Input(title=_("Contact points"), max_length=100)] = ()
    interests: Annotated[tuple[str, ...], Input(title=_("Interests"), max_length=200, classified="internal")] = ()
    tags: Annotated[tuple[str, ...], Input(title=_("Tags"), max_length=200, classified="internal")] = ()
    preferences: Annotated[Mapping[str, Any], Input(title=_("Preferences"), classified="personal")] = attrs.field(
        factory=dict[str, Any]
    )
    source: Annotated[str | None, Input(title=_("Source"), max_length=120, classified="internal", options="source")] = (
        None
    )
    owner_id: Annotated[UUID | None, Input(title=_("Owner"), classified="internal", resource="user")] = None
    team_id: Annotated[UUID | None, Input(title=_("Team"), classified="internal", resource="team")] = None
    parent_id: Annotated[UUID | None, Input(title=_("Organisation"), classified="internal", resource="customer")] = None
    organization: Annotated[
        str | None, Input(title=_("Name of the organisation"), max_length=300, classified="personal")
    ] = None
    external_id: Annotated[str | None, Input(title=_("External id"), max_length=200, classified="internal")] = None
    identifier_source: Annotated[
        str | None, Input(title=_("Source of the external id"), max_length=60, classified="internal")
    ] = None
    identifiers: Annotated[
        tuple[NewIdentifier, ...], Input(title=_("Identifiers"), max_length=100, classified="internal")
    ] = ()
    consents: Annotated[tuple[NewConsent, ...], Input(title=_("Consent"), max_length=200, classified="internal")] = ()
    custom: Annotated[Mapping[str, Any], Input(title=_("Custom fields"))] = attrs.field(factory=dict[str, Any])
    despite_duplicates: Annotated[
        bool,
        Input(
            title=_("Add anyway"),
            help=_("Although there is a customer who seems to be the same."),
            classified="internal",
        ),
    ] = False


OptionalText = str | None | UnsetType


@attrs.frozen(kw_only=True)
class CustomerUpdate:
    """What to change of a customer; what is not given stays.

    ``tags`` and ``interests`` are the whole new sets; ``custom`` and ``preferences`` change the names that they have,
    where null takes a value away. ``email``, ``phone``, ``mobile``, ``street`` with the other parts of an address, and
    ``external_id`` are added where the customer does not have them yet.
    """

    kind: Annotated[Kind | UnsetType, Input(title=_("Kind"), classified="public")] = UNSET
    name: Annotated[OptionalText, Input(title=_("Name"), max_length=300, classified="personal")] = UNSET
    family_name: Annotated[OptionalText, Input(title=_("Family name"), max_length=150, classified="personal")] = UNSET
    given_name: Annotated[OptionalText, Input(title=_("Given name"), max_length=150, classified="personal")] = UNSET
    middle_name: Annotated[OptionalText, Input(title=_("Middle name"), max_length=150, classified="personal")] = UNSET
    sort_name: Annotated[OptionalText, Input(title=_("Sorted as"), max_length=300, classified="personal")] = UNSET
    salutation: Annotated[OptionalText, Input(title=_("Salutation"), max_length=60, classified="personal")] = UNSET
    job_title: Annotated[OptionalText, Input(title=_("Job title"), max_length=200, classified="personal")] = UNSET
    birth_date: Annotated[date | UnsetType | None, Input(title=_("Date of birth"))] = UNSET
    gender: Annotated[
        OptionalText, Input(title=_("Gender"), max_length=20, classified="personal", options="gender")
    ] = UNSET
    occupation: Annotated[
        OptionalText, Input(title=_("Occupation"), max_length=120, classified="personal", options="occupation")
    ] = UNSET
    language: Annotated[OptionalText, Input(title=_("Language"), max_length=60, classified="personal")] = UNSET
    time_zone: Annotated[OptionalText, Input(title=_("Time zone"), max_length=60, classified="personal")] = UNSET
    identity_kind: Annotated[
        OptionalText,
        Input(title=_("Kind of identity number"), max_length=30, classified="personal", options="identity"),
    ] = UNSET
    identity_number: Annotated[OptionalText, Input(title=_("Identity number"), max_length=60)] = UNSET
    industry: Annotated[
        OptionalText, Input(title=_("Industry"), max_length=120, classified="internal", options="industry")
    ] = UNSET
    size: Annotated[
        int | UnsetType | None, Input(title=_("Size (employees)"), minimum=0, maximum=MAX_SIZE, classified="internal")
    ] = UNSET
    registration_number: Annotated[
        OptionalText, Input(title=_("Registration number"), max_length=60, classified="internal")
    ] = UNSET
    website: Annotated[OptionalText, Input(title=_("Website"), max_length=500, classified="internal")] = UNSET
    email: Annotated[OptionalText, Input(title=_("E-mail"), max_length=320)] = UNSET
    phone: Annotated[OptionalText, Input(title=_("Phone"), max_length=100)] = UNSET
    mobile: Annotated[OptionalText, Input(title=_("Mobile phone"), max_length=100)] = UNSET
    street: Annotated[OptionalText, Input(title=_("Street"), max_length=500)] = UNSET
    district: Annotated[OptionalText, Input(title=_("District"), max_length=120, classified="personal")] = UNSET
    postal_code: Annotated[OptionalText, Input(title=_("Postal code"), max_length=30)] = UNSET
    city: Annotated[OptionalText, Input(title=_("City"), max_length=120, classified="personal")] = UNSET
    province: Annotated[OptionalText, Input(title=_("Province"), max_length=120, classified="personal")] = UNSET
    country: Annotated[OptionalText, Input(title=_("Country"), max_length=100, classified="personal")] = UNSET
    contact_points: Annotated[
        tuple[NewContactPoint, ...] | UnsetType, Input(title=_("Contact points"), max_length=100)
    ] = UNSET
    interests: Annotated[
        tuple[str, ...] | UnsetType, Input(title=_("Interests"), max_length=200, classified="internal")
    ] = UNSET
    tags: Annotated[tuple[str, ...] | UnsetType, Input(title=_("Tags"), max_length=200, classified="internal")] = UNSET
    preferences: Annotated[Mapping[str, Any] | UnsetType, Input(title=_("Preferences"), classified="personal")] = UNSET
    source: Annotated[
        OptionalText, Input(title=_("Source"), max_length=120, classified="internal", options="source")
    ] = UNSET
    parent_id: Annotated[
        UUID | UnsetType | None, Input(title=_("Organisation"), classified="internal", resource="customer")
    ] = UNSET
    organization: Annotated[
        OptionalText, Input(title=_("Name of the organisation"), max_length=300, classified="personal")
    ] = UNSET
    external_id: Annotated[OptionalText, Input(title=_("External id"), max_length=200, classified="internal")] = UNSET
    identifier_source: Annotated[
        OptionalText, Input(title=_("Source of the external id"), max_length=60, classified="internal")
    ] = UNSET
    identifiers: Annotated[
        tuple[NewIdentifier, ...] | UnsetType, Input(title=_("Identifiers"), max_length=100, classified="internal")
    ] = UNSET
    custom: Annotated[Mapping[str, Any] | UnsetType, Input(title=_("Custom fields"))] = UNSET


@attrs.frozen(kw_only=True)
class CustomerChange:
    """One change among many: which customer, and what to change of it. ``version`` guards against lost updates."""

    id: Annotated[UUID, Input(title=_("Customer"), classified="internal", resource="customer")]
    changes: Annotated[CustomerUpdate, Input(title=_("Changes"))]
    version: Annotated[int | None, Input(title=_("Version"), classified="internal")] = None
