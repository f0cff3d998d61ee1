"""The settings of quality, from the table ``[options.quality]`` of ``crmkit.toml``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args

from attrs import Attribute, field, frozen

from crmkit import Settings

AtEntry = Literal["off", "warn", "block"]


def _share(instance: object, attribute: Attribute[float], value: float) -> None:
    if not 0 <= value <= 1:
        raise ValueError(f"{attribute.name} is a share from 0 to 1")


def _at_entry(instance: object, attribute: Attribute[str], value: Any) -> None:
    if value not in get_args(AtEntry):
        raise ValueError(f"{attribute.name} is one of {', '.join(get_args(AtEntry))}")


def _weights(instance: object, attribute: Attribute[Any], value: Mapping[str, Any]) -> None:
    for name, each in value.items():
        if isinstance(each, bool) or not isinstance(each, (int, float)) or not 0 <= each < 1_000_000:
            raise ValueError(f"{attribute.name}.{name} is a number from 0 on")


def _number(instance: object, attribute: Attribute[int], value: int) -> None:
    if value < 0:
        raise ValueError(f"{attribute.name} is a number from 0 on")


@frozen(kw_only=True)
class QualitySettings:
    """What an admin can set. Shares are from 0 to 1."""

    automatic: float = field(default=0.99, converter=float, validator=_share)
    """From this probability on two customers count as one without being looked at, where nothing contradicts."""
    review: float = field(default=0.5, converter=float, validator=_share)
    """From this probability on a pair is kept, to be looked at."""
    merge_automatically: bool = field(default=False)
    """Whether a search merges the automatic band itself."""
    largest_cluster: int = field(default=10, converter=int)
    """So many customers at most are merged into one automatically."""
    weakest_link: float = field(default=0.9, converter=float, validator=_share)
    """A customer that hangs on others by less than this is not merged with them automatically."""
    watch: bool = field(default=True)
    """Whether customers that are added or changed a few at a time are compared with the others soon afterwards."""
    at_entry: AtEntry = field(default="warn", validator=_at_entry)
    """What becomes of a new customer of the pages who seems to be known."""
    at_entry_api: AtEntry = field(default="warn", validator=_at_entry)
    """The same for the API, for host applications and programs."""
    at_entry_floor: float = field(default=0.8, converter=float, validator=_share)
    """From this probability on somebody seems to be known."""
    weights: Mapping[str, float] = field(factory=dict, validator=_weights)
    """How much fields count in scores, by field, in place of the usual weights; 0 leaves one out."""
    aspect_weights: Mapping[str, float] = field(factory=dict, validator=_weights)
    """How much completeness, validity, uniqueness, consistency and timeliness count in the whole score."""
    half_life: Mapping[str, float] = field(factory=dict, validator=_weights)
    """Days after which what is known of a field counts half, by field, in place of the usual ones; 0 for never."""
    verify_below: float = field(default=0.3, converter=float, validator=_share)
    """A field whose timeliness falls below this is to be verified again."""
    verify_per_owner: int = field(default=10, converter=int, validator=_number)
    """So many verifications at most are raised for one owner a day."""
    verify_per_day: int = field(default=500, converter=int, validator=_number)
    """So many verifications at most are raised a day."""
    verify_within: int = field(default=14, converter=int, validator=_number)
    """Days within which a verification is due."""


def settings_of(settings: Settings) -> QualitySettings:
    """Return the plugin's part of the settings. Raises ConfigurationError naming what is unknown or malformed."""
    return settings.part("quality", QualitySettings)
