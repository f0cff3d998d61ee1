"""Profiles of customers and of files, as their readers may see them.

Of fields that the reader does not see in full there are shapes and numbers alone, never a value; and no value that only
a few customers share, unless the field is open to everybody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from typing import Any

from attrs import evolve, frozen

from crmkit import CrmSession, Customer, CustomerProfile, customer_profiles, customers_where, open_rows, texts
from crmkit_quality.profiling.columns import ColumnProfile, Profiler
from crmkit_quality.scores.fields import title_of

_ = texts("crmkit_quality")

SMALLEST = 5
"""A value that fewer customers share is not shown."""

SUSPICIONS: Mapping[str, str] = {
    "constant": _("Values that stand for nothing"),
    "repeated": _("One character again and again"),
    "dominant": _("One value for many"),
    "outlier": _("Numbers far from the others"),
    "mixed": _("Of another type than most"),
}
"""What can be suspicious, with titles."""


@frozen(kw_only=True)
class Field:
    """A field of customers that is profiled, and its class."""

    name: str
    classified: str
    values: Callable[[CustomerProfile], Sequence[Any]]
    identifying: bool = False


FIELDS: tuple[Field, ...] = (
    Field(name="kind", classified="public", values=lambda profile: [profile.kind]),
    Field(name="standing", classified="public", values=lambda profile: [profile.standing]),
    Field(name="name", classified="personal", values=lambda profile: [profile.name]),
    Field(name="family_name", classified="personal", values=lambda profile: [profile.family_name]),
    Field(name="given_name", classified="personal", values=lambda profile: [profile.given_name]),
    Field(name="email", classified="sensitive", values=lambda profile: profile.emails or [""], identifying=True),
    Field(name="phone", classified="sensitive", values=lambda profile: profile.phones or [""], identifying=True),
    Field(
        name="postal_code",
        classified="sensitive",
        values=lambda profile: [each.postal_code for each in profile.addresses] or [""],
    ),
    Field(name="country", classified="personal", values=lambda profile: [profile.country]),
    Field(name="province", classified="personal", values=lambda profile: [profile.province]),
    Field(name="city", classified="personal", values=lambda profile: [profile.city]),
    Field(name="gender", classified="personal", values=lambda profile: [profile.gender]),
    Field(name="birth_date", classified="sensitive", values=lambda profile: [profile.birth_date]),
    Field(
        name="identity_number",
        classified="sensitive",
        values=lambda profile: [profile.identity_number],
        identifying=True,
    ),
    Field(name="job_title", classified="personal", values=lambda profile: [profile.job_title]),
    Field(name="language", classified="personal", values=lambda profile: [profile.language]),
    Field(name="website", classified="internal", values=lambda profile: [profile.website]),
    Field(
        name="registration_number",
        classified="internal",
        values=lambda profile: [profile.registration_number],
        identifying=True,
    ),
    Field(name="source", classified="internal", values=lambda profile: [profile.source]),
)
"""The fields of customers that are profiled."""
_TITLES = {
    "kind": _("Kind"),
    "standing": _("Standing"),
    "family_name": _("Family name"),
    "given_name": _("Given name"),
    "postal_code": _("Postal code"),
}


@frozen(kw_only=True)
class Profiled:
    """The profile of a field as its reader may see it; ``values`` says whether values are among it."""

    title: str
    column: ColumnProfile
    values: bool


def profile_customers(session: CrmSession, where: str = "") -> tuple[Profiled, ...]:
    """Return the profiles of the fields of those customers whom the session may see and for whom a condition holds (an
    empty one: all). Raises ExpressionError and UnknownFact."""
    ids = list(session.scalars(customers_where(session, where))) if where.strip() else None
    profilers = {each.name: Profiler(each.name, each.identifying) for each in FIELDS}
    custom: dict[str, Profiler] = {}
    count = 0
    for profile in customer_profiles(session, ids):
        count += 1
        for each in FIELDS:
            for value in each.values(profile):
                profilers[each.name].add(value)
        for name, value in profile.custom.items():
            known = custom.setdefault(name, Profiler(f"custom.{name}"))
            known.add(value)
    classes = _custom_classes(session)
    for profiler in custom.values():
        for _missing in range(count - profiler.rows):
            profiler.add(None)
    found = [shown(session, profilers[each.name].result(), each.classified) for each in FIELDS]
    found += [
        shown(session, profiler.result(), classes.get(name, "sensitive")) for name, profiler in sorted(custom.items())
    ]
    return tuple(found)


def _custom_classes(session: CrmSession) -> dict[str, str]:
    known = session.crm.config.get(session).custom_fields.get("customer", {})
    return {name: info.field_class for name, info in known.items()}


def shown(session: CrmSession, column: ColumnProfile, classified: str) -> Profiled:
    """Return a profile as the session's actor may see it."""
    title = _TITLES.get(column.name) or title_of(column.name)
    if session.level(Customer, classified) != "full":
        return Profiled(title=title, column=without_values(column), values=False)
    if classified in ("public", "internal"):
        return Profiled(title=title, column=column, values=True)
    counts = dict(column.top)
    common = evolve(
        column,
        top=tuple((value, count) for value, count in column.top if count >= SMALLEST),
        patterns=_common(column.patterns),
        quantiles=column.quantiles if column.rows - column.empty >= SMALLEST else (),
        suspicions=tuple(
            each if counts.get(each.example, 0) >= SMALLEST else evolve(each, example="") for each in column.suspicions
        ),
    )
    return Profiled(title=title, column=common, values=True)


def without_values(column: ColumnProfile) -> ColumnProfile:
    """Return a profile with shapes and numbers alone: no value, no pattern that shows characters of one, and no pattern
    or sort that only a few share."""
    return evolve(
        column,
        top=(),
        patterns=_common(column.patterns),
        sorts={name: count for name, count in column.sorts.items() if count >= SMALLEST},
        quantiles=(),
        suspicions=tuple(evolve(each, example="") for each in column.suspicions if each.count >= SMALLEST),
    )


def _common(patterns: Sequence[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    """Return the patterns that several share."""
    return tuple((pattern, count) for pattern, count in patterns if count >= SMALLEST)


def profile_file(path: str | PathLike[str], limit: int | None = None) -> tuple[Profiled, ...]:
    """Return the profiles of the columns of a file, as they stand in it, of at most ``limit`` rows: it is not imported,
    and nothing is looked up. Raises UnreadableFile for what is no table, MissingExtra for a form that needs one."""
    with open_rows(path) as source:
        profilers = [Profiler(name, identifying=_identifying(name)) for name in source.columns]
        for number, row in enumerate(source):
            if limit is not None and number >= limit:
                break
            for profiler, cell in zip(profilers, row.cells, strict=False):
                profiler.add(cell)
    return tuple(Profiled(title=each.name, column=each.result(), values=True) for each in profilers)


def _identifying(heading: str) -> bool:
    plain = heading.casefold()
    return any(word in plain for word in ("mail", "phone", "mobile", "tel", "id", "电话", "手机", "邮箱", "编号", "证"))
