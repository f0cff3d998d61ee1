"""What the cards that come with crmkit say beside what those of plugins do."""

from __future__ import annotations

from attrs import field, frozen

from crmkit.hooks.contributions import DashboardCard


@frozen(kw_only=True)
class OwnCard:
    """A card with the rights that all have to be there (``rights``), and those that must not (``unless``): who runs a
    team needs no list of single calls. One that is ``slow`` is fetched once the page is there."""

    card: DashboardCard
    rights: tuple[str, ...] = field(default=(), converter=tuple)
    unless: tuple[str, ...] = field(default=(), converter=tuple)
    slow: bool = False
