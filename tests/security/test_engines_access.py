"""Attacks on the engines by whoever sees only some customers, or nothing personal: what they may not learn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from crmkit import Actor
from crmkit.configuration.applying import compare, read_configuration
from crmkit.core.customers.models import CustomerTag
from crmkit.core.operations.worker import Worker
from crmkit.core.store.ids import new_id
from crmkit.engines.classification.reading import labels_of
from crmkit.engines.experiments.results import experiment_result
from crmkit.engines.facts.frame import frame
from crmkit.engines.facts.vocabulary import catalogue_of
from crmkit.engines.reports.running import run
from crmkit.engines.rules.backtest import backtest
from crmkit.engines.rules.tables import RuleLog
from crmkit.engines.segments.figures import condition
from crmkit.errors import DefinitionError, Refused, UnknownFact
from crmkit.hooks.rules import Do, Rule
from tests.conftest import ENGINES, Templates
from tests.security.world import SYSTEM, World, company, role, user


@pytest.fixture(params=ENGINES)
def world(request: pytest.FixtureRequest, templates: Templates, tmp_path: Path) -> Iterator[World]:
    """The small company of two teams, with its currency and zone."""
    with company(templates, request.param, tmp_path) as made:
        made.crm.run(SYSTEM, "business.configure", {"name": "Shop", "base_currency": "CNY", "zone": "Asia/Shanghai"})
        yield made


def masked_admin(world: World) -> Actor:
    """Add somebody who may do everything with everything, and sees nothing personal."""
    role(world.crm, "masked_admin", [("*", "*", "all")], levels={"personal": "masked"})
    return user(world.crm, "mona", "masked_admin")


def dimension(name: str, value: str, **more: Any) -> dict[str, Any]:
    """Return the plain form of a dimension whose labels are the values of an expression."""
    return {"definition": {"name": name, "title": name, "decider": {"by": "value", "value": value}, **more}}


# --- labels and segments ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("more", [{}, {"classified": "public"}])
def test_nobody_has_labels_say_what_is_masked(world: World, more: Mapping[str, Any]) -> None:
    """Whoever may save dimensions but not read names cannot have names as labels, whatever class he declares."""
    mona = masked_admin(world)
    with pytest.raises(DefinitionError, match=r"customer\.name is masked"):
        world.crm.run(mona, "dimension.save", dimension("spy", "customer.name", **more))
    with world.crm.session(SYSTEM) as session:
        assert labels_of(session, [world.foreign]) == {}


def test_another_spelling_of_a_name_does_not_open_what_it_decides(world: World) -> None:
    """A dimension and a segment are as guarded as what they read, in whichever of two equal spellings it is named:
    U+F900 is the same sign as U+8C48."""
    crm = world.crm
    crm.run(SYSTEM, "segment.save", {"name": "\u8c48", "title": "x", "where": 'customer.name == "Foreign Ltd"'})
    crm.run(SYSTEM, "segment.save", {"name": "spelt", "title": "x", "where": "segment.\uf900"})
    crm.run(SYSTEM, "segment.freeze", {"name": "spelt"})
    crm.run(SYSTEM, "dimension.save", dimension("\u8c48", "customer.name"))
    crm.run(SYSTEM, "dimension.save", dimension("spelt", "label.\uf900"))
    mona = masked_admin(world)
    with crm.session(mona) as session:
        catalogue = catalogue_of(session)
        found = [catalogue.known(name).fact.classified for name in ("segment.spelt", "label.spelt")]
        with pytest.raises(UnknownFact):
            condition(session, "spelt")
    assert ["personal", "personal"] == found


# --- rules -----------------------------------------------------------------------------------------------------------


SPYING = {"operation": "customer.tag", "arguments": {"names": ["event.label"]}}


def test_a_rule_reads_of_events_what_its_publisher_may(world: World) -> None:
    """A label in an event is personal: whoever sees nothing personal cannot have a rule copy it, nor try it out."""
    mona = masked_admin(world)
    given = {"name": "spy", "title": "spy", "on": "customer.label_pinned", "then": [SPYING]}
    with pytest.raises(DefinitionError, match=r"event\.label is personal"):
        world.crm.run(mona, "rule.save", given)
    rule = Rule(name="spy", title="spy", on="customer.label_pinned", then=[Do(**SPYING)])
    with world.crm.session(mona) as session, pytest.raises(UnknownFact):
        backtest(session, rule, session.today(), session.today())


def test_a_rule_reads_of_events_no_more_than_its_publisher_may_by_now(world: World) -> None:
    """Who may not read what is personal any more has no rule that does: its run is refused, and nothing is copied; his
    other rules run all the same."""
    crm = world.crm
    role(crm, "writer", [("*", "*", "all")], levels={"personal": "full"})
    rick = user(crm, "rick", "writer")
    plain = {"operation": "customer.tag", "arguments": {"names": ['"pinned"']}}
    for name, does in (("copy", SPYING), ("plain", plain)):
        crm.run(rick, "rule.save", {"name": name, "title": "x", "on": "customer.label_pinned", "then": [does]})
    with crm.session(SYSTEM) as session:
        from crmkit.core.access.models import Role

        held = session.scalars(select(Role).where(Role.name == "writer")).one().id
    crm.run(SYSTEM, "role.set_field_right", {"classified": "personal", "level": "masked"}, target=held)
    crm.run(SYSTEM, "customer.pin_label", {"dimension": "value", "label": "high"}, target=world.mine)
    Worker(crm).run_until_idle()
    with crm.session(SYSTEM) as session:
        outcomes = session.execute(select(RuleLog.outcome, RuleLog.code).where(RuleLog.rule == "copy")).all()
        tags = session.scalars(select(CustomerTag.name).where(CustomerTag.customer_id == world.mine)).all()
    assert [("refused", UnknownFact.code)] == [tuple(row) for row in outcomes]
    assert ["pinned"] == list(tags)


# --- reports and experiments -----------------------------------------------------------------------------------------


def test_no_report_singles_customers_out_whom_its_reader_may_not_see(world: World) -> None:
    """A condition that one foreign customer meets gives no figure to who may see reports of everything alone: at a
    moment, over time, or by what stands beside the withheld figure."""
    role(
        world.crm,
        "reporter",
        [("report", "read", "all"), ("report", "all", "all"), ("customer", "read", "own")],
        levels={"personal": "full"},
    )
    rita = user(world.crm, "rita", "reporter")
    world.crm.run(SYSTEM, "classification.run", {})
    about = {"dimension": "type", "where": 'customer.name == "Foreign Ltd"'}
    with world.crm.session(rita) as session:
        runs = [
            run(session, "customer.by_label", about),
            run(session, "customer.over_time", {**about, "period": "this month"}),
        ]
    for found in runs:
        rows = [*found.rows, *([found.totals] if found.totals is not None else [])]
        cells = [cell for row in rows for cell in row.cells]
        assert found.scope == "all"
        assert not [cell for cell in cells if isinstance(cell.value, (int, float)) and cell.value]
        assert not [cell for cell in cells if cell.interval is not None]


def test_a_result_does_not_count_by_what_is_masked(world: World) -> None:
    """How many take part would tell how many meet the condition: who may not read it gets no result."""
    crm = world.crm
    given = {
        "name": "kiel",
        "title": "Kiel",
        "arms": [{"name": "a", "share": 0.5}, {"name": "b", "share": 0.5}],
        "metrics": [{"name": "bought", "value": "purchase.count > 0", "kind": "share", "effect": 0.1}],
        "covers": "everybody",
        "among": 'customer.city == "Kiel"',
        "method": "always_valid",
    }
    crm.run(SYSTEM, "experiment.save", {"experiment": given})
    crm.run(SYSTEM, "experiment.start", {"name": "kiel"})
    with crm.session(masked_admin(world)) as session, pytest.raises(UnknownFact, match=r"customer\.city"):
        experiment_result(session, "kiel")
    with crm.session(world.manager) as session:
        assert experiment_result(session, "kiel").customers == 1


# --- taking facts out of the house -----------------------------------------------------------------------------------


def test_a_frame_that_leaves_the_house_has_whom_one_may_export(world: World) -> None:
    """Seeing a customer is not enough: a frame for a file leaves out whom its reader may not export, and is refused
    where that is everybody."""
    sees = [("customer", "read", "all"), ("export", "run", "all")]
    role(world.crm, "seer", sees)
    role(world.crm, "leaver", [*sees, ("customer", "export", "team")])
    found = {}
    for login in ("seer", "leaver"):
        with world.crm.session(user(world.crm, login, login, team=world.north)) as session:
            shown = frame(session, ["purchase.count"])
            assert {world.mine, world.foreign} == {row[0] for row in shown.rows()}
            try:
                found[login] = [row[0] for row in frame(session, ["purchase.count"], leaving=True).rows()]
            except Refused:
                found[login] = "refused"
    assert {"seer": "refused", "leaver": [world.mine]} == found


# --- configuration ---------------------------------------------------------------------------------------------------


def test_the_configuration_is_for_who_configures(world: World) -> None:
    """Roles, and conditions that name customers, are not exported or compared by somebody without the right."""
    world.crm.run(SYSTEM, "segment.save", {"name": "x", "title": "x", "where": 'customer.name == "Foreign Ltd"'})
    for look in (read_configuration, lambda session: compare(session, {})):
        with world.crm.session(world.nora) as session, pytest.raises(Refused):
            look(session)
    with world.crm.session(world.manager) as session:
        assert "segment" in {place.folder for place in read_configuration(session)}


# --- many ids --------------------------------------------------------------------------------------------------------


def test_labels_are_read_of_more_customers_than_a_statement_has_parameters(world: World) -> None:
    """PostgreSQL takes 65,535 in a statement."""
    world.crm.run(SYSTEM, "classification.run", {})
    ids = [*(new_id() for _number in range(66_000)), world.mine, world.foreign]
    with world.crm.session(world.nora) as session:
        assert {world.mine} == set(labels_of(session, ids))
