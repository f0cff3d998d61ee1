"""The sets of options that a MaxDiff question shows, so that each option is shown about as often as any other.

Must not know anything else of surveys.
"""

from __future__ import annotations

from collections.abc import Sequence

MOST_SETS = 12


def sets_of(options: Sequence[str], shown: int) -> tuple[tuple[str, ...], ...]:
    """Return sets of ``shown`` options, the same for everybody, in which every option is as often as any other, or once
    more, and comes together with as many others as possible.

    Made greedily: next comes who was shown least, then who has met the others of the set least. An option is in three
    sets (Orme 2005 advises three or more) where that takes no more than `MOST_SETS`.
    """
    count = len(options)
    if count == 0:
        return ()
    size = max(2, min(shown, count))
    wanted = min(MOST_SETS, max(1, -(-3 * count // size)) if count > size else 1)
    used = dict.fromkeys(range(count), 0)
    pairs: dict[tuple[int, int], int] = {}
    found: list[tuple[str, ...]] = []
    for _number in range(wanted):
        chosen: list[int] = []
        while len(chosen) < size:
            # The least shown comes next; among those, who has met the fewest of the set; then the first.
            best = min(
                (each for each in range(count) if each not in chosen),
                key=lambda each: (used[each], sum(pairs.get(_pair(each, other), 0) for other in chosen), each),
            )
            chosen.append(best)
        for place, each in enumerate(chosen):
            used[each] += 1
            for other in chosen[:place]:
                pairs[_pair(each, other)] = pairs.get(_pair(each, other), 0) + 1
        found.append(tuple(options[each] for each in sorted(chosen)))
    return tuple(found)


def _pair(first: int, second: int) -> tuple[int, int]:
    return (first, second) if first < second else (second, first)
