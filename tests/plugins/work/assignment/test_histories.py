"""Random histories: whatever happens, work goes to nobody who is absent, offline, gone or full, and nothing is lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from attrs import evolve
from crmkit_work.assignment.choosing import Contender, choose
from crmkit_work.assignment.judging import Candidate, Demand, Standing, presence_of, verdict
from hypothesis import given, settings, strategies as st

from crmkit.app import CRM
from tests.plugins.work.assignment.conftest import BOSS, give, queue, user

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)

STANDINGS = st.builds(
    Standing,
    user_id=st.uuids(version=4),
    active=st.booleans(),
    presence=st.sampled_from(["available", "busy", "away", "offline"]),
    presence_until=st.one_of(st.none(), st.sampled_from([NOW - timedelta(hours=1), NOW, NOW + timedelta(hours=1)])),
    absent_until=st.one_of(st.none(), st.just(NOW + timedelta(days=1))),
    at_work=st.booleans(),
    load=st.integers(0, 4),
    capacity=st.one_of(st.none(), st.integers(0, 4)),
    skills=st.dictionaries(st.sampled_from(["tea", "tax"]), st.integers(1, 3)),
    languages=st.lists(st.sampled_from(["zh", "en-GB"])),
)
CANDIDATES = st.builds(
    Candidate,
    standing=STANDINGS,
    weight=st.integers(1, 5),
    capacity=st.one_of(st.none(), st.integers(0, 4)),
    limit=st.one_of(st.none(), st.integers(1, 3)),
    taken=st.integers(0, 4),
    more=st.integers(0, 2),
)
DEMANDS = st.builds(
    Demand,
    skills=st.dictionaries(st.sampled_from(["tea", "tax"]), st.integers(1, 3)),
    languages=st.lists(st.sampled_from(["zh-Hans", "en"]), max_size=1),
    in_hours=st.booleans(),
)


def fits(one: Candidate, demand: Demand) -> bool:
    """Say in other words than the engine whether somebody can take work."""
    person = one.standing
    ended = person.presence_until is not None and person.presence_until <= NOW
    capacity = person.capacity if one.capacity is None else one.capacity
    return (
        person.active
        and person.absent_until is None
        and (person.presence == "available" or ended)
        and (person.at_work or not demand.in_hours)
        and all(person.skills.get(skill, 0) >= level for skill, level in demand.skills.items())
        and all(any(own[:2] == wanted[:2] for own in person.languages) for wanted in demand.languages)
        and (capacity is None or person.load + one.more < capacity)
        and (one.limit is None or one.taken < one.limit)
    )


@given(st.lists(CANDIDATES, max_size=6, unique_by=lambda each: each.standing.user_id), DEMANDS)
@settings(max_examples=200, deadline=None)
def test_a_verdict_is_there_exactly_for_those_who_cannot(candidates: list[Candidate], demand: Demand) -> None:
    """Whoever has no verdict against them fits, and whoever fits has none."""
    assert [verdict(each, demand, NOW) is None for each in candidates] == [fits(each, demand) for each in candidates]


@given(STANDINGS)
@settings(max_examples=100, deadline=None)
def test_who_is_there_can_be_given_work(standing: Standing) -> None:
    """Presence and the verdict say the same of somebody who has room."""
    free = evolve(standing, capacity=None)
    assert presence_of(free, NOW).present == (verdict(Candidate(standing=free), Demand(), NOW) is None)


class _Model:
    """What a queue of three should do, kept beside it."""

    def __init__(self, crm: CRM, people: list[UUID]) -> None:
        self.crm = crm
        self.gone: set[UUID] = set()
        self.absences: dict[UUID, UUID] = {}
        self.offline: set[UUID] = set()
        self.open: dict[str, UUID] = {}
        self.people = people

    def able(self) -> set[UUID]:
        """Return who can get work now: there, and with less than three open."""
        full = {each for each in self.people if list(self.open.values()).count(each) >= 3}
        return set(self.people) - self.gone - set(self.absences) - self.offline - full


Step = tuple[Literal["give", "finish", "absent", "back", "offline", "online", "leave"], int]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["give", "give", "give", "finish", "absent", "back", "offline", "online", "leave"]),
        st.integers(0, 2),
    ),
    min_size=4,
    max_size=25,
)


def test_over_any_history_work_goes_to_those_who_can(lite: CRM) -> None:
    """People are absent, come back, go offline, leave; work comes in and is done: each piece goes to somebody who can
    take it just then, or waits when nobody can."""
    runs = [0]

    @given(STEPS, st.sampled_from(["round_robin", "least_loaded", "weighted"]))
    @settings(max_examples=12, deadline=None)
    def history(steps: list[Step], strategy: str) -> None:
        runs[0] += 1
        people = [user(lite, f"p{runs[0]}-{index}") for index in range(3)]
        for each in people:
            lite.run(BOSS, "work.person.set", {"user_id": each, "capacity": 3})
        name = f"desk{runs[0]}"
        queue(lite, *people, name=name, strategy=strategy)
        model = _Model(lite, people)
        for number, (what, index) in enumerate(steps):
            _step(model, what, people[index], f"{runs[0]}-{number}", name)

    history()


def _step(model: _Model, what: str, who: UUID, ref: str, name: str) -> None:
    crm = model.crm
    if what == "give":
        able = model.able()
        found = give(crm, ref, queue=name)
        assert (found.user_id in able) if able else found.strategy == "waiting"
        told = {each.user_id for each in found.why_not} | {found.user_id}
        assert set(model.people) <= told
        if found.user_id is not None:
            model.open[f"test.work:{ref}"] = found.user_id
    elif what == "finish" and model.open:
        done = sorted(model.open)[0]
        del model.open[done]
        crm.run(BOSS, "work.load.note", {"ref": done})
    elif what == "absent" and who not in model.absences:
        now = datetime.now(UTC)
        values: dict[str, Any] = {"user_id": who, "starts_at": now - timedelta(1), "ends_at": now + timedelta(1)}
        model.absences[who] = crm.run(BOSS, "work.absence.create", values).id
    elif what == "back" and who in model.absences:
        crm.run(BOSS, "work.absence.delete", target=model.absences.pop(who))
    elif what in ("offline", "online"):
        presence = "offline" if what == "offline" else "available"
        crm.run(BOSS, "work.person.set_presence", {"user_id": who, "presence": presence})
        (model.offline.add if what == "offline" else model.offline.discard)(who)
    elif what == "leave" and who not in model.gone:
        crm.run(BOSS, "user.deactivate", target=who)
        model.gone.add(who)


def test_the_engine_chooses_what_the_strategy_says() -> None:
    """A choice among people who can is the strategy's: no other order hides in it."""
    people = [Contender(user_id=UUID(int=index), served=3 - index, order=index) for index in range(1, 4)]
    assert choose("round_robin", people).user_id == UUID(int=3)
