"""What tests of experiments share: a business whose time can be moved, customers, purchases, and a definition."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from attrs import define, evolve

from crmkit import CRM, Actor
from crmkit.core.store.clock import Clock
from crmkit.engines.experiments.results import ExperimentResult, experiment_result
from crmkit.hooks.experiments import Arm, Experiment, Metric

SYSTEM = Actor.system("tests of experiments")
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

MAIL = Experiment(
    name="winback",
    title="Win back by mail",
    arms=(Arm(name="none", share=0.5), Arm(name="mail", share=0.5)),
    metrics=(Metric(name="buys", value="purchase.count", kind="share", effect=0.1),),
)


@define
class Moving:
    """A clock of the business that stands where it is put."""

    at: datetime = START

    def clock(self) -> Clock:
        """Return the clock that a CRM takes."""
        moving = self

        class Standing(Clock):
            def business_now(self) -> datetime:
                return moving.at

        return Standing()

    def on(self, days: float) -> datetime:
        """Put the clock to some days after the start."""
        self.at = START + timedelta(days=days)
        return self.at


@define
class Shop:
    """A CRM with its clock."""

    crm: CRM
    time: Moving

    def run(self, operation: str, actor: Actor = SYSTEM, **values: Any) -> Any:
        """Run an operation."""
        return self.crm.run(actor, operation, values)

    def customers(self, number: int, **values: Any) -> list[UUID]:
        """Add customers, and return their ids."""
        made = self.crm.run_many(
            SYSTEM, "customer.create", [{"name": f"Customer {index}", **values} for index in range(number)]
        )
        return [outcome.result for outcome in made]

    def buy(self, ids: Iterable[UUID], days: float, amount: str = "10.00") -> None:
        """Record a purchase of each of some customers."""
        when = START + timedelta(days=days)
        items = [
            {"kind": "purchase", "customer_id": id, "occurred_at": when, "amount": amount, "currency": "CNY"}
            for id in ids
        ]
        for outcome in self.crm.run_many(SYSTEM, "interaction.record", items):
            assert outcome.ok, outcome

    def save(self, experiment: Experiment = MAIL, **changes: Any) -> Experiment:
        """Save a definition."""
        wanted = evolve(experiment, **changes)
        self.run("experiment.save", experiment=wanted)
        return wanted

    def begin(self, experiment: Experiment = MAIL, **changes: Any) -> Experiment:
        """Save a definition and start it."""
        wanted = self.save(experiment, **changes)
        self.run("experiment.start", name=wanted.name)
        return wanted

    def expose(self, name: str, ids: Sequence[UUID]) -> dict[UUID, str | None]:
        """Expose customers; return their arms."""
        items = [{"experiment": name, "customer_id": id} for id in ids]
        made = self.crm.run_many(SYSTEM, "experiment.expose", items)
        assert all(outcome.ok for outcome in made), made
        return {id: outcome.result for id, outcome in zip(ids, made, strict=True)}

    def result(self, name: str = "winback", actor: Actor = SYSTEM, **times: Any) -> ExperimentResult:
        """Return what an experiment shows."""
        with self.crm.session(actor) as session:
            return experiment_result(session, name, **times)
