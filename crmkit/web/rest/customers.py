"""What is known of one customer beyond the record: facts, labels, the 360° view, the timeline.

Must not know how any of it is found out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from crmkit.core.business.money import Money
from crmkit.core.interactions.timeline import Cursor, TimelineItem, timeline
from crmkit.engines.classification.reading import LabelLine, history_of, labels_of
from crmkit.engines.facts.moments import Moment
from crmkit.engines.facts.reading import values_of
from crmkit.engines.facts.vocabulary import catalogue_of, check_readable, readable
from crmkit.engines.overview.overview import Overview, overview, with_money
from crmkit.engines.segments.explaining import segments_of
from crmkit.errors import CrmkitError, PluginError
from crmkit.i18n import texts
from crmkit.web.rest.asking import AS_OF, KNOWN_AT, OBJECT, listing, moment, said, seen_customer
from crmkit.web.rest.calls import RestCall
from crmkit.web.rest.declaring import Answer, Endpoint, Parameter

_ = texts("crmkit")

GROUP = _("Customers in full")
MOST_FACTS = 200


# --- facts -----------------------------------------------------------------------------------------------------------


def _facts(call: RestCall) -> dict[str, Any]:
    given = call.query
    with call.session() as session:
        id = seen_customer(session, call.path["id"])
        at = moment(session, given)
        catalogue = catalogue_of(session)
        if given["names"]:
            refs = [catalogue.ref(name) for name in given["names"][:MOST_FACTS]]
            check_readable(session, refs)
        else:
            refs = [catalogue.ref(known.name) for known in catalogue if not known.set.keyed]
            refs = [ref for ref in refs if readable(session, ref) and _usable(session, ref)]
        values = values_of(session, refs, [id], at).get(id, {})
        money = {ref for ref in refs if catalogue.known(ref.name).symbol.type.kind == "money"}
        shown = {str(ref): _shown(values.get(ref), ref in money, at) for ref in refs}
    return {"customer_id": id, "as_of": at.as_of, "known_at": at.known_at, "facts": shown}


def _usable(session: Any, ref: Any) -> bool:
    try:
        check_readable(session, [ref])
    except CrmkitError:
        return False
    return True


def _shown(value: Any, money: bool, at: Moment) -> Any:
    if money and value is not None and at.base_currency is not None:
        return Money(int(value), at.base_currency)
    return value


# --- labels and segments ---------------------------------------------------------------------------------------------


def label_document(call: RestCall, line: LabelLine) -> dict[str, Any]:
    """Return a label with the reason for it, titles in the caller's language."""
    return {
        "dimension": line.dimension,
        "dimension_title": said(call, line.dimension_title),
        "label": line.label,
        "title": said(call, line.title),
        "since": line.since,
        "until": line.until,
        "cause": line.cause,
        "when": line.when,
        "facts": dict(line.facts),
        "run_id": line.run_id,
    }


def _labels(call: RestCall) -> dict[str, Any]:
    with call.session() as session:
        id = seen_customer(session, call.path["id"])
        at = moment(session, call.query)
        lines = with_money(session, labels_of(session, [id], at).get(id, ()), at)
    return {"as_of": at.as_of, "data": [label_document(call, line) for line in lines]}


def _history(call: RestCall) -> dict[str, Any]:
    with call.session() as session:
        id = seen_customer(session, call.path["id"])
        lines = with_money(session, history_of(session, id, call.query["dimension"]), moment(session, {}))
    return {"data": [label_document(call, line) for line in lines]}


def _segments(call: RestCall) -> dict[str, Any]:
    with call.session() as session:
        id = seen_customer(session, call.path["id"])
        at = moment(session, call.query)
        found = segments_of(session, id, at)
    return {
        "as_of": at.as_of,
        "data": [{"segment": each.segment, "title": said(call, each.title), "since": each.since} for each in found],
    }


# --- the whole -------------------------------------------------------------------------------------------------------


def _overview(call: RestCall) -> dict[str, Any]:
    given = call.query
    with call.session() as session:
        # A day means its end in the company's zone.
        at = None if given["as_of"] is None else moment(session, given).as_of
        view = overview(session, call.path["id"], at, entries=given["entries"], history=given["history"])
    return _document(call, view)


def _document(call: RestCall, view: Overview) -> dict[str, Any]:
    found = view.profile
    document: dict[str, Any] = {
        "id": found.id,
        "as_of": found.at,
        "fields": dict(found.fields),
        "names": dict(found.names),
        "contact_points": found.contact_points,
        "tags": found.tags,
        "interests": found.interests,
        "identifiers": found.identifiers,
        "relationships": found.relationships,
        "consents": found.consents,
        "labels": [label_document(call, line) for line in view.labels],
        "segments": [
            {"segment": each.segment, "title": said(call, each.title), "since": each.since} for each in view.segments
        ],
        "facts": {f"{group.name}.{fact.name}": fact.value for group in view.facts for fact in group.facts},
        "timeline": _entries(call, view.timeline),
        "next": view.next.encode() if view.next is not None else None,
        "panels": view.panels,
        "missing": _missing(call, view.failed_plugins.items()),
    }
    if found.history is not None:
        document["history"] = found.history
    return document


def _missing(call: RestCall, failed: Iterable[tuple[str, PluginError]]) -> dict[str, str]:
    """Return what plugins failed to give, each with the reason."""
    return {name: error.render(call.language) for name, error in failed}


def _timeline(call: RestCall) -> dict[str, Any]:
    given = call.query
    before = Cursor.decode(given["after"]) if given["after"] else None
    with call.session() as session:
        id = seen_customer(session, call.path["id"])
        page = timeline(
            session,
            id,
            limit=given["limit"],
            before=before,
            kinds=given["kind"] or None,
            channels=given["channel"] or None,
            roll_up=not given["own"],
        )
    return {
        "data": _entries(call, page.entries),
        "next": page.next.encode() if page.next is not None else None,
        "missing": _missing(call, page.failed_plugins.items()),
    }


def _entries(call: RestCall, entries: Sequence[TimelineItem]) -> list[dict[str, Any]]:
    return [
        {
            "occurred_at": item.occurred_at,
            "kind": item.kind,
            "title": said(call, item.title),
            "summary": item.summary,
            "amount": item.amount,
            "direction": item.direction,
            "channel": item.channel,
            "ref": item.ref,
            "customer_id": item.customer_id,
            "plugin": item.plugin,
            "reversed": item.reversed,
            "reverses_id": item.reverses_id,
        }
        for item in entries
    ]


def _about(path: str, name: str, title: str, serve: Any, answer: str, *parameters: Parameter) -> Endpoint:
    return Endpoint(
        method="GET",
        path=f"/customer/{{id}}/{path}",
        name=f"customer.{name}",
        title=title,
        group=GROUP,
        serve=serve,
        path_types={"id": UUID},
        parameters=parameters,
        answers=[Answer(title=answer, body=dict(OBJECT) if name in ("overview", "facts") else listing())],
        right="customer.read",
    )


ENDPOINTS = (
    _about(
        "facts",
        "facts",
        _("Read facts of a customer"),
        _facts,
        _("The facts by name; money in minor units with its currency."),
        Parameter(
            name="names",
            type=tuple[str, ...],
            title=_("Names of facts, separated by commas; without it all that the caller may read."),
            max_length=8000,
            example="purchase.count,purchase.last_at",
        ),
        AS_OF,
        KNOWN_AT,
    ),
    _about("labels", "labels", _("Read the labels of a customer"), _labels, _("Labels with their reasons."), AS_OF),
    _about(
        "labels/history",
        "labels.history",
        _("Read the labels that a customer has had"),
        _history,
        _("Labels with their reasons, newest first."),
        Parameter(name="dimension", type=str | None, title=_("Of one dimension only."), max_length=120),
    ),
    _about(
        "segments", "segments", _("Read the segments of a customer"), _segments, _("Segments by name."), AS_OF, KNOWN_AT
    ),
    _about(
        "overview",
        "overview",
        _("Read everything about a customer"),
        _overview,
        _("Profile, labels, segments, facts, what happened last, and what plugins add."),
        AS_OF,
        Parameter(
            name="entries", type=int, title=_("Entries of the timeline."), default=10, minimum=1, maximum=500
        ),
        Parameter(name="history", type=bool, title=_("Whether to add what was changed."), default=False),
    ),
    _about(
        "timeline",
        "timeline",
        _("Read what happened with a customer"),
        _timeline,
        _("Entries, newest first."),
        Parameter(name="limit", type=int, title=_("Most entries."), default=50, minimum=1, maximum=500),
        Parameter(name="after", title=_("The next of the page before."), max_length=400),
        Parameter(
            name="kind", type=tuple[str, ...], title=_("Only entries of these kinds, separated by commas."),
            max_length=1000,
        ),
        Parameter(
            name="channel", type=tuple[str, ...], title=_("Only entries of these channels."), max_length=1000
        ),
        Parameter(
            name="own", type=bool, title=_("Without what happened with the people of an organisation."), default=False
        ),
    ),
)  # fmt: skip
