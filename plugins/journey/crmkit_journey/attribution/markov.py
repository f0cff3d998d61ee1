"""Attribution by a Markov chain: what would be lost if a channel were not there.

States are channels (of a higher order: the last channels), with a start, a conversion and a nothing (E. Anderl, I.
Becker, F. von Wangenheim and J. H. Schumann, "Mapping the customer journey", International Journal of Research in
Marketing 33, 2016). Probabilities are solved from linear equations, not simulated. Must not know databases.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from importlib import import_module
from typing import Any

from attrs import frozen

from crmkit import InvalidInput, texts
from crmkit.errors import MissingExtra
from crmkit_journey.attribution.sharing import Credit, Path, channels_of, in_parts

_ = texts("crmkit_journey")

MOST_STATES = 1500
"""States of a chain at most: the time to solve it grows with their cube."""
MOST_ORDER = 4
State = tuple[str, ...]
_START: State = ()
_HIT: State = ("", "hit")
_NOTHING: State = ("", "nothing")


@frozen(kw_only=True)
class Chain:
    """What was found: the probability that a path converts, and for each channel the part of it that would be lost
    without the channel (its removal effect, 0 to 1)."""

    probability: float
    removal: Mapping[str, float]


def chain_of(paths: Iterable[Path], order: int = 1) -> Chain:
    """Return the chain of paths, each counted as often as it converted or led to nothing.

    Without a channel, every path goes to nothing where it would come to it. Raises InvalidInput for an order that is
    not 1 to 4 or makes too many states, MissingExtra where numpy is not installed.
    """
    if not 1 <= order <= MOST_ORDER:
        raise InvalidInput(
            _("The order of a chain is {order}."),
            fix=_("Use 1 to {most}."),
            field="order",
            order=order,
            most=MOST_ORDER,
        )
    known = [each for each in paths if each.touches]
    counts = _transitions(known, order)
    states = sorted(counts)
    if len(states) > MOST_STATES:
        raise InvalidInput(
            _("The chain has {number} states."),
            fix=_("Use a lower order: {most} states are the most."),
            field="order",
            number=len(states),
            most=MOST_STATES,
        )
    if not states:
        return Chain(probability=0.0, removal={})
    whole = _probability(counts, states, None)
    removal = {
        name: (1 - _probability(counts, states, name) / whole if whole else 0.0) for name in channels_of(known)
    }  # fmt: skip
    return Chain(probability=whole, removal=removal)


def markov_credit(paths: Sequence[Path], order: int = 1) -> Credit:
    """Return what each channel gets: of all in proportion to its removal effect. Where nothing would be lost without
    any channel, each gets the same. Raises as `chain_of` does."""
    removal = chain_of(paths, order).removal
    # So many digits are sure; rounding keeps channels equal that are equal.
    return in_parts(paths, {name: Fraction(str(round(max(effect, 0.0), 12))) for name, effect in removal.items()})


def _transitions(paths: Iterable[Path], order: int) -> dict[State, dict[State, int]]:
    counts: dict[State, dict[State, int]] = defaultdict(lambda: defaultdict(int))
    for path in paths:
        often = path.conversions + path.nulls
        if not often:
            continue
        state = _START
        for channel in path.touches:
            after = (*state, channel)[-order:]
            counts[state][after] += often
            state = after
        if path.conversions:
            counts[state][_HIT] += path.conversions
        if path.nulls:
            counts[state][_NOTHING] += path.nulls
    return {state: dict(after) for state, after in counts.items()}


def _probability(counts: Mapping[State, Mapping[State, int]], states: Sequence[State], without: str | None) -> float:
    """Return the probability of a conversion from the start, where nobody passes a channel."""
    numpy = _numpy()
    kept = [state for state in states if without not in state]
    places = {state: place for place, state in enumerate(kept)}
    matrix = numpy.eye(len(kept))
    hits = numpy.zeros(len(kept))
    for state, place in places.items():
        total = sum(counts[state].values())
        for after, count in counts[state].items():
            if after == _HIT:
                hits[place] += count / total
            elif after in places:
                matrix[place, places[after]] -= count / total
    return float(numpy.linalg.solve(matrix, hits)[places[_START]])


def _numpy() -> Any:
    try:
        return import_module("numpy")
    except ImportError as error:
        raise MissingExtra(
            _("A library that this needs is not installed: {library}."),
            fix=_("Install crmkit[journey]."),
            library="numpy",
        ) from error
