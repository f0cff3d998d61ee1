"""What the desk has, for the hook module."""

from __future__ import annotations

from crmkit_loyalty.desk import member, overview, panels, programme, redemptions

PAGES = [*overview.PAGES, *redemptions.PAGES, *programme.PAGES, *member.PAGES]
customer_panels = panels.customer_panels
timeline = panels.timeline
