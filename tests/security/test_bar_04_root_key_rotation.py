"""The root key changes while others work and while the change is killed: nothing fails, nothing is lost."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from attrs import define, field

from crmkit import CRM
from crmkit.core.store.guard.regions import region
from crmkit.core.store.sealed import OpenItem, SealItem
from crmkit.core.vault import rotation
from crmkit.errors import Erased, KeyInUse, KeyUnsafe, NotFound
from crmkit.security.keys.operations import list_root_keys
from crmkit.security.keys.rotating import rotate_root, status_of
from tests.conftest import Scale
from tests.security.sealing_support import SYSTEM, item, opened, seal

ROOT = Path(__file__).resolve().parents[2]


def fill(crm: CRM, number: int) -> list[OpenItem]:
    """Seal a value for each of so many subjects, who each get a key."""
    found: list[OpenItem] = []
    for start in range(0, number, 2_000):
        found += seal(crm, [item(b"value %d" % place) for place in range(start, min(start + 2_000, number))])
    return found


def wrapped(crm: CRM) -> dict[int, int]:
    """Return how many keys are wrapped under each root key."""
    with crm.session(SYSTEM) as session, region(connection := session.connection(), "counting"):
        return {root: found.total for root, found in rotation.wrapped_under(connection).items()}


@define
class Writer:
    """Somebody who works on meanwhile: adds customers and opens what was sealed before."""

    crm: CRM
    known: list[OpenItem]
    stop: threading.Event
    made: list[OpenItem] = field(factory=list)
    failures: list[BaseException] = field(factory=list)

    def __call__(self) -> None:
        chance = random.Random()
        while not self.stop.is_set():
            try:
                self.made += seal(self.crm, [item(b"new")])
                if set(map(type, opened(self.crm, chance.sample([*self.known, *self.made], 3)))) != {bytes}:
                    raise AssertionError("a value could not be opened")
            except BaseException as error:
                self.failures.append(error)
                return
            self.stop.wait(0.005)


@contextmanager
def working(crm: CRM, known: list[OpenItem], number: int) -> Iterator[list[Writer]]:
    """Have so many writers at work within the block."""
    stop = threading.Event()
    writers = [Writer(crm, known, stop) for _ in range(number)]
    threads = [threading.Thread(target=writer) for writer in writers]
    for thread in threads:
        thread.start()
    try:
        yield writers
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def killed_after(url: str, lines: int, batch: int) -> bool:
    """Rotate in another process and kill it when it has said so many lines; return whether it was done by then."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.security.rotate_keys", url, "root", str(batch)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if len(said) >= lines:
            break
    if lines:
        # Somewhere in the next batch, not always at its beginning.
        time.sleep(random.uniform(0, 0.02))
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    return "done\n" in said


def test_a_rotation_under_load_that_is_killed_goes_on(crm: CRM, crm_url: str, scale: Scale) -> None:
    """With writers at work and the rotation killed again and again, no request fails, every value opens, one root key
    was made, and the earlier one can be given up."""
    known = fill(crm, scale(small=600, full=100_000))
    kills = scale(small=2, full=20)
    batch = max(20, len(known) // (kills * 4))
    with working(crm, known, scale(small=2, full=8)) as writers:
        for _ in range(kills):
            killed_after(crm_url, random.randint(1, 3), batch)
        done = rotate_root(crm, SYSTEM)
    values = [*known, *(each for writer in writers for each in writer.made)]
    crm.vault.forget()
    assert [writer.failures for writer in writers] == [[]] * len(writers)
    assert set(map(type, opened(crm, values))) == {bytes}
    assert (done.root, done.left, set(wrapped(crm))) == (2, 0, {2})
    assert crm.run(SYSTEM, "key.retire", {"number": 1}) == 0
    crm.vault.forget()
    assert set(map(type, opened(crm, values[-100:]))) == {bytes}


def test_keys_are_wrapped_anew_in_one_go(crm: CRM, scale: Scale) -> None:
    """A rotation wraps every key, data and purpose, under the new root key, at 20,000 a second and more in full."""
    known = fill(crm, scale(small=100, full=100_000))
    found = rotate_root(crm, SYSTEM)
    assert (found.rewrapped, found.left, found.resumed) == (len(known) + 3, 0, False)
    assert found.rewrapped / found.seconds > scale(small=0, full=20_000)


def test_another_process_reads_under_the_new_key(crm: CRM, crm_url: str) -> None:
    """A process that was at work before the change reads and writes after it, without being opened anew."""
    (before,) = fill(crm, 1)
    with CRM.open(crm_url) as other:
        assert opened(other, [before]) == [b"value 0"]
        rotate_root(crm, SYSTEM)
        (after,) = seal(other, [item(b"after")])
        assert opened(crm, [before, after]) == [b"value 0", b"after"]
    assert set(wrapped(crm)) == {2}


def test_a_root_key_is_given_up_only_when_nothing_needs_it(crm: CRM) -> None:
    """The one in use, one with keys under it, and one that there is not are refused."""
    fill(crm, 2)
    crm.run(SYSTEM, "key.rotate")
    for number, error in ((1, KeyInUse), (2, KeyInUse), (9, NotFound)):
        with pytest.raises(error):
            crm.run(SYSTEM, "key.retire", {"number": number})
    rotate_root(crm, SYSTEM)
    crm.run(SYSTEM, "key.retire", {"number": 1})
    with crm.session(SYSTEM) as session:
        assert [(each.id, each.state) for each in list_root_keys(session)] == [(1, "retired"), (2, "active")]


def test_what_cannot_be_destroyed_is_not_given_up(crm: CRM, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the keeper of a key fails, the error is told and the key stays as it was."""
    rotate_root(crm, SYSTEM)
    keeper = crm.vault.providers.of("file")

    def fail(name: str) -> None:
        raise KeyUnsafe(name=name)

    monkeypatch.setattr(keeper, "destroy", fail)
    with pytest.raises(KeyUnsafe):
        crm.run(SYSTEM, "key.retire", {"number": 1, "destroy": True})
    with crm.session(SYSTEM) as session:
        assert [each.state for each in list_root_keys(session)] == ["decrypt", "active"]


def test_a_key_that_was_prepared_is_the_next_one(crm: CRM) -> None:
    """A prepared key is not used; preparing again gives the same; the rotation takes it."""
    (before,) = fill(crm, 1)
    assert [crm.run(SYSTEM, "key.prepare") for _ in range(2)] == [2, 2]
    (after,) = seal(crm, [item(b"after")])
    assert set(wrapped(crm)) == {1}
    assert rotate_root(crm, SYSTEM).root == 2
    assert opened(crm, [before, after]) == [b"value 0", b"after"]


def test_two_rotations_at_once_share_the_work(crm: CRM, crm_url: str) -> None:
    """Of two that run at the same time both end, nothing is lost, and all is under one key."""
    known = fill(crm, 300)
    crm.run(SYSTEM, "key.rotate")
    rotation_errors: list[BaseException] = []

    def rotate() -> None:
        try:
            with CRM.open(crm_url) as other:
                rotate_root(other, SYSTEM)
        except BaseException as error:
            rotation_errors.append(error)

    threads = [threading.Thread(target=rotate) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    crm.vault.forget()
    assert rotation_errors == []
    assert [opened(crm, known) == [b"value %d" % place for place in range(300)], len(wrapped(crm))] == [True, 1]


def test_two_transactions_that_make_a_key_for_one_subject_lose_nothing(crm: CRM, scale: Scale) -> None:
    """What two threads seal at once for somebody who has no key yet opens, whichever key each of them made."""
    for _ in range(scale(small=3, full=50)):
        subject, barrier = uuid4(), threading.Barrier(2)
        found: list[OpenItem] = []

        def work(
            subject: object = subject, barrier: threading.Barrier = barrier, found: list[OpenItem] = found
        ) -> None:
            barrier.wait()
            found.extend(seal(crm, [item(b"mine", subject=subject)]))  # type: ignore[arg-type]

        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        crm.vault.forget()
        assert opened(crm, found) == [b"mine", b"mine"]


def test_what_an_undone_transaction_sealed_leaves_no_trace(crm: CRM) -> None:
    """A key that was made in a transaction that is undone is not used for what is sealed later."""
    subject = uuid4()

    def fail() -> None:
        with crm.transaction(SYSTEM) as session:
            crm.vault.seal_many(session, [item(b"gone", subject=subject)])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    (kept,) = seal(crm, [item(b"kept", subject=subject)])
    crm.vault.forget()
    assert opened(crm, [kept]) == [b"kept"]


def test_a_destroyed_key_seals_nothing_more(crm: CRM, crm_url: str) -> None:
    """After a subject's key was destroyed in another process, what is sealed for the subject opens, and what was
    sealed before is erased, here as there."""
    subject = uuid4()
    (before,) = seal(crm, [item(b"before", subject=subject)])
    assert opened(crm, [before]) == [b"before"]
    with CRM.open(crm_url) as other, other.transaction(SYSTEM) as session:
        assert other.vault.destroy(session, [subject]) == 1
    (after,) = seal(crm, [item(b"after", subject=subject)])
    assert opened(crm, [before, after]) == [Erased, b"after"]


def test_a_customer_gets_a_new_data_key(crm: CRM) -> None:
    """What a customer's sealed fields hold is sealed anew and reads as before; what comes next uses the new key."""
    given = {"name": "Ann", "contact_points": [{"kind": "email", "value": "ann@example.com"}]}
    customer = crm.run(SYSTEM, "customer.create", given)
    (older,) = seal(crm, [SealItem(subject=customer.id, table="x", field="y", record=uuid4(), value=b"older")])
    found = crm.run(SYSTEM, "key.rotate_data_key", target=customer.id)
    (newer,) = seal(crm, [SealItem(subject=customer.id, table="x", field="y", record=uuid4(), value=b"newer")])
    with crm.session(SYSTEM) as session:
        read = session.get(type(customer), customer.id)
        assert read is not None
        assert [point.value for point in read.contact_points] == ["ann@example.com"]
        assert status_of(session).left == 0
    assert (found.sealed > 0, found.kept) == (True, 1)
    assert (older.sealed[2:18] != newer.sealed[2:18], opened(crm, [older, newer])) == (True, [b"older", b"newer"])
