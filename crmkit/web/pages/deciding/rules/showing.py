"""The list of rules and the page of one: what it does in words, why it fired or did not, on whom it can be tried."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from attrs import frozen
from sqlalchemy import func, select
from starlette.responses import Response

from crmkit.core.customers.models import Customer
from crmkit.core.store.clock import system_now
from crmkit.engines.definitions.publishing import find
from crmkit.engines.expressions.tracing import Trace
from crmkit.engines.facts.vocabulary import catalogue_of
from crmkit.engines.rules.checking import possible_cycles
from crmkit.engines.rules.index import KIND, index_of
from crmkit.engines.rules.listing import RuleLine, list_rules, log_of
from crmkit.engines.rules.tables import RuleLog
from crmkit.engines.rules.trying import try_rule
from crmkit.errors import CrmkitError, NotFound
from crmkit.hooks.rules import Rule
from crmkit.i18n import texts
from crmkit.web.pages.call import PageCall
from crmkit.web.pages.conditions.wording import words_of
from crmkit.web.pages.deciding.common import ORIGINS, customers_like, history, place_of, publisher_name
from crmkit.web.pages.deciding.rules.drafting import plain_of
from crmkit.web.pages.deciding.rules.wording import (
    MEANINGS,
    OUTCOMES,
    limit_words,
    operation_title,
    trigger_words,
)
from crmkit.web.pages.naming import names_of_actors
from crmkit.web.pages.routing import get, post

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

CHANGE = "rule.admin"
WEEK = timedelta(days=7)
ENTRIES = 50
ACTS = {
    "enable": _("The rule is on."),
    "disable": _("The rule is off."),
    "reset": _("What was changed is taken back."),
}


@frozen(kw_only=True)
class Said:
    """A rule in words: what sets it off, about whom, if what, then what, and within which limits."""

    trigger: str
    among: str
    when: str
    then: tuple[tuple[str, str], ...]
    limits: tuple[str, ...]


@get("/rules", right="customer.read")
def rules(call: PageCall) -> Response:
    """List the rules with what set them off and how often they fired this week."""
    with call.session() as session:
        lines = list_rules(session)
        week = select(RuleLog.rule, RuleLog.outcome, func.count()).where(RuleLog.recorded_at >= system_now() - WEEK)
        counts: dict[str, dict[str, int]] = {}
        for rule, outcome, number in session.execute(week.group_by(RuleLog.rule, RuleLog.outcome)):
            counts.setdefault(rule, {})[outcome] = number
        people = names_of_actors(session, {line.item.publisher for line in lines if line.item.publisher})
        triggers = {line.item.name: _trigger(call, session, line) for line in lines}
    context = {"rows": lines, "counts": counts, "people": people, "triggers": triggers, "origins": ORIGINS}
    return call.page("deciding/rules.html", **context)


def _trigger(call: PageCall, session: CrmSession, line: RuleLine) -> str:
    return "" if line.item.value is None else trigger_words(session, line.item.value, call.text)


def said(call: PageCall, session: CrmSession, rule: Rule) -> Said:
    """Return a rule in words, in the caller's language."""
    words = index_of(session).language(rule.on).words
    return Said(
        trigger=trigger_words(session, rule, call.text),
        among="" if rule.among == "true" else words_of(session, rule.among, catalogue_of(session), call.language),
        when="" if rule.when == "true" else words_of(session, rule.when, words, call.language),
        then=tuple(
            (
                call.text(operation_title(session, do.operation)),
                ", ".join(f"{name}: {plain_of(value)}" for name, value in do.arguments.items()),
            )
            for do in rule.then
        ),
        limits=tuple(limit_words(rule, call.text)),
    )


@get("/rules/{name}", right="customer.read")
def show_rule(call: PageCall, name: str) -> Response:
    """Show a rule, its log and its versions."""
    outcome = call.value("outcome") if call.value("outcome") in OUTCOMES else None
    with call.session() as session:
        item = find(session, KIND, name)
        problem, cycles, words = item.broken, list[tuple[str, ...]](), None
        if item.value is not None:
            words = said(call, session, item.value)
            try:
                cycles = [] if problem else possible_cycles(session, item.value)
            except CrmkitError as error:
                problem = error.render(call.language)
        entries = log_of(session, rule=name, outcome=outcome, limit=ENTRIES)
        wanted = {entry.customer_id for entry in entries if entry.customer_id is not None}
        query = select(Customer).where(Customer.id.in_(wanted))
        context: dict[str, Any] = {
            "item": item,
            "said": words,
            "problem": problem,
            "cycles": cycles,
            "entries": entries,
            "outcome": outcome,
            "outcomes": OUTCOMES,
            "meanings": MEANINGS,
            "names": {each.id: each.name for each in session.scalars(query)} if wanted else {},
            "versions": history(session, KIND, name),
            "publisher": publisher_name(session, item),
            "origin": ORIGINS[item.origin],
            "reason": "" if call.may(CHANGE) else call.text(_("Changing rules needs the right rule.admin.")),
            "now": session.gate.clock.now(),
        }
        matches = customers_like(session, call.value("customer")) if call.value("customer") else []
    tried, failed = _tried(call, name, matches)
    context.update(asked=call.value("customer"), matches=matches, tried=tried, failed=failed)
    if call.by_htmx and call.value("customer"):
        return call.part("deciding/rule.html", "trial", **context)
    return call.page("deciding/rule.html", **context)


def _tried(call: PageCall, name: str, matches: list[Customer]) -> tuple[Any, str]:
    if len(matches) != 1 or not call.may(CHANGE):
        return None, ""
    try:
        trial = try_rule(call.crm, call.actor, name, matches[0].id)
        with call.session() as session:
            rule = find(session, KIND, name).value
            parts = [*_lines(call, session, rule, trial.about), *_lines(call, session, rule, trial.why)]
            done = [call.text(operation_title(session, each)) for each in trial.done]
    except CrmkitError as error:
        return None, error.render(call.language)
    return {"trial": trial, "parts": parts, "done": done}, ""


def _lines(call: PageCall, session: CrmSession, rule: Rule, trace: Trace, depth: int = 0) -> list[dict[str, Any]]:
    if trace.text == "true":
        return []
    words = words_of(session, trace.text, index_of(session).language(rule.on).words, call.language)
    own = {"depth": depth, "holds": trace.holds, "words": words, "values": dict(trace.values)}
    return [own, *(line for part in trace.parts for line in _lines(call, session, rule, part, depth + 1))]


@post("/rules/{name}/{act}", right="customer.read")
def change_rule(call: PageCall, name: str, act: str) -> Response:
    """Turn a rule on or off, or take back what was changed."""
    if act not in ACTS:
        raise NotFound(_("There is no such page."))
    result = call.run(f"rule.{act}", {"name": name})
    gone = act == "reset" and result is None
    return call.redirect("/rules" if gone else place_of("rules", name), said=ACTS[act])


ROUTES = [rules, show_rule, change_rule]
