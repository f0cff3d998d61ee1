"""Customers on the command line: rows of lists, and one in full, as ``crmkit customer show`` prints it.

Must not print by itself before everything is read, nor change anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crmkit.cli.invocation import Invocation
from crmkit.cli.output import Column
from crmkit.cli.values import record_fields, record_titles, title_of
from crmkit.core.business.config import Config
from crmkit.core.customers.fields import field_named, sealed_names
from crmkit.core.customers.models import Customer
from crmkit.core.interactions.timeline import TimelineItem
from crmkit.core.store.history import HistoryLine
from crmkit.core.store.sealed import mask
from crmkit.core.store.session import CrmSession
from crmkit.core.store.shown import INTERNAL
from crmkit.engines.classification.reading import LabelLine
from crmkit.engines.overview.overview import Overview
from crmkit.engines.overview.profile import Profile, Rows, with_custom
from crmkit.i18n import texts

_ = texts("crmkit")

_HIDDEN = ("id", "custom", "preferences", "sort_name", "owner_id", "team_id", "parent_id")
_IN_PROFILE = ("customer", "contact", "custom")
"""Sets of facts that the profile has shown already."""
_BESIDE = {"email": _("E-mail"), "phone": _("Phone"), "tags": _("Tags"), "interests": _("Interests")}
_SHOWN = ("name", "kind", "standing", "city", "email", "phone", "created_at")
TIMELINE = (
    Column("occurred_at", _("When")),
    Column("kind", _("Kind")),
    Column("title", _("Title")),
    Column("amount", _("Amount"), "right"),
    Column("summary", _("Summary")),
)
"""The columns of a timeline."""


def list_columns(session: CrmSession, names: str | None) -> list[Column]:
    """Return the columns of a list of customers: the usual ones, or those named with commas between.

    Raises InvalidInput for a field that there is not, with the one that was meant.
    """
    wanted = [name.strip() for name in names.split(",")] if names is not None else _SHOWN
    config = session.crm.config.get(session)
    columns: list[Column] = []
    titles = {**_BESIDE, **_sealed_titles(config)}
    for name in wanted:
        found = field_named(config, name, beside=titles)
        columns.append(Column(name, title_of(name, found.title) if found is not None else titles[name]))
    return columns


def _sealed_titles(config: Config) -> dict[str, str]:
    """Return the titles of the fields that lists show masked."""
    own, custom = record_titles(Customer), config.custom_fields.get("customer", {})
    return {name: custom[name[7:]].title if name.startswith("custom.") else own[name] for name in sealed_names(config)}


def list_row(session: CrmSession, customer: Customer) -> dict[str, object]:
    """Return a customer as a row of a list: its fields, custom ones as ``custom.NAME``, preferred contacts, tags.
    What is sealed comes masked."""
    row = with_custom(session, dict(record_fields(customer)))
    points = sorted(customer.contact_points, key=lambda point: (not point.preferred, point.position))
    for kind in ("email", "phone"):
        row[kind] = next((mask(point.value) for point in points if point.kind == kind), None)
    row["tags"] = sorted(tag.name for tag in customer.tags if tag.kind == "tag")
    row["interests"] = sorted(tag.name for tag in customer.tags if tag.kind == "interest")
    return row


def timeline_rows(cli: Invocation, entries: Sequence[TimelineItem]) -> list[dict[str, object]]:
    """Return the entries of a timeline as rows."""
    return [
        {
            "occurred_at": item.occurred_at,
            "kind": item.kind,
            "title": cli.text(item.title),
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


def label_rows(cli: Invocation, lines: Sequence[LabelLine]) -> list[dict[str, object]]:
    """Return labels as rows, each with the reason in words."""
    return [
        {
            "dimension": line.dimension,
            "dimension_title": cli.text(line.dimension_title),
            "label": line.label,
            "title": cli.text(line.title),
            "since": line.since,
            "until": line.until,
            "cause": line.cause,
            "reason": _reason(cli, line),
        }
        for line in lines
    ]


def _reason(cli: Invocation, line: LabelLine) -> str:
    """Return why a customer has a label: a person's decision, or the values that decided."""
    if line.cause == "pin":
        return cli.text(_("decided by a person"))
    return fact_words(cli, line) or (line.when or "")


def fact_words(cli: Invocation, line: LabelLine) -> str:
    """Return the values that decided over a label, as people read them; those that were unknown are left out."""
    known = {name: value for name, value in line.facts.items() if value not in (None, [], "")}
    return ", ".join(f"{name} = {cli.output.show(value)}" for name, value in known.items())


def show_customer(cli: Invocation, view: Overview) -> None:
    """Print a customer: the profile first, then what is known of it and what happened, each part that has anything."""
    if cli.json:
        cli.output.document(_document(cli, view))
        return
    for name, error in view.failed_plugins.items():
        cli.output.warn(_('What "{name}" shows is missing: {reason}'), name=name, reason=error.render(cli.language))
    _show_profile(cli, view.profile)
    columns = (
        Column("dimension_title", _("Dimension")),
        Column("title", _("Label")),
        Column("since", _("Since")),
        Column("reason", _("Because")),
    )
    _part(cli, _("Labels"), label_rows(cli, view.labels), columns)
    boxes: list[tuple[str, Sequence[tuple[str, object]]]] = [
        (group.title, [(cli.text(fact.title), fact.value) for fact in group.facts if fact.known])
        for group in view.facts
        if group.name not in _IN_PROFILE
    ]
    if view.segments:
        boxes.append((_("Segments"), [(cli.text(item.title), item.since or _("yes")) for item in view.segments]))
    cli.output.boxes([*boxes, *((panel.title, panel.rows) for panel in view.panels)])
    _part(cli, _("Timeline"), timeline_rows(cli, view.timeline), TIMELINE)
    if view.profile.history is not None:
        _show_history(cli, view.profile.history)


def _show_profile(cli: Invocation, view: Profile) -> None:
    titles = record_titles(Customer)
    pairs: list[tuple[str, object]] = [(titles["id"], view.fields.get("id"))]
    if view.at is not None:
        pairs.append((_("As of"), view.at))
    pairs += [(titles[name], value) for name, value in view.fields.items() if name in titles and name not in _HIDDEN]
    pairs += [(_("Owner"), view.names["owner"]), (_("Team"), view.names["team"])]
    pairs += [(_("Organisation"), view.names["organization"])]
    pairs += [(_("Tags"), view.tags), (_("Interests"), view.interests)]
    for column in ("custom", "preferences"):
        values: Any = view.fields.get(column) or {}
        pairs += [(view.custom_titles.get(name, name), value) for name, value in values.items()]
    cli.output.record(pairs)
    _part(
        cli,
        _("Contact"),
        view.contact_points,
        (
            Column("kind", _("Kind")),
            Column("value", _("Value")),
            Column("label", _("Label")),
            Column("preferred", _("Preferred")),
        ),
    )
    _part(cli, _("Identifiers"), view.identifiers, (Column("source", _("Source")), Column("external_id", _("Id"))))
    _part(
        cli,
        _("Relationships"),
        view.relationships,
        (
            Column("title", _("Kind")),
            Column("other", _("Other customer")),
            Column("valid_from", _("From")),
            Column("valid_to", _("Until")),
        ),
    )
    _part(
        cli,
        _("Consent"),
        view.consents,
        (
            Column("purpose", _("Purpose")),
            Column("channel", _("Channel")),
            Column("granted", _("Granted")),
            Column("since", _("Since")),
        ),
    )


def _part(cli: Invocation, title: str, rows: Rows, columns: Sequence[Column]) -> None:
    if rows:
        cli.output.heading(title)
        cli.output.table(columns, rows)


def _show_history(cli: Invocation, lines: Sequence[HistoryLine]) -> None:
    cli.output.heading(_("Changes"))
    rows = [
        {
            "recorded_at": line.recorded_at,
            "operation": line.operation,
            "actor_id": line.actor_id,
            "field": name,
            "before": before,
            "after": after,
        }
        for line in lines
        for name, (before, after) in sorted(line.changes.items())
        if name not in ("version", "updated_at", "sort_name") and name not in INTERNAL
    ]
    columns = (
        Column("recorded_at", _("When")),
        Column("operation", _("By operation")),
        Column("actor_id", _("By")),
        Column("field", _("Field")),
        Column("before", _("Before")),
        Column("after", _("After")),
    )
    cli.output.table(columns, rows, empty=_("Nothing was changed since it was added."))


def _document(cli: Invocation, view: Overview) -> Mapping[str, object]:
    found = view.profile
    document: dict[str, object] = {
        **found.fields,
        **found.names,
        "tags": found.tags,
        "interests": found.interests,
        "contact_points": found.contact_points,
        "identifiers": found.identifiers,
        "relationships": found.relationships,
        "consents": found.consents,
        "labels": label_rows(cli, view.labels),
        "segments": view.segments,
        "facts": {f"{group.name}.{fact.name}": fact.value for group in view.facts for fact in group.facts},
        "timeline": timeline_rows(cli, view.timeline),
        "panels": view.panels,
        "missing_plugins": sorted(view.failed_plugins),
        "as_of": found.at,
    }
    if found.history is not None:
        document["history"] = found.history
    return document
