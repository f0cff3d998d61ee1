"""Hook specifications as values: what the checks, the dispatcher and the documentation all read.

Must not know plugins' implementations.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType, ModuleType
from typing import Any

import pluggy
from attrs import frozen

from crmkit.errors import HookError, Problem
from crmkit.hooks.markers import PROJECT
from crmkit.hooks.policies import POLICIES, Policy, default_policy
from crmkit.i18n import texts

_ = texts("crmkit")

KERNEL = "crmkit"
"""The owner of the kernel's own hooks, and the prefix of their names."""


@frozen(kw_only=True)
class Specification:
    """One hook: its name, whose it is, its arguments in order, and how it is called."""

    name: str
    owner: str
    arguments: tuple[str, ...]
    policy: Policy
    signature: str
    doc: str

    @property
    def help(self) -> str:
        """Return the place where the hook is documented."""
        return f"docs/hooks.md#{self.name}" if self.owner == KERNEL else f"{self.owner}: {self.name}"


def read_specifications(
    owner: str, module: ModuleType, policies: Mapping[str, Policy] | None = None
) -> Mapping[str, Specification]:
    """Return the specifications that a module defines, by name.

    ``policies`` are the kernel's table for the kernel; for a plugin they may be left out, by hook or altogether.
    Raises HookError when a name lacks its owner's prefix, an argument has no plain form, or the module has none.
    """
    if policies is None:
        policies = POLICIES if owner == KERNEL else {}
    reader = pluggy.PluginManager(PROJECT)
    found: dict[str, Specification] = {}
    problems: list[Problem] = []
    for name, value in vars(module).items():
        options = reader.parse_hookspec_opts(module, name)
        if options is None:
            continue
        function: Callable[..., Any] = value
        firstresult = options["firstresult"]
        signature = inspect.signature(function)
        policy = policies.get(name) or default_policy(firstresult=firstresult)
        if not name.startswith(f"{owner}_"):
            problems.append(_problem(name, _('The name of the hook must begin with "{prefix}".'), prefix=f"{owner}_"))
        if options["historic"]:
            problems.append(_problem(name, _("A historic hook is not supported: the dispatcher keeps no past calls.")))
        if (policy.result == "first") != firstresult:
            problems.append(_problem(name, _("The hook and its policy disagree about firstresult.")))
        problems.extend(
            _problem(
                name, _('Argument "{argument}" must be a plain one: no default, not keyword-only.'), argument=each.name
            )
            for each in signature.parameters.values()
            if each.kind is not inspect.Parameter.POSITIONAL_OR_KEYWORD or each.default is not inspect.Parameter.empty
        )
        found[name] = Specification(
            name=name,
            owner=owner,
            arguments=tuple(signature.parameters),
            policy=policy,
            signature=f"{name}{signature}".replace("'", ""),
            doc=inspect.getdoc(function) or "",
        )
    problems.extend(
        _problem(name, _("There is a policy, but no such hook.")) for name in sorted(set(policies) - set(found))
    )
    if not found:
        problems.append(_problem(module.__name__, _("The module defines no hooks.")))
    if problems:
        raise HookError(problems, plugin=None if owner == KERNEL else owner)
    return MappingProxyType(found)


@cache
def kernel_specifications() -> Mapping[str, Specification]:
    """Return the kernel's hooks by name, in the order of `crmkit.hooks.specs`."""
    from crmkit.hooks import specs

    return read_specifications(KERNEL, specs)


def _problem(name: str, message: str, **values: str) -> Problem:
    return Problem(HookError.code, message, field=name, **values)
