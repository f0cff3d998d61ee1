"""Hooks that may forbid something are called for what their plugin guards, and a failure costs no more than that."""

from __future__ import annotations

import pytest

from crmkit.errors import HookFailed, Veto
from crmkit.hooks.contributions import Change
from crmkit.hooks.dispatch import Dispatcher
from crmkit.hooks.guards import Guards
from tests.hooks.modules import module

SOURCE = """
from crmkit.errors import Veto
seen = []
@hookimpl
def crmkit_access_rules(resource):
    seen.append(resource)
    return 1 / 0
@hookimpl
def crmkit_validate_change(changes):
    seen.extend(change.resource for change in changes)
    if any(change.kind == "delete" for change in changes):
        raise Veto
    if any(change.kind == "update" for change in changes):
        raise ValueError
"""

GUARDS = Guards(declared={"acme": frozenset({"customer"})})


def change(resource: str, kind: str = "create") -> Change:
    """Return a change to a record of a resource."""
    return Change(resource=resource, record=None, kind=kind)  # type: ignore[arg-type]


@pytest.fixture
def dispatcher() -> Dispatcher:
    made = Dispatcher()
    for name in ("crmkit", "acme", "idle"):
        made.add_plugin(name, module(name, SOURCE if name == "acme" else ""))
    return made


def seen(dispatcher: Dispatcher) -> list[str]:
    """Return the resources that the plugin was asked about."""
    found: list[str] = dispatcher._modules["acme"].seen
    return found


@pytest.mark.parametrize(
    ("plugin", "resource", "covered"),
    [
        ("acme", "acme.thing", True),
        ("acme", "customer", True),
        ("acme", "interaction", False),
        ("acme", "acmeplus.thing", False),
        ("idle", "customer", False),
        ("crmkit", "interaction", True),
    ],
)
def test_plugin_guards_its_own_and_what_it_declares(plugin: str, resource: str, covered: bool) -> None:
    """The prefix counts as a whole name; the kernel guards everything."""
    assert covered == GUARDS.covers(plugin, resource)


def test_failing_rule_denies_what_it_guards_and_nothing_else(dispatcher: Dispatcher) -> None:
    """The error is in the answer for a guarded resource; other resources are decided without the plugin."""
    (answer,) = GUARDS.access_rules(dispatcher, actor=None, action="read", resource="customer")
    assert isinstance(answer.error, HookFailed)
    assert GUARDS.access_rules(dispatcher, actor=None, action="read", resource="interaction") == []
    assert seen(dispatcher) == ["customer"]


def test_plugin_sees_the_changes_that_it_guards(dispatcher: Dispatcher) -> None:
    """Of a batch it gets its own part, in order, and is not called without one."""
    GUARDS.validate(dispatcher, session=None, changes=[change("customer"), change("interaction"), change("acme.thing")])
    GUARDS.validate(dispatcher, session=None, changes=[change("interaction", "delete")])
    assert seen(dispatcher) == ["customer", "acme.thing"]


def test_refusal_and_failure_both_end_the_change(dispatcher: Dispatcher) -> None:
    """A veto passes as it is, another exception as a failure of the plugin."""
    with pytest.raises(Veto) as caught:
        GUARDS.validate(dispatcher, session=None, changes=[change("customer", "delete")])
    assert caught.value.raised_by == "acme"
    with pytest.raises(HookFailed):
        GUARDS.validate(dispatcher, session=None, changes=[change("customer", "update")])
