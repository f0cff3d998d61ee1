"""The list of dimensions and the page of one: how many have each label, how customers moved, who was pinned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from attrs import frozen
from sqlalchemy import select
from starlette.responses import Response

from crmkit.core.customers.models import Customer
from crmkit.engines.classification.dimensions import KIND
from crmkit.engines.classification.reading import counts, last_runs, matrix, may_read
from crmkit.engines.classification.tables import LabelPin
from crmkit.engines.classification.writing import Move
from crmkit.engines.definitions.documents import tag_of
from crmkit.engines.definitions.publishing import defined, find
from crmkit.engines.facts.moments import moment_of
from crmkit.engines.facts.vocabulary import catalogue_of
from crmkit.errors import CrmkitError, NotFound
from crmkit.hooks.classification import Dimension
from crmkit.i18n import Text, texts
from crmkit.web.pages.call import PageCall
from crmkit.web.pages.conditions.wording import words_of
from crmkit.web.pages.deciding.common import ORIGINS, history, place_of, publisher_name
from crmkit.web.pages.routing import get, post

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

CHANGE = "definition.admin"
BACK = (7, 30, 90, 365)
WIDEST = 8
LONGEST = 30
PINS = 50
DECIDERS: Mapping[str, Text] = {
    "expressions": _("a condition for each label"),
    "value": _("the value of a fact"),
    "cut_points": _("cut points of a score"),
    "quantiles": _("parts of the base by a score"),
    "clusters": _("clusters of similar customers"),
    "pin": _("persons only"),
}
ACTS = {
    "enable": _("The dimension is on."),
    "disable": _("The dimension is off: customers keep the labels that they have."),
    "reset": _("What was changed is taken back."),
}


@frozen(kw_only=True)
class Table:
    """How customers moved: the labels that there are, how many went from which to which, the part that stayed."""

    labels: tuple[str | None, ...]
    cells: Mapping[tuple[str | None, str | None], int]
    moves: tuple[Move, ...]
    """The largest moves, where a table of all labels would be too wide."""


def table_of(dimension: Dimension, moves: Sequence[Move]) -> Table:
    """Return moves as a table, or as a list where there are many labels."""
    present = {label for move in moves for label in (move.before, move.after)}
    order = [label.name for label in dimension.labels if label.name in present]
    order += sorted(str(name) for name in present if name is not None and name not in order)
    moved = sorted((move for move in moves if move.before != move.after), key=lambda move: -move.customers)
    return Table(
        labels=(*order, *([None] if None in present else [])) if len(present) <= WIDEST else (),
        cells={(move.before, move.after): move.customers for move in moves},
        moves=tuple(moved[:LONGEST]) if len(present) > WIDEST else (),
    )


@get("/dimensions", right="customer.read")
def dimensions(call: PageCall) -> Response:
    """List the dimensions."""
    with call.session() as session:
        items = list(defined(session, KIND, broken=True).values())
        open_ = {item.name for item in items if item.value is not None and may_read(session, item.value)}
        runs = {}
        if call.may("definition.admin") or call.may("report.all"):
            runs = {name: (at, found.changed, found.alerts) for name, (at, found) in last_runs(session).items()}
    tags = {item.name: tag_of(type(item.value.decider)) for item in items if item.value is not None}
    context = {"rows": items, "open": open_, "runs": runs, "tags": tags, "deciders": DECIDERS, "origins": ORIGINS}
    return call.page("deciding/dimensions.html", **context)


@get("/dimensions/{name}", right="customer.read")
def dimension(call: PageCall, name: str) -> Response:
    """Show a dimension."""
    back = int(call.value("back")) if call.value("back").isdigit() and int(call.value("back")) in BACK else 30
    with call.session() as session:
        item = find(session, KIND, name)
        context: dict[str, Any] = {
            "item": item,
            "origin": ORIGINS[item.origin],
            "publisher": publisher_name(session, item),
            "versions": history(session, KIND, name),
            "reason": "" if call.may(CHANGE) else call.text(_("Changing dimensions needs the right definition.admin.")),
            "deciders": DECIDERS,
            "back": back,
            "spans": BACK,
            "figures": None,
            "problem": item.broken,
            "masked": False,
        }
        if item.value is not None:
            context.update(_described(call, session, item.value))
            context["masked"] = not may_read(session, item.value)
            if not context["masked"]:
                try:
                    context["figures"] = _figures(session, item.value, back)
                except CrmkitError as error:
                    context["problem"] = error.render(call.language)
    return call.page("deciding/dimension.html", **context)


def _described(call: PageCall, session: CrmSession, value: Dimension) -> dict[str, Any]:
    catalogue = catalogue_of(session)

    def words(text: str) -> str:
        return words_of(session, text, catalogue, call.language)

    decider: Any = value.decider
    details: list[tuple[Text, str]] = []
    for field, title in (("value", _("Value")), ("score", _("Score"))):
        if hasattr(decider, field):
            details.append((title, words(getattr(decider, field))))
    if hasattr(decider, "scores"):
        details.append((_("Scores"), ", ".join(map(words, decider.scores))))
    for field, title in (("points", _("Cut points")), ("shares", _("Shares"))):
        if hasattr(decider, field):
            details.append((title, ", ".join(map(words, getattr(decider, field)))))
    if getattr(decider, "margin", "0") != "0":
        details.append((_("Margin"), decider.margin))
    return {
        "tag": tag_of(type(decider)),
        "details": details,
        "among": "" if value.among == "true" else words(value.among),
        "whens": {label.name: words(label.when) for label in value.labels if label.when is not None},
        "titles": {label.name: call.text(label.title) for label in value.labels},
    }


def _figures(session: CrmSession, value: Dimension, back: int) -> dict[str, Any]:
    now = moment_of(session)
    found = counts(session, value.name, now)
    moved = matrix(session, value.name, moment_of(session, now.as_of - timedelta(days=back)), now)
    query = select(LabelPin, Customer).join(Customer, Customer.id == LabelPin.customer_id)
    query = query.where(LabelPin.dimension == value.name).order_by(LabelPin.updated_at.desc()).limit(PINS)
    return {
        "counts": found,
        "total": sum(found.values()),
        "most": max(found.values(), default=0),
        "table": table_of(value, moved.moves),
        "stability": moved.stability,
        "pins": [(pin, customer) for pin, customer in session.execute(query)],
    }


@post("/dimensions/{name}/unpin", right="customer.read")
def unpin(call: PageCall, name: str) -> Response:
    """Let the decider decide over a customer again."""
    call.run("customer.unpin_label", {"dimension": name}, target=call.value("customer"))
    return call.redirect(place_of("dimensions", name), said=_("The pin is taken back."))


@post("/dimensions/{name}/{act}", right="customer.read")
def change_dimension(call: PageCall, name: str, act: str) -> Response:
    """Turn a dimension on or off, or take back what was changed."""
    if act not in ACTS:
        raise NotFound(_("There is no such page."))
    result = call.run(f"dimension.{act}", {"name": name})
    gone = act == "reset" and result is None
    return call.redirect("/dimensions" if gone else place_of("dimensions", name), said=ACTS[act])


ROUTES = [dimensions, dimension, unpin, change_dimension]
