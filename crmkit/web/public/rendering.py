"""How public pages look: their templates, which plugins' pages extend, and the look of the business.

Public pages have templates, styles and texts of their own and nothing of the staff's pages, so that they stay small.
Must not know links or requests.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal
from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PackageLoader,
    PrefixLoader,
    StrictUndefined,
    pass_context,
)
from jinja2.loaders import BaseLoader
from jinja2.runtime import Context

from crmkit.core.business.config import Config
from crmkit.i18n import LANGUAGES, Text, texts, translate

if TYPE_CHECKING:
    from crmkit.app import CRM

_ = texts("crmkit")

FOLDER = Path(__file__).parents[1]
ACCENT = "#1f4f8f"
"""The colour of a business that has chosen none."""
KERNEL = "crmkit"


class PublicTemplates:
    """The templates of one CRM's public pages."""

    def __init__(self, crm: CRM) -> None:
        self._packages = {each.manifest.name: each.manifest.package for each in crm.found if each.manifest is not None}
        loaders: dict[str, BaseLoader] = {}
        # Of every installed plugin: one may be enabled while this is serving.
        for name, package in self._packages.items():
            # One without templates, or whose package is gone, has none to be found.
            with suppress(ImportError, ValueError):
                loaders[name] = PackageLoader(package, "templates")
        self._environment = Environment(
            loader=ChoiceLoader([FileSystemLoader(FOLDER / "templates"), PrefixLoader(loaders)]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.filters.update({"number": number, "day": day})

    def render(
        self,
        template: str,
        *,
        owner: str = KERNEL,
        language: str,
        business: Config,
        url: Callable[[str], str],
        context: Mapping[str, Any],
    ) -> str:
        """Return a page in a language. ``url`` puts a path below the mount."""
        mark = texts(self._packages.get(owner, KERNEL))

        def said(text: str, **values: object) -> str:
            if isinstance(text, Text):
                return translate(text, language, **values)
            # The frame around a plugin's page is the kernel's, and so are its texts.
            own = mark(text)
            return translate(own if translate(own, language) != text else Text(text), language, **values)

        return self._environment.get_template(template).render(
            {
                "_": said,
                "language": language,
                "languages": LANGUAGES,
                "business": business,
                "url": url,
                **context,
            }
        )


@pass_context
def number(context: Context, value: float | Decimal | None) -> str:
    """Return a number with the separators of the page's language."""
    return "" if value is None else str(format_decimal(value, locale=_locale(context["language"])))


@pass_context
def day(context: Context, value: date | datetime | None) -> str:
    """Return a day in the words of the page's language, that of an instant in the company's zone."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.astimezone(ZoneInfo(context["business"].zone)).date()
    return str(format_date(value, "long", locale=_locale(context["language"])))


@lru_cache(maxsize=16)
def _locale(language: str) -> Locale:
    return Locale.parse("zh_Hans_CN" if language == "zh_Hans" else "en_GB" if language == "en" else language)


@lru_cache(maxsize=1)
def _styles() -> str:
    return (FOLDER / "templates" / "public" / "public.css").read_text("utf-8")


def styles(accent: str | None) -> str:
    """Return the style sheet with the colour of the business."""
    return f":root{{--accent:{accent or ACCENT}}}\n{_styles()}"
