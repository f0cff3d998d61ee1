"""Which text a customer gets: in which language, and of its variants which one.

Pure: must not know sessions or tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Protocol, TypeVar
from uuid import UUID

from babel import Locale, UnknownLocaleError
from babel.core import get_global

from crmkit.engines.statistics.hashing import arm_of


class Choosable(Protocol):
    """A text in a language, as a variant of a weight."""

    @property
    def language(self) -> str:
        """The language tag."""
        ...

    @property
    def variant(self) -> str:
        """The variant's name."""
        ...

    @property
    def weight(self) -> int:
        """How often the variant is chosen beside the others; 0 for never by chance."""
        ...


Chosen = TypeVar("Chosen", bound=Choosable)


@lru_cache(maxsize=512)
def language_tag(text: str) -> str | None:
    """Return a language tag in the form that texts are kept under (``pt_BR``, ``zh_Hans``), None for none that there
    is. Chinese of a region gets its script: ``zh-TW`` is ``zh_Hant``, ``zh`` and ``zh-CN`` are ``zh_Hans``."""
    locale = _locale(text)
    if locale is None:
        return None
    if locale.language == "zh":
        return f"zh_{locale.script or 'Hans'}"
    return "_".join(part for part in (locale.language, locale.script, locale.territory) if part)


@lru_cache(maxsize=512)
def chain_of(text: str) -> tuple[str, ...]:
    """Return the tags under which a text for somebody's language may be kept, the nearest first."""
    locale = _locale(text)
    if locale is None:
        return ()
    language, script, territory = locale.language, locale.script, locale.territory
    parts = (
        (language, script, territory),
        (language, territory),
        (language, script),
        (language,) if language != "zh" else (),
    )
    return tuple(dict.fromkeys("_".join(filter(None, each)) for each in parts if each))


def _locale(text: str) -> Locale | None:
    plain = text.strip().partition(".")[0].replace("-", "_")
    if not plain or len(plain) > 20:
        return None
    likely = get_global("likely_subtags")
    try:
        found = Locale.parse(plain, resolve_likely_subtags=True)
        if found.language == "zh" and not found.script:
            found = Locale.parse(likely.get(f"zh_{found.territory}") or likely.get("zh") or "zh_Hans_CN")
    except (UnknownLocaleError, ValueError, TypeError):
        return None
    return found


def choose_language(wanted: Iterable[str | None], there: Sequence[str]) -> str | None:
    """Return the language of those that there are which suits best: the first of the wanted ones for which there is
    one, with what it falls back to, or else the first that there is; None where there is none."""
    for each in wanted:
        for tag in chain_of(each) if each else ():
            if tag in there:
                return tag
    return there[0] if there else None


def choose_variant(
    texts: Sequence[Chosen], name: str, customer_id: UUID | None, wanted: str | None = None
) -> Chosen | None:
    """Return one of the texts of a language: the wanted variant where there is one, or the one that chance deals to the
    customer, by weight; the same customer always gets the same one while the weights are as they are. A customer gets
    variants of one name in all languages alike."""
    for each in texts:
        if wanted is not None and each.variant == wanted:
            return each
    weighed = sorted((each for each in texts if each.weight > 0), key=lambda each: each.variant)
    if not weighed:
        return texts[0] if texts else None
    if customer_id is None or len(weighed) == 1:
        return weighed[0]
    total = sum(each.weight for each in weighed)
    shares: Mapping[str, float] = {each.variant: each.weight / total for each in weighed}
    arm = arm_of(f"messaging.template:{name}", shares, customer_id)
    return next((each for each in weighed if each.variant == arm), weighed[-1])
