"""What each resource can be filled with from a file: the names of its fields and how their cells are read.

Must not know files, headings or databases. Names are those of the operations' inputs, wherever there is one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from attrs import frozen

from crmkit.exchange.declared import Declared, Rows
from crmkit.hooks.imports import FieldType
from crmkit.i18n import texts

_ = texts("crmkit")

CONTACT_SLOTS = 9
"""How many e-mail addresses and how many phone numbers a row may have in columns of their own."""
ADDRESS_PARTS = ("street", "district", "postal_code", "city", "province", "country")
LATER_LINES = ("street_2", "street_3")
"""Further lines of an address, which are put behind its street."""
ADDRESS_LABELS = ("home", "work", "billing", "shipping", "mailing", "other")
PHONE_LABELS = ("home", "work", "other", "fax", "home_fax", "work_fax", "other_fax", "pager")
SOCIAL_LABELS = ("wechat", "qq", "weibo", "linkedin", "facebook", "twitter", "instagram", "line", "whatsapp", "skype")


@frozen(kw_only=True)
class ImportField:
    """One field that columns can fill. ``contact`` (kind, label) makes it a further contact point of a customer;
    ``part`` (label, part) a part of a further postal address."""

    name: str
    title: str
    type: FieldType = "text"
    contact: tuple[str, str | None] | None = None
    part: tuple[str, str] | None = None


def _text(*fields: tuple[str, str]) -> list[ImportField]:
    return [ImportField(name=name, title=title) for name, title in fields]


def _customers() -> Iterable[ImportField]:
    yield from _text(
        ("crmkit_id", _("Id in crmkit")),
        ("external_id", _("External id")),
        ("kind", _("Kind")),
        ("name", _("Name")),
        ("sort_name", _("Sorted as")),
        ("family_name", _("Family name")),
        ("given_name", _("Given name")),
        ("family_name_2", _("Family name, second part")),
        ("given_name_2", _("Given name, second part")),
        ("middle_name", _("Middle name")),
        ("salutation", _("Salutation")),
        ("job_title", _("Job title")),
        ("organization", _("Organisation")),
        ("organization_id", _("Organisation's id in crmkit")),
        ("organization_ref", _("Organisation's external id")),
        ("email", _("E-mail")),
        ("phone", _("Phone")),
        ("mobile", _("Mobile phone")),
        ("street", _("Street")),
        ("street_number", _("Number before the street")),
        ("house_number", _("Number behind the street")),
        ("street_2", _("Street, second line")),
        ("street_3", _("Street, third line")),
        ("district", _("District")),
        ("postal_code", _("Postal code")),
        ("city", _("City")),
        ("province", _("Province")),
        ("country", _("Country")),
        ("gender", _("Gender")),
        ("occupation", _("Occupation")),
        ("language", _("Language")),
        ("time_zone", _("Time zone")),
        ("identity_kind", _("Kind of identity number")),
        ("identity_number", _("Identity number")),
        ("industry", _("Industry")),
        ("registration_number", _("Registration number")),
        ("website", _("Website")),
        ("standing", _("Standing")),
        ("lifecycle", _("Stage in the other system")),
        ("source", _("Source")),
        ("owner", _("Owner's login")),
        ("owner_hint", _("Owner, if known here")),
        ("team", _("Team")),
    )
    yield ImportField(name="is_company", title=_("Is an organisation"), type="boolean")
    yield ImportField(name="birth_date", title=_("Date of birth"), type="date")
    yield ImportField(name="born_year", title=_("Year of birth"), type="integer")
    yield ImportField(name="born_month", title=_("Month of birth"), type="integer")
    yield ImportField(name="born_day", title=_("Day of birth"), type="integer")
    yield ImportField(name="email_opt_out", title=_("Wants no e-mail"), type="boolean")
    yield ImportField(name="phone_opt_out", title=_("Wants no calls"), type="boolean")
    yield ImportField(name="emails", title=_("Further e-mail addresses"), type="list")
    yield ImportField(name="size", title=_("Size (employees)"), type="integer")
    yield ImportField(name="converted_at", title=_("Customer since"), type="instant")
    yield ImportField(name="tags", title=_("Tags"), type="list")
    yield ImportField(name="interests", title=_("Interests"), type="list")
    yield ImportField(name="identifiers", title=_("Identifiers"), type="json")
    yield ImportField(name="contact_points", title=_("Contact points"), type="json")
    yield ImportField(name="consents", title=_("Consent"), type="json")
    yield ImportField(name="more_contact_points", title=_("Further contact points"), type="json")
    yield ImportField(name="preferences", title=_("Preferences"), type="json")
    for slot in range(2, CONTACT_SLOTS + 1):
        yield ImportField(name=f"email_{slot}", title=_("E-mail"), contact=("email", None))
        yield ImportField(name=f"phone_{slot}", title=_("Phone"), contact=("phone", None))
    for label in PHONE_LABELS:
        base = label if "fax" in label or label == "pager" else f"{label}_phone"
        for slot in ("", "_2"):
            yield ImportField(name=base + slot, title=_("Phone"), contact=("phone", label.replace("_", " ")))
    for label in SOCIAL_LABELS:
        yield ImportField(name=label, title=_("Social account"), contact=("social", label))
    for label in ADDRESS_LABELS:
        for part in (*ADDRESS_PARTS, *LATER_LINES):
            yield ImportField(name=f"{label}_{part}", title=_("Postal address"), part=(label, part))


_REFERENCE = (
    ("customer", _("Customer's external id")),
    ("customer_source", _("Source of the customer's external id")),
    ("customer_email", _("Customer's e-mail")),
    ("customer_phone", _("Customer's phone")),
)


def _interactions() -> Iterable[ImportField]:
    yield from _text(
        ("kind", _("Kind")),
        *_REFERENCE,
        ("channel", _("Channel")),
        ("direction", _("Direction")),
        ("subject", _("Subject")),
        ("body", _("Text")),
        ("outcome", _("Outcome")),
        ("thread", _("Thread")),
        ("visibility", _("Visibility")),
        ("source", _("Source")),
        ("external_id", _("External id")),
        ("currency", _("Currency")),
    )
    yield ImportField(name="occurred_at", title=_("When"), type="instant")
    yield ImportField(name="amount", title=_("Amount"), type="money")
    yield ImportField(name="duration", title=_("Duration (seconds)"), type="integer")
    yield ImportField(name="payload", title=_("Details"), type="json")


def _purchases() -> Iterable[ImportField]:
    yield from _text(
        ("invoice", _("Invoice number")),
        *_REFERENCE,
        ("customer_name", _("Customer's name")),
        ("sku", _("SKU")),
        ("description", _("Description")),
        ("currency", _("Currency")),
        ("kind", _("Purchase or refund")),
        ("refund_of", _("Invoice that is refunded")),
        ("channel", _("Channel")),
        ("source", _("Source")),
    )
    yield ImportField(name="occurred_at", title=_("When"), type="instant")
    yield ImportField(name="quantity", title=_("Quantity"), type="decimal")
    yield ImportField(name="unit_price", title=_("Unit price"), type="money")
    yield ImportField(name="amount", title=_("Amount of the line"), type="money")
    yield ImportField(name="line_no", title=_("Number of the line"), type="integer")
    yield ImportField(name="payload", title=_("Details"), type="json")


def _products() -> Iterable[ImportField]:
    yield from _text(
        ("sku", _("SKU")),
        ("title", _("Title")),
        ("category", _("Category")),
        ("category_title", _("Category's title")),
        ("kind", _("Kind")),
    )
    yield ImportField(name="active", title=_("Active"), type="boolean")


def _declared(rows: Declared) -> Iterable[ImportField]:
    imports = rows.imports
    yield from (ImportField(name=one.name, title=one.title, type=one.type) for one in imports.fields)
    if imports.customer != "none":
        yield from _text(*_REFERENCE, ("customer_name", _("Customer's name")))
    if imports.owner:
        yield ImportField(name="owner_hint", title=_("Owner, if known here"))
    yield ImportField(name="external_id", title=_("External id"))


@lru_cache(maxsize=32)
def fields_for(rows: Rows) -> Mapping[str, ImportField]:
    """Return the fields of a resource by name, custom fields and payload columns not among them."""
    if isinstance(rows, Declared):
        return {one.name: one for one in _declared(rows)}
    made = {"customers": _customers, "interactions": _interactions, "purchases": _purchases, "products": _products}
    return {one.name: one for one in made[rows]()}


def required_for(rows: Rows) -> Sequence[Sequence[str]]:
    """Return the groups of fields of which at least one must be filled by a column."""
    if not isinstance(rows, Declared):
        return REQUIRED[rows]
    groups = [(one.name,) for one in rows.imports.fields if one.required]
    needed = rows.imports.customer == "required"
    return [*groups, ("customer", "customer_name", "customer_email", "customer_phone")] if needed else groups


def prefix_of(rows: Rows) -> str | None:
    """Return what names of fields begin with that a resource takes without knowing them."""
    return OPEN_PREFIXES.get(rows) if isinstance(rows, str) else None


OPEN_PREFIXES: Mapping[str, str] = {"customers": "custom.", "interactions": "payload.", "purchases": "payload."}
"""What names of fields begin with that a resource takes without knowing them."""
REQUIRED: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "customers": (
        (
            "name",
            "family_name",
            "given_name",
            "organization",
            "email",
            "phone",
            "mobile",
            "work_phone",
            "contact_points",
            "more_contact_points",
        ),
    ),
    "interactions": (("kind",), ("occurred_at",), ("customer", "customer_email", "customer_phone")),
    "purchases": (
        ("occurred_at",),
        ("customer", "customer_email", "customer_phone"),
        ("unit_price", "amount"),
    ),
    "products": (("sku",),),
}
"""For each resource the groups of fields of which at least one must be filled by a column."""
