"""The comparisons, with what each of their levels is worth before anything is known of a base.

The shipped figures are judgements of the usual: they are replaced by what a base says as soon as it says enough. Must
not know how they are fitted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from attrs import frozen

from crmkit_quality.matching import levels, place_levels
from crmkit_quality.matching.columns import RecordTable

Terms = Callable[[RecordTable, Any, Any], tuple[Any, Sequence[str]]]
"""Gives for pairs the number of the value that they agree in, and the texts that the numbers stand for."""


@frozen(kw_only=True, slots=True)
class Level:
    """One level: ``m``, ``u`` and ``home`` as in `LevelModel`; ``home`` None where living together makes no difference.

    ``usual`` is how probable a value is at which records agree on this level, ``terms`` says which value that is; with
    ``private``, the name of the column, its frequency is never kept with a model. A level that is ``free`` stands in no
    order to the others.
    """

    name: str
    m: float
    u: float
    home: float | None = None
    usual: float | None = None
    terms: Terms | None = None
    private: str | None = None
    free: bool = False


@frozen(kw_only=True, slots=True)
class Comparison:
    """One comparison: what is compared, and its levels, the best first."""

    name: str
    compare: levels.Compare
    levels: tuple[Level, ...]


def _single(name: str) -> Terms:
    def terms(table: RecordTable, a: Any, b: Any) -> tuple[Any, Sequence[str]]:
        column = table.single[name]
        return column.numbers[a], column.vocabulary.texts

    return terms


def _common(name: str) -> Terms:
    def terms(table: RecordTable, a: Any, b: Any) -> tuple[Any, Sequence[str]]:
        import numpy as np

        columns = table.several[name]
        found = np.zeros(len(a), dtype=np.int32)
        for left in range(columns.numbers.shape[1]):
            for right in range(columns.numbers.shape[1]):
                one, two = columns.numbers[a, left], columns.numbers[b, right]
                found = np.where((found == 0) & (one == two), one, found)
        return found, columns.vocabulary.texts

    return terms


def _place(which: int, name: str) -> Terms:
    def terms(table: RecordTable, a: Any, b: Any) -> tuple[Any, Sequence[str]]:
        return place_levels.place_terms(table, a, b)[which], table.several[name].vocabulary.texts

    return terms


_PHONE = Comparison(
    name="phone",
    compare=levels.phone,
    levels=(
        Level(name="exact", m=0.65, u=3e-6, home=0.35, usual=2e-6, terms=_common("phones"), private="phones"),
        Level(name="one digit", m=0.05, u=3e-5, home=0.02),
        Level(name="different", m=0.30, u=1.0, home=0.63),
    ),
)
_EMAIL = Comparison(
    name="email",
    compare=levels.email,
    levels=(
        Level(name="exact", m=0.65, u=3e-6, home=0.10, usual=2e-6, terms=_common("emails"), private="emails"),
        Level(name="other provider", m=0.04, u=3e-5, home=0.005),
        Level(name="close", m=0.04, u=3e-5, home=0.01),
        Level(name="different", m=0.27, u=1.0, home=0.885),
    ),
)
_STREET = Comparison(
    name="street",
    compare=place_levels.street,
    levels=(
        Level(name="exact", m=0.62, u=3e-5, home=0.75),
        Level(name="close", m=0.10, u=3e-5, home=0.08),
        Level(name="no number", m=0.05, u=1e-4, home=0.04),
        Level(name="part", m=0.05, u=2e-4, home=0.03),
        Level(name="other number", m=0.04, u=2e-3, home=0.02),
        Level(name="near", m=0.02, u=0.01, home=0.02),
        Level(name="different", m=0.12, u=0.98, home=0.06),
    ),
)
_LOCALITY = Comparison(
    name="locality",
    compare=place_levels.locality,
    levels=(
        Level(name="postal code and city", m=0.62, u=1e-3, home=0.80, usual=5e-4, terms=_place(0, "postal_code")),
        Level(name="postal code", m=0.06, u=5e-4, home=0.05, usual=5e-4, terms=_place(0, "postal_code")),
        Level(name="city and close postal code", m=0.05, u=2e-3, home=0.04),
        Level(name="city", m=0.12, u=0.03, home=0.06, usual=0.01, terms=_place(1, "city")),
        Level(name="close postal code", m=0.02, u=3e-3, home=0.01, free=True),
        Level(name="province", m=0.05, u=0.1, home=0.02),
        Level(name="different", m=0.08, u=0.86, home=0.02),
    ),
)
_IDENTITY = Comparison(
    name="identity",
    compare=levels.number("identity"),
    levels=(
        Level(name="exact", m=0.93, u=1e-6),
        Level(name="one character", m=0.04, u=2e-6),
        Level(name="two characters", m=0.01, u=2e-5),
        Level(name="different", m=0.02, u=1.0),
    ),
)
_REGISTRATION = Comparison(
    name="registration",
    compare=levels.number("registration"),
    levels=(
        Level(name="exact", m=0.95, u=1e-6),
        Level(name="one character", m=0.03, u=2e-6),
        Level(name="two characters", m=0.005, u=2e-5),
        Level(name="different", m=0.015, u=1.0),
    ),
)
PEOPLE = (
    Comparison(
        name="family name",
        compare=levels.family,
        levels=(
            Level(name="exact", m=0.86, u=0.01, home=0.6, usual=2e-3, terms=_single("family")),
            Level(name="same reading", m=0.02, u=8e-3, home=0.01, usual=4e-3, terms=_single("family_read")),
            Level(name="close", m=0.05, u=4e-3, home=0.01),
            Level(name="part", m=0.01, u=2e-3, home=0.02, free=True),
            Level(name="exchanged", m=0.015, u=1e-3, home=1e-3, free=True),
            Level(name="near", m=0.015, u=0.03, home=0.03),
            Level(name="different", m=0.03, u=0.94, home=0.33),
        ),
    ),
    Comparison(
        name="given name",
        compare=levels.given,
        levels=(
            Level(name="exact", m=0.80, u=6e-3, usual=3e-3, terms=_single("given")),
            Level(name="same reading", m=0.02, u=4e-3, usual=4e-3, terms=_single("given_read")),
            Level(name="short form", m=0.02, u=1.5e-3, free=True),
            Level(name="close", m=0.05, u=3e-3),
            Level(name="part", m=0.03, u=5e-3, free=True),
            Level(name="exchanged", m=0.015, u=1e-3, free=True),
            Level(name="near", m=0.015, u=0.03),
            Level(name="different", m=0.05, u=0.95),
        ),
    ),
    Comparison(
        name="middle name",
        compare=levels.middle,
        levels=(
            Level(name="exact", m=0.75, u=0.01),
            Level(name="initial", m=0.15, u=0.06),
            Level(name="different", m=0.10, u=0.93),
        ),
    ),
    Comparison(
        name="birth date",
        compare=levels.birth,
        levels=(
            Level(name="exact", m=0.90, u=5e-5, home=0.01, usual=5e-5, terms=_single("birth")),
            Level(name="exchanged", m=0.01, u=2e-5, free=True),
            Level(name="one digit", m=0.04, u=8e-4),
            Level(name="two parts", m=0.01, u=6e-3),
            Level(name="same year", m=0.01, u=0.015),
            Level(name="different", m=0.03, u=0.98),
        ),
    ),
    Comparison(
        name="gender",
        compare=levels.same("gender"),
        levels=(Level(name="same", m=0.97, u=0.5), Level(name="different", m=0.03, u=0.5)),
    ),
    _IDENTITY,
    _PHONE,
    _EMAIL,
    _STREET,
    _LOCALITY,
    Comparison(
        name="employer",
        compare=levels.same("employer"),
        levels=(
            Level(name="same", m=0.6, u=5e-3, home=0.3, usual=5e-3, terms=_single("employer")),
            Level(name="different", m=0.4, u=1.0, home=0.7),
        ),
    ),
)
ORGANIZATIONS = (
    Comparison(
        name="name",
        compare=levels.company,
        levels=(
            Level(name="exact", m=0.50, u=5e-5, home=0.01, usual=5e-5, terms=_single("core")),
            Level(name="form missing", m=0.20, u=5e-5, home=0.01, usual=5e-5, terms=_single("core")),
            Level(name="other form", m=0.02, u=5e-5, home=0.02, usual=5e-5, terms=_single("core")),
            Level(name="other place", m=0.005, u=1e-4, home=0.02, usual=1e-4, terms=_single("core")),
            Level(name="same reading", m=0.03, u=5e-5, home=0.01, usual=5e-5, terms=_single("read"), free=True),
            Level(name="close", m=0.10, u=3e-4, home=0.02, free=True),
            Level(name="part", m=0.06, u=1e-3, home=0.10, free=True),
            Level(name="near", m=0.035, u=0.01, home=0.03, free=True),
            Level(name="different", m=0.05, u=0.99, home=0.79),
        ),
    ),
    _REGISTRATION,
    _IDENTITY,
    Comparison(
        name="domain",
        compare=levels.any_same("domains"),
        levels=(
            Level(name="same", m=0.8, u=1e-4, home=0.4, usual=5e-5, terms=_common("domains"), private="domains"),
            Level(name="different", m=0.2, u=1.0, home=0.6),
        ),
    ),
    _PHONE,
    _EMAIL,
    _STREET,
    _LOCALITY,
)


def custom_comparison(name: str) -> Comparison:
    """Return the comparison of a custom field."""
    return Comparison(
        name=f"custom.{name}",
        compare=levels.custom(name),
        levels=(
            Level(name="exact", m=0.85, u=0.05),
            Level(name="one character", m=0.05, u=0.01),
            Level(name="different", m=0.10, u=0.94),
        ),
    )


def comparisons_of(kind: str) -> tuple[Comparison, ...]:
    """Return the comparisons of a kind of customer; those of custom fields come on top."""
    return ORGANIZATIONS if kind == "organization" else PEOPLE


def comparison_named(kind: str, name: str) -> Comparison | None:
    """Return a comparison by its name, or None where there is none."""
    if name.startswith("custom."):
        return custom_comparison(name.removeprefix("custom."))
    return next((each for each in comparisons_of(kind) if each.name == name), None)
