"""The templates of the pages: where they are found, what every template can call, how values look in a language.

What a template shows is escaped, always. Texts, dates and amounts follow the language of the call that is being
answered, which a context variable holds, so that macros need not be handed it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, cast
from zoneinfo import ZoneInfo

from attrs import field, fields, frozen
from babel import Locale
from babel.dates import format_date, format_time, format_timedelta
from babel.numbers import format_decimal, format_percent
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from jinja2.loaders import BaseLoader
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from crmkit.core.business.money import Money, format_money
from crmkit.core.store.actor import Actor
from crmkit.errors import CrmkitError
from crmkit.i18n import LANGUAGES, Text, texts
from crmkit.web.http.call import Call, Doors
from crmkit.web.http.languages import COOKIE as LANGUAGE_COOKIE, language_for
from crmkit.web.http.requests import is_secure
from crmkit.web.pages.call import PageCall
from crmkit.web.pages.plugin_templates import ByPlugin
from crmkit.web.pages.shell import MenuEntry, menu, top
from crmkit.web.static_files import FOLDER as STATIC, OF_PLUGINS, version_of

if TYPE_CHECKING:
    from crmkit.app import CRM
    from crmkit.web.pages.records.offering import Offer

_ = texts("crmkit")

TEMPLATES = Path(__file__).parents[1] / "templates"
THEME_COOKIE = "crmkit_theme"
THEMES = ("auto", "light", "dark")

_current: ContextVar[PageCall] = ContextVar("crmkit_page_call")


def current() -> PageCall:
    """Return the call that is being answered."""
    return _current.get()


@frozen(kw_only=True, slots=False, eq=False)
class Pages:
    """What renders pages: the doors, and the environment of the templates."""

    doors: Doors
    loaders: Mapping[str, BaseLoader]
    """Where the templates of plugins are found, by plugin name; theirs are named ``<plugin>/…``."""
    entries: Callable[[CRM], Sequence[MenuEntry]]
    """What the menu has for somebody who may use everything."""
    statics: Mapping[str, Path] = field(factory=dict[str, Path])
    """Where the static files of plugins are, by plugin name."""

    def call(self, call: Call) -> PageCall:
        """Return a call as one of a page."""
        values = {item.name: getattr(call, item.name) for item in fields(Call)}
        return PageCall(**values, pages=self)

    def render(self, call: PageCall, template: str, context: Mapping[str, object], *, block: str | None = None) -> str:
        """Return a page, or one block of it, for a call."""
        mark = _current.set(call)
        try:
            found = self.environment.get_template(template)
            values = {"call": call, "part_only": block is not None, **context}
            if block is None:
                return found.render(values)
            inner = found.new_context(values)
            return "".join(found.blocks[block](inner))
        finally:
            _current.reset(mark)

    def bare_error(self, request: Request, error: Exception, status: int) -> Response:
        """Return the page for an error that came before it was known who calls."""
        options = self.doors.options
        language = language_for(
            None,
            request.cookies.get(LANGUAGE_COOKIE),
            request.headers.get("accept-language"),
            self.doors.crm.settings.language,
        )
        call = PageCall(
            request=request,
            doors=self.doors,
            door="web",
            actor=Actor(id="public", kind="public", name="public"),
            language=language,
            secure=is_secure(request.scope, options.trusted_proxies),
            address=None,
            pages=self,
        )
        shown = error if isinstance(error, CrmkitError) and status != 500 else None
        context = {"error": shown, "status": status, "problems": shown.problems if shown is not None else ()}
        return HTMLResponse(self.render(call, "error.html", context), status)

    @cached_property
    def environment(self) -> Environment:
        """Return the environment of the templates."""
        made = Environment(
            loader=ChoiceLoader([FileSystemLoader(TEMPLATES), ByPlugin(self.loaders)]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            cache_size=-1,
        )
        made.globals.update(
            _=_text,
            url=_url,
            static=_static,
            icon=icon,
            csrf_field=_csrf_field,
            languages=LANGUAGES,
            menu=lambda: menu(current()),
            shell_top=lambda: top(current()),
            shell_count=lambda entry: current().waiting.get(entry.path, 0),
            shell_counts=lambda entries: sum(current().waiting.get(entry.path, 0) for entry in entries),
            theme=_theme,
            initials=initials,
            hue=hue,
            offers_on=_offers_on,
        )
        made.filters.update(
            when=when,
            ago=ago,
            day=day,
            clock=clock,
            number=number,
            percent=percent,
            money=money,
            shown=shown,
            text=lambda value: current().text(value),
            tell=lambda problem: current().tell(problem),
            tojson_attr=lambda value: json.dumps(value, ensure_ascii=False, default=str),
        )
        return made


# --- what templates call ---------------------------------------------------------------------------------------------


def _text(text: str, **values: object) -> str:
    return current().text(Text(text) if not isinstance(text, Text) else text, **values)


def _url(path: str, **query: object) -> str:
    return current().url(path, **query)


def _offers_on(resource: str, identity: object, following: str | None = None) -> Sequence[Offer]:
    from crmkit.web.pages.records.offering import offers_on

    return offers_on(current(), resource, identity, following)


def _theme() -> str:
    found = current().request.cookies.get(THEME_COOKIE, "auto")
    return found if found in THEMES else "auto"


def _csrf_field() -> Markup:
    return Markup('<input type="hidden" name="csrf" value="{}">').format(current().csrf)


def _static(name: str) -> str:
    if not name.startswith(OF_PLUGINS):
        return current().url(f"/static/{name}", v=version_of(name))
    plugin, _slash, rest = name.removeprefix(OF_PLUGINS).partition("/")
    return current().url(f"/static/{name}", v=version_of(rest, current().pages.statics[plugin]))


@lru_cache(maxsize=1)
def _icons() -> Mapping[str, str]:
    return cast("Mapping[str, str]", json.loads((STATIC / "vendor" / "icons.json").read_text("utf-8")))


@lru_cache(maxsize=512)
def icon(name: str, title: str = "", classes: str = "") -> Markup:
    """Return an icon by its name; with a title it says something, without it is decoration. An unknown name is the
    circle, as a plugin may name what there is not."""
    inner = _icons().get(name) or _icons()["circle-dot"]
    said = Markup('role="img" aria-label="{}"').format(title) if title else Markup('aria-hidden="true"')
    return Markup(
        '<svg class="icon {}" width="20" height="20" viewBox="0 0 24 24" fill="none" stroke="currentColor" '
        'stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" focusable="false" {}>{}</svg>'
    ).format(classes, said, Markup(inner))  # noqa: S704 - the drawings are files of ours


def initials(name: str | None) -> str:
    """Return one or two letters that stand for a person: of a Chinese name the last two characters."""
    words = (name or "").split()
    if not words:
        return "·"
    if len(words) == 1:
        word = words[0]
        return word[-2:] if not word.isascii() else word[:2].upper()
    return (words[0][0] + words[-1][0]).upper()


def hue(value: object) -> int:
    """Return one of eight colours for a thing, always the same one."""
    return hashlib.sha256(str(value).encode()).digest()[0] % 8


# --- how values look -------------------------------------------------------------------------------------------------


@lru_cache(maxsize=16)
def locale_of(language: str) -> Locale:
    """Return the locale of a language."""
    return Locale.parse("zh_Hans_CN" if language == "zh_Hans" else "en_GB" if language == "en" else language)


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _local(value: datetime, zone: str | None) -> datetime:
    aware = value if value.tzinfo is not None else value.replace(tzinfo=UTC)
    return aware.astimezone(_zone(zone or current().business.zone))


def when(value: datetime | None, zone: str | None = None) -> str:
    """Return an instant as a day and a time, in the company's zone or another one."""
    if value is None:
        return ""
    local = _local(value, zone)
    locale = locale_of(current().language)
    return f"{format_date(local, 'medium', locale=locale)} {format_time(local, 'HH:mm', locale=locale)}"


def ago(value: datetime | None) -> str:
    """Return how long an instant is ago, or will be: by the business's clock what happened in the business, by the
    machine's what the machine did, where the two differ."""
    if value is None:
        return ""
    kept = current().crm.clock
    # What happens at this instant has happened.
    away = min(value - kept.now(), value - kept.business_now(), key=abs) or timedelta(microseconds=-1)
    return str(format_timedelta(away, add_direction=True, locale=locale_of(current().language)))


def day(value: date | datetime | None, zone: str | None = None) -> str:
    """Return a day, of an instant that in the company's zone."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = _local(value, zone).date()
    return str(format_date(value, "medium", locale=locale_of(current().language)))


def clock(value: datetime | None, zone: str | None = None) -> str:
    """Return the time of day of an instant."""
    if value is None:
        return ""
    return str(format_time(_local(value, zone), "HH:mm", locale=locale_of(current().language)))


def number(value: float | Decimal | None) -> str:
    """Return a number with the separators of the language."""
    return "" if value is None else str(format_decimal(value, locale=locale_of(current().language)))


def percent(value: float | Decimal | None, digits: int = 0) -> str:
    """Return a part of a whole, 0 to 1, in per cent."""
    if value is None:
        return ""
    pattern = "#,##0" + ("." + "0" * digits if digits else "") + "%"
    return str(format_percent(value, pattern, locale=locale_of(current().language)))


def money(value: Money | int | None, currency: str | None = None) -> str:
    """Return an amount; an integer is in minor units of a currency, by default the base currency; a
    plain number where there is none."""
    if value is None:
        return ""
    if not isinstance(value, Money):
        known = currency or current().business.base_currency
        if known is None:
            return number(value)  # before the business is set up nobody knows how many places there are
        value = Money(value, known)
    return format_money(value, current().language)


def shown(value: object) -> str:
    """Return any value as a person reads it: yes and no, days, lists, amounts, a dash for none."""
    if value is None or value == "" or value == [] or value == ():
        return "–"
    if isinstance(value, bool):
        return current().text(_("Yes") if value else _("No"))
    if isinstance(value, Text):
        return current().text(value)
    if isinstance(value, Money):
        return money(value)
    if isinstance(value, datetime):
        return when(value)
    if isinstance(value, date):
        return day(value)
    if isinstance(value, (int, float, Decimal)):
        return number(value)
    if isinstance(value, timedelta):
        return current().text(_("{days} days"), days=number(value.days))
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {shown(item)}" for name, item in cast("Mapping[str, object]", value).items())
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        return ", ".join(shown(item) for item in cast("Sequence[object]", value))
    return str(value)
