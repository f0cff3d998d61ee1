"""Values of a customer that a file spreads over several columns, or says in another way than crmkit: put together here.

Must not know files or databases.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from crmkit.core.customers.contacts import match_key, normalise_phone
from crmkit.core.store.clock import system_now
from crmkit.errors import InvalidInput, Problem
from crmkit.exchange.rows import problem
from crmkit.exchange.values import plain
from crmkit.i18n import texts

_ = texts("crmkit")

_BIRTH = ("born_year", "born_month", "born_day")
_LINES = ("street_2", "street_3")
_STAGES: Mapping[str, str] = dict.fromkeys(
    ("subscriber", "lead", "marketing qualified lead", "marketingqualifiedlead", "mql", "sales qualified lead",
     "salesqualifiedlead", "sql", "opportunity", "prospect", "other", "未成交", "跟进中", "潜在客户", "线索", "订阅者",
     "商机", "意向客户"),
    "potential",
) | dict.fromkeys(
    ("customer", "evangelist", "client", "已成交", "多次成交", "成交", "客户", "老客户", "签约客户"), "customer"
)  # fmt: skip
_IMPOSSIBLE = 'There is no day "{shown}" in the calendar.'
MARKETING = "marketing"


def join_pieces(values: dict[str, Any], heading_of: Mapping[str, str]) -> list[Problem]:
    """Put names, streets and dates of birth together from their parts, and return what was left out for a fault."""
    for name in ("given_name", "family_name"):
        second = values.pop(f"{name}_2", None)
        if second is not None:
            values[name] = f"{values[name]} {second}" if values.get(name) else second
    _join_street(values, "")
    left_out: list[Problem] = []
    parts = [values.pop(name, None) for name in _BIRTH]
    if "birth_date" not in values and all(part is not None for part in parts):
        try:
            values["birth_date"] = date(*parts)
        except (ValueError, OverflowError):
            shown = "-".join(str(part) for part in parts)
            left_out.append(problem(_(_IMPOSSIBLE), field=heading_of.get("born_year"), value=shown, shown=shown))
    born = values.get("birth_date")
    if isinstance(born, date) and born > system_now().date():
        heading = heading_of.get("birth_date") or heading_of.get("born_year")
        left_out.append(problem(_("A date of birth is not in the future."), field=heading, value=str(born)))
        del values["birth_date"]
    stage = values.pop("lifecycle", None)
    if stage is not None and "standing" not in values:
        known = _STAGES.get(plain(stage).casefold())
        if known is not None:
            values["standing"] = known
    return left_out


def _join_street(values: dict[str, Any], lead: str) -> None:
    before, behind = values.pop(f"{lead}street_number", None), values.pop(f"{lead}house_number", None)
    first = " ".join(part for part in (before, values.pop(f"{lead}street", None), behind) if part)
    lines = [first, *(values.pop(f"{lead}{name}", None) for name in _LINES)]
    written = ", ".join(line for line in lines if line)
    if written:
        values[f"{lead}street"] = written


def join_lines(parts: dict[str, str]) -> dict[str, str]:
    """Return the parts of a further address with its later lines behind its street."""
    _join_street(parts, "")
    return parts


def consents_of(values: dict[str, Any], source: str) -> list[dict[str, Any]]:
    """Take what a customer does not want out of a row's values, and return it as consents that were withdrawn."""
    wanted = {"email": values.pop("email_opt_out", None), "phone": values.pop("phone_opt_out", None)}
    return [
        {"purpose": MARKETING, "channel": channel, "granted": False, "source": source}
        for channel, refused in wanted.items()
        if refused
    ]


def is_soft(one: Problem, heading_of: Mapping[str, str]) -> bool:
    """Say whether a fault costs no more than its cell: a day of birth in eight digits, as registers keep them, that the
    calendar does not have."""
    is_day = one.message == _IMPOSSIBLE and one.field is not None and one.field == heading_of.get("birth_date")
    return is_day and str(one.value).strip().isdigit()


def unfit_contact(kind: str, value: object, region: str | None, heading: str | None) -> Problem | None:
    """Return why an e-mail address or phone number would be refused, or None."""
    if not isinstance(value, str):
        return None
    if kind == "email" and match_key("email", value) is None:
        return problem(_("This is not an e-mail address."), field=heading, value=value)
    if kind == "phone":
        try:
            normalise_phone(value, region)
        except InvalidInput as error:
            one = error.problems[0]
            return Problem(one.code, one.message, field=heading, value=value, hint=one.hint, **one.values)
    return None


def is_withdrawn(cells: Sequence[object], withdrawn: Mapping[int, frozenset[str]]) -> int | None:
    """Return the column by which a row says that it was deleted, or None."""
    for at, words in withdrawn.items():
        if at < len(cells) and str(cells[at]).strip().casefold() in words:
            return at
    return None
