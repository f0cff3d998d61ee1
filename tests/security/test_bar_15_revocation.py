"""Bar 15: what is revoked is gone from the next transaction on, in every process, however busy the base is."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select

from crmkit import CRM, Actor, Customer
from crmkit.core.access.models import Role
from crmkit.errors import DatabaseBusy, Refused
from tests.conftest import Scale
from tests.security.world import SYSTEM, customer, role, user

WAYS = ("role taken", "grant revoked", "grant narrowed", "role inactive", "user deactivated", "left the team")


@pytest.fixture
def other(crm: CRM) -> Any:
    """The same base, opened as another process would."""
    made = CRM.open(crm.settings)
    yield made
    made.close()


def take(crm: CRM, way: str, actor: Actor, role_id: Any, team: Any) -> None:
    """Take the right to change customers from an actor, in one of the ways there are."""
    if way == "role taken":
        crm.run(SYSTEM, "user.unassign_role", {"role": "changes"}, target=actor.user_id)
    elif way == "grant revoked":
        crm.run(SYSTEM, "role.revoke", {"resource": "customer", "action": "*"}, target=role_id)
    elif way == "grant narrowed":
        crm.run(SYSTEM, "role.grant", {"resource": "customer", "action": "*", "scope": "own"}, target=role_id)
    elif way == "role inactive":
        crm.run(SYSTEM, "role.update", {"active": False}, target=role_id)
    elif way == "user deactivated":
        crm.run(SYSTEM, "user.deactivate", target=actor.user_id)
    else:
        crm.run(SYSTEM, "team.remove_member", {"user_id": actor.user_id}, target=team)


@pytest.mark.parametrize("way", WAYS)
def test_the_next_transaction_of_every_process_knows(crm: CRM, other: CRM, way: str) -> None:
    """Whatever the way, after the commit neither this process nor another one shows or changes the record."""
    team = crm.run(SYSTEM, "team.create", {"name": "North"}).id
    role(crm, "changes", [("customer", "*", "team")])
    actor = user(crm, "anna", "changes", team=team)
    record = customer(crm, "Mine", team=team)
    seen = [_sees(each, actor, record) for each in (crm, other)]
    take(crm, way, actor, _role(crm), team)
    assert (seen, [_sees(each, actor, record) for each in (crm, other)]) == ([True, True], [False, False])


def _role(crm: CRM) -> Any:
    with crm.session(SYSTEM) as session:
        return session.scalar(select(Role.id).where(Role.name == "changes"))


def _sees(crm: CRM, actor: Actor, record: Any) -> bool:
    with crm.session(actor) as session:
        return session.get(Customer, record) is not None


def test_revocations_race_with_those_who_use_the_right(crm: CRM, other: CRM, scale: Scale) -> None:
    """While several processes and threads change a customer without pause, a right is given and taken over and over:
    of the changes that begin after the taking was committed, none comes through."""
    trials = scale(small=5, full=1000)
    role(crm, "changes", [("customer", "read", "all")])
    role_id = _role(crm)
    actor = user(crm, "anna", "changes")
    record = customer(crm, "Shared")
    right = {"resource": "customer", "action": "update"}
    ended, granted = threading.Event(), threading.Event()
    wrong: list[int] = []
    pause = threading.Event()
    done, refused = [0], [0]

    def change(base: CRM) -> None:
        number = 0
        while not ended.is_set():
            number += 1
            revoked_before = not granted.is_set()
            try:
                base.run(actor, "customer.update", {"city": f"City {number}"}, target=record)
            except Refused:
                refused[0] += 1
                # SQLite's lock is not handed out in turn: whoever never pauses starves the others.
                pause.wait(0.003)
                continue
            except DatabaseBusy:
                continue
            pause.wait(0.003)
            done[0] += 1
            # It was revoked, committed and announced before this one began, and not given again until it ended.
            if revoked_before and not granted.is_set():
                wrong.append(number)

    with ThreadPoolExecutor(3) as pool:
        running = [pool.submit(change, base) for base in (crm, other, other)]
        try:
            for _trial in range(trials):
                before = done[0]
                # Announced before it is given, and the taking only once it is committed.
                granted.set()
                crm.run(SYSTEM, "role.grant", {**right, "scope": "all"}, target=role_id)
                _until(lambda before=before: done[0] > before, running)
                crm.run(SYSTEM, "role.revoke", right, target=role_id)
                granted.clear()
                before = refused[0]
                _until(lambda before=before: refused[0] > before + 1, running)
        finally:
            ended.set()
    assert (wrong, [each.exception() for each in running]) == ([], [None] * 3)


def _until(holds: Any, running: list[Any]) -> None:
    pause = threading.Event()
    for _attempt in range(12_000):
        if holds():
            return
        failed = [each for each in running if each.done()]
        assert not failed, failed[0].exception()
        pause.wait(0.005)
    raise AssertionError("it did not happen in time")
