"""A model of intents as arrays: what it says of a text, why, and how it is kept.

TF-IDF over the terms of `wording`, one linear score for each intent, and a softmax whose temperature was fitted to
texts that the scores were not learnt from. Kept as a NumPy archive of plain arrays, which is read without pickle, so
that what is kept can hold nothing that runs. Using a model needs NumPy alone. Must not know databases.
"""

from __future__ import annotations

import io
import math
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from typing import Any
from zipfile import BadZipFile

from attrs import frozen

from crmkit import texts
from crmkit_service.intents.errors import BrokenModel
from crmkit_service.intents.extras import library
from crmkit_service.intents.wording import terms_of, words_of

_ = texts("crmkit_service")

FORMAT = 1
MOST_BYTES = 60_000_000


@frozen(kw_only=True)
class Guess:
    """An intent that a text may have, with its probability, 0 to 1."""

    intent: str
    probability: float


@frozen(kw_only=True, slots=False, eq=False)
class TextModel:
    """A model: the names of its intents, its terms with their weights in a text, and a score for each pair of both.

    ``idf`` has a number for each term, ``weights`` a row for each intent and a column for each term, ``biases`` a
    number for each intent; ``temperature`` divides scores before they become probabilities.
    """

    intents: tuple[str, ...]
    terms: tuple[str, ...]
    idf: Any
    weights: Any
    biases: Any
    temperature: float

    @cached_property
    def places(self) -> dict[str, int]:
        """Return the column of each term."""
        return {term: place for place, term in enumerate(self.terms)}

    def guess(self, text: str, most: int = 3) -> list[Guess]:
        """Return the most probable intents of a text, the first one first; nothing for a text without a known term."""
        numpy = library("numpy")
        columns, values = self._vector(text)
        if not len(columns):
            return []
        scores = self.weights[:, columns].astype(numpy.float32) @ values + self.biases
        probabilities = softmax(scores[None, :], self.temperature)[0]
        order = numpy.argsort(-probabilities, kind="stable")[:most]
        return [Guess(intent=self.intents[place], probability=float(probabilities[place])) for place in order]

    def because(self, text: str, intent: str, most: int = 5) -> list[str]:
        """Return the words of a text that speak most for an intent; nothing for an intent that the model lacks."""
        columns, values = self._vector(text)
        if intent not in self.intents or not len(columns):
            return []
        shares = self.weights[self.intents.index(intent), columns] * values
        ordered = sorted(zip(shares.tolist(), columns.tolist(), strict=True), key=lambda pair: (-pair[0], pair[1]))
        return words_of([self.terms[place] for share, place in ordered if share > 0])[:most]

    def _vector(self, text: str) -> tuple[Any, Any]:
        """Return the columns of a text's terms and their weights, of length 1 together."""
        numpy = library("numpy")
        counts = Counter(place for term in terms_of(text) if (place := self.places.get(term)) is not None)
        columns = numpy.array(sorted(counts), dtype=numpy.int64)
        values = numpy.array([1 + math.log(counts[place]) for place in columns.tolist()], dtype=numpy.float32)
        values = values * self.idf[columns] if len(columns) else values
        length = float(numpy.sqrt((values * values).sum()))
        return columns, values / length if length else values

    def to_bytes(self) -> bytes:
        """Return the model as a NumPy archive of plain arrays."""
        numpy = library("numpy")
        held = io.BytesIO()
        numpy.savez_compressed(
            held,
            format=numpy.array([FORMAT]),
            intents=_packed(self.intents),
            terms=_packed(self.terms),
            idf=self.idf.astype(numpy.float32),
            weights=self.weights.astype(numpy.float16),
            biases=self.biases.astype(numpy.float32),
            temperature=numpy.array([self.temperature]),
        )
        return held.getvalue()


def model_from(content: bytes) -> TextModel:
    """Return the model that `TextModel.to_bytes` wrote. Raises BrokenModel for anything else; nothing in it can run."""
    numpy = library("numpy")
    try:
        if len(content) > MOST_BYTES:
            raise ValueError("too long")
        with numpy.load(io.BytesIO(content), allow_pickle=False) as held:
            if int(held["format"][0]) != FORMAT:
                raise ValueError("another format")
            found = TextModel(
                intents=_unpacked(held["intents"]),
                terms=_unpacked(held["terms"]),
                idf=held["idf"].astype(numpy.float32),
                weights=held["weights"].astype(numpy.float32),
                biases=held["biases"].astype(numpy.float32),
                temperature=float(held["temperature"][0]),
            )
    except (ValueError, KeyError, IndexError, OSError, BadZipFile, EOFError) as error:
        raise BrokenModel(
            _("The model cannot be read; it is not as it was written."), fix=_("Learn it anew.")
        ) from error
    if found.weights.shape != (len(found.intents), len(found.terms)) or len(found.idf) != len(found.terms):
        raise BrokenModel(_("The model cannot be read; it is not as it was written."), fix=_("Learn it anew."))
    return found


def softmax(scores: Any, temperature: float) -> Any:
    """Return the probabilities of rows of scores at a temperature, above 0: the higher, the less sure."""
    numpy = library("numpy")
    scaled = scores.astype(numpy.float64) / temperature
    powers = numpy.exp(scaled - scaled.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def _packed(names: Sequence[str]) -> Any:
    numpy = library("numpy")
    return numpy.frombuffer("\n".join(names).encode(), dtype=numpy.uint8)


def _unpacked(held: Any) -> tuple[str, ...]:
    return tuple(held.tobytes().decode().split("\n"))
