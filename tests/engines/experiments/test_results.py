"""What experiments show, against figures that were worked out by hand or published."""

from __future__ import annotations

import json
import random
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from crmkit import Actor
from crmkit.core.operations.tables import AuditRecord
from crmkit.engines.experiments.assigning import dealt
from crmkit.engines.experiments.judging import Way, judge
from crmkit.engines.experiments.results import MetricResult
from crmkit.engines.statistics.intervals import newcombe, wilson
from crmkit.errors import Conflict, UnknownFact
from crmkit.hooks.experiments import Arm, Metric
from tests.engines.experiments.support import MAIL, START, SYSTEM, Shop

SHARE = MAIL.metrics[0]


def by_arm(arms: dict[UUID, str | None], name: str) -> list[UUID]:
    """Return who is in an arm."""
    return [id for id, arm in arms.items() if arm == name]


def shares(metric: MetricResult) -> dict[str, tuple[int, float | None]]:
    """Return customers and value of each arm."""
    return {arm.name: (arm.customers, arm.estimate.value) for arm in metric.arms}


def test_a_share_is_counted_from_the_start(shop: Shop) -> None:
    """What was bought before the start does not count; of those exposed, each arm's share has Wilson's interval."""
    ids = shop.customers(80)
    shop.buy(ids, -3)
    shop.begin(method="fixed", planned=80)
    arms = shop.expose("winback", ids)
    none, mail = by_arm(arms, "none"), by_arm(arms, "mail")
    shop.buy(none[:3], 2)
    shop.buy(mail[:20], 2)
    shop.time.on(10)
    found = shop.result()
    (metric,) = found.metrics
    assert {"none": (len(none), 3 / len(none)), "mail": (len(mail), 20 / len(mail))} == shares(metric)
    assert wilson(20, len(mail)) == metric.arms[1].estimate
    (compared,) = metric.compared
    assert newcombe(20, len(mail), 3, len(none)) == compared.difference
    assert ("mail", True, "better", True) == (compared.arm, compared.significant, found.verdict, found.trusted)


def test_a_result_can_be_had_again(shop: Shop) -> None:
    """As of an earlier day the numbers are those of then, by what was known then or by what came to be known since."""
    ids = shop.customers(40)
    shop.begin(method="fixed", planned=40)
    arms = shop.expose("winback", ids)
    mail = by_arm(arms, "mail")
    shop.buy(mail[:4], 1)
    shop.time.on(2.5)
    then = shop.result()
    known = then.known_at
    shop.buy(mail[4:6], 2)  # happened then, recorded later
    shop.buy(mail[6:9], 5)
    shop.time.on(9)
    counts = [
        shop.result(**times).metrics[0].arms[1].estimate.value
        for times in (
            {},
            {"as_of": START + timedelta(days=2.5)},
            {"as_of": START + timedelta(days=2.5), "known_at": known},
        )
    ]
    assert [9 / len(mail), 6 / len(mail), 4 / len(mail)] == counts
    assert datetime(2026, 3, 4, 15, 59, 59, 999999, tzinfo=UTC) == shop.result(as_of=date(2026, 3, 4)).as_of


def test_money_is_in_major_units(shop: Shop) -> None:
    """The mean of what was spent since the start, those who spent nothing included, by Welch's test."""
    ids = shop.customers(60)
    shop.begin(metrics=(Metric(name="spent", value="purchase.amount"), SHARE), method="fixed", planned=60)
    arms = shop.expose("winback", ids)
    none, mail = by_arm(arms, "none"), by_arm(arms, "mail")
    shop.buy(none[::2], 1, "10.00")
    shop.buy(mail, 1, "30.50")
    shop.buy(mail[:1], 2, "9.50")
    shop.time.on(3)
    spent = shop.result().metrics[0]
    assert ("CNY", True) == (spent.currency, spent.decides)
    expected = [10 * len(none[::2]) / len(none), (30.5 * len(mail) + 9.5) / len(mail)]
    assert expected == pytest.approx([arm.estimate.value for arm in spent.arms])
    assert spent.compared[0].significant


def test_what_was_known_before_makes_differences_show(shop: Shop) -> None:
    """Adjusted by what was spent before, the interval is a twentieth as wide."""
    ids = shop.customers(80)
    for index, id in enumerate(ids):
        shop.buy([id], -5, f"{(index * 37) % 80 * 10 + 10}.00")
    metrics = [
        Metric(name="spent", value="purchase.amount", since="ever"),
        Metric(name="adjusted", value="purchase.amount", since="ever", before="purchase.amount"),
    ]
    shop.begin(metrics=metrics, method="fixed", planned=80)
    arms = shop.expose("winback", ids)
    for index, id in enumerate(ids):
        shop.buy([id], 1, f"{(20 if arms[id] == 'mail' else 5) + index % 3}.00")
    shop.time.on(2)
    plain, adjusted = shop.result().metrics
    (before, after) = (each.compared[0].difference for each in (plain, adjusted))
    assert (False, True) == (plain.adjusted, adjusted.adjusted)
    assert (after.high or 0) - (after.low or 0) < ((before.high or 0) - (before.low or 0)) / 20
    assert after.value == pytest.approx(15, abs=1.5)


def test_arms_that_chance_did_not_deal_are_not_believed(shop: Shop) -> None:
    """Where many of an arm are never written down, the sample ratio gives it away, and the verdict says so."""
    ids = shop.customers(400)
    shop.begin()
    mail = [id for id in ids if dealt(MAIL, id) == "mail"]
    none = [id for id in ids if dealt(MAIL, id) == "none"]
    shop.expose("winback", [*mail, *none[: len(none) // 3]])
    shop.buy(mail, 1)
    shop.time.on(2)
    found = shop.result()
    assert found.ratio is not None
    assert found.ratio.p_value < 0.001
    assert (False, "mismatch") == (found.trusted, found.verdict)


def test_a_fixed_test_says_nothing_before_its_end(shop: Shop) -> None:
    """With fewer customers than planned it is too early, and no difference is shown, however large it is."""
    ids = shop.customers(60)
    shop.begin(method="fixed", planned=100)
    dealt_to = {name: [id for id in ids if dealt(MAIL, id) == name] for name in ("mail", "none")}
    # As many of each: once in a thousand times chance deals so that its share is not believed.
    size = min(map(len, dealt_to.values()))
    arms = shop.expose("winback", [id for own in dealt_to.values() for id in own[:size]])
    shop.buy(by_arm(arms, "mail"), 1)
    shop.time.on(2)
    found = shop.result()
    assert ("collecting", ()) == (found.verdict, found.metrics[0].compared)


def test_planned_looks_read_as_of_the_last_one(shop: Shop) -> None:
    """Between two looks the answer stays that of the earlier one, though more customers and purchases have come."""
    ids = shop.customers(100)
    shop.begin(method="group_sequential", planned=100, looks=2)
    shop.time.on(1)
    first = shop.expose("winback", ids[:50])
    shop.buy(by_arm(first, "mail"), 0.5)
    shop.time.on(2)
    shop.expose("winback", ids[50:80])
    shop.buy(ids, 2)
    shop.time.on(4)
    found = shop.result()
    assert (1, 50, START + timedelta(days=1)) == (found.look, found.customers, found.as_of)
    (compared,) = found.metrics[0].compared
    assert compared.bound == pytest.approx(2.9626, abs=1e-3)
    assert ("better", True) == (found.verdict, compared.significant)


def test_before_the_first_look_there_is_nothing_to_see(shop: Shop) -> None:
    """With fewer customers than the first look needs it is too early."""
    ids = shop.customers(10)
    shop.begin(method="group_sequential", planned=100, looks=2)
    shop.expose("winback", ids)
    found = shop.result()
    assert (0, "collecting") == (found.look, found.verdict)


def test_always_valid_can_be_looked_at_any_time(shop: Shop) -> None:
    """A large difference is found without a plan; its interval is wider than that of a single look."""
    ids = shop.customers(120)
    shop.begin()
    arms = shop.expose("winback", ids)
    none, mail = by_arm(arms, "none"), by_arm(arms, "mail")
    shop.buy(mail[: len(mail) * 3 // 4], 1)
    shop.buy(none[: len(none) // 10], 1)
    shop.time.on(2)
    found = shop.result()
    difference, fixed = (
        found.metrics[0].compared[0].difference,
        newcombe(len(mail) * 3 // 4, len(mail), len(none) // 10, len(none)),
    )
    assert "better" == found.verdict
    assert difference.low is not None
    assert fixed.low is not None
    assert 0 < difference.low < fixed.low


def test_several_arms_are_allowed_for() -> None:
    """Two arms that each pass alone at 5 % do not both pass together, by Holm's method."""
    control = [1.0] * 20 + [0.0] * 80
    arms = {"a": [1.0] * 32 + [0.0] * 68, "b": [1.0] * 33 + [0.0] * 67, "c": [1.0] * 20 + [0.0] * 80}
    way = Way(method="fixed", confidence=0.95, bound=None, ready=True)
    alone = [judge(control, {name: values}, share=True, effect=0, way=way)[0] for name, values in arms.items()]
    together = judge(control, arms, share=True, effect=0, way=way)
    assert [False, True, False] == [item.significant for item in alone]
    assert [False, False, False] == [item.significant for item in together]
    assert together[1].adjusted == pytest.approx(3 * alone[1].p_value)


def test_looking_at_shares_again_and_again_keeps_the_error() -> None:
    """Judged after every ten customers an arm, equal rare shares are called different in at most 5 % of experiments."""
    draw, way = random.Random(4), Way(method="always_valid", confidence=0.95, bound=None, ready=True)
    wrong = 0
    for _round in range(150):
        one: list[float] = []
        two: list[float] = []
        for _look in range(30):
            one.extend(float(draw.random() < 0.05) for _customer in range(10))
            two.extend(float(draw.random() < 0.05) for _customer in range(10))
            if judge(one, {"b": two}, share=True, effect=0.05, way=way)[0].significant:
                wrong += 1
                break
    assert wrong / 150 <= 0.05


def test_the_others_are_adjusted_for_being_many(shop: Shop) -> None:
    """Of the metrics that do not decide, the expected share of false findings keeps the level."""
    ids = shop.customers(60)
    kinds: list[Metric] = [SHARE]
    kinds += [Metric(name=f"m{number}", value=f"purchase.count - {number} * 0", kind="share") for number in range(3)]
    shop.begin(metrics=kinds, method="fixed", planned=60)
    arms = shop.expose("winback", ids)
    shop.buy(by_arm(arms, "mail")[:20], 1)
    shop.time.on(2)
    first, *others = shop.result().metrics
    assert first.compared[0].adjusted == first.compared[0].p_value
    # Three equal p-values: the adjusted ones are the same as they are.
    assert [item.compared[0].p_value for item in others] == pytest.approx(
        [item.compared[0].adjusted for item in others]
    )


def test_a_holdout_counts_everybody_by_id_alone(shop: Shop) -> None:
    """A hold-out needs no exposures: all who were there at the start count, those who came later do not."""
    ids = shop.customers(80)
    hold = shop.begin(
        name="global",
        arms=(Arm(name="held", share=0.25), Arm(name="rest", share=0.75)),
        covers="everybody",
        spare=True,
    )
    late = shop.customers(10)
    rest = [id for id in ids if dealt(hold, id) == "rest"]
    shop.buy([*rest[:30], *late], 1)
    shop.time.on(2)
    found = shop.result("global")
    assert 80 == found.customers
    assert {"held": (80 - len(rest), 0.0), "rest": (len(rest), 30 / len(rest))} == shares(found.metrics[0])


def test_what_was_never_started_has_no_result(shop: Shop) -> None:
    """A draft has none."""
    shop.save()
    with pytest.raises(Conflict):
        shop.result()


def test_nobody_exposed_is_no_error(shop: Shop) -> None:
    """A result without customers says that it is too early."""
    shop.begin()
    found = shop.result()
    assert (0, "collecting", None, ()) == (found.customers, found.verdict, found.ratio, found.metrics[0].compared)


def reader(shop: Shop, *grants: dict[str, Any], fields: tuple[dict[str, Any], ...] = ()) -> tuple[Actor, UUID]:
    """Return somebody in a team, and the team."""
    team = shop.run("team.create", name="North")
    user = shop.run("user.create", login="mei", name="Mei")
    shop.crm.run(Actor.system("tests"), "team.add_member", {"user_id": user.id}, target=team.id)
    role: Any = shop.run("role.create", name="reader")
    for grant in grants:
        shop.crm.run(Actor.system("tests"), "role.grant", grant, target=role.id)
    for each in fields:
        shop.crm.run(Actor.system("tests"), "role.set_field", each, target=role.id)
    shop.crm.run(Actor.system("tests"), "user.assign_role", {"role": "reader"}, target=user.id)
    return Actor.user(user.id, "Mei"), team.id


def test_a_result_counts_whom_the_reader_may_see(shop: Shop) -> None:
    """Somebody who sees the team's customers alone has these counted."""
    mei, team = reader(shop, {"resource": "customer", "action": "read", "scope": "team"})
    ids = [*shop.customers(20), *shop.customers(15, team_id=team)]
    shop.begin()
    shop.expose("winback", ids)
    assert [35, 15] == [shop.result().customers, shop.result(actor=mei).customers]


def test_a_metric_needs_the_right_for_its_facts(shop: Shop) -> None:
    """A metric over facts that are masked for the reader is refused, with the fact named."""
    mei, _team = reader(shop, {"resource": "customer", "action": "read", "scope": "all"})
    shop.begin(metrics=(Metric(name="city", value='customer.city == "杭州"', kind="share", effect=0.1),))
    with pytest.raises(UnknownFact, match=r"customer\.city"):
        shop.result(actor=mei)


def test_a_result_is_audited(shop: Shop) -> None:
    """Whoever reads a result leaves a record that names the experiment."""
    shop.begin()
    shop.result()
    with shop.crm.session(SYSTEM) as session:
        lines = list(session.scalars(select(AuditRecord).where(AuditRecord.operation == "experiment.result")))
    assert [{"experiment": "winback", "customers": 0}] == [json.loads(line.details or "") for line in lines]
