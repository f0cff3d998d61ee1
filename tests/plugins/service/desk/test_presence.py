"""Who is at a case: seen by others for as long as the lease holds."""

from __future__ import annotations

from datetime import timedelta

from crmkit_service.desk.models import CasePresence
from crmkit_service.desk.presence import KEPT, LEASE, forget_old, others_at
from sqlalchemy import func, select, update

from tests.plugins.service.desk.agents import SYSTEM, opened, user
from tests.web.conftest import Web


def there(web: Web, case_id: object, login: str) -> list[tuple[str, str]]:
    """Return whom somebody sees at a case, and what they do."""
    with web.crm.session(user(web.crm, login)) as session:
        return [(each.name, each.doing) for each in others_at(session, case_id)]


def older(web: Web, span: timedelta) -> None:
    """Let all notes be older."""
    with web.crm.engines.system_write.begin() as connection:
        table = CasePresence.__table__
        for row in connection.execute(select(table.c.case_id, table.c.user_id, table.c.until)).all():
            connection.execute(
                update(table)
                .where(table.c.case_id == row.case_id, table.c.user_id == row.user_id)
                .values(until=row.until - span)
            )


def test_who_writes_is_seen_by_others_until_the_lease_ends(desk: Web) -> None:
    """Nobody sees themselves; who has gone is gone at once."""
    case = opened(desk.crm, desk.customers["Sofia Rossi"])
    sue, mia = user(desk.crm, "sue"), user(desk.crm, "mia")
    desk.crm.run(sue, "service.presence.note", {}, target=case)
    desk.crm.run(mia, "service.presence.note", {"doing": "writing"}, target=case)
    assert there(desk, case.id, "sue") == [("Mia Manager", "writing")]
    assert there(desk, case.id, "mia") == [("Sue Support", "viewing")]
    desk.crm.run(sue, "service.presence.note", {"doing": "gone"}, target=case)
    assert there(desk, case.id, "mia") == []
    older(desk, LEASE)
    assert there(desk, case.id, "sue") == []
    older(desk, KEPT)
    with desk.crm.transaction(SYSTEM) as session:
        forget_old(session, session.gate.clock.now())
    with desk.crm.session(SYSTEM) as session:
        assert session.scalar(select(func.count()).select_from(CasePresence)) == 0
