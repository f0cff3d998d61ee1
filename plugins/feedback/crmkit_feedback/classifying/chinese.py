"""Sentiment of Chinese text by a linear model over characters and pairs of them: learnt from people's labels, kept as
small whole numbers, and applied in plain Python.

A text is cut into characters and pairs of neighbours; each is hashed (CRC-32) to one of `SIZE` places. The score is the
sum of the weights of the places that occur; its logistic function is the probability of a positive text. Must not know
databases.
"""

from __future__ import annotations

import base64
import json
import math
import zlib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from attrs import field, frozen

from crmkit_feedback.extras import library

SIZE = 1 << 15
SCALE = 64.0
"""Weights are kept as whole numbers of sixty-fourths, from -2 to 2."""
PENALTY = 0.1
"""Found by cross-validation on the reviews that the shipped model is of."""
DATA = "chinese.json"


@frozen(kw_only=True)
class ChineseModel:
    """Weights by place, in parts of `SCALE`, and what is added to every sum."""

    weights: bytes = field(repr=False)
    bias: float

    def probability(self, text: str) -> float:
        """Return the probability that a text is positive."""
        places = places_of(text)
        if not places:
            return 0.5
        total = sum((self.weights[place] ^ 0x80) - 0x80 for place in places) / SCALE
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, total + self.bias))))

    def document(self) -> dict[str, object]:
        """Return it as plain values, to be kept."""
        packed = base64.b85encode(zlib.compress(self.weights, 9)).decode("ascii")
        return {"size": SIZE, "bias": round(self.bias, 6), "weights": packed}


def places_of(text: str) -> set[int]:
    """Return the places of the characters and pairs of characters of a text; what is no letter or digit ends a pair,
    and counts only as an exclamation or question mark."""
    found: set[int] = set()
    before = ""
    for sign in text[:2000].casefold():
        if sign.isalnum():
            found.add(_place(sign))
            if before:
                found.add(_place(before + sign))
            before = sign
        else:
            if sign in "!！?？":
                found.add(_place({"！": "!", "？": "?"}.get(sign, sign)))
            before = ""
    return found


def _place(text: str) -> int:
    return zlib.crc32(text.encode()) % SIZE


def learn(texts: Sequence[str], positive: Sequence[bool], penalty: float = PENALTY) -> ChineseModel:
    """Return a model of texts that people have labelled: logistic regression with an L2 penalty, over places weighted
    by how much more often they occur in positive texts than in negative ones (Wang & Manning 2012). Needs
    ``crmkit[feedback]``."""
    np, sparse = library("numpy"), library("scipy.sparse")
    regression = library("sklearn.linear_model").LogisticRegression
    rows, columns, values = [], [], []
    for row, text in enumerate(texts):
        places = sorted(places_of(text))
        rows += [row] * len(places)
        columns += places
        values += [1.0] * len(places)
    matrix = sparse.csr_matrix((values, (rows, columns)), shape=(len(texts), SIZE))
    good = np.asarray(list(positive), dtype=bool)
    often, seldom = (1 + np.asarray(matrix[each].sum(axis=0)).ravel() for each in (good, ~good))
    ratio = np.log(often / often.sum()) - np.log(seldom / seldom.sum())
    fitted = regression(C=penalty, solver="liblinear", random_state=0).fit(matrix.multiply(ratio).tocsr(), good)
    whole = np.clip(np.rint(fitted.coef_[0] * ratio * SCALE), -127, 127).astype(np.int8)
    return ChineseModel(weights=whole.tobytes(), bias=float(fitted.intercept_[0]))


def model_of(document: dict[str, object]) -> ChineseModel:
    """Return the model that was kept as a document."""
    weights = zlib.decompress(base64.b85decode(str(document["weights"])))
    return ChineseModel(weights=weights, bias=float(str(document["bias"])))


@cache
def shipped() -> ChineseModel:
    """Return the model that comes with crmkit: of 3,000 reviews of hotels, books, computers and other goods."""
    return model_of(json.loads((files(__package__) / DATA).read_text("ascii")))
