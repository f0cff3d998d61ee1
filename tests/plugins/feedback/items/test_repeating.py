"""One definition of what comes again, for the loop and for themes."""

from __future__ import annotations

from datetime import timedelta

from crmkit_feedback.items.measuring import cohort_of, figures
from crmkit_feedback.items.repeating import repeat_rates

from tests.plugins.feedback.items.office import MONDAY, SYSTEM, Office


def test_the_loop_and_the_themes_count_the_same(both: Office) -> None:
    """From the solution on, praise aside, and only what has ninety days behind it."""
    again, never, praised = (both.customer(name) for name in ("Again", "Never", "Praised"))
    items = [both.said(2, each) for each in (again, never, praised)]
    both.clock.advance(days=40)
    for item in items:
        both.act("set_theme", item, {"theme": "quality"})
        both.act("resolve", item, {"resolution": "Done", "ask": False}, by="sam")
    both.clock.advance(days=80)
    later = [both.said(2, again), both.said(10, praised)]
    for item in later:
        both.act("set_theme", item, {"theme": "quality"})
    both.clock.advance(days=30)
    begin, end = MONDAY, MONDAY + timedelta(days=1)
    with both.crm.session(SYSTEM) as session:
        cohort = cohort_of(session, begin, end, now=both.clock.instant)
        told = figures(session, cohort, both.clock.instant)["repeated"]
        rates = repeat_rates(session, begin, end, now=both.clock.instant)
        young = repeat_rates(session, begin, end, now=MONDAY + timedelta(days=125))
    assert (told.value, told.n) == (1 / 3, 3)
    assert (rates["quality"].value, rates[""].value, rates[""].n) == (1 / 3, 1 / 3, 3)
    assert young == {}
