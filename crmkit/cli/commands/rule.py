"""``crmkit rule``: rules, what they would do, and what they have done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from crmkit.cli.asking import confirm
from crmkit.cli.charts import bar
from crmkit.cli.invocation import Invocation
from crmkit.cli.lazy import command, group, option
from crmkit.cli.output import Column
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.engines.definitions.publishing import Defined
    from crmkit.engines.expressions.tracing import Trace
    from crmkit.engines.rules.backtest import BackTest, Effect
    from crmkit.hooks.rules import Rule

_ = texts("crmkit")

rule = group(help=_("List, change, test and back-test rules."), name="rule")
"""The group ``crmkit rule``."""

OUTCOMES = {
    "fired": _("fired"),
    "held_out": _("held out"),
    "limited": _("limited"),
    "capped": _("capped"),
    "loop": _("loop"),
    "refused": _("refused"),
    "failed": _("failed"),
    "run": _("run"),
}
"""What can become of a rule."""
ORIGINS = {"shipped": _("as shipped"), "changed": _("changed here"), "own": _("made here")}
VERSIONS = {"proposed": _("Proposed"), "current": _("Current")}
DAYS = 31
"""Most days of a back-test that are printed one by one."""
FIELDS = {
    "name": _("Name"),
    "origin": _("Origin"),
    "plugin": _("Plugin"),
    "version": _("Version"),
    "enabled": _("Enabled"),
    "publisher": _("Published by"),
    "published_at": _("Published at"),
    "effective_from": _("In effect from"),
    "effective_until": _("In effect until"),
    "title": _("Title"),
    "on": _("On the event"),
    "every": _("Every"),
    "cron": _("At the times"),
    "among": _("Among"),
    "when": _("Condition"),
    "once_per": _("Once per"),
    "cooldown": _("At least between two"),
    "daily_cap": _("Most in a day"),
    "priority": _("Priority"),
    "stop": _("Stops others"),
    "control": _("Control group"),
    "doc": _("Description"),
}
"""What people read of a rule, by the name of the field."""
_NAME = click.argument("name", metavar="RULE")
_VALUES = click.argument("values", metavar="FIELD=VALUE", nargs=-1)


@command(rule, "list", _("List the rules: what sets them off, and whether they are in effect."))
def list_(cli: Invocation) -> None:
    """Print the rules by name."""
    from crmkit.engines.rules.listing import list_rules

    with cli.session() as session:
        rows = [
            {
                "name": line.item.name,
                "title": cli.text(line.item.value.title) if line.item.value is not None else "",
                "trigger": line.trigger if line.item.value is not None else "",
                "enabled": line.item.enabled,
                "in_effect": line.in_effect,
                "origin": line.item.origin,
                "plugin": line.item.plugin,
                "version": line.item.number,
                "broken": line.broken or None,
            }
            for line in list_rules(session)
        ]
    columns = (
        Column("name", _("Name")),
        Column("title", _("Title")),
        Column("trigger", _("Set off by")),
        Column("enabled", _("Enabled")),
        Column("in_effect", _("In effect")),
        Column("version", _("Version"), "right"),
        Column("broken", _("What is wrong")),
    )
    cli.output.table(columns, rows, empty=_("There are no rules."))


@command(rule, "show", _("Show a rule, its versions, and how it could set itself off again."))
@_NAME
def show(cli: Invocation, name: str) -> None:
    """Print a rule with everything that is known of it."""
    from crmkit.engines.definitions.documents import to_document
    from crmkit.engines.definitions.publishing import find, versions
    from crmkit.engines.rules.checking import possible_cycles
    from crmkit.errors import DefinitionError

    with cli.session() as session:
        item = find(session, "rule", name)
        document = to_document(item.value) if item.value is not None else {}
        numbers = [
            {"number": each.number, "publisher": each.publisher, "at": each.recorded_at, "note": each.note}
            for each in versions(session, "rule", name)
        ]
        broken, cycles = item.broken, list[tuple[str, ...]]()
        try:
            cycles = [] if item.value is None or broken else possible_cycles(session, item.value)
        except DefinitionError as error:
            broken = error.render(cli.language)
    if cli.json:
        cli.output.document(
            {**_heading(item), "rule": document, "versions": numbers, "broken": broken or None, "cycles": cycles}
        )
        return
    known = {**_heading(item), **document, "origin": cli.text(ORIGINS[item.origin]), "enabled": item.enabled}
    if item.value is not None:
        known |= {"title": cli.text(item.value.title), "doc": cli.text(item.value.doc)}
    cli.output.record([(title, known.get(key)) for key, title in FIELDS.items()])
    cli.output.heading(_("Does"))
    cli.output.table((Column("operation", _("Operation")), Column("arguments", _("Inputs"))), document.get("then", []))
    if numbers:
        cli.output.heading(_("Versions"))
        columns = (("number", _("Version")), ("publisher", _("Published by")), ("at", _("When")), ("note", _("Note")))
        cli.output.table([Column(*column) for column in columns], numbers)
    if broken:
        cli.output.warn(_("It cannot be used: {reason}"), reason=broken)
    _warn_of(cli, cycles)


def _heading(item: Defined) -> dict[str, Any]:
    return {
        "name": item.name,
        "origin": item.origin,
        "plugin": item.plugin,
        "version": item.number,
        "enabled": item.enabled,
        "publisher": item.publisher,
        "published_at": item.published_at,
        "effective_from": item.effective_from,
        "effective_until": item.effective_until,
    }


def _warn_of(cli: Invocation, cycles: Any) -> None:
    for cycle in cycles:
        cli.output.warn(_("It could set itself off again: {way}."), way=" → ".join(cycle))


@command(rule, "save", _("Save a rule: a new one, or what is given of one that is there."))
@_NAME
@_VALUES
@option("--from", "begin", metavar="WHEN", help=_("Day or instant from which it is in effect; empty: at once."))
@option("--until", "end", metavar="WHEN", help=_("Day or instant from which it is no longer in effect; empty: never."))
@option("--note", metavar="TEXT", default="", help=_("What was changed, and why."))
@option("--disabled", is_flag=True, help=_("Save it turned off."))
def save(
    cli: Invocation, name: str, values: tuple[str, ...], begin: str | None, end: str | None, note: str, disabled: bool
) -> None:
    """Save a rule and say how it could set itself off again."""
    from attrs import asdict

    from crmkit.cli.values import instant
    from crmkit.engines.definitions.publishing import defined

    draft = _draft(cli, name, values)
    given: dict[str, Any] = {key: value for key, value in asdict(draft, recurse=False).items() if key != "enabled"}
    zone = cli.crm.business().zone
    with cli.session() as session:
        now = defined(session, "rule", broken=True).get(name)
    for key, option_, text in (("effective_from", "--from", begin), ("effective_until", "--until", end)):
        if text is None:
            given[key] = getattr(now, key, None)
        else:
            given[key] = instant(text, zone, name=option_, end_of_day=False) if text else None
    saved = cli.run("rule.save", {**given, "note": note, **({"enabled": False} if disabled else {})})
    if cli.json:
        cli.output.document({"result": {**_heading(saved.defined), "cycles": saved.cycles}})
        return
    cli.output.say(_('The rule "{name}" is saved as version {number}.'), name=name, number=saved.defined.number)
    _warn_of(cli, saved.cycles)


def _draft(cli: Invocation, name: str, values: tuple[str, ...]) -> Rule:
    from crmkit.cli.values import pairs
    from crmkit.engines.rules.listing import drafted

    with cli.session() as session:
        return drafted(session, name, pairs(values))


def _switch(verb: str, help_: str, done: str) -> None:
    @command(rule, verb, help_)
    @_NAME
    def run(cli: Invocation, name: str) -> None:
        """Turn a rule on or off."""
        found = cli.run(f"rule.{verb}", {"name": name})
        if cli.json:
            cli.output.document({"result": _heading(found)})
        cli.output.say(done, name=name)


_switch("enable", _("Turn a rule on."), _('The rule "{name}" is on.'))
_switch("disable", _("Turn a rule off."), _('The rule "{name}" is off.'))


@command(rule, "reset", _("Take back changes: a shipped rule is as shipped again, one of your own is removed."))
@_NAME
@option("--yes", "-y", is_flag=True, help=_("Do not ask."))
def reset(cli: Invocation, name: str, yes: bool) -> None:
    """Reset a rule after asking."""
    confirm(cli, _("Take back what was changed of the rule {name}?"), yes=yes, name=name)
    found = cli.run("rule.reset", {"name": name})
    if cli.json:
        cli.output.document({"result": None if found is None else _heading(found)})
    cli.output.say(_("The rule is removed.") if found is None else _("The rule is as shipped again."))


@command(rule, "test", _("Say whether a rule holds for a customer, why, and what it would do; nothing is changed."))
@_NAME
@click.argument("customer")
@_VALUES
@option("--event", metavar="ID", type=click.UUID, help=_("The event to try it on; by default the customer's last."))
def test(cli: Invocation, name: str, customer: str, values: tuple[str, ...], event: Any) -> None:
    """Try a rule, with fields changed if some are given."""
    from crmkit.cli.naming import customer_id
    from crmkit.engines.rules.trying import try_rule

    tried = _draft(cli, name, values) if values else name
    trial = try_rule(cli.crm, cli.actor, tried, customer_id(cli, customer), event_id=event)
    if cli.json:
        cli.output.document({"holds": trial.holds, "trial": trial})
        return
    cli.output.say(_("It holds.") if trial.holds else _("It does not hold."))
    rows = [*_traced(trial.about, 0), *_traced(trial.why, 0)]
    # That a rule is about everybody, or fires whatever is so, says nothing.
    rows = [each for each in rows if each["text"] != "true"]
    if rows:
        cli.output.table((Column("holds", _("Holds")), Column("text", _("Condition")), Column("values", _("Is"))), rows)
    if trial.outcome is not None:
        pairs = [
            (_("Would have ended as"), cli.text(OUTCOMES[trial.outcome])),
            (_("Would be done"), ", ".join(trial.done)),
            (_("Would be told"), ", ".join(trial.events)),
            (_("Error"), trial.error),
        ]
        cli.output.record(pairs)


def _traced(trace: Trace, depth: int) -> list[dict[str, Any]]:
    known = ", ".join(f"{name} = {value}" for name, value in trace.values.items())
    own = {"holds": trace.holds, "text": "  " * depth + trace.text, "values": known}
    return [own, *(row for part in trace.parts for row in _traced(part, depth + 1))]


@command(rule, "backtest", _("Say what a rule would have done on past days, against its current version."))
@_NAME
@_VALUES
@option("--from", "first", metavar="DAY", type=click.DateTime(["%Y-%m-%d"]), help=_("The first day."))
@option("--to", "last", metavar="DAY", type=click.DateTime(["%Y-%m-%d"]), help=_("The last day; by default today."))
@option("--days", type=click.IntRange(1, 3660), default=90, show_default=True, help=_("How many days, without --from."))
@option(
    "--known", type=click.Choice(("now", "then")), default="now", help=_("By what is known now, or was known then.")
)
@option("--most", type=click.IntRange(1), default=10_000, show_default=True, help=_("Most occasions to look at."))
def backtest(
    cli: Invocation,
    name: str,
    values: tuple[str, ...],
    first: datetime | None,
    last: datetime | None,
    days: int,
    known: Any,
    most: int,
) -> None:
    """Back-test a rule, with fields changed if some are given."""
    from crmkit.engines.rules.backtest import backtest as run

    draft = _draft(cli, name, values)
    with cli.session() as session:
        end = session.today() if last is None else last.date()
        begin = end - timedelta(days=days - 1) if first is None else first.date()
        found = run(session, draft, begin, end, known=known, most=most)
    versions = {"proposed" if found.proposed.number is None else "current": found.proposed}
    if found.current is not None:
        versions["current"] = found.current
    summary = [_summed(cli, VERSIONS[key], effect) for key, effect in versions.items()]
    counts: dict[str, Mapping[date, int]] = {
        **{key: effect.days for key, effect in versions.items()},
        "logged": found.logged,
    }
    every = sorted({day for each in counts.values() for day in each})
    by_day = [
        {"day": day, **{key: counts[key].get(day, 0) if key in counts else None for key in (*VERSIONS, "logged")}}
        for day in every
    ]
    if cli.json:
        heads = {"rule": name, "from": found.first, "to": found.last, "occasions": found.occasions}
        tail = {"truncated": found.truncated, "more": found.more, "less": found.less}
        cli.output.document({**heads, "versions": summary, "days": by_day, **tail})
        return
    labels = (_("Firings"), _("Customers"), _("Held out"), _("Limited"), _("Capped"), _("Operations"))
    names = ("firings", "customers", "held_out", "limited", "capped", "operations")
    numbers = [Column(key, label, "right") for key, label in zip(names[:-1], labels[:-1], strict=True)]
    last_one = Column(names[-1], labels[-1])
    cli.output.table([Column("version", _("Version")), *numbers, last_one], summary)
    _by_time(cli, found, counts)
    if found.truncated:
        cli.output.warn(_("There were more occasions; the latest {number} were looked at."), number=most)


def _by_time(cli: Invocation, found: BackTest, counts: Mapping[str, Mapping[date, int]]) -> None:
    """Print firings by day, or by week where there are more days than one looks at one by one."""
    weekly = (found.last - found.first).days >= DAYS
    sums: dict[date, Counter[str]] = {}
    for key, days in counts.items():
        for day, number in days.items():
            sums.setdefault(max(found.first, day - timedelta(days=day.weekday() * weekly)), Counter())[key] += number
    first = next(iter(counts))
    most = max((each[first] for each in sums.values()), default=0)
    rows = [
        {"day": day, **{key: each[key] for key in counts}, "bar": bar(each[first], most)}
        for day, each in sorted(sums.items())
    ]
    cli.output.heading(_("By week") if weekly else _("By day"))
    columns = [
        Column("day", _("Week from") if weekly else _("Day")),
        *(Column(key, {**VERSIONS, "logged": _("Logged")}[key], "right") for key in counts),
        Column("bar", ""),
    ]
    cli.output.table(columns, rows, empty=_("It would not have fired."))


def _summed(cli: Invocation, title: str, effect: Effect) -> dict[str, Any]:
    return {
        "version": cli.text(title),
        "number": effect.number,
        "firings": effect.firings,
        "customers": len(effect.customers),
        "held_out": effect.held_out,
        "limited": effect.limited,
        "capped": effect.capped,
        "operations": dict(sorted(effect.operations.items())),
    }


@command(rule, "log", _("Show what rules have done, and why not."))
@click.argument("name", metavar="RULE", required=False)
@option("--customer", metavar="CUSTOMER", help=_("About this customer alone."))
@option("--outcome", type=click.Choice(tuple(OUTCOMES)), help=_("Those alone that ended so."))
@option("--days", type=click.IntRange(1), help=_("Of the last so many days."))
@option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help=_("Most entries."))
def log(
    cli: Invocation, name: str | None, customer: str | None, outcome: str | None, days: int | None, limit: int
) -> None:
    """Print the log, newest first."""
    from crmkit.cli.naming import customer_id
    from crmkit.engines.rules.listing import log_of

    whom = None if customer is None else customer_id(cli, customer)
    since = None if days is None else datetime.now(UTC) - timedelta(days=days)
    with cli.session() as session:
        rows = [
            {
                "id": entry.id,
                "at": entry.recorded_at,
                "rule": entry.rule,
                "version": entry.number,
                "customer_id": entry.customer_id,
                "outcome": entry.outcome,
                "code": entry.code,
                "event_id": entry.event_id,
                "actor_id": entry.actor_id,
                "micros": entry.micros,
                "details": entry.details,
            }
            for entry in log_of(session, rule=name, customer_id=whom, outcome=outcome, since=since, limit=limit)
        ]
    columns = (
        Column("at", _("When")),
        Column("rule", _("Rule")),
        Column("customer_id", _("Customer")),
        Column("outcome_text", _("Outcome")),
        Column("code", _("Code")),
        Column("details_text", _("Details")),
    )
    if not cli.json:
        for row in rows:
            row["outcome_text"] = cli.text(OUTCOMES[row["outcome"]])
            row["details_text"] = _told(cli, row["details"])
    every = name is None and customer is None and outcome is None and days is None
    empty = _("No rule has done anything yet.") if every else _("Nothing in the log fits.")
    cli.output.table(columns, rows, empty=empty)


def _told(cli: Invocation, details: Mapping[str, Any]) -> str:
    """Return what an entry says beside its outcome; of what failed nothing was done, however far it came."""
    if "error" in details:
        return str(details["error"])
    parts = [f"{cli.text(_('Read'))}: {cli.output.show(details['read'])}"] if details.get("read") else []
    if details.get("withheld"):
        parts.append(cli.text(_("Withheld: {names}"), names=", ".join(details["withheld"])))
    if details.get("done"):
        parts.append(f"{cli.text(_('Done'))}: {', '.join(details['done'])}")
    counted = {_("Customers"): details.get("matched"), _("Limited"): details.get("limited")}
    parts.extend(f"{cli.text(title)}: {number}" for title, number in counted.items() if number is not None)
    return "; ".join(parts)
