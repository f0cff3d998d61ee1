"""A plugin of several rooms has what its rooms have."""

from __future__ import annotations

from types import ModuleType, SimpleNamespace
from typing import Any, cast

import pytest

from crmkit.hooks import specs
from crmkit.hooks.rooms import DECLARED, implement


def room(**has: Any) -> ModuleType:
    """Return a room that has something."""
    return cast(ModuleType, SimpleNamespace(**has))


def test_lists_are_joined_in_the_order_of_the_rooms() -> None:
    """And a hook of which no room has anything is not implemented."""
    found: dict[str, Any] = {}
    implement(found, [room(JOBS=[1, 2]), room(), room(JOBS=[3], GUARDS=["a"]), room(GUARDS=["a", "b"])])
    assert set(found) == {"crmkit_jobs", "crmkit_guards"}
    assert (found["crmkit_jobs"](), found["crmkit_guards"]()) == ([1, 2, 3], ["a", "b"])


def test_answers_are_joined_and_effects_forgotten() -> None:
    """What rooms answer is one answer; a hook that answers nothing does so."""
    told: list[str] = []
    found: dict[str, Any] = {}
    rooms = [
        room(customer_panels=lambda session, ids: ["one"], startup=lambda crm: told.append("first")),
        room(customer_panels=lambda session, ids: None, startup=lambda crm: told.append("second")),
    ]
    implement(found, rooms)
    assert found["crmkit_customer_panels"](None, []) == ["one"]
    assert found["crmkit_startup"](None) is None
    assert told == ["first", "second"]


def test_the_first_carrier_that_takes_a_message_counts() -> None:
    """The others are not asked."""
    found: dict[str, Any] = {}
    rooms = [room(deliver_message=lambda crm, message: None), room(deliver_message=lambda crm, message: "taken")]
    implement(found, rooms)
    assert found["crmkit_deliver_message"](None, None) == "taken"


@pytest.mark.parametrize("hook", sorted(name for name in vars(specs) if name.startswith("crmkit_")))
def test_every_hook_of_a_room_takes_the_arguments_of_its_specification(hook: str) -> None:
    """What is put into the module for a room is a right implementation; which hooks rooms cannot have is known."""
    short = hook.removeprefix("crmkit_")
    module = ModuleType("crmkit_rooms_of_a_test")
    implement(vars(module), [room(**{short: lambda *given: [], DECLARED.get(short, "NOTHING"): []})])
    alone = {"resolve_actor", "key_provider", "job_backend", "file_store"}
    assert hasattr(module, hook) == (short not in alone)
    if hasattr(module, hook):
        wanted = vars(specs)[hook].__code__
        given = getattr(module, hook).__code__
        assert set(given.co_varnames[: given.co_argcount]) <= set(wanted.co_varnames[: wanted.co_argcount])
