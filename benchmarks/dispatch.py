"""Calling plugins: a hook through the dispatcher, which attributes and times answers, beside pluggy's own call."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType

from benchmarks.measure import Bench, in_turn
from crmkit.hooks.dispatch import Dispatcher

PLUGINS = 50
CALLS = 2000
ROUNDS = 15
ARGUMENTS = {"session": None, "text": "x", "limit": 5}


def run(bench: Bench) -> None:
    """Measure calls of fifty implementations, and of none."""
    for said, body, bar in (("nothing to say", "None", 2.0), ("answers", "[]", 5.0)):
        made = _dispatcher(f"def crmkit_search(session, text, limit): return {body}")
        ours, native = in_turn(
            _often(lambda made=made: made.collect("crmkit_search", **ARGUMENTS)),
            _often(lambda made=made: made._manager.hook.crmkit_search(**ARGUMENTS)),
            rounds=ROUNDS,
        )
        name = f"hook of {PLUGINS} plugins with {said}"
        bench.note(name, "-", _micros(ours), _micros(native), floor_name="pluggy", bar=bar, unit="µs")
    made = _dispatcher("def crmkit_models(): ...")
    ours, native = in_turn(
        _often(lambda: made.collect("crmkit_search", **ARGUMENTS)),
        _often(lambda: made._manager.hook.crmkit_search(**ARGUMENTS)),
        rounds=ROUNDS,
    )
    name = f"hook that none of {PLUGINS} plugins has"
    bench.note(name, "-", _micros(ours), _micros(native), floor_name="pluggy", bar=5.0, unit="µs")


def _dispatcher(source: str) -> Dispatcher:
    """Return a dispatcher with many plugins of the same source."""
    made = Dispatcher()
    for number in range(PLUGINS):
        module = ModuleType(f"bench_p{number}")
        # Tracebacks and annotations are looked up by a module's name.
        sys.modules[module.__name__] = module
        exec(compile(f"from crmkit.hooks import hookimpl\n@hookimpl\n{source}", module.__name__, "exec"), vars(module))
        made.add_plugin(f"p{number}", module)
    return made


def _often(call: Callable[[], object]) -> Callable[[], None]:
    def calls() -> None:
        for _number in range(CALLS):
            call()

    return calls


def _micros(taken: float) -> float:
    """Return the microseconds of one call, from the seconds of many."""
    return taken / CALLS * 1e6
