"""A behaviour hook that keeps failing is left out for a while, says so, and comes back by itself."""

from __future__ import annotations

from types import ModuleType

import pytest

from crmkit.errors import HookFailed
from crmkit.hooks.dispatch import Contribution, Dispatcher
from tests.hooks.modules import module

SOURCE = """
calls = []
broken = True
@hookimpl
def crmkit_search(text):
    calls.append(text)
    if broken:
        raise ValueError
    return [text]
@hookimpl
def crmkit_timeline():
    return ["fine"]
"""


class Clock:
    """A clock that a test moves by hand, in seconds."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def plugin() -> ModuleType:
    return module("acme", SOURCE)


@pytest.fixture
def dispatcher(clock: Clock, plugin: ModuleType) -> Dispatcher:
    made = Dispatcher(clock=clock)
    made.add_plugin("acme", plugin)
    return made


def ask(dispatcher: Dispatcher) -> Contribution:
    (answer,) = dispatcher.collect("crmkit_search", session=None, text="x", limit=1)
    return answer


def fail(dispatcher: Dispatcher, times: int) -> None:
    for _ in range(times):
        assert isinstance(ask(dispatcher).error, HookFailed)


def test_fifth_failure_in_a_row_opens_the_breaker(dispatcher: Dispatcher, plugin: ModuleType) -> None:
    """From then on the plugin is not called, and the answer says why and until when."""
    fail(dispatcher, 5)
    answer = ask(dispatcher)
    assert len(plugin.calls) == 5
    (timing,) = dispatcher.timings()
    assert (timing.calls, timing.failures) == (5, 5)
    assert answer.skipped
    assert str(answer.error) == (
        'CK202 Plugin "acme": crmkit_search is left out for another 60 s: it failed 5 times in a row, '
        "lastly by ValueError (acme/plugin.py:8)."
    )


def test_a_success_starts_the_count_anew(dispatcher: Dispatcher, plugin: ModuleType) -> None:
    """Only failures in a row count."""
    fail(dispatcher, 4)
    plugin.broken = False
    ask(dispatcher)
    plugin.broken = True
    fail(dispatcher, 4)
    assert not ask(dispatcher).skipped


def test_other_hooks_of_the_plugin_go_on(dispatcher: Dispatcher) -> None:
    """The breaker is one plugin's hook, not the plugin."""
    fail(dispatcher, 5)
    (answer,) = dispatcher.collect("crmkit_timeline", session=None, customer_ids=(), since=None, until=None)
    assert answer.value == ["fine"]


def test_it_is_tried_once_after_the_pause_and_closes(dispatcher: Dispatcher, clock: Clock, plugin: ModuleType) -> None:
    """A trial that succeeds puts everything back."""
    fail(dispatcher, 5)
    plugin.broken = False
    clock.now += 59.9
    assert ask(dispatcher).skipped
    clock.now += 0.1
    assert ask(dispatcher).value == ["x"]
    assert dispatcher.breakers() == ()


def test_a_trial_that_fails_opens_it_anew(dispatcher: Dispatcher, clock: Clock, plugin: ModuleType) -> None:
    """After the pause there is one call, and after its failure another pause."""
    fail(dispatcher, 5)
    clock.now += 60
    assert not ask(dispatcher).skipped
    assert ask(dispatcher).skipped
    assert len(plugin.calls) == 6


def test_only_one_thread_tries(dispatcher: Dispatcher, clock: Clock, plugin: ModuleType) -> None:
    """While the trial runs, other calls still leave the plugin out."""
    fail(dispatcher, 5)
    clock.now += 60
    nested: list[Contribution] = []
    plugin.calls = type("Nested", (list,), {"append": lambda self, text: nested.append(ask(dispatcher))})()
    ask(dispatcher)
    assert [answer.skipped for answer in nested] == [True]


def test_interrupted_trial_can_be_repeated(dispatcher: Dispatcher, clock: Clock, plugin: ModuleType) -> None:
    """Ctrl-C during the trial does not leave the plugin out for good."""
    fail(dispatcher, 5)
    clock.now += 60

    def interrupt(self: object, text: str) -> None:
        raise KeyboardInterrupt

    plugin.calls, kept = type("Interrupted", (list,), {"append": interrupt})(), plugin.calls
    with pytest.raises(KeyboardInterrupt):
        ask(dispatcher)
    plugin.calls, plugin.broken = kept, False
    assert ask(dispatcher).value == ["x"]


def test_state_can_be_read(dispatcher: Dispatcher, clock: Clock) -> None:
    """Whoever looks after the system sees which hooks fail, why, and when they are tried again."""
    assert dispatcher.breakers() == ()
    seen = []
    for times, later in ((4, 0.0), (1, 20.0), (0, 40.0)):
        fail(dispatcher, times)
        clock.now += later
        (state,) = dispatcher.breakers()
        seen.append((state.plugin, state.hook, state.state, state.failures, state.retry_in))
    assert seen == [
        ("acme", "crmkit_search", "closed", 4, 0.0),
        ("acme", "crmkit_search", "open", 5, 40.0),
        ("acme", "crmkit_search", "half_open", 5, 0.0),
    ]
    assert state.reason == "ValueError (acme/plugin.py:8)"
