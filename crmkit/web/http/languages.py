"""Which language a page or a message is in: the user's own, else what the browser asks for."""

from __future__ import annotations

from crmkit.i18n import LANGUAGES, normalise_language

COOKIE = "crmkit_lang"


def negotiated(accepted: str | None, usual: str = "en") -> str:
    """Return the language for an ``Accept-Language`` header: the first of those wanted most that there is."""
    wanted: list[tuple[float, int, str]] = []
    for place, part in enumerate((accepted or "")[:1000].split(",")):
        tag, _semicolon, rest = part.strip().partition(";")
        quality = 1.0
        if rest.strip().startswith("q="):
            try:
                quality = float(rest.strip()[2:])
            except ValueError:
                quality = 0.0
        language = normalise_language(tag) if tag and tag != "*" else ""
        if language in LANGUAGES and 0 < quality <= 1:
            wanted.append((-quality, place, language))
    return min(wanted)[2] if wanted else usual


def language_for(user: str | None, chosen: str | None, accepted: str | None, usual: str) -> str:
    """Return the language of a caller: that of the user's settings, the one chosen in this browser, the browser's."""
    for said in (user, chosen):
        if said is not None and normalise_language(said) in LANGUAGES:
            return normalise_language(said)
    return negotiated(accepted, usual)
