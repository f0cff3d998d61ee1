"""In which time zone a customer lives, as far as what is known of it says so. Must not touch the database."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_USUAL: Mapping[str, str] = {
    "CN": "Asia/Shanghai",
    "DE": "Europe/Berlin",
    "UA": "Europe/Kyiv",
    "NZ": "Pacific/Auckland",
}
"""Countries with zones of which one is kept by nearly everybody."""

_PARTS: Mapping[str, Mapping[str, str]] = {
    "US": {
        "America/New_York": "connecticut ct|delaware de|district of columbia dc|georgia ga|maine me|maryland md"
        "|massachusetts ma|new hampshire nh|new jersey nj|new york ny|north carolina nc|ohio oh|pennsylvania pa"
        "|rhode island ri|south carolina sc|vermont vt|virginia va|west virginia wv",
        "America/Chicago": "alabama al|arkansas ar|illinois il|iowa ia|louisiana la|minnesota mn|mississippi ms"
        "|missouri mo|oklahoma ok|wisconsin wi",
        "America/Denver": "colorado co|montana mt|new mexico nm|utah ut|wyoming wy",
        "America/Phoenix": "arizona az",
        "America/Los_Angeles": "california ca|washington wa",
        "Pacific/Honolulu": "hawaii hi",
    },
    "CA": {
        "America/Halifax": "nova scotia ns|prince edward island pe|new brunswick nb",
        "America/Winnipeg": "manitoba mb",
        "America/Regina": "saskatchewan sk",
        "America/Edmonton": "alberta ab",
        "America/Whitehorse": "yukon yt",
    },
    "AU": {
        "Australia/Sydney": "new south wales nsw|australian capital territory act",
        "Australia/Melbourne": "victoria vic",
        "Australia/Hobart": "tasmania tas",
        "Australia/Brisbane": "queensland qld",
        "Australia/Adelaide": "south australia sa",
        "Australia/Darwin": "northern territory nt",
        "Australia/Perth": "western australia wa",
    },
}
"""Parts of countries that lie in one zone whole: full name and abbreviation, by zone."""


def zone_of(
    time_zone: str | None, country: str | None, province: str | None, *, usual: str, home: str | None = None
) -> str:
    """Return the time zone of a customer: the customer's own, else that of the country or its part where these have one
    only, else ``usual``, the company's. Who has no country is taken to live in ``home``."""
    if time_zone and is_zone(time_zone):
        return time_zone
    code = (country or home or "").upper()
    return _of_part(code, province or "") or _of_country(code) or usual


@lru_cache(maxsize=1024)
def is_zone(name: str) -> bool:
    """Say whether there is a time zone of this name."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


@lru_cache(maxsize=1)
def _parts() -> Mapping[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for country, zones in _PARTS.items():
        for zone, listed in zones.items():
            for part in listed.split("|"):
                name, _space, short = part.rpartition(" ")
                found[country, name] = found[country, short] = zone
    return found


def _of_part(country: str, province: str) -> str | None:
    plain = " ".join(unicodedata.normalize("NFKC", province).casefold().split())
    return _parts().get((country, plain)) if plain else None


@lru_cache(maxsize=512)
def _of_country(country: str) -> str | None:
    """Return the zone of a country, where all its zones show the same time all year round."""
    if country in _USUAL:
        return _USUAL[country]
    zones = _zones().get(country, ())
    if not zones:
        return None
    clocks = {_hands(zone) for zone in zones}
    return zones[0] if len(clocks) == 1 else None


@lru_cache(maxsize=1)
def _zones() -> Mapping[str, Sequence[str]]:
    from babel.core import get_global

    found: dict[str, list[str]] = {}
    for zone, country in get_global("zone_territories").items():
        if is_zone(str(zone)):
            found.setdefault(str(country), []).append(str(zone))
    return {country: sorted(zones) for country, zones in found.items()}


def _hands(zone: str) -> tuple[timedelta | None, ...]:
    """Return how far a zone is from UTC on each day of this year and the next, by which equal clocks are known."""
    first = datetime(datetime.now(UTC).year, 1, 1, tzinfo=UTC)
    info = ZoneInfo(zone)
    return tuple((first + timedelta(days=day)).astimezone(info).utcoffset() for day in range(730))
