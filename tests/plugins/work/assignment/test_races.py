"""Two processes that give out work at once: everybody still gets their turn, and nobody more than they take."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from uuid import UUID

from crmkit_work.assignment.models import AssignmentEntry, QueueTurn
from crmkit_work.assignment.standing import loads_of
from sqlalchemy import select

from crmkit.app import CRM
from tests.plugins.work.assignment.conftest import BOSS, queue, user

WORKER = """
import json, sys
from crmkit.app import CRM
from crmkit.core.store.actor import Actor
from crmkit_work.api import Wish, assign

url, name, queues, count = sys.argv[1], sys.argv[2], json.loads(sys.argv[3]), int(sys.argv[4])
boss = Actor.system("giving out work")
with CRM.open(url) as crm:
    print("ready", flush=True)
    sys.stdin.readline()
    found = []
    for number in range(count):
        with crm.transaction(boss) as session:
            done = assign(session, Wish(ref=f"test.work:{name}-{number}", queue=queues[number % len(queues)]))
        found.append(str(done.user_id) if done.user_id else None)
print(json.dumps(found))
"""


def at_once(url: str, queues: list[list[str]], count: int) -> Counter[UUID | None]:
    """Let a process for each list of queues give out work at the same time; return how much everybody got."""
    running = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, url, f"p{index}", json.dumps(names), str(count)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for index, names in enumerate(queues)
    ]
    try:
        for each in running:
            assert each.stdout is not None
            assert each.stdout.readline() == "ready\n"
        answers = [each.communicate("go\n", timeout=120)[0] for each in running]
    finally:
        for each in running:
            each.kill()
            each.wait()
    assert [each.returncode for each in running] == [0] * len(running)
    return Counter(UUID(one) if one else None for answer in answers for one in json.loads(answer))


def test_turns_are_kept_by_two_processes(work: CRM) -> None:
    """Weights of 3, 2 and 1, and two processes that give out 24 pieces each: shares to the piece."""
    people = [user(work, login) for login in ("ada", "bo", "cy")]
    desk = queue(work, *people, weights=(3, 2, 1), strategy="weighted")
    found = at_once(work.settings.database, [["desk"], ["desk"]], 24)
    assert [found[each] for each in people] == [24, 16, 8]
    with work.session(BOSS) as session:
        turns = session.scalars(select(QueueTurn).where(QueueTurn.queue_id == desk)).all()
        assert {each.user_id: each.turns for each in turns} == found
        assert sum(each.current for each in turns) == 0
        log = session.scalars(select(AssignmentEntry.user_id)).all()
        assert Counter(log) == found


def test_nobody_gets_more_than_they_take_from_two_queues(work: CRM) -> None:
    """Each process has a queue of its own with the same people: together they fill everybody up, and no further."""
    people = [user(work, login) for login in ("ada", "bo", "cy")]
    for each in people:
        work.run(BOSS, "work.person.set", {"user_id": each, "capacity": 5})
    queue(work, *people, name="one")
    queue(work, *people, name="two", strategy="least_loaded")
    found = at_once(work.settings.database, [["one", "two"], ["two", "one"]], 12)
    assert dict(found) == {**dict.fromkeys(people, 5), None: 9}
    with work.session(BOSS) as session:
        assert loads_of(session, people) == dict.fromkeys(people, 5)
