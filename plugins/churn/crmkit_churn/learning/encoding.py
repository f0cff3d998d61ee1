"""Features as numbers: texts as one column for each value, numbers standardised, what is missing by the median.

Must not know what is predicted nor where values come from.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from attrs import field, frozen

from crmkit_churn.extras import library

Kind = Literal["number", "text"]
Value = float | str | None
Columns = Mapping[str, Sequence[Value]]
MOST_LEVELS = 40
"""A text with more values than these is a name rather than a kind; nothing can be learnt from it."""
FEWEST = 5
"""A value of a text that fewer customers have is put together with other rare ones."""
SPARSE = 0.01
"""From this share of missing values on, that a value is missing counts as something known."""


@frozen(kw_only=True)
class Encoded:
    """How one feature becomes columns. Of a number ``middle`` is the median, ``mean`` and ``spread`` standardise it,
    ``flagged`` says that a second column tells who has none; of a text ``levels`` have a column each. ``usual`` are the
    means of its columns among those who were learnt from."""

    name: str
    kind: Kind
    middle: float = 0.0
    mean: float = 0.0
    spread: float = 1.0
    flagged: bool = False
    levels: tuple[str, ...] = field(default=(), converter=tuple)
    usual: tuple[float, ...] = field(default=(), converter=tuple)

    @property
    def width(self) -> int:
        """Return how many columns it becomes."""
        return len(self.levels) if self.kind == "text" else 2 if self.flagged else 1


@frozen(kw_only=True)
class Encoder:
    """How features become a matrix, in their order; ``dropped`` names those from which nothing can be learnt."""

    features: tuple[Encoded, ...] = field(converter=tuple)
    dropped: tuple[str, ...] = field(default=(), converter=tuple)

    @property
    def owners(self) -> list[int]:
        """Return of which feature each column is, by its place."""
        return [place for place, each in enumerate(self.features) for _column in range(each.width)]

    @property
    def usual(self) -> list[float]:
        """Return the mean of each column among those who were learnt from."""
        return [value for each in self.features for value in each.usual]

    def matrix(self, columns: Columns) -> Any:
        """Return a row for each customer. A value that was not there when it learnt is none of its levels."""
        numpy = library("numpy")
        parts = [_columns(numpy, each, columns[each.name]) for each in self.features]
        rows = len(next(iter(columns.values()))) if columns else 0
        return numpy.hstack(parts) if parts else numpy.zeros((rows, 0))

    def document(self) -> dict[str, Any]:
        """Return it as plain names and numbers."""
        return {
            "features": [
                {
                    "name": each.name,
                    "kind": each.kind,
                    "middle": each.middle,
                    "mean": each.mean,
                    "spread": each.spread,
                    "flagged": each.flagged,
                    "levels": list(each.levels),
                    "usual": list(each.usual),
                }
                for each in self.features
            ],
            "dropped": list(self.dropped),
        }


def encoder_of(document: Mapping[str, Any]) -> Encoder:
    """Return the encoder that was kept as a document."""
    return Encoder(features=[Encoded(**each) for each in document["features"]], dropped=document["dropped"])


def learn_encoder(columns: Columns, kinds: Mapping[str, Kind]) -> Encoder:
    """Return how to encode features by the values of those who are learnt from. Raises MissingExtra."""
    numpy = library("numpy")
    features: list[Encoded] = []
    dropped: list[str] = []
    for name, kind in kinds.items():
        made = _text(name, columns[name]) if kind == "text" else _number(numpy, name, columns[name])
        if made is None:
            dropped.append(name)
            continue
        means = _columns(numpy, made, columns[name]).mean(axis=0)
        features.append(
            Encoded(
                name=made.name,
                kind=made.kind,
                middle=made.middle,
                mean=made.mean,
                spread=made.spread,
                flagged=made.flagged,
                levels=made.levels,
                usual=[float(each) for each in means],
            )
        )
    return Encoder(features=features, dropped=dropped)


def _text(name: str, values: Sequence[Value]) -> Encoded | None:
    counts = Counter(str(each) for each in values if each is not None)
    levels = sorted(level for level, count in counts.items() if count >= FEWEST)
    if len(counts) > MOST_LEVELS or not levels or (len(counts) == 1 and None not in values):
        return None
    return Encoded(name=name, kind="text", levels=levels)


def _number(numpy: Any, name: str, values: Sequence[Value]) -> Encoded | None:
    known = numpy.array([each for each in values if each is not None], dtype=float)
    if not len(known):
        return None
    missing = 1 - len(known) / len(values)
    middle = float(numpy.median(known))
    filled = numpy.array([middle if each is None else each for each in values], dtype=float)
    spread = float(filled.std())
    flagged = missing >= SPARSE
    if spread == 0 and not flagged:
        return None
    return Encoded(
        name=name, kind="number", middle=middle, mean=float(filled.mean()), spread=spread or 1.0, flagged=flagged
    )


def _columns(numpy: Any, by: Encoded, values: Sequence[Value]) -> Any:
    if by.kind == "text":
        places = {level: place for place, level in enumerate(by.levels)}
        found = numpy.zeros((len(values), len(by.levels)))
        for row, each in enumerate(values):
            place = None if each is None else places.get(str(each))
            if place is not None:
                found[row, place] = 1.0
        return found
    # A value of a text that a number was learnt from is as good as none.
    numbers = [None if each is None or isinstance(each, str) else float(each) for each in values]
    filled = numpy.array([by.middle if each is None else each for each in numbers], dtype=float)
    columns = [(filled - by.mean) / by.spread]
    if by.flagged:
        columns.append(numpy.array([each is None for each in numbers], dtype=float))
    return numpy.column_stack(columns)
