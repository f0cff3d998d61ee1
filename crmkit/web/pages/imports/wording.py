"""What the pages of imports call things: kinds of rows, fields and states, and problems in words for pages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from attrs import frozen

from crmkit.errors import MappingError, Problem
from crmkit.exchange.declared import Rows, importable, rows_of
from crmkit.exchange.fields import fields_for, prefix_of
from crmkit.i18n import Text, texts

if TYPE_CHECKING:
    from crmkit.web.pages.call import PageCall

_ = texts("crmkit")

_OWN: Mapping[str, Text] = {
    "customers": _("Customers"),
    "purchases": _("Purchases"),
    "interactions": _("Interactions"),
    "products": _("Products"),
}
"""What rows of the kernel's own are called."""
STATES: Mapping[str, tuple[Text, str]] = {
    "running": (_("Running"), "info"),
    "interrupted": (_("Interrupted"), "warn"),
    "done": (_("Done"), "good"),
    "abandoned": (_("Given up"), "warn"),
    "reverting": (_("Being taken back"), "warn"),
    "reverted": (_("Taken back"), ""),
}
"""The states of imports, with the tone in which each is shown."""
CONFIDENCE: Mapping[str, tuple[Text, str]] = {
    "chosen": (_("your choice"), "accent"),
    "learned": (_("as before"), "accent"),
    "certain": (_("certain"), "good"),
    "likely": (_("likely"), "info"),
    "doubtful": (_("please check"), "warn"),
    "ignored": (_("left out"), ""),
}
"""How sure it is what a column holds."""
RESULTS: Mapping[str, tuple[Text, str]] = {
    "created": (_("added"), "good"),
    "updated": (_("changed"), "warn"),
    "duplicate": (_("there already"), ""),
    "rejected": (_("rejected"), "bad"),
}
"""What becomes of a row, with the tone in which it is shown."""
ENCODINGS = ("utf-8", "gb18030", "big5", "utf-16", "windows-1252", "windows-1251", "shift_jis", "euc-kr", "iso-8859-15")
DELIMITERS: Mapping[str, Text] = {
    ",": _("Comma"),
    ";": _("Semicolon"),
    "\t": _("Tab"),
    "|": _("Vertical bar"),
}
_MORE = ("email_", "phone_")


@frozen(kw_only=True)
class Choice:
    """A field that a column can fill, as the list of fields shows it."""

    name: str
    title: str


def titles(call: PageCall) -> dict[str, str]:
    """Return what rows can be, with what they are called, those of plugins behind the others."""
    return {**_OWN, **{name: one.title for name, one in importable(call.crm.registry).items()}}


def known_rows(call: PageCall, resource: str) -> Rows:
    """Return what rows are by the name of a resource; customers where nobody has a place for them any more."""
    try:
        return rows_of(call.crm.registry, resource)
    except MappingError:
        return "customers"


def told(call: PageCall, problem: Problem) -> str:
    """Return what a problem says in the caller's language; advice that names options of a command is left out."""
    values = {"value": problem.value, "field": problem.field, **problem.values}
    text = call.text(problem.message, **values)
    if problem.hint and "--" not in problem.hint:
        text = f"{text} {call.text(problem.hint, **values)}"
    return text


def field_groups(
    call: PageCall, rows: Rows, column: str, *, many: bool, current: str
) -> list[tuple[str, list[Choice]]]:
    """Return the fields that a column can fill, by groups; where there are many columns without the rarer ones."""
    usual: list[Choice] = []
    rare: list[Choice] = []
    for name, one in fields_for(rows).items():
        title = call.text(one.title)
        if one.contact is None and one.part is None:
            usual.append(Choice(name=name, title=title))
        elif not many or name == current:
            rare.append(Choice(name=name, title=f"{title} ({name})"))
    groups = [(call.text(_("Fields")), usual)]
    prefix = prefix_of(rows)
    if prefix == "custom.":
        known = call.business.custom_fields.get("customer", {})
        own = [Choice(name=f"custom.{one.name}", title=call.text(one.title)) for one in known.values()]
        if own:
            groups.append((call.text(_("Custom fields")), own))
        fresh = column if not column.casefold().startswith("custom.") else column[7:]
        made = f"custom.{fresh}"
        if made not in {one.name for one in own}:
            title = call.text(_('New custom field "{name}"'), name=fresh)
            groups.append((call.text(_("New")), [Choice(name=made, title=title)]))
    elif prefix:
        bare = column[len(prefix) :] if column.casefold().startswith(prefix) else column
        groups.append((call.text(_("Details")), [Choice(name=f"{prefix}{bare}", title=bare)]))
    if rare:
        groups.append((call.text(_("Further addresses and numbers")), rare))
    known_names = {one.name for _title, choices in groups for one in choices}
    if current and current not in known_names:
        groups.append((call.text(_("Others")), [Choice(name=current, title=field_title(call, rows, current))]))
    return groups


def field_title(call: PageCall, rows: Rows, name: str) -> str:
    """Return what a field is called."""
    known = fields_for(rows).get(name)
    if known is not None:
        title = call.text(known.title)
        return title if known.contact is None and known.part is None else f"{title} ({name})"
    if name.startswith("custom."):
        custom = call.business.custom_fields.get("customer", {}).get(name[7:])
        return call.text(custom.title) if custom is not None else name[7:]
    return name.partition(".")[2] or name


def reasons_of(call: PageCall, found: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return reasons with how often each came up, the most frequent first; single values are left out."""
    plain = [(re.sub(r"\{\w+\}", "…", call.text(text)), number) for text, number in found.items()]
    return sorted(plain, key=lambda item: (-item[1], item[0]))
