"""Two who tell at the same moment: a customer gets one message, on either database."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from attrs import define
from crmkit_needs.catalogue.models import Need

from crmkit.app import CRM
from crmkit.core.store.clock import Clock
from tests.conftest import ENGINES, Templates
from tests.plugins.needs.board.test_telling import SYSTEM, asked, enabled, run, told


@define
class Now:
    """A clock that goes on as the real one does, some time ahead of it."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        """Return the present instant."""
        return datetime.now(UTC) + self.ahead


@pytest.fixture
def now() -> Now:
    """The clock of the test."""
    return Now()


@pytest.fixture(params=ENGINES)
def both(request: pytest.FixtureRequest, templates: Templates, tmp_path: Path, now: Now) -> Iterator[CRM]:
    """A CRM that sends messages, once for each database."""
    url, _nothing = templates.copy_filled(request.param, tmp_path, enabled)
    with CRM.open(url, clock=Clock(system=now)) as opened:
        yield opened


def test_two_who_tell_at_once_send_one_message(both: CRM, now: Now) -> None:
    need = run(both, "needs.need.create", title="Glass")
    ada, bob = asked(both, "Ada", need), asked(both, "Bob", need)
    run(both, "needs.need.update", need, public_text="We will do it.")
    begun = threading.Event()
    errors: list[BaseException] = []

    def second() -> None:
        try:
            begun.set()
            both.run(SYSTEM, "needs.board.tell", target=need.id)
        except BaseException as error:
            errors.append(error)

    other = threading.Thread(target=second)
    with both.transaction(SYSTEM) as session:
        session.run("needs.board.tell", target=session.get_one(Need, need.id))
        session.flush()
        # Messages of one second have the same key; so it is not that which keeps the second from being sent.
        now.ahead = timedelta(seconds=5)
        other.start()
        assert begun.wait(30)
        # Long enough for the other one to come to where it waits; it may be late, which makes no difference.
        other.join(0.5)
    other.join(60)
    assert not other.is_alive()
    assert errors == []
    assert sorted(told(both)) == sorted([ada.id, bob.id])


def test_evidence_is_added_while_somebody_tells(both: CRM) -> None:
    need = run(both, "needs.need.create", title="Glass")
    asked(both, "Ada", need)
    run(both, "needs.need.update", need, public_text="We will do it.")
    run(both, "needs.board.tell", need)
    bob = asked(both, "Bob", need)
    run(both, "needs.board.tell", need)
    assert told(both).count(bob.id) == 1
    assert len(told(both)) == 2
