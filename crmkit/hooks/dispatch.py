"""Calls hooks: knows which plugin answered, spares the others when one fails, and measures each.

pluggy finds and registers implementations; the loop over them is here, because pluggy's own drops the owners of
results, loses all of them at the first exception and knows no order but last in, first out. Must not know databases,
doors or what any hook is about, and keeps no data that went through it.
"""

from __future__ import annotations

import logging
import math
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from types import ModuleType
from typing import Any

import pluggy
from attrs import frozen

from crmkit.errors import CrmkitError, HookError, HookFailed, PluginError, Problem, UnknownPlugin
from crmkit.hooks import specs
from crmkit.hooks.catalogue import Specification, kernel_specifications, read_specifications
from crmkit.hooks.checks import check_module, require_items, suggestion
from crmkit.hooks.markers import PROJECT
from crmkit.hooks.origin import origin, wording
from crmkit.hooks.policies import Policy
from crmkit.hooks.records import BreakerState, HookTiming, Record, picker
from crmkit.i18n import texts

_ = texts("crmkit")
_log = logging.getLogger("crmkit.hooks")

_CONTAINERS = frozenset({list, tuple, dict, str, bool, int})
_NOT_CALLED = -1


@frozen(slots=False)  # a frozen value without slots is made in three quarters of the time
class Contribution:
    """One plugin's answer to a hook.

    Either ``value`` is set, or ``error`` says what went wrong. ``skipped`` says that the plugin was not called, as it
    has failed too often; ``error`` then says why and until when. ``micros`` is the time taken in microseconds.
    """

    plugin: str
    value: Any = None
    error: PluginError | None = None
    micros: float = 0.0
    skipped: bool = False


class Dispatcher:
    """The plugins of one CRM and the calls to them. Two dispatchers share nothing.

    ``strict`` makes every error of a declaration fatal. ``savepoint`` gives the context in which an isolated hook with
    a ``session`` runs, so that its failed statement does not spoil the transaction for the next. After
    ``breaker_limit`` failures in a row such a hook is left out for ``breaker_pause`` seconds of ``clock``. A call
    longer than ``budget`` seconds is logged as slow; nothing is ever interrupted. Thread-safe once plugins are added.
    """

    def __init__(
        self,
        *,
        strict: bool = False,
        savepoint: Callable[[Any], AbstractContextManager[Any]] | None = None,
        breaker_limit: int = 5,
        breaker_pause: float = 60.0,
        budget: float = 0.5,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.strict = strict
        self._savepoint = savepoint
        self._breaker_limit = breaker_limit
        self._breaker_pause = breaker_pause
        self._budget_nanos = int(budget * 1e9)
        self._clock = clock
        self._lock = threading.Lock()
        self._manager = pluggy.PluginManager(PROJECT)
        self._specifications: dict[str, Specification] = {}
        self._expected: dict[str, frozenset[str]] = {}
        self._modules: dict[str, ModuleType] = {}
        self._records: dict[str, tuple[Record, ...]] = {}
        self._kept: dict[tuple[str, str], Record] = {}
        self._add_specifications(specs, kernel_specifications())

    # --- what is registered

    @property
    def plugins(self) -> tuple[str, ...]:
        """Return the names of the plugins in the order in which they are called."""
        return tuple(self._modules)

    @property
    def specifications(self) -> Mapping[str, Specification]:
        """Return every hook that can be implemented: the kernel's, then those of plugins."""
        return dict(self._specifications)

    def hooks_of(self, plugin: str) -> tuple[str, ...]:
        """Return the names of the hooks that a plugin implements. Raises UnknownPlugin."""
        self._known(plugin)
        return tuple(hook for hook in self._specifications if any(r.plugin == plugin for r in self._records_of(hook)))

    def implementers(self, hook: str) -> tuple[str, ...]:
        """Return the plugins that implement a hook, in the order in which they are called. Raises HookError."""
        self._policy(hook)
        return tuple(record.plugin for record in self._records_of(hook))

    def add_specs(self, plugin: str, module: ModuleType, policies: Mapping[str, Policy] | None = None) -> None:
        """Add hooks that a plugin defines for others; their names begin with the plugin's.

        To be called before any plugin that implements them is added. Raises HookError.
        """
        self._add_specifications(module, read_specifications(plugin, module, policies))

    def add_plugin(self, plugin: str, module: ModuleType, *, checked: bool = False) -> None:
        """Register a plugin's hook module, after the plugins that it requires; ``checked`` says that it was found to
        be right before.

        Raises HookError, and then keeps nothing of it.
        """
        if plugin in self._modules or module in self._modules.values():
            raise HookError(_("The plugin, or its module, is registered already."), plugin=plugin)
        if not checked:
            check_module(plugin, module, self._specifications)
        self._manager.register(module, plugin)
        self._modules[plugin] = module
        self._records.clear()

    def remove_plugin(self, plugin: str) -> None:
        """Stop calling a plugin; hooks that it defines for others stay. Raises UnknownPlugin."""
        self._known(plugin)
        self._manager.unregister(name=plugin)
        del self._modules[plugin]
        self._records.clear()
        with self._lock:
            for key in [key for key in self._kept if key[1] == plugin]:
                del self._kept[key]

    # --- calls

    def collect(self, hook: str, /, **arguments: Any) -> list[Contribution]:
        """Call a hook on every plugin and return what each answered, leaving out None.

        What an error does is the hook's policy: it is returned beside the answers, or raised as HookFailed with the
        exception as its cause (errors of crmkit's own tree are raised as they are, with ``raised_by`` set). Iterators
        are read to the end. Raises HookError for an unknown hook, for arguments that are missing or not the hook's,
        and for a hook that concerns one plugin only.
        """
        policy = self._checked(hook, arguments)
        if policy.errors == "concerned":
            raise _misuse(hook, _("It is called on one plugin only."))
        if policy.result != "collect":
            raise _misuse(hook, _("Its first result wins."))
        return self._run(self._records_of(hook), policy, arguments)

    def first(self, hook: str, /, **arguments: Any) -> Contribution | None:
        """Call a hook until a plugin answers, and return that answer, or None. Raises as `collect` does."""
        policy = self._checked(hook, arguments)
        if policy.result != "first":
            raise _misuse(hook, _("All its results are collected."))
        answers = self._run(self._records_of(hook), policy, arguments)
        return answers[-1] if answers and answers[-1].error is None else None

    def only(self, plugin: str, hook: str, /, **arguments: Any) -> Contribution | None:
        """Call a hook on one plugin; None if the plugin does not implement it or has nothing to say.

        Raises as `collect` does, and UnknownPlugin.
        """
        policy = self._checked(hook, arguments)
        self._known(plugin)
        records = tuple(record for record in self._records_of(hook) if record.plugin == plugin)
        return next(iter(self._run(records, policy, arguments)), None)

    # --- what was measured

    def timings(self) -> tuple[HookTiming, ...]:
        """Return the timing of every hook that was called, by plugin and hook."""
        with self._lock:
            found = [record.timing() for record in self._kept.values() if record.calls]
        return tuple(sorted(found, key=lambda timing: (timing.plugin, timing.hook)))

    def breakers(self) -> tuple[BreakerState, ...]:
        """Return the circuit breakers that have counted a failure since the last success, by plugin and hook."""
        now = self._clock()
        with self._lock:
            found = [record.breaker(now) for record in self._kept.values() if record.failures_in_row]
        return tuple(sorted(found, key=lambda state: (state.plugin, state.hook)))

    # --- inside

    def _run(self, records: Sequence[Record], policy: Policy, arguments: dict[str, Any]) -> list[Contribution]:
        answers: list[Contribution] = []
        spent: list[int] = []
        breaks, until_first = policy.breaks, policy.result == "first"
        savepoint = self._savepoint if policy.errors == "isolate" and "session" in arguments else None
        now = time.perf_counter_ns
        began = now()
        try:
            for record in records:
                if breaks and record.open_until is not None and not self._admit(record):
                    answers.append(Contribution(record.plugin, None, self._skipped(record), 0.0, True))
                    spent.append(_NOT_CALLED)
                    continue
                try:
                    if savepoint is None:
                        value = record.function(*record.pick(arguments))
                    else:
                        with savepoint(arguments["session"]):
                            value = _complete(record.function(*record.pick(arguments)))
                    # Read an iterator here: its error belongs to the plugin, not to whoever reads the answer.
                    if value is not None and value.__class__ not in _CONTAINERS:
                        value = _complete(value)
                    if policy.many and value.__class__ is not list and value is not None:
                        value = require_items(record.plugin, record.hook, value)
                except (Exception, SystemExit) as error:
                    ended = now()
                    spent.append(ended - began)
                    if isinstance(error, CrmkitError):
                        _attribute(error, record)
                        if policy.raises:
                            # Saying no is what such a hook is for: no failure, and the caller's own kind of error.
                            raise
                    failure = self._failure(record, policy, error)
                    if policy.raises or (self.strict and policy.errors == "quarantine"):
                        raise failure from failure.__cause__
                    answers.append(Contribution(record.plugin, None, failure, (ended - began) / 1000))
                    began = now()
                    continue
                except BaseException:
                    record.trying = False
                    raise
                ended = now()
                nanos = ended - began
                began = ended
                spent.append(nanos)
                if record.failures_in_row:
                    self._recovered(record)
                if value is not None:
                    answers.append(Contribution(record.plugin, value, None, nanos / 1000))
                    if until_first:
                        break
        finally:
            self._measured(records, spent)
        return answers

    def _measured(self, records: Sequence[Record], spent: Sequence[int]) -> None:
        budget = self._budget_nanos
        slow: list[tuple[Record, int]] = []
        with self._lock:
            for record, nanos in zip(records, spent, strict=False):
                if nanos == _NOT_CALLED:
                    continue
                record.calls += 1
                record.total_nanos += nanos
                if nanos > record.max_nanos:
                    record.max_nanos = nanos
                if nanos > budget:
                    slow.append((record, nanos))
        for record, nanos in slow:
            _log.warning("%s of plugin %s was slow: %.0f ms", record.hook, record.plugin, nanos / 1e6)
        if _log.isEnabledFor(logging.DEBUG):
            for record, nanos in zip(records, spent, strict=False):
                if nanos != _NOT_CALLED:
                    _log.debug("%s of plugin %s took %.0f µs", record.hook, record.plugin, nanos / 1000)

    def _failure(self, record: Record, policy: Policy, error: BaseException) -> PluginError:
        """Return the error to report for an exception, count it, and say in the log that it happened."""
        kind, place = type(error).__name__, origin(error, record.folder)
        _log.warning("%s of plugin %s raised %s at %s", record.hook, record.plugin, kind, place)
        reason = f"{kind} ({place})"
        with self._lock:
            record.failed += 1
            opened = (
                record.failed_with(reason, now=self._clock(), limit=self._breaker_limit, pause=self._breaker_pause)
                if policy.breaks
                else False
            )
        if opened:
            _log.warning(
                "%s of plugin %s is left out for %.0f s: it failed %d times in a row",
                record.hook,
                record.plugin,
                self._breaker_pause,
                record.failures_in_row,
            )
        if isinstance(error, PluginError):
            return error
        if policy.kind == "declarative":
            # No customer's data is within reach of a declaration, so what it says may be shown.
            message, text = _("{hook} raised {kind} at {place}: {text}"), wording(error)
        else:
            message, text = _("{hook} raised {kind} at {place}."), ""
        failure = HookFailed(message, plugin=record.plugin, hook=record.hook, kind=kind, place=place, text=text)
        failure.raised_by = record.plugin
        failure.__cause__ = error
        return failure

    def _admit(self, record: Record) -> bool:
        with self._lock:
            return record.admit(self._clock())

    def _recovered(self, record: Record) -> None:
        with self._lock:
            record.succeeded()
        _log.info("%s of plugin %s works again", record.hook, record.plugin)

    def _skipped(self, record: Record) -> HookFailed:
        with self._lock:
            state = record.breaker(self._clock())
        return HookFailed(
            _("{hook} is left out for another {seconds} s: it failed {failures} times in a row, lastly by {reason}."),
            plugin=record.plugin,
            hook=record.hook,
            seconds=math.ceil(state.retry_in),
            failures=state.failures,
            reason=state.reason,
        )

    def _records_of(self, hook: str) -> tuple[Record, ...]:
        records = self._records.get(hook)
        if records is None:
            caller: pluggy.HookCaller = getattr(self._manager.hook, hook)
            position = {plugin: number for number, plugin in enumerate(self._modules)}
            if self._specifications[hook].policy.dependents_first:
                position = {plugin: -number for plugin, number in position.items()}
            found = sorted(
                caller.get_hookimpls(),
                key=lambda each: (each.trylast - each.tryfirst, position[each.plugin_name]),
            )
            records = self._records[hook] = tuple(self._record(hook, each) for each in found)
        return records

    def _record(self, hook: str, implementation: pluggy.HookImpl) -> Record:
        plugin = implementation.plugin_name
        file: str | None = getattr(self._modules[plugin], "__file__", None)
        return self._kept.setdefault(
            (hook, plugin),
            Record(
                plugin=plugin,
                hook=hook,
                function=implementation.function,
                pick=picker(implementation.argnames),
                folder=os.path.dirname(file) if file else None,
            ),
        )

    def _add_specifications(self, module: ModuleType, found: Mapping[str, Specification]) -> None:
        taken = [name for name in found if name in self._specifications]
        if taken:
            owners = {name: self._specifications[name].owner for name in taken}
            raise HookError(
                [
                    Problem(HookError.code, _('Plugin "{owner}" defines this hook already.'), field=name, owner=owner)
                    for name, owner in owners.items()
                ],
                plugin=next(iter(found.values())).owner,
            )
        for name in found:
            # A plugin that was added before, and marked the hook as optional, was not checked against it yet.
            caller: pluggy.HookCaller | None = getattr(self._manager.hook, name, None)
            for each in caller.get_hookimpls() if caller is not None else ():
                check_module(each.plugin_name, self._modules[each.plugin_name], {**self._specifications, **found})
        self._manager.add_hookspecs(module)
        self._specifications.update(found)
        self._expected.update({name: frozenset(each.arguments) for name, each in found.items()})

    def _checked(self, hook: str, arguments: dict[str, Any]) -> Policy:
        expected = self._expected.get(hook)
        if expected is not None and arguments.keys() == expected:
            return self._specifications[hook].policy
        policy = self._policy(hook)
        missing = ", ".join(sorted(self._expected[hook] - arguments.keys()))
        foreign = ", ".join(sorted(arguments.keys() - self._expected[hook]))
        if missing:
            raise _misuse(hook, _("It was called without {names}."), names=missing)
        if foreign:
            raise _misuse(hook, _("It was called with {names}, which it does not have."), names=foreign)
        return policy

    def _policy(self, hook: str) -> Policy:
        specification = self._specifications.get(hook)
        if specification is None:
            meant = suggestion(hook, tuple(self._specifications))
            hint = _('There is no such hook. Did you mean "{meant}"?') if meant else _("There is no such hook.")
            raise _misuse(hook, hint, meant=meant or "")
        return specification.policy

    def _known(self, plugin: str) -> None:
        if plugin not in self._modules:
            raise UnknownPlugin(
                _("It is not loaded. Loaded: {names}."), plugin=plugin, names=", ".join(self._modules) or _("none")
            )


def _complete(value: Any) -> Any:
    return tuple(value) if isinstance(value, Iterator) else value  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]


def _attribute(error: CrmkitError, record: Record) -> None:
    error.raised_by = error.raised_by or record.plugin
    error.add_note(f"Raised by plugin {record.plugin!r} in {record.hook}.")


def _misuse(hook: str, message: str, **values: str) -> HookError:
    return HookError([Problem(HookError.code, message, field=hook, **values)])
