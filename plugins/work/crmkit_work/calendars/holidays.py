"""Public holidays by country, and the days on which is worked instead: by the library `holidays`, loaded when needed.

Years that a government has not announced yet are the library's estimate; an entry for the day itself overrules it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from crmkit import InvalidInput, Problem, texts
from crmkit_work.calendars.clock import Hours

_ = texts("crmkit_work")


@lru_cache(maxsize=64)
def _of(country: str, subdivision: str | None) -> Any:
    from holidays import country_holidays

    return country_holidays(country, subdiv=subdivision)


def check_country(country: str, subdivision: str | None) -> None:
    """Raise InvalidInput for a country, or a part of it, whose holidays are not known."""
    from holidays import list_supported_countries

    known = list_supported_countries(include_aliases=False)
    if country not in known:
        problem = Problem(
            InvalidInput.code,
            _('The holidays of "{country}" are not known.'),
            field="holiday_country",
            hint=_("Give the two letters of the country, such as CN or DE."),
            country=country,
        )
        raise InvalidInput([problem])
    if subdivision is not None and subdivision not in known[country]:
        problem = Problem(
            InvalidInput.code,
            _('{country} has no part "{subdivision}" with holidays of its own.'),
            field="holiday_subdivision",
            hint=_("Known: {known}."),
            country=country,
            subdivision=subdivision,
            known=", ".join(known[country]) or "–",
        )
        raise InvalidInput([problem])


def rule_of(
    country: str, subdivision: str | None, week: Mapping[int, Sequence[Hours]]
) -> Callable[[date], Sequence[Hours] | None]:
    """Return the rule of a country's holidays: no hours on a holiday; on a day off that is worked instead of another
    one, the hours of the first day of the week that has any; None for every other day."""
    usual: Sequence[Hours] = next((week[day] for day in sorted(week) if week[day]), ())

    def rule(day: date) -> Sequence[Hours] | None:
        calendar = _of(country, subdivision)
        if day in calendar:
            return ()
        return usual if day in calendar.weekend_workdays and not week.get(day.weekday()) else None

    return rule


def name_of(country: str, subdivision: str | None, day: date) -> str | None:
    """Return the name of the holiday that a date is, in the country's language or in English; None for none."""
    found: str | None = _of(country, subdivision).get(day)
    return found
