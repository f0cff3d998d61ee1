"""The values that a form offers for an input: option lists, records of a kind that has few, and names that are known
by what the input is called.

Must not know how a field is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from sqlalchemy import select

from crmkit.core.access.models import Role
from crmkit.core.business.options import is_closed
from crmkit.i18n import LANGUAGES, translate
from crmkit.web.pages.forms.model import Choice, Spec
from crmkit.web.pages.forms.references import few, few_named

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

Offer = tuple[bool, tuple[Choice, ...]]
"""Whether the values are all that there can be, and the values."""
_Known = Callable[["CrmSession", str], Iterable[tuple[str, str]]]


def offer(session: CrmSession, spec: Spec, operation: str, language: str) -> Offer | None:
    """Return the values that an input is offered, or None where it is typed freely."""
    if spec.choices:
        return True, tuple(Choice(value=each.value, title=translate(each.title, language)) for each in spec.choices)
    if spec.kind == "reference" and spec.resource is not None:
        all_of = few(session, spec.resource)
        return None if all_of is None else (True, tuple(all_of))
    if spec.python is str and spec.kind == "text" and spec.info.resource is not None:
        named = few_named(session, spec.info.resource)
        return None if named is None else (False, tuple(named))
    if spec.info.options is not None:
        return _list(session, spec.info.options, language)
    if spec.python is not str or spec.kind not in ("text", "suggest", "choice"):
        return None
    for names, prefixes, closed, known in _WELL_KNOWN:
        if spec.name in names and (not prefixes or operation.startswith(prefixes)):
            found = tuple(
                Choice(value=value, title=translate(title, language)) for value, title in known(session, language)
            )
            return (closed, found) if found else None
    return None


def _list(session: CrmSession, name: str, language: str) -> Offer:
    config = session.crm.config.get(session)
    values: Mapping[str, str] = config.options.get(name, {})
    found = tuple(Choice(value=value, title=translate(title, language)) for value, title in values.items())
    return is_closed(config, name), found


# --- what is known by its name ---------------------------------------------------------------------------------------


def _roles(session: CrmSession, language: str) -> Iterable[tuple[str, str]]:
    return [(role.name, role.title) for role in session.scalars(select(Role).order_by(Role.name)) if role.active]


def _titled(sort: str) -> _Known:
    def known(session: CrmSession, language: str) -> Iterable[tuple[str, str]]:
        table: Mapping[str, Any] = session.gate.registry.tables[sort]
        return sorted((name, str(getattr(item, "title", "")) and item.title) for name, item in table.items())

    return known


def _lists(session: CrmSession, language: str) -> Iterable[tuple[str, str]]:
    return [(name, name) for name in sorted(session.crm.config.get(session).options)]


def _languages(session: CrmSession, language: str) -> Iterable[tuple[str, str]]:
    return LANGUAGES.items()


def _zones(session: CrmSession, language: str) -> Iterable[tuple[str, str]]:
    return _all_zones()


@lru_cache(maxsize=1)
def _all_zones() -> tuple[tuple[str, str], ...]:
    return tuple((name, name) for name in sorted(available_timezones()) if "/" in name and not name.startswith("Etc/"))


def _currencies(session: CrmSession, language: str) -> Iterable[tuple[str, str]]:
    return currencies(session.crm.config.get(session).base_currency, language)


@lru_cache(maxsize=64)
def currencies(base: str | None, language: str) -> tuple[tuple[str, str], ...]:
    """Return the currencies that are in use somewhere, with their names in a language, the base currency first."""
    from babel import Locale
    from babel.core import get_global

    used = {
        name
        for of_territory in get_global("territory_currencies").values()
        for name, _first, last, tender in of_territory
        if last is None and tender
    }
    names = Locale.parse("zh_Hans_CN" if language == "zh_Hans" else "en").currencies
    ordered = sorted(used, key=lambda name: (name != base, name))
    return tuple((name, f"{name} · {names.get(name, name)}") for name in ordered)


_WELL_KNOWN: tuple[tuple[frozenset[str], tuple[str, ...], bool, _Known], ...] = (
    (frozenset({"role"}), ("user.",), True, _roles),
    (frozenset({"included"}), ("role.",), True, _roles),
    (frozenset({"kind"}), ("interaction.",), True, _titled("interaction kind")),
    (frozenset({"channel"}), (), False, _titled("channel")),
    (frozenset({"currency", "base_currency", "base"}), (), True, _currencies),
    (frozenset({"language"}), ("user.", "business.", "report."), True, _languages),
    (frozenset({"zone", "time_zone"}), (), False, _zones),
    (frozenset({"dimension"}), (), False, _titled("dimension")),
    (frozenset({"resource"}), (), False, _titled("resource")),
    (frozenset({"list_name"}), (), False, _lists),
    (frozenset({"report"}), (), False, _titled("report")),
    (frozenset({"page"}), ("public_link.",), True, _titled("public page")),
    (frozenset({"name"}), ("segment.", "segments."), False, _titled("segment")),
    (frozenset({"name"}), ("rule.",), False, _titled("rule")),
    (frozenset({"name"}), ("dimension.",), False, _titled("dimension")),
    (frozenset({"on"}), ("rule.",), False, lambda session, _language: [(n, n) for n in session.gate.registry.events]),
    (
        frozenset({"operation"}),
        (),
        False,
        lambda session, _language: [
            (name, item.title) for name, item in sorted(session.gate.registry.operations.items()) if not item.hidden
        ],
    ),
)
"""Names of inputs, the beginnings of operations that they are meant in, whether there is nothing else, and the values.
The first line that fits counts."""
