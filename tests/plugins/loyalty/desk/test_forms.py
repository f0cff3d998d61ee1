"""Forms that change what is stored open with what is stored: what is not touched stays as it is."""

from __future__ import annotations

import html
import re

from tests.plugins.loyalty.desk.conftest import Desk, desk as desk


def opened(desk: Desk, page: str, operation: str) -> str:
    """Return the form of an operation as a page links to it."""
    (link,) = re.findall(rf'href="(/operations/{re.escape(operation)}\?[^"]*)"', desk.text(page))
    return desk.text(html.unescape(link))


def chosen(form: str, name: str) -> set[str]:
    """Return the values of checked boxes of a name."""
    boxes = re.findall(rf'<input[^>]*name="{name}"[^>]*>', form)
    return {re.findall(r'value="([^"]*)"', each)[0] for each in boxes if re.search(r"\bchecked\b", each)}


def typed(form: str, name: str) -> str:
    """Return what stands in a field of one line, or in a text area."""
    line = re.findall(rf'<input[^>]*name="{name}"[^>]*>', form)
    if line:
        return html.unescape(re.findall(r'value="([^"]*)"', line[0])[0])
    return html.unescape(re.findall(rf'<textarea[^>]*name="{name}"[^>]*>\s*([^<]*)<', form)[0])


def test_what_members_are_told_of_is_kept(desk: Desk) -> None:
    templates = {"tier": "tier_notice"}
    desk.run("loyalty.notice_policy.set", kinds=("tier",), days=(21, 3), templates=templates, active=False)
    form = opened(desk, "/modules/loyalty/notices", "loyalty.notice_policy.set")
    assert {"tier"} == chosen(form, "kinds")
    assert ["21", "3"] == typed(form, "days").split()
    assert "tier: tier_notice" in " ".join(typed(form, "templates").replace("=", ":").split())
    assert not chosen(form, "active")


def test_what_inviting_brings_is_kept(desk: Desk) -> None:
    desk.run("loyalty.referral_policy.set", referrer_points=70, condition="amount >= 5", new_only=False, active=False)
    form = opened(desk, "/modules/loyalty/referrals", "loyalty.referral_policy.set")
    assert ("70", "amount >= 5") == (typed(form, "referrer_points"), typed(form, "condition"))
    assert not chosen(form, "new_only") | chosen(form, "active")
