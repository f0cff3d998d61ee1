"""From the columns of a customers' file to the input for a new customer.

Must not know duplicates or databases. What the operation's input calls by another name, or does not have (further
e-mail addresses, phones and postal addresses in columns of their own), is brought into its form here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import field, frozen

from crmkit.core.business.places import country_code
from crmkit.core.customers.contacts import normalise_phone
from crmkit.errors import InvalidInput, Problem
from crmkit.exchange.convert import Converter
from crmkit.exchange.fields import ImportField, fields_for
from crmkit.exchange.options import ColumnPlan
from crmkit.exchange.pieces import (
    consents_of,
    is_soft,
    is_withdrawn,
    join_lines,
    join_pieces,
    unfit_contact,
)
from crmkit.exchange.rows import Row, problem
from crmkit.exchange.several import country_of, further_points, split_several
from crmkit.exchange.units import Built
from crmkit.exchange.values import plain
from crmkit.i18n import texts

_ = texts("crmkit")

OWN = "crmkit"
"""Source under which an identifier keeps the id that a customer had in another crmkit."""
_KINDS: Mapping[str, str] = dict.fromkeys(
    ("person", "individual", "contact", "private", "human", "b2c", "个人", "個人", "自然人", "人"), "person"
) | dict.fromkeys(
    ("organization", "organisation", "company", "business", "account", "b2b", "firm", "enterprise", "公司", "企业",
     "企業", "单位", "單位", "机构", "機構", "组织", "組織", "法人"),
    "organization",
)  # fmt: skip
_GENDERS: Mapping[str, str] = {
    "m": "male", "male": "male", "man": "male", "男": "male", "男性": "male", "先生": "male",
    "f": "female", "female": "female", "woman": "female", "女": "female", "女性": "female", "女士": "female",
}  # fmt: skip
_UNSAID = frozenset(("unspecified", "Unspecified", "未指定", "未知", "-"))
"""What address books write where nobody said whether somebody is a man or a woman."""
_STANDINGS: Mapping[str, str] = {
    "potential": "potential", "lead": "potential", "prospect": "potential", "潜在": "potential",
    "潜在客户": "potential",
    "customer": "customer", "client": "customer", "客户": "customer", "正式客户": "customer", "成交": "customer",
}  # fmt: skip
_HELPERS = ("crmkit_id", "organization_id", "organization_ref", "owner", "owner_hint", "team")
"""Fields that refer to other records, looked up for a whole batch."""


@frozen(kw_only=True)
class CustomerDefaults:
    """What rows are taken for where they do not say it: kind, source of external ids, country of phone numbers, kind of
    identity numbers. ``custom`` are the custom fields that exist (None: all that come). ``withdrawn`` says by which
    cells a row was deleted in the other system; ``leave_out`` whether cells that cannot be read are left out."""

    kind: str = "person"
    source: str = "import"
    region: str | None = None
    company_region: str | None = None
    identity_kind: str = "other"
    custom: frozenset[str] | None = None
    withdrawn: Mapping[int, frozenset[str]] = field(factory=dict[int, frozenset[str]])
    leave_out: bool = False


class CustomerBuilder:
    """Builds the input for ``customer.create`` from rows."""

    def __init__(self, columns: Sequence[ColumnPlan], converter: Converter, defaults: CustomerDefaults) -> None:
        self._converter = converter
        self._defaults = defaults
        known = fields_for("customers")
        mapped = [one.field for one in columns if one.field]
        self._contacts: list[ImportField] = [known[name] for name in mapped if name in known and known[name].contact]
        self._parts: list[ImportField] = [known[name] for name in mapped if name in known and known[name].part]
        self._custom = [name for name in mapped if name.startswith("custom.")]
        self._phones = [name for name in ("phone", "mobile") if name in mapped]
        self._columns = columns

    def build(self, rows: Sequence[Row]) -> Built:
        """Return a row as a unit; `Built.values` is the operation's input and, under ``_``, what is to be looked up."""
        (row,) = rows
        unit = Built(rows)
        if row.problem is not None:
            unit.reject([with_raw(row)])
            return unit
        at = is_withdrawn(row.cells, self._defaults.withdrawn)
        if at is not None:
            heading = self._columns[at].heading
            unit.reject([problem(_("The row says that it was deleted."), field=heading, value=row.cells[at])])
            return unit
        values, wrong = self._converter.read(row)
        wrong = self._sort_out(unit, wrong)
        unit.left_out.extend(join_pieces(values, self._converter.column_of))
        found: dict[str, Any] = {"_": {name: values.pop(name) for name in _HELPERS if name in values}}
        found["_"]["says_kind"] = "kind" in values or "is_company" in values
        self._settle_kind(values, wrong)
        for name, words in (("gender", _GENDERS), ("standing", _STANDINGS)):
            if name in values:
                values[name] = words.get(plain(values[name]).casefold(), values[name])
        if values.get("gender") in _UNSAID:
            del values["gender"]
        consents = [*self._consents(values, wrong), *consents_of(values, self._defaults.source)]
        if consents:
            values["consents"] = consents
        region = self._region(values)
        found["_"]["region"] = region
        found["_"]["source"] = self._defaults.source
        points, origins = self._points(values, region, wrong)
        if points:
            values["contact_points"] = points
            found["_"]["origins"] = origins
        if "external_id" in values:
            values["identifier_source"] = self._defaults.source
        if "identity_number" in values and "identity_kind" not in values:
            values["identity_kind"] = self._defaults.identity_kind
        if "identifiers" in values:
            values["identifiers"] = self._identifiers(values["identifiers"], wrong)
        custom = {name[7:]: values.pop(name) for name in self._custom if name in values}
        if self._defaults.custom is not None:
            custom = {name: value for name, value in custom.items() if name in self._defaults.custom}
        if custom:
            values["custom"] = custom
        found.update(values)
        unit.values = found
        if self._defaults.leave_out:
            self._drop_unfit(unit, found, region)
        if wrong:
            unit.reject(wrong)
        return unit

    def _sort_out(self, unit: Built, wrong: list[Problem]) -> list[Problem]:
        """Return the faults that cost the row; those that cost a cell alone are noted."""
        heading_of = self._converter.column_of
        soft = [one for one in wrong if self._defaults.leave_out or is_soft(one, heading_of)]
        unit.left_out.extend(soft)
        return [one for one in wrong if one not in soft]

    def _consents(self, values: dict[str, Any], wrong: list[Problem]) -> list[dict[str, Any]]:
        """Take the consents of a file that crmkit wrote out of a row's values."""
        given = values.pop("consents", None) or []
        if isinstance(given, list) and all(isinstance(one, dict) for one in given):
            return given
        heading = self._converter.column_of.get("consents")
        hint = _('It should look like [{{"purpose": "marketing", "channel": "email", "granted": true}}].')
        wrong.append(problem(_("This must be a list of consents."), field=heading, value=given, hint=hint))
        return []

    def _settle_kind(self, values: dict[str, Any], wrong: list[Problem]) -> None:
        company = values.pop("is_company", None)
        kind = values.get("kind")
        if kind is not None:
            known = _KINDS.get(plain(kind).casefold())
            if known is None:
                hint = _("Write person or organization.")
                heading = self._converter.column_of.get("kind")
                wrong.append(problem(_("There is no such kind of customer."), field=heading, value=kind, hint=hint))
            values["kind"] = known
        elif company is not None:
            values["kind"] = "organization" if company else "person"
        else:
            values["kind"] = self._defaults.kind

    def _region(self, values: Mapping[str, Any]) -> str | None:
        named = values.get("country")
        code = country_code(named) if isinstance(named, str) else None
        code = code or country_of(values.get("more_contact_points"))
        return code or self._defaults.region or self._defaults.company_region

    def _points(
        self, values: dict[str, Any], region: str | None, wrong: list[Problem]
    ) -> tuple[list[dict[str, Any]], list[str]]:
        """Return the contact points beside the short fields, and the field that each comes from."""
        given = values.pop("contact_points", None)
        points: list[dict[str, Any]] = []
        if given is not None:
            if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
                heading = self._converter.column_of.get("contact_points")
                wrong.append(problem(_("This must be a list of contact points."), field=heading, value=given))
            else:
                points = list(given)
                _drop_repeated(values, points)
        origins = ["contact_points"] * len(points)
        listed = values.pop("more_contact_points", None)
        further = split_several(values, self._contacts, self._parts)
        for name in self._phones:
            if name in values:
                values[name] = with_country(values[name], region)
        for one in self._contacts:
            value = values.pop(one.name, None)
            if value is not None and one.contact:
                kind, label = one.contact
                origins.append(one.name)
                points.append(
                    {"kind": kind, "value": with_country(value, region) if kind == "phone" else value, "label": label}
                )
        addresses: dict[str, dict[str, str]] = {}
        first: dict[str, str] = {}
        for one in self._parts:
            value = values.pop(one.name, None)
            if value is not None and one.part:
                label, part = one.part
                addresses.setdefault(label, {})[part] = value
                first.setdefault(label, one.name)
        origins.extend(first.values())
        points.extend(
            {"kind": "address", "label": label, "details": join_lines(parts)} for label, parts in addresses.items()
        )
        for value in values.pop("emails", ()):
            points.append({"kind": "email", "value": value, "label": None})
            origins.append("emails")
        for one in further:
            if one[0]["kind"] == "phone":
                one[0]["value"] = with_country(one[0]["value"], region)
        further.extend(further_points(listed, lambda text: with_country(text, region)))
        points.extend(point for point, _origin in further)
        origins.extend(origin for _point, origin in further)
        return points, origins

    def _drop_unfit(self, unit: Built, values: dict[str, Any], region: str | None) -> None:
        """Leave out the addresses and numbers that would be refused, and note it."""
        heading_of = self._converter.column_of
        for name, kind in (("email", "email"), ("phone", "phone"), ("mobile", "phone")):
            flaw = unfit_contact(kind, values.get(name), region, heading_of.get(name))
            if flaw is not None:
                del values[name]
                unit.left_out.append(flaw)
        origins = values["_"].get("origins", ())
        kept: list[int] = []
        points = values.get("contact_points", [])
        for place, one in enumerate(points):
            origin = origins[place] if place < len(origins) else ""
            flaw = unfit_contact(str(one.get("kind")), one.get("value"), region, heading_of.get(origin))
            if flaw is None:
                kept.append(place)
            else:
                unit.left_out.append(flaw)
        if points:
            values["contact_points"] = [points[place] for place in kept]
            values["_"]["origins"] = [origins[place] for place in kept if place < len(origins)]

    def _identifiers(self, given: Any, wrong: list[Problem]) -> list[dict[str, str]]:
        if isinstance(given, list) and all(isinstance(one, dict) for one in given):
            return given
        heading = self._converter.column_of.get("identifiers")
        hint = _('It should look like [{{"source": "shop", "external_id": "17"}}].')
        wrong.append(problem(_("This must be a list of identifiers."), field=heading, value=given, hint=hint))
        return []


def with_raw(row: Row) -> Problem:
    """Return the problem of a row that the reader refused, with the text as it stood where no cell could be read."""
    one = row.problem
    assert one is not None
    value = row.raw.rstrip("\r\n") if one.value is None and row.raw else one.value
    return Problem(one.code, one.message, field=one.field, value=value, hint=one.hint, **one.values)


def _drop_repeated(values: dict[str, Any], points: Sequence[Mapping[str, Any]]) -> None:
    """Leave out the short fields that a full list of contact points holds."""
    listed = {(one.get("kind"), one.get("value")) for one in points}
    for name, kind in (("email", "email"), ("phone", "phone"), ("mobile", "phone")):
        if (kind, values.get(name)) in listed:
            del values[name]
    if any(one.get("kind") == "address" for one in points):
        for name in ("street", "district", "postal_code"):
            values.pop(name, None)


def with_country(text: str, region: str | None) -> str:
    """Return a phone number with its country code; what is none stays as it is, for the operation to refuse."""
    if region is None or text.startswith("+"):
        return text
    try:
        contact = normalise_phone(text, region)
    except InvalidInput:
        return text
    extension = contact.details.get("extension")
    return f"{contact.value};ext={extension}" if extension else contact.value
