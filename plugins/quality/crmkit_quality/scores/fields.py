"""The fields of customers that quality is measured in: what they are called, how much each counts, how fast it ages.

Weights and half-lives are the usual ones; the settings have the last word. Must not know sessions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import frozen

from crmkit import CustomerProfile, texts
from crmkit_quality.settings import QualitySettings

_ = texts("crmkit_quality")

BOTH = ("person", "organization")


@frozen(kw_only=True)
class Measured:
    """A field of customers: its title, its value in a profile (anything that is true where it is filled), of which
    kinds of customer it is expected, its weight, and its half-life in days (0: it does not age)."""

    name: str
    title: str
    value: Callable[[CustomerProfile], Any]
    kinds: tuple[str, ...] = BOTH
    weight: float = 1.0
    half_life: float = 0.0
    identifying: bool = False
    """Whether no two customers should have the same value."""


FIELDS: Mapping[str, Measured] = {
    each.name: each
    for each in (
        Measured(name="name", title=_("Name"), value=lambda profile: profile.name, weight=3),
        Measured(
            name="email",
            title=_("E-mail"),
            value=lambda profile: profile.emails,
            weight=3,
            half_life=730,
            identifying=True,
        ),
        Measured(
            name="phone",
            title=_("Phone"),
            value=lambda profile: profile.phones,
            weight=3,
            half_life=730,
            identifying=True,
        ),
        Measured(name="address", title=_("Address"), value=lambda profile: profile.addresses, half_life=1095),
        Measured(name="country", title=_("Country"), value=lambda profile: profile.country, weight=1),
        Measured(name="province", title=_("Province"), value=lambda profile: profile.province, weight=0.5),
        Measured(name="city", title=_("City"), value=lambda profile: profile.city, half_life=1825),
        Measured(name="gender", title=_("Gender"), value=lambda profile: profile.gender, kinds=("person",), weight=0.5),
        Measured(
            name="birth_date", title=_("Date of birth"), value=lambda profile: profile.birth_date, kinds=("person",)
        ),
        Measured(
            name="identity_number",
            title=_("Identity number"),
            value=lambda profile: profile.identity_number,
            kinds=("person",),
            weight=0,
            identifying=True,
        ),
        Measured(
            name="job_title",
            title=_("Job title"),
            value=lambda profile: profile.job_title,
            kinds=("person",),
            weight=0.5,
            half_life=1095,
        ),
        Measured(name="language", title=_("Language"), value=lambda profile: profile.language, weight=0.5),
        Measured(
            name="registration_number",
            title=_("Registration number"),
            value=lambda profile: profile.registration_number,
            kinds=("organization",),
            weight=2,
            identifying=True,
        ),
        Measured(
            name="website",
            title=_("Website"),
            value=lambda profile: profile.website,
            kinds=("organization",),
            weight=0.5,
            half_life=1095,
        ),
        Measured(name="source", title=_("Source"), value=lambda profile: profile.source, weight=0.5),
        Measured(name="owner", title=_("Owner"), value=lambda profile: profile.owner_id, weight=0.5),
    )
}
"""The fields by name."""

ASPECT_WEIGHTS: Mapping[str, float] = {
    "completeness": 3.0,
    "validity": 4.0,
    "uniqueness": 1.0,
    "consistency": 1.0,
    "timeliness": 1.0,
}
"""How much each aspect counts in the whole score."""
CONTACT_KINDS = ("email", "phone", "address")
"""The fields that are contact points."""


@frozen(kw_only=True)
class Weighing:
    """How scores are weighed: by field, by aspect, and the half-lives in days."""

    fields: Mapping[str, float]
    aspects: Mapping[str, float]
    half_lives: Mapping[str, float]

    def of_field(self, name: str) -> float:
        """Return the weight of a field; of one that only rules speak of it is 1."""
        return self.fields.get(name, 1.0)


def weighing_of(settings: QualitySettings) -> Weighing:
    """Return how scores are weighed by some settings."""
    return Weighing(
        fields={**{name: each.weight for name, each in FIELDS.items()}, **settings.weights},
        aspects={**ASPECT_WEIGHTS, **settings.aspect_weights},
        half_lives={**{name: each.half_life for name, each in FIELDS.items()}, **settings.half_life},
    )


def title_of(name: str) -> str:
    """Return what a field is called."""
    known = FIELDS.get(name)
    return known.title if known is not None else _OTHERS.get(name, name)


_OTHERS = {"contact": _("Ways to reach the customer"), "industry": _("Industry")}
