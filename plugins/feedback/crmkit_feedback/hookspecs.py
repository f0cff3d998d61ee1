"""The hooks that feedback offers to others. crmkit finds them in a module of this name beside the hook module."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from crmkit.hooks.markers import hookspec


@hookspec
def feedback_sentiment() -> Sequence[Callable[[str, str | None], int | None]] | None:
    """Return functions that say what a text thinks: given a text and its language, from -100 (very bad) to 100 (very
    good), or None where they cannot say. The first that says anything counts, before crmkit's own.

    When: feedback with words in it was taken in.
    None: no functions.
    """
