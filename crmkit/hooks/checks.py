"""Checks a plugin's hook module before it is registered, and says everything that is wrong with it at once.

pluggy takes a misspelt hook for a hook that nobody calls, and an ``async def`` for a function; here both are errors.
Must not register or call anything.
"""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import FunctionType, ModuleType
from typing import Any, cast

import pluggy
from attrs import frozen

from crmkit.errors import ContributionError, HookError, Problem
from crmkit.hooks.catalogue import KERNEL, Specification
from crmkit.hooks.markers import PROJECT
from crmkit.i18n import texts

_ = texts("crmkit")

_CODE = HookError.code


@frozen(kw_only=True)
class Implementation:
    """One implementation as the module declares it: the function's own name, the hook it is for, and the function."""

    name: str
    hook: str
    function: Callable[..., Any]
    tryfirst: bool = False
    trylast: bool = False


def check_module(
    plugin: str, module: ModuleType, specifications: Mapping[str, Specification]
) -> Sequence[Implementation]:
    """Return the implementations in a plugin's hook module, in the order of their definition.

    Raises HookError with one problem for each thing that is wrong.
    """
    reader = pluggy.PluginManager(PROJECT)
    problems: list[Problem] = []
    found: dict[str, Implementation] = {}
    for name, value in vars(module).items():
        options = reader.parse_hookimpl_opts(module, name)
        if options is None:
            if reader.parse_hookspec_opts(module, name) is None:
                problems.extend(_unmarked(name, value, specifications))
            continue
        hook = options["specname"] or name
        specification = specifications.get(hook)
        if specification is None:
            if not options["optionalhook"]:
                problems.append(_unknown(name, hook, specifications))
            continue
        if hook in found:
            problems.append(
                Problem(
                    _CODE,
                    _('It implements "{hook}", which "{other}" does already.'),
                    field=name,
                    hint=_("Let one function do it."),
                    hook=hook,
                    other=found[hook].name,
                )
            )
            continue
        if options["wrapper"] or options["hookwrapper"]:
            problems.append(
                Problem(
                    _CODE,
                    _("It is a wrapper, which no hook of crmkit allows."),
                    field=name,
                    hint=_("Return a value instead of yielding."),
                )
            )
            continue
        if (options["tryfirst"] or options["trylast"]) and not specification.policy.ordering_allowed:
            problems.append(
                Problem(
                    _CODE,
                    _("It asks to be called first or last, which only hooks whose first result wins allow."),
                    field=name,
                    hint=_('Order plugins by "requires" and "after" in the manifest.'),
                )
            )
        problems.extend(_wrong_form(name, value))
        problems.extend(_wrong_arguments(name, value, specification))
        found[hook] = Implementation(
            name=name, hook=hook, function=value, tryfirst=options["tryfirst"], trylast=options["trylast"]
        )
    if problems:
        raise HookError(problems, plugin=plugin)
    return tuple(found.values())


def suggestion(name: str, known: Sequence[str]) -> str | None:
    """Return the known name that was probably meant, or None."""
    return next(iter(difflib.get_close_matches(name, known, n=1, cutoff=0.6)), None)


def _unknown(name: str, hook: str, specifications: Mapping[str, Specification]) -> Problem:
    meant = suggestion(hook, tuple(specifications))
    return Problem(
        _CODE,
        _('There is no hook "{hook}".'),
        field=name,
        hint=_('Did you mean "{meant}"?') if meant else _("All hooks are in docs/hooks.md."),
        hook=hook,
        meant=meant,
    )


def _unmarked(name: str, value: object, specifications: Mapping[str, Specification]) -> Iterator[Problem]:
    if name not in specifications and not name.startswith(f"{KERNEL}_"):
        return
    if isinstance(value, FunctionType):
        yield Problem(_CODE, _("It is named like a hook, but has no @hookimpl."), field=name, hint=_("Decorate it."))
        if name not in specifications:
            yield _unknown(name, name, specifications)
    elif name in specifications:
        yield Problem(
            _CODE,
            _("It is named like a hook, but is not a function."),
            field=name,
            hint=_("Write it as a plain function under @hookimpl."),
        )


def _wrong_form(name: str, function: Callable[..., Any]) -> Iterator[Problem]:
    plain = inspect.unwrap(function)
    if inspect.iscoroutinefunction(plain) or inspect.isasyncgenfunction(plain):
        yield Problem(
            _CODE,
            _('It is an "async def", and hooks are never awaited.'),
            field=name,
            hint=_("Write a plain function; leave waiting to a job."),
        )
    elif inspect.isgeneratorfunction(plain):
        yield Problem(
            _CODE, _("It yields, so it would run after the call has ended."), field=name, hint=_("Return a list.")
        )


def _wrong_arguments(name: str, function: Callable[..., Any], specification: Specification) -> Iterator[Problem]:
    known = ", ".join(specification.arguments) or _("none")
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            stars = "*" if parameter.kind is parameter.VAR_POSITIONAL else "**"
            message, hint = _('It takes "{argument}".'), _("Name the arguments that it needs. Known: {known}.")
            yield Problem(_CODE, message, field=name, hint=hint, argument=stars + parameter.name, known=known)
            continue
        if parameter.name not in specification.arguments:
            yield Problem(
                _CODE,
                _('It takes an argument "{argument}" that the hook does not have.'),
                field=name,
                hint=_("Known: {known}. See {help}."),
                argument=parameter.name,
                known=known,
                help=specification.help,
            )
            continue
        if parameter.kind is parameter.KEYWORD_ONLY:
            message, hint = _('Its argument "{argument}" is keyword-only.'), _('Remove the "*" before it.')
            yield Problem(_CODE, message, field=name, hint=hint, argument=parameter.name)
        if parameter.default is not parameter.empty:
            message, hint = _('Its argument "{argument}" has a default.'), _("Remove it: the argument is always given.")
            yield Problem(_CODE, message, field=name, hint=hint, argument=parameter.name)


def require_items(plugin: str, hook: str, value: Any) -> list[Any]:
    """Return what a hook returned as a list. Raises ContributionError when it is not several values."""
    if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable):
        raise ContributionError(
            _("{hook} returned {kind}, and should return a list."),
            plugin=plugin,
            hook=hook,
            kind=type(cast(Any, value)).__name__,
        )
    return list(cast("Iterable[Any]", value))
