"""The settings of needs, from the table ``[options.needs]`` of ``crmkit.toml``."""

from __future__ import annotations

from attrs import field, frozen, validators

from crmkit import Settings


@frozen(kw_only=True)
class NeedsSettings:
    """What an admin can set."""

    queue: str = field(default="", validator=validators.instance_of(str))
    """The queue of work, by its name, that gives out needs whose area has no lead; without it they wait for an
    owner."""
    remind_days: int = field(default=7, validator=[validators.instance_of(int), validators.ge(0), validators.le(365)])
    """How many days before the day for which a need is due or promised its owner is told, once; 0: only once it is
    late."""
    follow_up_days: int = field(
        default=0, validator=[validators.instance_of(int), validators.ge(0), validators.le(365)]
    )
    """How many days after customers were told that a need was delivered they are asked whether it is solved; 0:
    never."""
    follow_up_survey: str = field(default="", validator=validators.instance_of(str))
    """The survey of feedback, by its name, by which they are asked; without it they get a short question."""


def settings_of(settings: Settings) -> NeedsSettings:
    """Return the plugin's part of the settings. Raises ConfigurationError naming what is unknown or malformed."""
    return settings.part("needs", NeedsSettings)
