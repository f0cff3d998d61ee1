"""The hooks that needs offers to others. crmkit finds them in a module of this name beside the hook module."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from crmkit.hooks.markers import hookspec

if TYPE_CHECKING:
    from crmkit_needs.scoring.formulas import Formula


@hookspec
def needs_scores() -> Sequence[Formula] | None:
    """Return formulas by which needs are scored, beside those of needs: values of `crmkit_needs.api.Formula`, each with
    the text that is shown for it and its factors. A formula goes up with each factor of which more is better and down
    with each other one, for all numbers within their bounds, as its ends are computed from that. A name that there is
    already is left out.

    When: needs are put into an order, or their numbers are given.
    None: no formulas.
    """
