"""What sealing costs the database: a fixed number of statements, whatever the number of values. Times are measured by
``python -m benchmarks sealing``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from sqlalchemy import event

from crmkit import CRM
from crmkit.core.store.sealed import SealItem
from crmkit.core.vault.cache import KeyCache, OpenKey
from tests.security.sealing_support import SYSTEM, item, opened, seal


@contextmanager
def statements(crm: CRM) -> Iterator[list[str]]:
    """Collect the statements that are executed within the block."""
    seen: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        seen.append(statement)

    engines = {crm.engines.read, crm.engines.write, crm.engines.system_read, crm.engines.system_write}
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)


def about_keys(seen: list[str], word: str) -> int:
    """Return how many statements of a sort were about data keys."""
    return len([each for each in seen if each.startswith(word) and "crm_data_key" in each])


def test_a_batch_of_new_subjects_costs_two_statements(crm: CRM) -> None:
    """Two thousand customers who have no key yet: one query for keys and one insert; and again: one query."""
    items = [item(b"x") for _ in range(2_000)]
    with statements(crm) as seen:
        seal(crm, items)
    assert (about_keys(seen, "SELECT"), about_keys(seen, "INSERT")) == (1, 1)
    with statements(crm) as seen:
        seal(crm, items)
    assert (about_keys(seen, "SELECT"), about_keys(seen, "INSERT")) == (1, 0)


def test_a_page_fetches_its_keys_in_one_query(crm: CRM) -> None:
    """Fifty customers with four fields each: one query for all keys, and none when they are in memory."""
    subjects = [uuid4() for _ in range(50)]
    sealed = seal(crm, [item(b"x" * 64, subject=subject) for subject in subjects for _ in range(4)])
    crm.vault.forget()
    found = []
    for _ in range(2):
        with statements(crm) as seen:
            assert set(opened(crm, sealed)) == {b"x" * 64}
        found.append(about_keys(seen, "SELECT"))
    assert found == [1, 0]


def test_a_session_looks_once_whether_keys_have_changed(crm: CRM) -> None:
    """However much is opened in one session, the generation of the keys is read once."""
    sealed = seal(crm, [item(b"x") for _ in range(3)])
    with statements(crm) as seen, crm.session(SYSTEM) as session:
        for _ in range(5):
            crm.vault.open_many(session, sealed)
    assert len([each for each in seen if "crm_generation" in each and "'keys'" not in each]) <= 2


def test_nothing_is_asked_for_nothing(crm: CRM) -> None:
    """Without values there is no statement."""
    with statements(crm) as seen, crm.session(SYSTEM) as session:
        assert (crm.vault.open_many(session, []), crm.vault.seal_many(session, [])) == ([], [])
    assert seen == []


def test_keys_in_memory_are_limited_in_number_and_age(monkeypatch: pytest.MonkeyPatch) -> None:
    """The least recently used go first, those that are too old are fetched anew, and emptying it empties it."""
    now = [0.0]
    monkeypatch.setattr("crmkit.core.vault.cache.time.monotonic", lambda: now[0])
    cache = KeyCache(limit=2, age=10)
    keys = {bytes([number]) * 16: OpenKey(bytes([number]) * 16, bytes(32)) for number in range(3)}
    one, two, three = keys
    cache.put({one: keys[one], two: keys[two]}, cache.round)
    cache.get([one])
    cache.put({three: keys[three]}, cache.round)
    assert set(cache.get(keys)) == {one, three}
    now[0] = 10.5
    assert set(cache.get(keys)) == set()
    during = cache.round
    cache.clear()
    cache.put({one: keys[one]}, during)
    assert set(cache.get(keys)) == set()


def test_values_about_nobody_share_a_key_of_their_table(crm: CRM) -> None:
    """Without a subject all values of a table are sealed under one key, of another table under another one."""
    items = [
        SealItem(subject=None, table=table, field="f", record=uuid4(), value=b"x")
        for table in ("crm_a", "crm_a", "crm_b")
    ]
    one, two, other = (each.sealed[2:18] for each in seal(crm, items))
    assert (one == two, one == other) == (True, False)
