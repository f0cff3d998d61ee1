"""What is looked up by a blind token is found: all of it, nothing else, and also while the key of lookups changes."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from statistics import mean

import pytest
from sqlalchemy import func, select

from crmkit import CRM
from crmkit.core.customers.matching import find_exact
from crmkit.core.customers.models import ContactPoint
from crmkit.core.vault import blind
from crmkit.errors import KeyInUse
from crmkit.hooks.contributions import Probe
from crmkit.security.keys.checks import examine_keys
from crmkit.security.keys.indexes import index_versions
from crmkit.security.keys.rotating import rotate_index
from tests.conftest import Scale
from tests.security.sealing_support import SYSTEM

ROOT = Path(__file__).resolve().parents[2]


def mail(number: int) -> str:
    """Return the address of a customer by number."""
    return f"person{number}@example.com"


def add(crm: CRM, numbers: range) -> None:
    """Add customers with addresses of their own."""
    for start in range(numbers.start, numbers.stop, 1_000):
        part = range(start, min(start + 1_000, numbers.stop))
        outcomes = crm.run_many(
            SYSTEM, "customer.create", [{"name": f"Person {number}", "email": mail(number)} for number in part]
        )
        assert [outcome.problems for outcome in outcomes if outcome.problems] == []


def candidates(crm: CRM, numbers: range) -> list[int]:
    """Return how many customers are found for each address."""
    found: list[int] = []
    for start in range(numbers.start, numbers.stop, 1_000):
        part = range(start, min(start + 1_000, numbers.stop))
        with crm.session(SYSTEM) as session:
            probes = [Probe(contacts=[("email", mail(number))]) for number in part]
            found += [len(matches) for matches in find_exact(session, probes)]
    return found


def versions(crm: CRM) -> set[int]:
    """Return the versions of the tokens of contact points."""
    with crm.session(SYSTEM) as session:
        return {bytes(token)[0] for token in session.scalars(select(ContactPoint.value_token))}


def test_everything_is_found_and_nothing_else(crm: CRM, scale: Scale) -> None:
    """Each of many values is found by its token, with one candidate on average, and what is not there is not found."""
    number = scale(small=400, full=100_000)
    add(crm, range(number))
    found = candidates(crm, range(number))
    assert (min(found), mean(found)) == (1, 1)
    assert set(candidates(crm, range(number, number + 100))) == {0}


def test_tokens_differ_by_index_and_version_and_say_nothing(crm: CRM) -> None:
    """The same value has another token in each index; a token is 17 bytes and begins with its version."""
    one, other = (crm.vault.token(index, "+4930123456") for index in ("crm_a.phone", "crm_b.phone"))
    assert (len(one), one[0], one == other, one == crm.vault.token("crm_a.phone", "+4930123456")) == (
        17,
        1,
        False,
        True,
    )
    assert crm.vault.tokens("crm_a.phone", "+4930123456") == [one]


def test_a_token_is_made_as_it_is_said() -> None:
    """HMAC-SHA256 under the index's key, cut to 16 bytes, behind the version: so others can check it."""
    import hashlib

    key, text = bytes(range(32)), "张三"
    pad = key.ljust(64, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in pad) + text.encode()).digest()
    expected = hashlib.sha256(bytes(byte ^ 0x5C for byte in pad) + inner).digest()
    assert blind.token(key, 7, text) == b"\x07" + expected[:16]


def test_nothing_is_missed_while_the_key_changes(crm: CRM, crm_url: str, scale: Scale) -> None:
    """With searches and new customers in this process while another one changes the key, every customer is found at
    every moment, and in the end by tokens of the new version alone."""
    number = scale(small=150, full=5_000)
    add(crm, range(number))
    missed: list[int] = []
    added = [number]
    failures: list[BaseException] = []
    stop = threading.Event()

    def search() -> None:
        place = 0
        while not stop.is_set():
            part = range(place, min(place + 20, added[0]))
            missed.extend(each for each, count in zip(part, candidates(crm, part), strict=True) if count != 1)
            place = part.stop if part.stop < added[0] else 0
            stop.wait(0.01)

    def write() -> None:
        while not stop.is_set():
            add(crm, range(added[0], added[0] + 1))
            added[0] += 1
            stop.wait(0.02)

    def guarded(work: object) -> None:
        try:
            work()  # type: ignore[operator]
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=guarded, args=(work,)) for work in (search, write)]
    for thread in threads:
        thread.start()
    try:
        batch = str(max(20, number // 10))
        command = [sys.executable, "-m", "tests.security.rotate_keys", crm_url, "index", batch]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert done.returncode == 0, done.stderr
    assert (failures, missed) == ([], [])
    assert (set(candidates(crm, range(added[0]))), versions(crm)) == ({1}, {2})
    with crm.session(SYSTEM) as session:
        assert index_versions(session) == {"retired": [1], "active": [2]}


def test_a_change_that_was_interrupted_goes_on(crm: CRM) -> None:
    """Stopped after any step, the next call finishes the same change."""
    add(crm, range(30))
    crm.run(SYSTEM, "key.prepare_index")
    assert (versions(crm), set(candidates(crm, range(30)))) == ({1}, {1})
    crm.run(SYSTEM, "key.promote_index")
    add(crm, range(30, 40))
    assert (versions(crm), set(candidates(crm, range(40)))) == ({1, 2}, {1})
    assert crm.run(SYSTEM, "key.retoken", {"limit": 10}).left == 20
    with pytest.raises(KeyInUse):
        crm.run(SYSTEM, "key.drop_index")
    found = rotate_index(crm, SYSTEM, settle=0)
    assert (found.version, found.retokened, found.dropped) == (2, 20, (1,))
    assert (versions(crm), set(candidates(crm, range(40)))) == ({2}, {1})


def test_a_token_that_came_too_late_is_found_by_the_doctor(crm: CRM) -> None:
    """A value whose token has a version that was given up is told of, and the next change makes it findable."""
    add(crm, range(3))
    late = crm.vault.token("crm_contact_point.value", "anything")
    rotate_index(crm, SYSTEM, settle=0)
    with crm.engines.system_write.begin() as connection:
        table = ContactPoint.__table__
        connection.execute(table.update().values(value_token=late))  # type: ignore[attr-defined]

    def codes() -> set[str]:
        with crm.session(SYSTEM) as session:
            return {found.code for found in examine_keys(session)}

    assert ("key.tokens" in codes(), set(candidates(crm, range(3)))) == (True, {0})
    rotate_index(crm, SYSTEM, settle=0)
    assert ("key.tokens" in codes(), set(candidates(crm, range(3)))) == (False, {1})


def test_no_token_is_longer_than_its_column(crm: CRM) -> None:
    """Every stored token has 17 bytes."""
    add(crm, range(5))
    with crm.session(SYSTEM) as session:
        assert set(session.scalars(select(func.length(ContactPoint.value_token)))) == {17}
