"""The settings of experience, from the table ``[options.experience]`` of ``crmkit.toml``."""

from __future__ import annotations

from attrs import field, frozen, validators

from crmkit import Settings


def _whole(default: int, least: int, most: int) -> int:
    return field(default=default, validator=[validators.instance_of(int), validators.ge(least), validators.le(most)])


@frozen(kw_only=True)
class ExperienceSettings:
    """What an admin can set."""

    promise_soon_hours: int = _whole(24, 1, 720)
    """So many hours before a promise is due its owner is told."""
    promise_grace_hours: int = _whole(24, 0, 2160)
    """So many hours after its time a promise of which nobody says anything counts as broken."""
    friction_days: int = _whole(90, 7, 730)
    """The contacts of so many days make the friction list."""
    friction_follow_days: int = _whole(30, 1, 365)
    """Whoever does nothing more within so many days after a step has dropped out there."""
    friction_least: int = _whole(20, 5, 10_000)
    """Steps with fewer customers are not shown."""

    review_edit_days: int = _whole(3, 0, 90)
    """For so many days a reviewer may change a review."""
    review_dispute_days: int = _whole(14, 0, 365)
    """For so many days whoever was reviewed may dispute it."""
    review_long_minutes: int = _whole(30, 1, 1440)
    """A conversation that took so many minutes took long."""
    review_long_case_days: int = _whole(5, 1, 365)
    """A case that was open for so many days took long."""
    review_bad_outcomes: list[str] = field(
        factory=lambda: ["unresolved", "complaint", "hung_up", "failed", "cancelled"]
    )
    """Outcomes of interactions that are bad."""
    review_words: dict[str, dict[str, list[str]]] = field(factory=dict)
    """Words of the automatic checks (greeting, promise, forbidden, kind, harsh), by language, in place of those that
    come along."""
    effort_days: int = _whole(90, 7, 730)
    """Issues in which something happened within so many days are computed."""
    effort_quiet_days: int = _whole(7, 1, 90)
    """A thread of interactions in which nothing happened for so many days is over."""
    effort_weights: dict[str, float] = field(factory=dict)
    """Weights of the parts of the effort index, in place of those that come along."""
    effort_caps: dict[str, float] = field(factory=dict)
    """From which value on a part of the effort index counts as whole, in place of those that come along."""
    effort_medium: int = _whole(30, 1, 99)
    """From this index on an issue is of medium effort."""
    effort_high: int = _whole(60, 2, 100)
    """From this index on an issue is of high effort."""


def settings_of(settings: Settings) -> ExperienceSettings:
    """Return the settings of experience among those of a CRM. Raises ConfigurationError."""
    return settings.part("experience", ExperienceSettings)
