"""The settings of knowledge, from the table ``[options.knowledge]`` of ``crmkit.toml``."""

from __future__ import annotations

import re

from attrs import field, frozen, validators

from crmkit import Settings


def _days(default: int) -> int:
    return field(default=default, validator=[validators.instance_of(int), validators.ge(1), validators.le(3650)])


def _origins(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise TypeError("a list of origins is expected")
    for each in value:
        if not isinstance(each, str) or not re.fullmatch(r"https?://[a-z0-9.-]+(?::\d{1,5})?", each):
            raise ValueError(f"{each} is not an origin such as https://www.shop.example")
    return tuple(value)


@frozen(kw_only=True)
class KnowledgeSettings:
    """What an admin can set."""

    search_days: int = _days(180)
    """After how many days what somebody searched for is deleted."""
    question_days: int = _days(90)
    """The searches of so many days make the questions that are left without an answer."""
    comment_days: int = _days(730)
    """After how many days comments on articles are deleted; the votes stay."""
    doubt_below: float = field(
        default=0.5, validator=[validators.instance_of((int, float)), validators.ge(0), validators.le(1)]
    )
    """An article is doubted where even the upper end of the interval of its share of helpful votes (0 to 1) is below
    this."""
    doubt_votes: int = field(default=10, validator=[validators.instance_of(int), validators.ge(1)])
    """With fewer votes an article is not doubted."""
    control_share: float = field(
        default=0.1, validator=[validators.instance_of((int, float)), validators.ge(0), validators.le(0.5)]
    )
    """The share (0 to 0.5) of those who are about to ask that are shown no articles: by them it is known how many would
    have needed no case anyway."""
    deflection_hours: int = field(
        default=72, validator=[validators.instance_of(int), validators.ge(1), validators.le(720)]
    )
    """Within how many hours after a visit began a case counts."""
    request_form: str = field(default="", validator=validators.instance_of(str))
    """The form of service, by its name, that follows where articles did not help; without it the first one that is
    active."""
    semantic: bool = field(default=False, validator=validators.instance_of(bool))
    """Whether colleagues find articles by what these mean as well as by their words; it needs ``crmkit[semantic]``."""
    embed_origins: tuple[str, ...] = field(default=(), converter=_origins)
    """Whose pages may show the help centre in a frame and read its texts as JSON: origins such as
    https://www.shop.example."""


def settings_of(settings: Settings) -> KnowledgeSettings:
    """Return the plugin's part of the settings. Raises ConfigurationError naming what is unknown or malformed."""
    return settings.part("knowledge", KnowledgeSettings)
