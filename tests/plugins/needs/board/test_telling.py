"""Those who asked are told what became of it: once, by consent, and later where consent comes later."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from crmkit_needs.board.operations import untold
from crmkit_needs.catalogue.models import Need
from sqlalchemy import select

from crmkit import Actor
from crmkit.app import CRM
from tests.conftest import Templates

SYSTEM = Actor.system("a test")


def enabled(crm: CRM) -> None:
    """Enable needs and messaging."""
    crm.enable("messaging")
    crm.enable("needs")


@pytest.fixture
def loud(templates: Templates, tmp_path: Path) -> Iterator[CRM]:
    """A CRM that sends messages, with nobody who carries them."""
    _url, _nothing = templates.copy_filled("sqlite", tmp_path, enabled)
    with CRM.open(_url) as opened:
        yield opened


def run(crm: CRM, operation: str, target: Any = None, /, **values: Any) -> Any:
    """Run an operation."""
    return crm.run(SYSTEM, operation, values, target=None if target is None else target.id)


def asked(crm: CRM, name: str, need: Any) -> Any:
    """Return a customer with an address who asks for a need."""
    mail = [{"kind": "email", "value": f"{name.lower()}@customer.example"}]
    found = run(crm, "customer.create", name=name, contact_points=mail)
    run(crm, "needs.evidence.add", need, customer_id=found.id)
    return found


def told(crm: CRM) -> list[Any]:
    """Do what is due, and return to whom messages were taken that were not refused."""
    from crmkit_messaging.api import OutgoingMessage

    crm.worker().run_until_idle()
    with crm.session(SYSTEM) as session:
        return [each.customer_id for each in session.scalars(select(OutgoingMessage)) if each.state != "refused"]


def test_each_is_told_once_for_a_state(loud: CRM) -> None:
    need = run(loud, "needs.need.create", title="Glass")
    ada = asked(loud, "Ada", need)
    run(loud, "needs.evidence.add", need, customer_id=ada.id, ref="again")
    run(loud, "needs.need.move", need, to="accepted", text="We will do it.")
    assert told(loud) == [ada.id]
    run(loud, "needs.board.tell", need)
    assert told(loud) == [ada.id]
    run(loud, "needs.need.move", need, to="in_progress")
    assert told(loud) == [ada.id, ada.id]


def test_a_move_of_which_nothing_is_said_tells_nobody(loud: CRM) -> None:
    need = run(loud, "needs.need.create", title="Glass")
    asked(loud, "Ada", need)
    run(loud, "needs.need.move", need, to="accepted")
    assert told(loud) == []


def test_those_of_a_merged_need_are_told_of_the_one_it_went_to(loud: CRM) -> None:
    first, second = run(loud, "needs.need.create", title="One"), run(loud, "needs.need.create", title="Two")
    ada = asked(loud, "Ada", first)
    run(loud, "needs.need.move", second, to="accepted", text="We will do it.")
    run(loud, "needs.need.merge", first, into_id=second.id)
    assert told(loud) == [ada.id]


def test_who_consents_later_is_told_later_and_once(loud: CRM) -> None:
    run(loud, "needs.board.set", purpose="marketing")
    need = run(loud, "needs.need.create", title="Glass")
    ada = asked(loud, "Ada", need)
    run(loud, "needs.need.move", need, to="accepted", text="We will do it.")
    assert told(loud) == []
    with loud.session(SYSTEM) as session:
        assert len(untold(session, session.get_one(Need, need.id))) == 1
    consent = {"purpose": "marketing", "channel": "email", "granted": True}
    for _again in range(2):
        run(loud, "consent.record", ada, **consent)
        assert told(loud) == [ada.id]


def test_what_breaks_off_is_told_once_when_it_goes_on(loud: CRM) -> None:
    need = run(loud, "needs.need.create", title="Glass")
    ada = asked(loud, "Ada", need)
    run(loud, "needs.need.update", need, public_text="We will do it.")

    def killed() -> None:
        with loud.transaction(SYSTEM) as session:
            session.run("needs.board.tell", target=session.get_one(Need, need.id))
            raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        killed()
    assert told(loud) == []
    run(loud, "needs.board.tell", need)
    assert told(loud) == [ada.id]
