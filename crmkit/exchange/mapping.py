"""Which column fills which field: what a person states, and what the headings say by themselves.

Must not read rows or a database; what the cells show is found out in `crmkit.exchange.evidence`.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence

from attrs import evolve

from crmkit.errors import MappingError
from crmkit.exchange.declared import Declared, Rows
from crmkit.exchange.fields import ImportField, fields_for, prefix_of, required_for
from crmkit.exchange.headings import IGNORED, ORGANIZATION_SIGNS, SEVERAL, TOGETHER, candidates, normal
from crmkit.exchange.options import RESOURCES, Mapped, Origin, Reason, ResourceName
from crmkit.exchange.systems.model import NO_PLACE, KnownTable
from crmkit.exchange.systems.recognition import recognise
from crmkit.i18n import texts

_ = texts("crmkit")

_PERSONAL = frozenset(
    ("family_name", "given_name", "middle_name", "birth_date", "gender", "job_title", "organization", "salutation",
     "identity_number", "occupation", "mobile", "sort_name")
)  # fmt: skip
_NAMES = ("name", "family_name", "given_name")
_PARTS = (
    ("family_name", "given_name", frozenset(("nom", "name")), frozenset(("prénom", "prenom", "vorname"))),
    ("given_name", "family_name", frozenset(("nombre",)), frozenset(("apellido", "apellidos"))),
)
"""Parts of names: the part, the other part, the headings that mean the part where the other one has such a heading."""


def guess_resource(headings: Sequence[str]) -> ResourceName:
    """Return what a table with these headings most probably holds; customers where nothing speaks against it."""
    table = recognise(headings)
    if table is not None:
        return table.resource
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
    rows: Rows, columns: Sequence[str], stated: Mapping[str, str], *, automatic: bool = True
) -> dict[str, str]:
    """Return the field of each column that fills one, as `settle_columns` does it."""
    table = table_of(rows, columns)
    settled = settle_columns(rows, columns, stated, table=table, automatic=automatic)
    return {column: one.field for column, one in settled.items() if one.field}


def table_of(rows: Rows, columns: Sequence[str]) -> KnownTable | None:
    """Return the table of another system that a file with these columns is, if its rows are these."""
    table = recognise(columns)
    held = rows.imports.holds if isinstance(rows, Declared) else rows
    return table if table is not None and table.resource == held else None


def settle_columns(
    rows: Rows,
    columns: Sequence[str],
    stated: Mapping[str, str],
    *,
    learned: Mapping[str, tuple[str, Reason]] | None = None,
    table: KnownTable | None = None,
    automatic: bool = True,
) -> dict[str, Mapped]:
    """Return what each column is taken for, and why.

    ``stated`` maps columns to fields; an empty text ignores a column. What a person said before (``learned``, by the
    normal form of a heading) comes next, then what is known of the system that the file comes from (``table``), then
    what headings mean in general. Raises MappingError for a column or a field that does not exist, and for two columns
    that fill the same field.
    """
    settling = _Settling(rows, columns)
    for said, wanted in stated.items():
        settling.state(find_column(said, columns), wanted.strip())
    if automatic:
        for column in columns:
            if column not in settling.found and (known := (learned or {}).get(normal(column))) is not None:
                settling.learn(column, *known)
        if table is not None:
            settling.know(table)
        settling.read_headings()
        settling.settle_names()
    return {column: settling.found.get(column, Mapped(field=None)) for column in columns}


class _Settling:
    """The columns of one file on their way to fields."""

    def __init__(self, rows: Rows, columns: Sequence[str]) -> None:
        self.rows = rows
        self.columns = columns
        self.found: dict[str, Mapped] = {}
        self.taken: dict[str, str] = {}

    def take(self, column: str, field: str, origin: Origin, reason: Reason | None = None) -> None:
        self.taken[field] = column
        self.found[column] = Mapped(field=field, origin=origin, reason=reason)

    def state(self, column: str, wanted: str) -> None:
        if not wanted:
            self.found[column] = Mapped(field=None, origin="stated")
            return
        field = check_field(self.rows, wanted)
        if field in self.taken:
            raise MappingError(
                _('The columns "{first}" and "{second}" cannot both fill {field}.'),
                fix=_('Map one of them to another field, or ignore it with "{second}=".'),
                first=self.taken[field],
                second=column,
                field=field,
            )
        self.take(column, field, "stated")

    def learn(self, column: str, field: str, reason: Reason) -> None:
        if not field:
            self.found[column] = Mapped(field=None, origin="learned", reason=reason)
        elif field not in self.taken and is_field(self.rows, field):
            self.take(column, field, "learned", reason)

    def know(self, table: KnownTable) -> None:
        said = Reason(message=_("so called by {system}"), values={"system": table.title})
        # A field is first offered to the column that says it best, wherever that stands.
        rank = {column: self._rank(table, column) for column in self.columns}
        for column in sorted(self.columns, key=lambda each: rank[each]):
            if column in self.found:
                continue
            key = normal(column)
            fields = [name for name in table.fields.get(key, ()) if is_field(self.rows, name)]
            field = next((name for name in fields if name not in self.taken), None)
            if field is not None:
                self.take(column, field, "system", said)
            elif fields:
                reason = Reason(message=_("another column says the same"))
                self.found[column] = Mapped(field=None, origin="system", reason=reason)
            elif key in table.fields or key in table.reasons:
                reason = Reason(message=table.reasons.get(key, NO_PLACE), values={"system": table.title})
                self.found[column] = Mapped(field=None, origin="system", reason=reason)

    @staticmethod
    def _rank(table: KnownTable, column: str) -> int:
        key = normal(column)
        places = [
            place
            for name in table.fields.get(key, ())
            for place, heading in enumerate(table.meanings[name].split("|"))
            if normal(heading) == key
        ]
        return min(places, default=0)

    def read_headings(self) -> None:
        known = candidates(self.rows)
        prefix = prefix_of(self.rows)
        self._read_together()
        rest: list[tuple[str, tuple[str, ...]]] = []
        for column in self.columns:
            if column in self.found:
                continue
            if prefix and column.casefold().startswith(prefix) and len(column) > len(prefix):
                field = prefix + column[len(prefix) :].strip()
                if field not in self.taken:
                    self.take(column, field, "heading")
            elif (key := normal(column)) and key not in IGNORED:
                choice = known.get(key, ())
                if choice and normal(choice[0]) == key and choice[0] not in self.taken:
                    self.take(column, choice[0], "heading")
                elif choice:
                    rest.append((column, choice))
        for column, choice in rest:
            options = [*choice, *SEVERAL.get(choice[0], ())] if self.rows == "customers" else list(choice)
            field = next((one for one in options if one not in self.taken), None)
            if field is not None:
                self.take(column, field, "heading")

    def _read_together(self) -> None:
        if self.rows != "customers":
            return
        by_heading = {normal(column): column for column in self.columns if column not in self.found}
        for together in TOGETHER:
            if set(together) <= set(by_heading) and not set(together.values()) & set(self.taken):
                for heading, field in together.items():
                    self.take(by_heading[heading], field, "heading")

    def settle_names(self) -> None:
        """Let a table whose only name is that of an organisation be one of organisations, and a name that stands beside
        a part of a name be the other part."""
        if self.rows != "customers":
            return
        if "organization" in self.taken and not any(name in self.taken for name in _NAMES):
            self._rename("organization", "name")
        named = normal(self.taken.get("name", ""))
        for part, other, headings, beside in _PARTS:
            if named in headings and normal(self.taken.get(other, "")) in beside and part not in self.taken:
                self._rename("name", part)

    def _rename(self, field: str, new: str) -> None:
        column = self.taken[field]
        if self.found[column].origin != "stated":
            self.taken[new] = self.taken.pop(field)
            self.found[column] = evolve(self.found[column], field=new)


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


def is_field(rows: Rows, name: str) -> bool:
    """Say whether rows can fill a field of a name."""
    prefix = prefix_of(rows)
    return name in fields_for(rows) or bool(prefix and name.startswith(prefix) and len(name) > len(prefix))


def check_field(rows: Rows, name: str) -> str:
    """Return a field's name as it is known. Raises MappingError, suggesting the one that was probably meant."""
    if is_field(rows, name):
        return name
    known = fields_for(rows)
    heading = candidates(rows).get(normal(name), ())
    close = list(heading[:1]) or difflib.get_close_matches(name, known, 1, 0.5)
    raise MappingError(
        _('{resource} have no field "{field}".'),
        fix=_('Did you mean "{close}"?') if close else _("Fields: {fields}."),
        resource=str(rows),
        field=name,
        close=close[0] if close else "",
        fields=", ".join(name for name, one in known.items() if one.contact is None and one.part is None),
    )


def field_of(rows: Rows, name: str) -> ImportField:
    """Return the field of a name; custom fields and payload columns are text until more is known."""
    return fields_for(rows).get(name) or ImportField(name=name, title=name.partition(".")[2] or name)


def check_required(rows: Rows, mapped: Mapping[str, str]) -> None:
    """Raise MappingError when no column fills a field that every row needs; all that are missing are named."""
    fields = set(mapped.values())
    missing = [group for group in required_for(rows) if not fields & set(group)]
    if missing:
        named = "; ".join(" / ".join(group) for group in missing)
        raise MappingError(
            _("No column fills: {missing}."),
            fix=_("Name the columns with --map COLUMN=FIELD, such as --map {example}=name."),
            missing=named,
            example="Firma",
        )
