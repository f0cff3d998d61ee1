"""Who may administer keys, and that nothing is done with keys unseen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from crmkit import CRM, Actor
from crmkit.core.operations.tables import AuditRecord
from crmkit.errors import Refused
from crmkit.security.keys.backups import back_up
from crmkit.security.keys.operations import list_root_keys
from crmkit.security.keys.rotating import rotate_index, rotate_root, status_of
from tests.security.sealing_support import SYSTEM
from tests.security.world import role, user


def reading(crm: CRM, actor: Actor, read: Callable[..., object]) -> object:
    """Return what somebody reads of keys."""
    with crm.session(actor) as session:
        return read(session)


def test_keys_need_a_right_of_their_own(crm: CRM, tmp_path: Path) -> None:
    """Somebody who may do everything with customers, and nothing with keys, is refused all of it."""
    role(crm, "clerk", [("customer", "*", "all")])
    clerk = user(crm, "carl", "clerk")
    customer = crm.run(SYSTEM, "customer.create", {"name": "Ann"}).id
    attempts: list[Callable[[], object]] = [
        lambda: reading(crm, clerk, list_root_keys),
        lambda: reading(crm, clerk, status_of),
        lambda: rotate_root(crm, clerk),
        lambda: rotate_index(crm, clerk, settle=0),
        lambda: back_up(crm, clerk, tmp_path / "keys.bin", "several words here"),
        lambda: crm.run(clerk, "key.prepare"),
        lambda: crm.run(clerk, "key.rewrap"),
        lambda: crm.run(clerk, "key.retire", {"number": 1}),
        lambda: crm.run(clerk, "key.retoken"),
        lambda: crm.run(clerk, "key.rotate_data_key", target=customer),
    ]
    for attempt in attempts:
        with pytest.raises(Refused):
            attempt()
    found = reading(crm, SYSTEM, list_root_keys)
    assert [(each.id, each.backed_up_at) for each in found] == [(1, None)]  # type: ignore[attr-defined]
    assert list(tmp_path.glob("keys.bin*")) == []


def test_an_administrator_of_keys_may(crm: CRM) -> None:
    """The right to administer keys is enough for a rotation from beginning to end."""
    role(crm, "keeper", [("key", "admin", "all")])
    keeper = user(crm, "kim", "keeper")
    assert rotate_root(crm, keeper).root == 2
    assert crm.run(keeper, "key.retire", {"number": 1}) == 0


def test_what_is_done_with_keys_is_audited(crm: CRM, tmp_path: Path) -> None:
    """Each step of a rotation, giving up, and a backup leave a record each."""
    rotate_root(crm, SYSTEM)
    crm.run(SYSTEM, "key.retire", {"number": 1})
    back_up(crm, SYSTEM, tmp_path / "keys.bin", "several words here")
    with crm.engines.system_read.connect() as connection:
        done = connection.execute(
            select(AuditRecord.operation).where(AuditRecord.operation.like("key.%")).order_by(AuditRecord.recorded_at)
        ).scalars()
        assert list(done) == ["key.rotate", "key.rewrap", "key.retire", "key.backup"]
