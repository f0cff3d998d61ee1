"""Shapley values: what each channel adds to what channels achieve together.

The value of a player is its mean contribution over all orders in which players can join (L. S. Shapley, "A Value for
n-Person Games", 1953). For marketing it is defined over sets of channels, whatever their order (K. Zhao, S. H.
Mahboobi and S. R. Bagheri, "Shapley Value Methods for Attribution Modeling in Online Advertising", 2018). Must not know
databases.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from itertools import combinations
from math import factorial

from crmkit import InvalidInput, texts
from crmkit_journey.attribution.sharing import Credit, Path

_ = texts("crmkit_journey")

MOST = 12
"""So many players at most have all of their coalitions added up."""
Worth = Callable[[frozenset[str]], Fraction]
"""What a coalition is worth; the empty one 0."""


def shapley(players: Sequence[str], worth: Worth) -> dict[str, Fraction]:
    """Return the exact Shapley value of each player by the sum over coalitions S without it:
    ``|S|! (n - |S| - 1)! / n! * (worth(S + player) - worth(S))``. Raises InvalidInput for more than 12 players."""
    if len(players) > MOST:
        raise InvalidInput(
            _("All coalitions of {number} channels are too many."),
            fix=_("Take {most} channels at most."),
            number=len(players),
            most=MOST,
        )
    size = len(players)
    known = {
        frozenset(group): worth(frozenset(group))
        for number in range(size + 1)
        for group in combinations(sorted(players), number)
    }
    found: dict[str, Fraction] = {}
    for player in players:
        total = Fraction(0)
        for group, value in known.items():
            if player not in group:
                weight = Fraction(factorial(len(group)) * factorial(size - len(group) - 1), factorial(size))
                total += weight * (known[group | {player}] - value)
        found[player] = total
    return found


def worth_of(paths: Iterable[Path], *, of_value: bool = False) -> Worth:
    """Return what a coalition of channels is worth: the conversions (or their value) of the paths that touched no
    channel outside it."""
    achieved: dict[frozenset[str], Fraction] = defaultdict(Fraction)
    for path in paths:
        if path.touches:
            achieved[frozenset(path.touches)] += path.value if of_value else path.conversions
    return lambda group: sum((found for touched, found in achieved.items() if touched <= group), Fraction(0))


def shapley_credit(paths: Iterable[Path]) -> Credit:
    """Return the Shapley values of the channels in the game of `worth_of`, exactly for any number of channels.

    A path adds its conversions to every coalition that has all of its channels. In such a game the value of a channel
    is the sum, over sets of channels, of what was achieved by exactly that set, divided by its size (J. C. Harsanyi's
    dividends, 1963): a test holds this equal to the sum over coalitions.
    """
    conversions: dict[str, Fraction] = defaultdict(Fraction)
    value: dict[str, Fraction] = defaultdict(Fraction)
    for path in paths:
        touched = set(path.touches)
        for channel in touched:
            conversions[channel] += Fraction(path.conversions, len(touched))
            value[channel] += path.value / len(touched)
    return Credit(conversions=dict(conversions), value=dict(value))
