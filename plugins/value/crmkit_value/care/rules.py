"""The rules of both programmes; they are off until a programme is started."""

from __future__ import annotations

from crmkit import Do, Rule, texts

_ = texts("crmkit_value")

RULES = [
    Rule(
        name="value.care",
        title=_("Care for valuable customers"),
        doc=_("Customers of grade A with whom nobody has spoken for 30 days get a call, but for those left alone."),
        cron="15 7 * * 1-5",
        among='value.grade == "A"',
        when="days_since(interaction.last_outbound_at) > 30 or not has(interaction.last_outbound_at)",
        then=[Do(operation="value.programme.treat", arguments={"programme": "'care'"})],
        once_per="customer, 30 days",
        daily_cap=50,
        enabled=False,
    ),
    Rule(
        name="value.uplift",
        title=_("More for customers of low value"),
        doc=_("Customers of grade C who are probably still here are offered something, but for those left alone."),
        cron="45 7 * * 2",
        among='value.grade == "C" and value.p_alive >= 0.5',
        then=[Do(operation="value.programme.treat", arguments={"programme": "'uplift'"})],
        once_per="customer, 90 days",
        daily_cap=200,
        enabled=False,
    ),
]
