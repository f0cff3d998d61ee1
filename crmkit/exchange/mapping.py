"""Which column fills which field: what a person states, and what the headings say by themselves.

Must not read rows or a database; what the cells show is found out in `crmkit.exchange.evidence`.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence

from crmkit.errors import MappingError
from crmkit.exchange.fields import OPEN_PREFIXES, REQUIRED, ImportField, fields_for
from crmkit.exchange.headings import IGNORED, ORGANIZATION_SIGNS, SEVERAL, candidates, normal
from crmkit.exchange.options import RESOURCES, ResourceName
from crmkit.i18n import texts

_ = texts("crmkit")

_PERSONAL = frozenset(
    ("family_name", "given_name", "middle_name", "birth_date", "gender", "job_title", "organization", "salutation",
     "identity_number", "occupation", "mobile", "sort_name")
)  # fmt: skip
_NAMES = ("name", "family_name", "given_name")


def guess_resource(headings: Sequence[str]) -> ResourceName:
    """Return what a table with these headings most probably holds; customers where nothing speaks against it."""
    found = {resource: set(map_columns(resource, headings, {}).values()) for resource in RESOURCES}
    if {"invoice", "occurred_at"} <= found["purchases"] and found["purchases"] & {"unit_price", "amount", "quantity"}:
        return "purchases"
    told = {"subject", "body", "channel", "direction", "duration", "payload", "visibility", "thread"}
    if (
        {"kind", "occurred_at"} <= found["interactions"]
        and found["interactions"] & {"customer", "customer_email", "customer_phone"}
        and (found["interactions"] & told or any(column.startswith("payload.") for column in headings))
        and not found["customers"] & {"name", "family_name", "street"}
    ):
        return "interactions"
    stock = any(normal(heading) in ("sku", "stockcode", "货号", "貨號", "商品编码", "商品編碼") for heading in headings)
    if stock and {"sku", "title"} <= found["products"] and not found["customers"] & {"email", "phone", "mobile"}:
        return "products"
    return "customers"


def map_columns(
    resource: str, columns: Sequence[str], stated: Mapping[str, str], *, automatic: bool = True
) -> dict[str, str]:
    """Return the field of each column that fills one.

    ``stated`` maps columns to fields; an empty text ignores a column. Raises MappingError for a column or a field that
    does not exist, and for two columns that fill the same field.
    """
    mapped: dict[str, str] = {}
    taken: dict[str, str] = {}
    decided: set[str] = set()
    for said, wanted in stated.items():
        column = find_column(said, columns)
        decided.add(column)
        field = check_field(resource, wanted.strip()) if wanted.strip() else ""
        if not field:
            continue
        if field in taken:
            raise MappingError(
                _('The columns "{first}" and "{second}" cannot both fill {field}.'),
                fix=_('Map one of them to another field, or ignore it with "{second}=".'),
                first=taken[field],
                second=column,
                field=field,
            )
        taken[field] = column
        mapped[column] = field
    if automatic:
        _map_rest(resource, [column for column in columns if column not in decided], mapped, taken)
        _settle_names(resource, columns, mapped, taken, decided)
    return {column: mapped[column] for column in columns if column in mapped}


def _map_rest(resource: str, columns: Sequence[str], mapped: dict[str, str], taken: dict[str, str]) -> None:
    known = candidates(resource)
    prefix = OPEN_PREFIXES.get(resource)
    rest: list[tuple[str, tuple[str, ...]]] = []
    for column in columns:
        if prefix and column.casefold().startswith(prefix) and len(column) > len(prefix):
            field = prefix + column[len(prefix) :].strip()
            if field not in taken:
                mapped[column] = field
                taken[field] = column
        elif (key := normal(column)) and key not in IGNORED:
            choice = known.get(key, ())
            if choice and normal(choice[0]) == key and choice[0] not in taken:
                mapped[column] = choice[0]
                taken[choice[0]] = column
            elif choice:
                rest.append((column, choice))
    for column, choice in rest:
        options = [*choice, *SEVERAL.get(choice[0], ())] if resource == "customers" else list(choice)
        for field in options:
            if field not in taken:
                mapped[column] = field
                taken[field] = column
                break


def _settle_names(
    resource: str, columns: Sequence[str], mapped: dict[str, str], taken: dict[str, str], decided: set[str]
) -> None:
    """Let a table whose only name is that of an organisation be one of organisations."""
    if resource == "customers" and "organization" in taken and not any(name in taken for name in _NAMES):
        column = taken["organization"]
        if column not in decided:
            mapped[column] = "name"
            taken["name"] = taken.pop("organization")


def guess_kind(columns: Sequence[str], mapped: Mapping[str, str]) -> str:
    """Return person or organization: what the rows are that do not say it themselves."""
    fields = set(mapped.values())
    if fields & _PERSONAL or "name" not in fields:
        return "person"
    named = next((column for column, field in mapped.items() if field == "name"), "")
    if normal(named) in candidates("customers") and "organization" in candidates("customers")[normal(named)]:
        return "organization"
    return "organization" if any(normal(column) in ORGANIZATION_SIGNS for column in columns) else "person"


def find_column(said: str, columns: Sequence[str]) -> str:
    """Return the column that a person named. Raises MappingError, suggesting the one that was probably meant."""
    if said in columns:
        return said
    alike = [column for column in columns if normal(column) == normal(said)]
    if len(alike) == 1:
        return alike[0]
    close = difflib.get_close_matches(said, columns, 1, 0.5)
    raise MappingError(
        _('There is no column "{column}".'),
        fix=_('Did you mean "{close}"?') if close else _("Columns: {columns}."),
        column=said,
        close=close[0] if close else "",
        columns=", ".join(columns[:50]),
    )


def check_field(resource: str, name: str) -> str:
    """Return a field's name as it is known. Raises MappingError, suggesting the one that was probably meant."""
    prefix = OPEN_PREFIXES.get(resource)
    known = fields_for(resource)
    if name in known or (prefix and name.startswith(prefix) and len(name) > len(prefix)):
        return name
    heading = candidates(resource).get(normal(name), ())
    close = list(heading[:1]) or difflib.get_close_matches(name, known, 1, 0.5)
    raise MappingError(
        _('{resource} have no field "{field}".'),
        fix=_('Did you mean "{close}"?') if close else _("Fields: {fields}."),
        resource=resource,
        field=name,
        close=close[0] if close else "",
        fields=", ".join(name for name, one in known.items() if one.contact is None and one.part is None),
    )


def field_of(resource: str, name: str) -> ImportField:
    """Return the field of a name; custom fields and payload columns are text until more is known."""
    return fields_for(resource).get(name) or ImportField(name=name, title=name.partition(".")[2] or name)


def check_required(resource: str, mapped: Mapping[str, str]) -> None:
    """Raise MappingError when no column fills a field that every row needs; all that are missing are named."""
    fields = set(mapped.values())
    missing = [group for group in REQUIRED[resource] if not fields & set(group)]
    if missing:
        named = "; ".join(" / ".join(group) for group in missing)
        raise MappingError(
            _("No column fills: {missing}."),
            fix=_("Name the columns with --map COLUMN=FIELD, such as --map {example}=name."),
            missing=named,
            example="Firma",
        )
