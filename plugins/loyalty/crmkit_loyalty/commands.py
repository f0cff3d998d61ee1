"""``crmkit loyalty``: the group of commands, to which each room adds its own."""

from __future__ import annotations

from crmkit import texts
from crmkit.cli.api import group
from crmkit_loyalty.challenges.commands import add_to as add_challenges
from crmkit_loyalty.effect.commands import add_to as add_effect
from crmkit_loyalty.ledger.commands import add_to as add_ledger
from crmkit_loyalty.liability.commands import add_to as add_liability
from crmkit_loyalty.programs.commands import add_to as add_programs
from crmkit_loyalty.referrals.commands import add_to as add_referrals
from crmkit_loyalty.rewards.commands import add_to as add_rewards
from crmkit_loyalty.tiers.commands import add_to as add_tiers
from crmkit_loyalty.trying.commands import add_to as add_trying

_ = texts("crmkit_loyalty")

loyalty = group(help=_("Points, tiers and rewards, and the books that they are kept in."), name="loyalty")
"""The group ``crmkit loyalty``."""
add_programs(loyalty)
add_ledger(loyalty)
add_tiers(loyalty)
add_rewards(loyalty)
add_referrals(loyalty)
add_challenges(loyalty)
add_trying(loyalty)
add_liability(loyalty)
add_effect(loyalty)
