"""The editor of rules: when, if, then and limits, and what the rule would have done over the last 90 days."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from time import monotonic
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from attrs import evolve
from sqlalchemy import select
from starlette.responses import Response

from crmkit.core.customers.models import Customer
from crmkit.core.store.ids import new_id
from crmkit.engines.definitions.publishing import defined, find
from crmkit.engines.rules.backtest import BackTest, backtest
from crmkit.engines.rules.index import KIND
from crmkit.errors import CrmkitError, DefinitionError, InvalidInput, Problem
from crmkit.hooks.rules import Rule
from crmkit.i18n import texts
from crmkit.web.pages.call import PageCall
from crmkit.web.pages.deciding.common import name_from, place_of
from crmkit.web.pages.deciding.rules.drafting import (
    MOST_ACTIONS,
    Typed,
    TypedAction,
    events_of,
    operations_of,
    rule_from,
    typed_from,
    typed_of,
)
from crmkit.web.pages.deciding.rules.showing import CHANGE, said
from crmkit.web.pages.deciding.rules.wording import ONCE, PERIODS, event_title, operation_title
from crmkit.web.pages.routing import get, post, problems_by_field

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

DAYS = 90
MOST = 4_000
"""Most occasions that a back-test on the page looks at, the latest; the command line looks at more."""
FIRST = 100
"""Occasions that a back-test begins with, to find out how long others take."""
PATIENCE = 5.0
"""Seconds that somebody waits without having asked for more."""


@get("/rules/new", right=CHANGE)
def new_rule(call: PageCall) -> Response:
    """Show the editor for a new rule."""
    values = {"kind": "event", "on": "interaction.recorded", "among": "true", "when": "true"}
    return _editor(call, Typed(values=values, actions=[TypedAction(operation="")]))


@get("/rules/{name}/edit", right=CHANGE)
def edit_rule(call: PageCall, name: str) -> Response:
    """Show the editor for a rule that is there."""
    with call.session() as session:
        item = find(session, KIND, name)
        zone = session.crm.config.get(session).zone
        if item.value is None:
            raise DefinitionError([Problem(DefinitionError.code, item.broken)])
        days = {
            key: "" if at is None else at.astimezone(ZoneInfo(zone)).date().isoformat()
            for key, at in (("effective_from", item.effective_from), ("effective_until", item.effective_until))
        }
        typed = typed_of(call, session, item.value, known="true", note="", **days)
    return _editor(call, typed)


def _editor(call: PageCall, typed: Typed, error: CrmkitError | None = None, block: str | None = None) -> Response:
    with call.session() as session:
        events = [(name, call.text(event_title(session, name))) for name in events_of(session)]
        offered = operations_of(session, typed.on if typed.kind == "event" else "")
        named = {name for name, _title in offered}
        also = [each.operation for each in typed.actions if each.operation and each.operation not in named]
        offered += [(name, operation_title(session, name)) for name in also]
    context: dict[str, Any] = {
        "typed": typed,
        "events": sorted(events, key=lambda each: each[1]),
        "operations": [(name, call.text(title)) for name, title in offered],
        "periods": [(name, call.text(title)) for name, title in PERIODS.items()],
        "once": [(name, call.text(title)) for name, title in ONCE.items()],
        "problems": problems_by_field(error) if error is not None else {},
        "most": MOST_ACTIONS,
        "days": DAYS,
    }
    if block is not None and call.by_htmx:
        return call.part("deciding/rule_edit.html", block, **context)
    return call.page("deciding/rule_edit.html", status=422 if error is not None else 200, **context)


@post("/rules/form", right=CHANGE)
def change_form(call: PageCall) -> Response:
    """Show the editor again with another operation, one more or one less."""
    with call.session() as session:
        typed = typed_from(call, session)
    if call.value("add") and len(typed.actions) < MOST_ACTIONS:
        typed = evolve(typed, actions=[*typed.actions, TypedAction(operation="")])
    return _editor(call, typed, block="actions")


@post("/rules/save", right=CHANGE)
def save_rule(call: PageCall) -> Response:
    """Save a rule; one without a name gets one made of its title. A new one is off until it is turned on."""
    with call.session() as session:
        typed = typed_from(call, session)
        known = defined(session, KIND, broken=True)
    try:
        with call.session() as session:
            rule = _named(rule_from(session, typed), known, typed)
            rule = _translated(call, rule, known)
            days = {key: _day(session, typed, key) for key in ("effective_from", "effective_until")}
        values = {name: getattr(rule, name) for name in _FIELDS}
        switch = {} if typed.known or call.value("on_now") else {"enabled": False}
        saved = call.run("rule.save", {**values, **days, **switch, "note": typed.note})
    except InvalidInput as error:
        return _editor(call, typed, error)
    text = _("The rule is saved. It is off until you turn it on.") if switch else _("The rule is saved.")
    return call.redirect(place_of("rules", saved.defined.name), said=text)


_FIELDS = (
    "name",
    "title",
    "on",
    "every",
    "cron",
    "among",
    "when",
    "then",
    "once_per",
    "cooldown",
    "daily_cap",
    "priority",
    "stop",
    "control",
    "doc",
)


def _named(rule: Rule, known: Any, typed: Typed) -> Rule:
    return rule if rule.name or typed.known else evolve(rule, name=name_from(rule.title or "rule", known))


def _translated(call: PageCall, rule: Rule, known: Any) -> Rule:
    """Return a rule with the texts that were shown in another language and left alone as they were."""
    item = known.get(rule.name)
    if item is None or item.value is None:
        return rule
    same = {
        name: str(own)
        for name in ("title", "doc")
        if (own := getattr(item.value, name)) and call.text(own) == getattr(rule, name)
    }
    return evolve(rule, **same)


def _day(session: CrmSession, typed: Typed, key: str) -> datetime | None:
    text = typed.values.get(key, "")
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise DefinitionError([Problem(DefinitionError.code, _("This is no day."), field=key, value=text)]) from None
    return datetime.combine(day, time(), ZoneInfo(session.crm.config.get(session).zone))


# --- trying it -------------------------------------------------------------------------------------------------------


@post("/rules/preview", right=CHANGE)
def preview_rule(call: PageCall) -> Response:
    """Show the rule that was typed in words, or what is not right with it yet."""
    context: dict[str, Any] = {"said": None, "problem": []}
    try:
        with call.session() as session:
            rule = rule_from(session, typed_from(call, session))
            context["said"] = said(call, session, rule)
            context["problem"] = _problems(call, session, rule)
    except CrmkitError as error:
        context["problem"] = [each.render(call.language) for each in error.problems]
    return call.part("deciding/rule_preview.html", "words", **context)


def _problems(call: PageCall, session: CrmSession, rule: Rule) -> list[str]:
    from crmkit.engines.rules.checking import problems_of

    return [each.render(call.language) for each in problems_of(session, evolve(rule, name=rule.name or "n"))]


@post("/rules/backtest", right=CHANGE, budget="search")
def backtest_rule(call: PageCall) -> Response:
    """Show what the rule that was typed would have done over the last days, against its current version."""
    context: dict[str, Any] = {"found": None, "problem": [], "most_looked": MOST}
    try:
        with call.session() as session:
            rule = rule_from(session, typed_from(call, session))
            rule = rule if rule.name else evolve(rule, name=f"n_{new_id().hex[:8]}")
            last = session.today()
            found = _run(session, rule, last, thorough=bool(call.value("thorough")))
            context.update(_told(call, session, found))
    except CrmkitError as error:
        context["problem"] = [each.render(call.language) for each in error.problems]
    return call.part("deciding/rule_preview.html", "tested", **context)


def _run(session: CrmSession, rule: Rule, last: date, *, thorough: bool) -> BackTest:
    """Run a back-test: over as many of the latest occasions as take a few seconds, or thoroughly."""
    first = last - timedelta(days=DAYS - 1)
    if thorough or rule.on is None:
        return backtest(session, rule, first, last, most=MOST)
    begun = monotonic()
    found = backtest(session, rule, first, last, most=FIRST)
    each = (monotonic() - begun) / max(found.occasions, 1)
    most = min(MOST, int(PATIENCE / max(each, 1e-4)))
    return backtest(session, rule, first, last, most=most) if found.truncated and most > 2 * FIRST else found


def _told(call: PageCall, session: CrmSession, found: BackTest) -> dict[str, Any]:
    wanted = {*found.more, *found.less}
    query = select(Customer).where(Customer.id.in_(wanted))
    names = {each.id: each.name for each in session.scalars(query)} if wanted else {}
    return {
        "found": found,
        "names": names,
        "weeks": _weeks(found),
        "done": [
            (call.text(operation_title(session, name)), number)
            for name, number in found.proposed.operations.most_common()
        ],
    }


def _weeks(found: BackTest) -> list[tuple[date, int, int]]:
    """Return the firings by week: the first day, of the proposed version, of the current one or the log."""
    sums: dict[date, list[int]] = {}
    before = found.current.days if found.current is not None else found.logged
    for place, days in enumerate((found.proposed.days, before)):
        for day, number in days.items():
            week = max(found.first, day - timedelta(days=day.weekday()))
            sums.setdefault(week, [0, 0])[place] += number
    return [(day, *numbers) for day, numbers in sorted(sums.items())]  # type: ignore[misc]


ROUTES = [new_rule, edit_rule, change_form, save_rule, preview_rule, backtest_rule]
