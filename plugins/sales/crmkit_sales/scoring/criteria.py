"""The criteria of a model as they are typed, checked and kept.

Must not compute scores.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any

from attrs import frozen

from crmkit import CrmkitError, CrmSession, Input, InvalidInput, Problem, catalogue_of, row_condition, texts
from crmkit_sales.scoring.calculating import Behaviour, Definition, Fit
from crmkit_sales.scoring.models import ScoreVersion
from crmkit_sales.scoring.words import DIRECTIONS

_ = texts("crmkit_sales")

FIELDS: Mapping[str, Any] = {
    "kind": str,
    "channel": str,
    "direction": str,
    "outcome": str | None,
    "source": str | None,
    "thread": str | None,
    "duration": int | None,
}
"""What the condition of a criterion of behaviour may ask of an interaction, with its types."""
MOST = Decimal(10_000)

Words = Annotated[str, Input(title=_("Reason"), max_length=200, classified="internal")]
Points = Annotated[Decimal, Input(title=_("Points"), classified="internal")]
Condition = Annotated[
    str, Input(title=_("Condition"), max_length=2000, classified="internal", help=_("Over facts about the customer."))
]


@frozen(kw_only=True)
class FitInput:
    """A criterion of fit: who meets the condition gets the points."""

    words: Words
    condition: Condition
    points: Points


@frozen(kw_only=True)
class BehaviourInput:
    """A criterion of behaviour: what happened gives points, which fade."""

    words: Words
    points: Points
    kind: Annotated[str, Input(title=_("Kind of interaction"), max_length=60, classified="internal")] = ""
    channel: Annotated[str, Input(title=_("Channel"), max_length=30, classified="internal")] = ""
    direction: Annotated[str, Input(title=_("Direction"), max_length=8, classified="internal")] = ""
    outcome: Annotated[str, Input(title=_("Outcome"), max_length=60, classified="internal")] = ""
    condition: Annotated[
        str,
        Input(
            title=_("Condition"),
            max_length=1000,
            classified="internal",
            help=_("Over kind, channel, direction, outcome, source, thread and duration of the interaction."),
        ),
    ] = ""
    half_life_days: Annotated[
        Decimal | None,
        Input(title=_("Half-life (days)"), classified="internal", help=_("After so many days half of it is left.")),
    ] = Decimal(30)
    most_recent: Annotated[
        int | None, Input(title=_("Only the last"), minimum=1, maximum=1000, classified="internal")
    ] = None
    cap: Annotated[Decimal | None, Input(title=_("At most"), classified="internal")] = None


def definition_of(version: ScoreVersion) -> Definition:
    """Return what a version says."""
    return Definition(
        among=version.among,
        fit=[Fit(words=each["words"], condition=each["condition"], points=Decimal(each["points"]))
             for each in version.fit],
        behaviour=[_behaviour(each) for each in version.behaviour],
        warm=version.warm,
        hot=version.hot,
        margin=version.margin,
    )  # fmt: skip


def _behaviour(kept: Mapping[str, Any]) -> Behaviour:
    return Behaviour(
        words=kept["words"],
        points=Decimal(kept["points"]),
        kind=kept["kind"],
        channel=kept["channel"],
        direction=kept["direction"],
        outcome=kept["outcome"],
        condition=kept["condition"],
        half_life_days=_decimal(kept["half_life_days"]),
        most_recent=kept["most_recent"],
        cap=_decimal(kept["cap"]),
    )


def kept_fit(given: Sequence[FitInput]) -> list[dict[str, Any]]:
    """Return criteria of fit as they are kept."""
    return [
        {"words": each.words.strip(), "condition": each.condition.strip(), "points": str(each.points)} for each in given
    ]


def kept_behaviour(given: Sequence[BehaviourInput]) -> list[dict[str, Any]]:
    """Return criteria of behaviour as they are kept."""
    return [
        {
            "words": each.words.strip(),
            "points": str(each.points),
            "kind": each.kind.strip(),
            "channel": each.channel.strip(),
            "direction": each.direction.strip(),
            "outcome": each.outcome.strip(),
            "condition": each.condition.strip(),
            "half_life_days": None if each.half_life_days is None else str(each.half_life_days),
            "most_recent": each.most_recent,
            "cap": None if each.cap is None else str(each.cap),
        }
        for each in given
    ]


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def check(session: CrmSession, definition: Definition) -> None:
    """Return when everything that a definition says can be computed. Raises InvalidInput with each thing that is
    wrong, by its place."""
    problems: list[Problem] = []

    def wrong(field: str, message: str, **values: Any) -> None:
        problems.append(Problem(InvalidInput.code, message, field=field, **values))

    def attempt(field: str, compile_it: Callable[[], object]) -> None:
        try:
            compile_it()
        except CrmkitError as error:
            wrong(field, _("This condition cannot be used: {reason}"), reason=error.render())

    catalogue = catalogue_of(session)
    attempt("among", lambda: catalogue.checked(definition.among))
    for place, fit in enumerate(definition.fit):
        at = f"fit.{place}"
        attempt(f"{at}.condition", lambda text=fit.condition: catalogue.checked(text))
        _check_points(wrong, at, fit.words, fit.points)
    for place, each in enumerate(definition.behaviour):
        at = f"behaviour.{place}"
        _check_points(wrong, at, each.words, each.points)
        _check_behaviour(session, wrong, at, each)
        if each.condition:
            attempt(f"{at}.condition", lambda text=each.condition: row_condition(session, text, FIELDS))
    if not definition.fit and not definition.behaviour:
        wrong("fit", _("Say what gives points."))
    if definition.hot <= definition.warm:
        wrong("hot", _("Hot has to begin above warm."))
    if definition.margin < 0:
        wrong("margin", _("This cannot be negative."))
    if problems:
        raise InvalidInput(problems)


def _check_points(wrong: Callable[..., None], at: str, words: str, points: Decimal) -> None:
    if not words:
        wrong(f"{at}.words", _("Say why there are points."))
    if not points.is_finite() or not points or abs(points) > MOST:
        wrong(f"{at}.points", _("These are no points: {points}."), points=str(points))


def _check_behaviour(session: CrmSession, wrong: Callable[..., None], at: str, each: Behaviour) -> None:
    registry = session.gate.registry
    if not (each.kind or each.channel or each.outcome or each.condition):
        wrong(f"{at}.kind", _("Say what has to happen: a kind of interaction, a channel, an outcome or a condition."))
    if each.kind and each.kind not in registry.interaction_kinds:
        wrong(f"{at}.kind", _('There is no kind of interaction "{kind}".'), kind=each.kind)
    if each.channel and each.channel not in registry.tables["channel"]:
        wrong(f"{at}.channel", _('There is no channel "{channel}".'), channel=each.channel)
    if each.direction and each.direction not in DIRECTIONS:
        wrong(f"{at}.direction", _("A direction is in, out or internal."))
    for name in ("half_life_days", "cap"):
        value: Decimal | None = getattr(each, name)
        if value is not None and not (value.is_finite() and 0 < value <= MOST):
            wrong(f"{at}.{name}", _("This has to be more than 0."))
