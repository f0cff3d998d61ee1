"""The settings of analytics, from the table ``[options.analytics]`` of ``crmkit.toml``."""

from __future__ import annotations

from typing import Any

from attrs import field, frozen

from crmkit import Settings

PROTECTED = (
    "customer.age_band",
    "customer.birthday",
    "customer.birth_month",
    "custom.gender",
    "custom.sex",
    "custom.ethnicity",
    "custom.nationality",
    "custom.religion",
    "custom.disability",
    "custom.marital_status",
)


def _names(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(each.strip() for each in value.split(",") if each.strip())
    return tuple(str(each) for each in value)


@frozen(kw_only=True)
class AnalyticsSettings:
    """What an admin can set."""

    protected: tuple[str, ...] = field(default=PROTECTED, converter=_names)
    """Facts by which no decision about persons should go; those that there are not are left out."""


def settings_of(settings: Settings) -> AnalyticsSettings:
    """Return the plugin's part of the settings. Raises ConfigurationError naming what is unknown or malformed."""
    return settings.part("analytics", AnalyticsSettings)
