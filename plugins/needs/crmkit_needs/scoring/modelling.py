"""Making formulas of one's own: weighted numbers, added up and divided by what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any

from attrs import frozen
from sqlalchemy import select

from crmkit import UNSET, Conflict, CrmSession, Input, InvalidInput, Problem, UnsetType, given, operation, texts
from crmkit_needs.catalogue.history import problem
from crmkit_needs.scoring.known import NAME, built_in
from crmkit_needs.scoring.models import ScoreModel

_ = texts("crmkit_needs")

MANAGE = "needs.model.manage"
MOST = 20
Title = Annotated[str, Input(title=_("Title"), max_length=200, classified="public")]
Gains = Annotated[
    Mapping[str, Any],
    Input(
        title=_("What speaks for it"),
        help=_("Numbers by their names, each with its weight; a new name stands for a number from 0 to 10."),
        classified="public",
    ),
]
Costs = Annotated[
    Mapping[str, Any],
    Input(title=_("What it is divided by"), help=_("The same; empty for nothing."), classified="public"),
]


@frozen(kw_only=True)
class ModelUpdate:
    """What is to be changed; what is not given stays."""

    title: Title | UnsetType = UNSET
    gains: Gains | UnsetType = UNSET
    costs: Costs | UnsetType = UNSET
    active: Annotated[bool, Input(title=_("Active"), classified="public")] | UnsetType = UNSET


@operation("needs.model.create", title=_("Make a formula"), permission=MANAGE, effect="create")
def create_model(
    session: CrmSession,
    *,
    name: Annotated[str, Input(title=_("Name"), max_length=40, classified="public")],
    title: Title,
    gains: Gains,
    costs: Costs | None = None,
) -> ScoreModel:
    """Make a formula by which needs are scored: Σ weight × number of what speaks for it, divided by Σ weight × number
    of what it costs. Raises InvalidInput for names and weights that are none, Conflict for a name that there is."""
    if not NAME.fullmatch(name):
        raise problem("name", _("A name has small letters, digits and _, begins with a letter, and has 40 at most."))
    if name in {each.name for each in built_in(session)} or _named(session, name) is not None:
        raise Conflict(_('There is a formula "{name}" already.'), name=name)
    made = ScoreModel(name=name, title=_title(title), active=True, **_checked(gains, costs or {}))
    session.add(made)
    session.flush()
    return made


@operation("needs.model.update", title=_("Change the formula"), permission=MANAGE, effect="update")
def update_model(session: CrmSession, model: ScoreModel, changes: ModelUpdate) -> ScoreModel:
    """Change a formula of one's own; one that is not active scores nothing. Raises InvalidInput as making one does."""
    said: dict[str, Any] = dict(given(changes))
    if "title" in said:
        model.title = _title(said["title"])
    if "active" in said:
        model.active = said["active"]
    weights = _checked(said.get("gains", model.gains), said.get("costs", model.costs))
    model.gains, model.costs = weights["gains"], weights["costs"]
    return model


@operation("needs.model.delete", title=_("Delete the formula"), permission=MANAGE, effect="delete")
def delete_model(session: CrmSession, model: ScoreModel) -> None:
    """Delete a formula of one's own. Numbers that were given for it stay with the needs."""
    session.delete(model)


def _named(session: CrmSession, name: str) -> ScoreModel | None:
    return session.scalars(select(ScoreModel).where(ScoreModel.name == name)).first()


def _title(said: str) -> str:
    if not said.strip():
        raise problem("title", _("Give it a title."))
    return said.strip()


def _checked(gains: Mapping[str, Any], costs: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Return weights as texts, as they are kept. Raises InvalidInput with every mistake."""
    problems: list[Problem] = []
    found: dict[str, dict[str, str]] = {"gains": {}, "costs": {}}
    for side, weights in (("gains", gains), ("costs", costs)):
        if len(weights) > MOST:
            problems.append(Problem(InvalidInput.code, _("At most {most} numbers."), field=side, most=MOST))
        for name, said in list(weights.items())[:MOST]:
            place = f"{side}.{name}"
            try:
                weight = Decimal(str(said))
            except ArithmeticError:
                weight = Decimal("NaN")
            if not NAME.fullmatch(name):
                text = _("A name has small letters, digits and _, begins with a letter, and has 40 at most.")
                problems.append(Problem(InvalidInput.code, text, field=place))
            elif side == "costs" and name in gains:
                problems.append(Problem(InvalidInput.code, _("This speaks for it already."), field=place))
            elif not weight.is_finite() or not Decimal("0.001") <= weight <= 1000:
                problems.append(Problem(InvalidInput.code, _("A weight is from 0.001 to 1000."), field=place))
            else:
                found[side][name] = str(weight)
    if not gains:
        problems.append(Problem(InvalidInput.code, _("Name one number at least."), field="gains"))
    if problems:
        raise InvalidInput(problems)
    return found


OPERATIONS = [create_model, update_model, delete_model]
