"""Texts that people read: marked where they are written, translated where they are shown.

Must not know databases, plugins or doors. A marked text is a plain ``str`` (its English), so it can be used anywhere
a string can; only `translate` looks at catalogues, and only then are they read.
"""

from __future__ import annotations

import gettext as _gettext
import os
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path

LANGUAGES: Mapping[str, str] = {"en": "English", "zh_Hans": "简体中文"}
"""Languages that the kernel's own texts are complete in, with their own names."""

_ALIASES = {"zh": "zh_Hans", "zh_cn": "zh_Hans", "zh_hans": "zh_Hans", "zh_hans_cn": "zh_Hans", "zh_sg": "zh_Hans"}


class Text(str):
    """An English text that remembers its catalogue, so that it can be shown in another language."""

    __slots__ = ("domain",)
    domain: str

    def __new__(cls, english: str, domain: str = "crmkit") -> Text:
        self = super().__new__(cls, english)
        self.domain = domain
        return self

    def __reduce__(self) -> tuple[type[Text], tuple[str, str]]:
        return (Text, (str(self), self.domain))


def texts(domain: str) -> Callable[[str], Text]:
    """Return the function, by custom named ``_``, that marks the texts of a package.

    ``domain`` is the package's import name; its catalogues are read from ``<package>/locale/<language>/
    LC_MESSAGES/<package>.mo``.
    """

    def mark(english: str) -> Text:
        return Text(english, domain)

    return mark


def normalise_language(name: str) -> str:
    """Return the catalogue name for a language tag (``zh-CN``, ``zh_CN.UTF-8`` and ``zh`` are ``zh_Hans``)."""
    plain = name.partition(".")[0].partition("@")[0].replace("-", "_")
    return _ALIASES.get(plain.lower(), plain.partition("_")[0].lower() if plain.lower() not in _ALIASES else plain)


def language_of_environment(environ: Mapping[str, str] = os.environ) -> str:
    """Return the language that a terminal's environment asks for, or ``en``."""
    for variable in ("CRMKIT_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = environ.get(variable)
        if value and value not in ("C", "POSIX") and not value.startswith("C."):
            language = normalise_language(value)
            return language if language in LANGUAGES else "en"
    return "en"


def is_phrase(text: str) -> bool:
    """Say whether a text reads as English words, which are other ones in another language, and not as a name.

    ``Equipment on loan`` does; ``Feishu``, ``Open Banking``, ``ERP`` and a text in another script may be names.
    """
    return any(re.fullmatch(r"[a-z]{2,}", word) for word in text.split()[1:])


def translate(text: str, language: str, /, **values: object) -> str:
    """Return a text in a language, with ``{name}`` fields filled in; English where there is no translation.

    A value that is itself a marked text is translated too.
    """
    if isinstance(text, Text) and language != "en":
        shown = _catalogue(text.domain, normalise_language(language)).gettext(str(text))
    else:
        shown = str(text)
    if not values:
        return shown
    named = {name: translate(value, language) if isinstance(value, Text) else value for name, value in values.items()}
    try:
        return shown.format(**named)
    except (KeyError, IndexError, ValueError, AttributeError):
        # A message that came from elsewhere may hold braces of its own; it is shown as it is.
        return shown


@lru_cache(maxsize=256)
def _catalogue(domain: str, language: str) -> _gettext.NullTranslations:
    import importlib.util

    spec = importlib.util.find_spec(domain)
    for location in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(location, "locale", language, "LC_MESSAGES", f"{domain}.mo")
        if path.is_file():
            with path.open("rb") as file:
                return _gettext.GNUTranslations(file)
    return _gettext.NullTranslations()
