"""Calls the hooks that may forbid something on the plugins that guard it, and on no others.

So a plugin whose rule raises costs what it guards, and nothing else. Must not know what an access rule or a change is
for, nor databases.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from crmkit.hooks.catalogue import KERNEL
from crmkit.hooks.dispatch import Contribution, Dispatcher

if TYPE_CHECKING:
    from crmkit.hooks.contributions import Change


@frozen(kw_only=True)
class Guards:
    """Which plugin guards which resources: its own, and those that `crmkit_guards` names. The kernel guards all."""

    declared: Mapping[str, frozenset[str]] = field(factory=dict[str, frozenset[str]])

    def covers(self, plugin: str, resource: str) -> bool:
        """Say whether a plugin guards a resource."""
        return (
            plugin == KERNEL
            or resource.startswith(f"{plugin}.")
            or resource in self.declared.get(plugin, frozenset[str]())
        )

    def access_rules(
        self, dispatcher: Dispatcher, *, actor: Any, action: str, resource: str, plugins: Sequence[str] | None = None
    ) -> list[Contribution]:
        """Ask the resource's guards, or those among some plugins, for their access rules; an error has to deny."""
        hook = "crmkit_access_rules"
        answers = [
            dispatcher.only(plugin, hook, actor=actor, action=action, resource=resource)
            for plugin in dispatcher.implementers(hook)
            if (plugins is None or plugin in plugins) and self.covers(plugin, resource)
        ]
        return [answer for answer in answers if answer is not None]

    def validate(self, dispatcher: Dispatcher, *, session: Any, changes: Sequence[Change]) -> None:
        """Show each plugin the changes that it guards. Raises what a plugin refuses them with, or HookFailed."""
        hook = "crmkit_validate_change"
        for plugin in dispatcher.implementers(hook):
            own = tuple(change for change in changes if self.covers(plugin, change.resource))
            if own:
                dispatcher.only(plugin, hook, session=session, changes=own)
