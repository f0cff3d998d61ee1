"""What decides: dimensions, rules, experiments and goals, as they are defined and what they would do or have done.

They are changed by their operations. Must not decide anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from attrs import field, frozen

from crmkit.core.access.resolving import rights_of
from crmkit.engines.classification.previewing import preview as preview_of
from crmkit.engines.classification.reading import counts, matrix as matrix_of, readable
from crmkit.engines.definitions.documents import from_document, to_document
from crmkit.engines.definitions.publishing import Defined, defined, find, version, versions
from crmkit.engines.rules.backtest import Effect, backtest
from crmkit.engines.rules.checking import possible_cycles
from crmkit.engines.rules.listing import drafted, list_rules, log_of
from crmkit.engines.rules.trying import try_rule
from crmkit.errors import DefinitionError, InvalidInput, Problem, Refused
from crmkit.hooks.classification import Dimension
from crmkit.i18n import texts
from crmkit.web.rest.asking import AS_OF, listing, moment, reads, said, seen_customer, works
from crmkit.web.rest.calls import RestCall
from crmkit.web.rest.declaring import Parameter

_ = texts("crmkit")

GROUP = _("What decides")
OUTCOMES = Literal["fired", "held_out", "limited", "capped", "loop", "refused", "failed", "run"]


@frozen(kw_only=True)
class DimensionPreview:
    """A dimension as it would be, or the name of one that would be decided now; ``sample`` customers of each move are
    named."""

    definition: dict[str, Any] | None = None
    name: str | None = None
    sample: int = 3


@frozen(kw_only=True)
class RuleTest:
    """A customer to try a rule on, and the event that sets it off (by default the customer's last); ``changes`` are
    fields of the rule that are to be otherwise."""

    customer: UUID
    event: UUID | None = None
    changes: dict[str, Any] = field(factory=dict)


@frozen(kw_only=True)
class RuleBackTest:
    """The days to look at, by default the last 90, and fields of the rule that are to be otherwise."""

    first: date | None = None
    last: date | None = None
    known: Literal["now", "then"] = "now"
    most: int = 10_000
    changes: dict[str, Any] = field(factory=dict)


def heading(call: RestCall, item: Defined) -> dict[str, Any]:
    """Return what every definition says of itself."""
    title = getattr(item.value, "title", "") if item.value is not None else ""
    return {
        "name": item.name,
        "title": said(call, title),
        "origin": item.origin,
        "plugin": item.plugin,
        "number": item.number,
        "enabled": item.enabled,
        "publisher": item.publisher,
        "published_at": item.published_at,
        "effective_from": item.effective_from,
        "effective_until": item.effective_until,
        "broken": said(call, item.broken) or None,
    }


def _history(session: Any, kind: str, name: str) -> list[dict[str, Any]]:
    return [
        {"number": each.number, "at": each.recorded_at, "publisher": each.publisher, "note": each.note}
        for each in versions(session, kind, name)
    ]


# --- dimensions ------------------------------------------------------------------------------------------------------


def _dimensions(call: RestCall) -> dict[str, Any]:
    with call.session() as session:
        items = defined(session, "dimension", broken=True).values()
        return {
            "data": [
                {
                    **heading(call, item),
                    "labels": [
                        {"name": label.name, "title": said(call, label.title)}
                        for label in (item.value.labels if item.value is not None else ())
                    ],
                }
                for item in items
            ]
        }


def _dimension(call: RestCall) -> dict[str, Any]:
    name, number = call.path["name"], call.query["number"]
    with call.session() as session:
        item = find(session, "dimension", name)
        value = item.value if number is None else version(session, "dimension", name, number)
        if value is None:
            raise DefinitionError([Problem(DefinitionError.code, item.broken)])
        return {
            **heading(call, item),
            "definition": to_document(value),
            "versions": _history(session, "dimension", name),
        }


def _dimension_counts(call: RestCall) -> dict[str, Any]:
    name = call.path["name"]
    with call.session() as session:
        value = readable(session, name)
        at = moment(session, call.query)
        found = counts(session, name, at)
    titles = {label.name: said(call, label.title) for label in value.labels}
    return {
        "as_of": at.as_of,
        "data": [
            {"label": label, "title": titles.get(label or "", label), "customers": number}
            for label, number in found.items()
        ],
    }


def _dimension_matrix(call: RestCall) -> dict[str, Any]:
    name = call.path["name"]
    with call.session() as session:
        readable(session, name)
        begin = moment(session, {"as_of": call.query["from"]})
        end = moment(session, {"as_of": call.query["to"]})
        if end.as_of < begin.as_of:
            raise InvalidInput([Problem("CK500", _("This is later than the other day."), field="from")])
        found = matrix_of(session, name, begin, end)
    moves = [each._asdict() for each in found.moves]
    return {"first": found.first, "last": found.last, "stability": found.stability, "moves": moves}


def _dimension_preview(call: RestCall) -> dict[str, Any]:
    given: DimensionPreview = call.body
    if (given.definition is None) == (given.name is None):
        raise InvalidInput([Problem("CK500", _("Give either a definition or a name."), field="definition")])
    if not 0 <= given.sample <= 100:
        raise InvalidInput([Problem("CK500", _("This must be at most {limit}."), field="sample", limit=100)])
    with call.session() as session:
        if given.definition is not None:
            value: Any = from_document(Dimension, given.definition)
        else:
            value = find(session, "dimension", given.name or "").value
        found = preview_of(session, value, sample=given.sample)
    return {
        "dimension": found.dimension,
        "moved": found.moved,
        "counts": {label or "": number for label, number in found.counts.items()},
        "moves": [each._asdict() for each in found.moves],
        "movers": found.movers,
    }


# --- rules -----------------------------------------------------------------------------------------------------------


def _rules(call: RestCall) -> dict[str, Any]:
    with call.session() as session:
        return {
            "data": [
                {
                    **heading(call, line.item),
                    "trigger": line.trigger if line.item.value is not None else "",
                    "in_effect": line.in_effect,
                    "broken": line.broken or None,
                }
                for line in list_rules(session)
            ]
        }


def _rule(call: RestCall) -> dict[str, Any]:
    with call.session() as session:
        item = find(session, "rule", call.path["name"])
        document = to_document(item.value) if item.value is not None else None
        found = {
            **heading(call, item),
            "rule": document,
            "versions": _history(session, "rule", item.name),
            "cycles": [],
        }
        try:
            found["cycles"] = [] if item.value is None or item.broken else possible_cycles(session, item.value)
        except DefinitionError as error:
            found["broken"] = error.render(call.language)
    return found


def _rule_log(call: RestCall) -> dict[str, Any]:
    given = call.query
    since = None if given["days"] is None else datetime.now(UTC) - timedelta(days=given["days"])
    with call.session() as session:
        whom = None if given["customer"] is None else seen_customer(session, given["customer"])
        entries = log_of(
            session,
            rule=given["rule"],
            customer_id=whom,
            outcome=given["outcome"],
            since=since,
            limit=given["limit"],
        )
        return {
            "data": [
                {
                    "id": entry.id,
                    "at": entry.recorded_at,
                    "rule": entry.rule,
                    "number": entry.number,
                    "customer_id": entry.customer_id,
                    "outcome": entry.outcome,
                    "code": entry.code,
                    "event_id": entry.event_id,
                    "actor_id": entry.actor_id,
                    "micros": entry.micros,
                    "details": entry.details,
                }
                for entry in entries
            ]
        }


def _rule_test(call: RestCall) -> dict[str, Any]:
    given: RuleTest = call.body
    with call.session() as session:
        _check_admin(session, "rule")
        customer = seen_customer(session, given.customer)
        name = call.path["name"]
        draft: Any = drafted(session, name, given.changes) if given.changes else find(session, "rule", name).name
    trial = try_rule(call.crm, call.actor, draft, customer, event_id=given.event)
    return {"holds": trial.holds, "trial": trial}


def _check_admin(session: Any, resource: str) -> None:
    if rights_of(session).scope(resource, "admin") == "none":
        raise Refused(_("You may not do this."), fix=_("Your role does not grant {right}."), right=f"{resource}.admin")


def _rule_backtest(call: RestCall) -> dict[str, Any]:
    given: RuleBackTest = call.body
    if not 1 <= given.most <= 100_000:
        raise InvalidInput([Problem("CK500", _("This must be at most {limit}."), field="most", limit=100_000)])
    with call.session() as session:
        _check_admin(session, "rule")
        draft = drafted(session, call.path["name"], given.changes)
        last = given.last or session.today()
        first = given.first or last - timedelta(days=89)
        if (last - first).days > 3660:
            raise InvalidInput([Problem("CK500", _("At most ten years can be looked at."), field="first")])
        found = backtest(session, draft, first, last, known=given.known, most=given.most)
    return {
        "rule": found.rule,
        "first": found.first,
        "last": found.last,
        "occasions": found.occasions,
        "truncated": found.truncated,
        "proposed": _effect(found.proposed),
        "current": None if found.current is None else _effect(found.current),
        "logged": _days(found.logged),
        "more": found.more,
        "less": found.less,
    }


def _effect(effect: Effect) -> dict[str, Any]:
    return {
        "number": effect.number,
        "firings": effect.firings,
        "customers": len(effect.customers),
        "held_out": effect.held_out,
        "limited": effect.limited,
        "capped": effect.capped,
        "operations": dict(sorted(effect.operations.items())),
        "days": _days(effect.days),
    }


def _days(found: Mapping[date, int]) -> dict[str, int]:
    return {day.isoformat(): number for day, number in sorted(found.items())}


_LATER = Parameter(name="to", title=_("The end of this day, or an instant; without it now."), max_length=40)
_EARLIER = Parameter(name="from", title=_("The end of this day, or an instant."), max_length=40, required=True)

ENDPOINTS = (
    reads(
        "/dimensions",
        "dimensions.list",
        _("List the dimensions"),
        GROUP,
        _dimensions,
        _("The dimensions."),
        body=listing(),
    ),
    reads(
        "/dimensions/{name}",
        "dimensions.read",
        _("Read a dimension"),
        GROUP,
        _dimension,
        _("The dimension."),
        Parameter(
            name="number",
            type=int | None,
            title=_("An earlier version; 0 is the shipped one."),
            minimum=0,
            maximum=10**9,
        ),
    ),
    reads(
        "/dimensions/{name}/counts",
        "dimensions.counts",
        _("Count the customers of each label"),
        GROUP,
        _dimension_counts,
        _("The labels with their customers."),
        AS_OF,
        body=listing(),
    ),
    reads(
        "/dimensions/{name}/matrix",
        "dimensions.matrix",
        _("Read who moved from label to label"),
        GROUP,
        _dimension_matrix,
        _("The moves between two days."),
        _EARLIER,
        _LATER,
    ),
    works(
        "/dimensions/preview",
        "dimensions.preview",
        _("Preview a dimension"),
        GROUP,
        _dimension_preview,
        _("Who would move."),
        DimensionPreview,
        {"name": "lifecycle"},
        refusals=(404,),
    ),
    reads("/rules", "rules.list", _("List the rules"), GROUP, _rules, _("The rules."), body=listing()),
    reads(
        "/rules/log",
        "rules.log",
        _("Read what rules have done"),
        GROUP,
        _rule_log,
        _("Entries, newest first."),
        Parameter(name="rule", type=str | None, title=_("Of this rule."), max_length=120),
        Parameter(name="customer", type=UUID | None, title=_("About this customer.")),
        Parameter(name="outcome", type=OUTCOMES | None, title=_("Those that ended so.")),
        Parameter(name="days", type=int | None, title=_("Of the last so many days."), minimum=1, maximum=36_500),
        Parameter(name="limit", type=int, title=_("Most entries."), default=50, minimum=1, maximum=10_000),
        body=listing(),
        refusals=(404,),
    ),
    reads(
        "/rules/{name}",
        "rules.read",
        _("Read a rule"),
        GROUP,
        _rule,
        _("The rule, its versions, its possible circles."),
    ),
    works(
        "/rules/{name}/test",
        "rules.test",
        _("Try a rule on a customer"),
        GROUP,
        _rule_test,
        _("Whether it holds and why, and what it would do; nothing is changed."),
        RuleTest,
        {"customer": "0197a1b2-0000-7000-8000-000000000000"},
        refusals=(409,),
        right="rule.admin",
    ),
    works(
        "/rules/{name}/backtest",
        "rules.backtest",
        _("Back-test a rule"),
        GROUP,
        _rule_backtest,
        _("What it would have done on past days."),
        RuleBackTest,
        {"first": "2026-01-01", "last": "2026-03-31"},
        right="rule.admin",
    ),
)
