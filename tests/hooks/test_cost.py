"""A call through the dispatcher costs about what the same call costs in pluggy, which attributes nothing."""

from __future__ import annotations

import timeit
from collections.abc import Callable

from crmkit.hooks.dispatch import Dispatcher
from tests.hooks.modules import module

PLUGINS = 50
ARGUMENTS = {"session": None, "text": "x", "limit": 5}


def best(call: Callable[[], object]) -> float:
    """Return the best time of a call in microseconds."""
    return min(timeit.repeat(call, number=200, repeat=25)) / 200 * 1e6


def test_call_of_fifty_plugins_is_cheap() -> None:
    """Fifty implementations cost at most twice a native call with nothing to say, five times with answers."""
    for body, factor in (("None", 2), ("[]", 5)):
        made = Dispatcher()
        for number in range(PLUGINS):
            source = f"@hookimpl\ndef crmkit_search(session, text, limit): return {body}"
            made.add_plugin(f"p{number}", module(f"p{number}", source))
        native = best(lambda made=made: made._manager.hook.crmkit_search(**ARGUMENTS))  # type: ignore[misc]
        ours = best(lambda made=made: made.collect("crmkit_search", **ARGUMENTS))  # type: ignore[misc]
        assert ours <= factor * native, f"{ours:.1f} µs, and {native:.1f} µs natively"


def test_hook_that_nobody_implements_costs_next_to_nothing() -> None:
    """Fifty plugins without the hook cost less than five microseconds."""
    made = Dispatcher()
    for number in range(PLUGINS):
        made.add_plugin(f"p{number}", module(f"p{number}", "@hookimpl\ndef crmkit_models(): ..."))
    assert best(lambda: made.collect("crmkit_facts")) < 5
