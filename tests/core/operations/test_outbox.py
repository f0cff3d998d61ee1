"""The outbox's own parts: the bell that wakes workers, and what a transaction puts in the queue."""

from __future__ import annotations

import threading

import pytest

from crmkit import CRM
from crmkit.core.operations.outbox import Bell
from tests.core.operations.job_support import MAKE, NOBODY, declare, jobs, put


def test_a_bell_wakes_those_who_listen() -> None:
    """Everybody who listens is woken, whoever stopped listening is not."""
    bell, one, two = Bell(), threading.Event(), threading.Event()
    bell.listen(one)
    bell.listen(two)
    bell.forget(two)
    bell.ring()
    assert (one.is_set(), two.is_set()) == (True, False)


def test_the_bell_rings_after_the_commit(crm: CRM) -> None:
    """A worker that was woken finds the job; a transaction that is undone wakes nobody."""
    declare(crm, MAKE)
    heard = threading.Event()
    crm.gate.bell.listen(heard)
    with pytest.raises(KeyError), crm.transaction(NOBODY) as session:  # noqa: PT012
        session.run("test.defer", {"job": "test.make", "name": "lost"})
        raise KeyError
    assert not heard.is_set()
    put(crm, "one")
    assert heard.is_set()


def test_jobs_know_who_deferred_them_and_how_often_they_are_tried(crm: CRM) -> None:
    """Attempts come from the declaration, the actor from the session."""
    declare(crm, MAKE)
    put(crm, "one", unique="u")
    assert jobs(crm, "actor_id", "max_attempts", "unique_key", "depth") == [
        ("system", 12, crm.vault.fingerprint("u"), 0)
    ]
