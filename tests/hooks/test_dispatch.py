"""The dispatcher attributes every answer, isolates failures as the policy says, keeps the order, and measures."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import attrs
import pytest

from crmkit.errors import ContributionError, HookError, HookFailed, UnknownPlugin, Veto
from crmkit.hooks.dispatch import Contribution, Dispatcher
from crmkit.hooks.policies import Policy
from tests.hooks.modules import module


def dispatcher(plugins: dict[str, str], **options: Any) -> Dispatcher:
    """Return a dispatcher with plugins from source, in this order."""
    made = Dispatcher(**options)
    for name, source in plugins.items():
        made.add_plugin(name, module(name, source))
    return made


def search(body: str) -> str:
    """Return the source of a plugin that searches."""
    return f"@hookimpl\ndef crmkit_search(text): {body}"


def ask(made: Dispatcher, text: str = "x") -> list[Contribution]:
    """Search on every plugin."""
    return made.collect("crmkit_search", session=None, text=text, limit=5)


VALIDATE = "@hookimpl\ndef crmkit_validate_change(changes):\n    "


def validate(made: Dispatcher) -> list[Contribution]:
    """Ask every plugin whether a change is right."""
    return made.collect("crmkit_validate_change", session=None, changes=())


# --- answers and order -----------------------------------------------------------------------------------------------


def test_each_answer_names_its_plugin_in_order() -> None:
    """Plugins answer in the order in which they were added; None is no answer."""
    made = dispatcher({"base": search("return [text]"), "mute": search("return None"), "top": search("return [2]")})
    assert [(each.plugin, each.value) for each in ask(made)] == [("base", ["x"]), ("top", [2])]


def test_contribution_is_frozen() -> None:
    """An answer cannot be changed on its way."""
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        Contribution("base", [1]).value = [2]  # type: ignore[misc]


def test_implementations_take_the_arguments_they_name() -> None:
    """An implementation names any of the arguments, in any order."""
    made = dispatcher(
        {
            "all": "@hookimpl\ndef crmkit_search(limit, text, session): return [limit, text, session]",
            "one": "@hookimpl\ndef crmkit_search(limit): return [limit]",
            "none": "@hookimpl\ndef crmkit_search(): return ['nothing']",
        }
    )
    assert [each.value for each in ask(made)] == [[5, "x", None], [5], ["nothing"]]


def test_order_is_that_of_native_calls_reversed() -> None:
    """pluggy itself sees the same implementations, last in first out."""
    made = dispatcher({name: search(f"return ['{name}']") for name in "abc"})
    native = made._manager.hook.crmkit_search(session=None, text="x", limit=5)
    assert native == [each.value for each in reversed(ask(made))]


def test_shutdown_calls_dependents_first() -> None:
    """What was set up first is taken down last."""
    source = (
        "@hookimpl\ndef crmkit_startup(crm): crm.append('{0} up')\n"
        "@hookimpl\ndef crmkit_shutdown(crm): crm.append('{0} down')"
    )
    made = dispatcher({name: source.format(name) for name in ("base", "top")})
    seen: list[str] = []
    made.collect("crmkit_startup", crm=seen)
    made.collect("crmkit_shutdown", crm=seen)
    assert seen == ["base up", "top up", "top down", "base down"]


def test_first_result_stops_at_the_first_answer() -> None:
    """Plugins after the one that answered are not asked; whoever asked to be first or last is."""
    source = "@hookimpl({1})\ndef crmkit_resolve_actor(context):\n    context.append('{0}')\n    return {2}"
    made = dispatcher(
        {
            "late": source.format("late", "trylast=True", "'late'"),
            "mute": source.format("mute", "", "None"),
            "plain": source.format("plain", "", "'plain'"),
            "early": source.format("early", "tryfirst=True", "None"),
        }
    )
    seen: list[str] = []
    answer = made.first("crmkit_resolve_actor", context=seen, crm=None)
    assert seen == ["early", "mute", "plain"]
    assert answer is not None
    assert (answer.plugin, answer.value) == ("plain", "plain")


def test_first_result_may_be_none() -> None:
    """Without an answer the caller gets None and falls back on its own."""
    assert dispatcher({}).first("crmkit_file_store", settings=None) is None


def test_only_calls_one_plugin() -> None:
    """A life-cycle hook is called on the plugin concerned and no other."""
    source = "@hookimpl\ndef crmkit_plugin_upgraded(crm, from_version): return (crm.append('{0}'), from_version)"
    made = dispatcher({name: source.format(name) for name in ("a", "b")} | {"c": ""})
    seen: list[str] = []
    answer = made.only("b", "crmkit_plugin_upgraded", crm=seen, from_version="1.0")
    assert seen == ["b"]
    assert answer is not None
    assert answer.value == (None, "1.0")
    assert made.only("c", "crmkit_plugin_upgraded", crm=seen, from_version="1.0") is None


# --- failures --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body", ["raise ValueError('13800138000')", "raise SystemExit(3)", "return (1 / 0 for _ in 'x')"]
)
def test_isolated_failure_spares_the_others(body: str) -> None:
    """A plugin that raises, exits or returns an iterator that raises is named; the rest answer."""
    made = dispatcher({"good": search("return [1]"), "bad": search(body), "other": search("return [3]")})
    good, bad, other = ask(made)
    assert (good.value, other.value) == ([1], [3])
    assert bad.plugin == "bad"
    assert isinstance(bad.error, HookFailed)
    assert bad.error.plugin == "bad"
    assert bad.value is None
    assert str(bad.error).startswith('CK202 Plugin "bad": crmkit_search raised ')
    assert "bad/plugin.py:2" in str(bad.error)


def test_failure_does_not_repeat_what_the_exception_says() -> None:
    """The text of an exception may be about a customer; it stays in the cause."""
    (bad,) = ask(dispatcher({"bad": search("raise ValueError('13800138000')")}))
    assert bad.error is not None
    assert "13800138000" not in str(bad.error)
    assert "13800138000" not in repr(bad.error.values)
    assert str(bad.error.__cause__) == "13800138000"


def test_interrupt_is_not_caught() -> None:
    """A person who presses Ctrl-C is obeyed."""
    with pytest.raises(KeyboardInterrupt):
        ask(dispatcher({"bad": search("raise KeyboardInterrupt")}))


def test_declaration_that_fails_is_reported_with_its_text() -> None:
    """A declaration has no customer's data, so its failure says everything."""
    made = dispatcher(
        {
            "bad": "@hookimpl\ndef crmkit_models():\n    raise ValueError('no table {name}')",
            "good": "@hookimpl\ndef crmkit_models(): return [int]",
        }
    )
    bad, good = made.collect("crmkit_models")
    assert str(bad.error) == 'CK202 Plugin "bad": crmkit_models raised ValueError at bad/plugin.py:3: no table {name}'
    assert [int] == good.value


def test_declaration_that_fails_is_fatal_in_strict_mode() -> None:
    """With strict settings the first broken declaration stops the build."""
    made = dispatcher({"bad": "@hookimpl\ndef crmkit_models(): return 1 / 0"}, strict=True)
    with pytest.raises(HookFailed) as caught:
        made.collect("crmkit_models")
    assert caught.value.plugin == "bad"
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_plugin_error_of_a_declaration_stays_what_it_is() -> None:
    """A declaration that names its own mistake keeps its code."""
    source = "from crmkit.errors import ContributionError\n@hookimpl\ndef crmkit_facts(): raise ContributionError()"
    (bad,) = dispatcher({"bad": source}).collect("crmkit_facts")
    assert isinstance(bad.error, ContributionError)
    assert bad.error.raised_by == "bad"


def test_strict_failure_is_raised_with_its_cause() -> None:
    """In a transaction an exception ends the call, and plugins after it are not asked."""
    made = dispatcher({"bad": VALIDATE + "return 1 / 0", "after": VALIDATE + "raise AssertionError"})
    with pytest.raises(HookFailed) as caught:
        validate(made)
    assert caught.value.plugin == "bad"
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_veto_passes_as_it_is_but_attributed() -> None:
    """A coded refusal reaches the caller unwrapped, with its own cause, naming the plugin; it is no failure."""
    source = (
        "from crmkit.errors import Veto\n" + VALIDATE + "raise Veto('No {thing}.', thing='more') from KeyError('k')"
    )
    made = dispatcher({"strict": source})
    with pytest.raises(Veto) as caught:
        validate(made)
    assert str(caught.value) == "CK521 No more."
    assert caught.value.raised_by == "strict"
    assert isinstance(caught.value.__cause__, KeyError)
    assert caught.value.__notes__ == ["Raised by plugin 'strict' in crmkit_validate_change."]
    assert [timing.failures for timing in made.timings()] == [0]


def test_access_rule_that_fails_is_reported_and_never_left_out() -> None:
    """The caller sees the error each time, so that it can refuse each time."""
    made = dispatcher({"bad": "@hookimpl\ndef crmkit_access_rules(actor): return 1 / 0"}, breaker_limit=1)
    for _ in range(3):
        (answer,) = made.collect("crmkit_access_rules", actor=None, action="read", resource="customer")
        assert isinstance(answer.error, HookFailed)
        assert not answer.skipped


def test_lifecycle_failure_is_raised_for_the_plugin_concerned() -> None:
    """Enabling a plugin whose hook raises fails with its name."""
    made = dispatcher({"bad": "@hookimpl\ndef crmkit_plugin_enabled(crm): return 1 / 0"})
    with pytest.raises(HookFailed, match='Plugin "bad"'):
        made.only("bad", "crmkit_plugin_enabled", crm=None)


def test_isolated_hook_runs_in_a_savepoint() -> None:
    """A hook with a session runs in a context that sees its failure, the reading of its iterator included."""
    seen: list[str] = []

    @contextmanager
    def savepoint(session: str) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            seen.append(f"{session} undone: {type(error).__name__}")
            raise
        seen.append(f"{session} kept")

    made = dispatcher({"a": search("return (1 / 0 for _ in 'x')"), "b": search("return [1]")}, savepoint=savepoint)
    bad, good = made.collect("crmkit_search", session="s", text="", limit=1)
    assert seen == ["s undone: ZeroDivisionError", "s kept"]
    assert isinstance(bad.error, HookFailed)
    assert good.value == [1]


# --- misuse ----------------------------------------------------------------------------------------------------------


def test_missing_argument_is_an_error() -> None:
    """A call that forgets an argument is refused, whether or not anybody would have read it."""
    with pytest.raises(HookError, match="crmkit_search: It was called without limit, text"):
        dispatcher({}).collect("crmkit_search", session=None)


def test_foreign_argument_is_an_error() -> None:
    """A call with an argument that the hook lacks is refused."""
    with pytest.raises(HookError, match="It was called with actor"):
        dispatcher({}).collect("crmkit_models", actor=None)


def test_unknown_hook_is_an_error() -> None:
    """A misspelt hook is refused with the one that was meant."""
    with pytest.raises(HookError, match='Did you mean "crmkit_search"'):
        dispatcher({}).collect("crmkit_serch")


def test_call_of_the_wrong_kind_is_an_error() -> None:
    """A hook is called in the way that its policy says."""
    made = dispatcher({})
    with pytest.raises(HookError, match="first result"):
        made.collect("crmkit_file_store", settings=None)
    with pytest.raises(HookError, match="All its results"):
        made.first("crmkit_models")
    with pytest.raises(HookError, match="one plugin only"):
        made.collect("crmkit_plugin_enabled", crm=None)
    with pytest.raises(UnknownPlugin, match="not loaded"):
        made.only("absent", "crmkit_models")


# --- registration ----------------------------------------------------------------------------------------------------


def test_module_that_fails_the_check_leaves_nothing() -> None:
    """A refused plugin is not half registered: the mended module can be added."""
    made = dispatcher({})
    with pytest.raises(HookError):
        made.add_plugin("acme", module("acme", search("return [1]") + "\n@hookimpl\ndef crmkit_modles(): ..."))
    assert made.plugins == ()
    made.add_plugin("acme", module("acme", search("return [1]")))
    assert [each.plugin for each in ask(made)] == ["acme"]


def test_plugin_is_added_once() -> None:
    """Neither a name nor a module can be taken twice."""
    made = dispatcher({})
    acme = module("acme", search("return [1]"))
    made.add_plugin("acme", acme)
    for name, other in (("acme", module("other", "")), ("other", acme)):
        with pytest.raises(HookError, match="registered already"):
            made.add_plugin(name, other)


def test_plugins_and_hooks_can_be_listed() -> None:
    """The order of plugins, what each implements, and who implements a hook can be read."""
    made = dispatcher({"a": search("..."), "b": search("...") + "\n@hookimpl\ndef crmkit_models(): ..."})
    assert made.plugins == ("a", "b")
    assert made.hooks_of("b") == ("crmkit_models", "crmkit_search")
    assert made.implementers("crmkit_search") == ("a", "b")
    with pytest.raises(UnknownPlugin):
        made.hooks_of("c")


def test_plugin_added_after_a_call_is_called() -> None:
    """A plugin that is enabled while the program runs takes part from the next call on."""
    made = dispatcher({"a": search("return [1]")})
    ask(made)
    made.add_plugin("b", module("b", search("return [2]")))
    assert [each.plugin for each in ask(made)] == ["a", "b"]


def test_removed_plugin_is_called_no_more() -> None:
    """A plugin that was set aside answers nothing, and its measurements go with it."""
    made = dispatcher({"a": search("return [1]"), "b": search("return [2]")})
    ask(made)
    made.remove_plugin("a")
    assert [each.plugin for each in ask(made)] == ["b"]
    assert [timing.plugin for timing in made.timings()] == ["b"]


def test_plugins_define_hooks_for_each_other() -> None:
    """A plugin's own hooks are called like the kernel's, by the policy that it states."""
    made = dispatcher({})
    specs = module("loyalty", "@hookspec\ndef loyalty_earn_rules(tier): ...")
    made.add_specs("loyalty", specs, {"loyalty_earn_rules": Policy(kind="behaviour", errors="strict")})
    made.add_plugin("acme", module("acme", "@hookimpl\ndef loyalty_earn_rules(tier): return 1 / tier"))
    assert [each.value for each in made.collect("loyalty_earn_rules", tier=1)] == [1.0]
    with pytest.raises(HookFailed):
        made.collect("loyalty_earn_rules", tier=0)
    with pytest.raises(HookError, match='"loyalty" defines this hook already'):
        made.add_specs("loyalty", specs)


def test_optional_hook_waits_for_its_definition() -> None:
    """A plugin may implement a hook of an absent plugin; it is called, or refused, once the hook is defined."""
    source = "@hookimpl(optionalhook=True)\ndef loyalty_earn_rules({0}): return ['rule']"
    specs = module("loyalty", "@hookspec\ndef loyalty_earn_rules(tier): ...")
    made = dispatcher({"acme": source.format("tier")})
    made.add_specs("loyalty", specs)
    assert [each.value for each in made.collect("loyalty_earn_rules", tier=1)] == [["rule"]]
    with pytest.raises(HookError) as caught:
        dispatcher({"acme": source.format("level")}).add_specs("loyalty", specs)
    assert caught.value.plugin == "acme"


def test_two_dispatchers_share_nothing() -> None:
    """The same module in two dispatchers is two plugins, measured apart."""
    acme = module("acme", search("return [1]"))
    first, second = Dispatcher(), Dispatcher()
    first.add_plugin("acme", acme)
    second.add_plugin("acme", acme)
    ask(first)
    assert [timing.calls for timing in first.timings()] == [1]
    assert second.timings() == ()
    first.remove_plugin("acme")
    assert [each.plugin for each in ask(second)] == ["acme"]


# --- measurements ----------------------------------------------------------------------------------------------------


def test_calls_are_timed_for_each_plugin() -> None:
    """Counts, totals and maxima are kept for each plugin and hook, also across later additions."""
    made = dispatcher({"slow": "import time\n" + search("time.sleep(0.002)"), "bad": search("return 1 / 0")})
    answers = ask(made)
    made.add_plugin("new", module("new", ""))
    ask(made)
    bad, slow = made.timings()
    assert (bad.plugin, bad.hook, bad.calls, bad.failures) == ("bad", "crmkit_search", 2, 2)
    assert (slow.plugin, slow.calls, slow.failures) == ("slow", 2, 0)
    assert slow.total_micros >= slow.max_micros >= slow.mean_micros >= 2000
    assert 0 < answers[0].micros <= bad.max_micros


def test_calls_from_many_threads_are_all_counted() -> None:
    """Web pages call hooks from a pool of threads; none of their calls is lost from the count."""
    made = dispatcher({"a": search("return [text]"), "b": search("return 1 / 0")}, breaker_limit=10_000)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda number: ask(made, str(number)), range(800)))
    assert [[str(number)] for number in range(800)] == [a.value for a, _ in answers]
    assert [(timing.calls, timing.failures) for timing in made.timings()] == [(800, 0), (800, 800)]
    assert [state.failures for state in made.breakers()] == [800]


def test_trace_says_what_was_called_and_no_values(caplog: pytest.LogCaptureFixture) -> None:
    """The log names hooks, plugins and kinds of error, never what was passed or returned."""
    made = dispatcher({"a": search("return ['secret-b']"), "b": search("raise ValueError('secret-c')")})
    with caplog.at_level(logging.DEBUG, logger="crmkit.hooks"):
        ask(made, "secret-a")
    assert "crmkit_search of plugin a took" in caplog.text
    assert "crmkit_search of plugin b raised ValueError at b/plugin.py:2" in caplog.text
    assert "secret" not in caplog.text


def test_slow_call_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """A call over the budget is reported; it is not interrupted."""
    made = dispatcher({"slow": "import time\n" + search("return [time.sleep(0.003)]")}, budget=0.001)
    assert [each.value for each in ask(made)] == [[None]]
    assert "crmkit_search of plugin slow was slow" in caplog.text
