"""The cards of the first page that come with crmkit, by whose work they are for. Plugins add theirs."""

from __future__ import annotations

from crmkit.web.pages.home.cards import managing, running, selling, targeting
from crmkit.web.pages.home.cards.kinds import OwnCard

CARDS: tuple[OwnCard, ...] = (*running.FIRST, *selling.CARDS, *managing.CARDS, *targeting.CARDS, *running.CARDS)
"""All of them, in the order in which they stand."""
