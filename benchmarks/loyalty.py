"""Loyalty: a purchase of ten lines against 200 rules, the computation alone and with everything that it reads."""

from __future__ import annotations

from typing import Any

from benchmarks.measure import Bench, seconds
from crmkit import CRM, Actor

ACTOR = Actor.system("benchmark")
LINES, RULES = 10, 200
LIMIT = 0.005
"""Seconds that it may take."""
TIMES = 50


def run(bench: Bench) -> None:
    """Measure both on each engine."""
    for engine in bench.engines:
        with bench.database(engine) as url:
            with CRM.init(url) as crm:
                crm.enable("loyalty")
            with CRM.open(url) as crm:
                _fill(crm)
                pure, whole = _purchase(crm)
        bench.note(f"{LINES} lines, {RULES} rules: rules", engine, pure, LIMIT, floor_name="what it may take", bar=1.0)
        bench.note(
            f"{LINES} lines, {RULES} rules: with what it reads",
            engine, whole, LIMIT, floor_name="what it may take", bar=None,
        )  # fmt: skip


def _fill(crm: CRM) -> None:
    crm.run(ACTOR, "business.configure", {"base_currency": "CNY", "zone": "Asia/Shanghai"})
    crm.run(ACTOR, "loyalty.program.create", {"name": "club"})
    crm.run(ACTOR, "loyalty.point_type.create", {"program": "club", "name": "points"})
    version = crm.run(ACTOR, "loyalty.rule_set.draft")
    with crm.transaction(ACTOR) as session:
        for number in range(RULES):
            rule: dict[str, Any] = {"name": f"rule_{number}", "points": "amount * 2", "position": number}
            rule["scope"] = "line" if number % 2 else "order"
            rule["condition"] = f'sku == "P{number % 20}" and amount >= 5' if number % 2 else f"amount > {number}"
            if number % 10 == 0:
                rule["cap_day"] = 1_000_000
            session.run("loyalty.earn_rule.create", rule, target=version.id)
    crm.run(ACTOR, "loyalty.rule_set.publish", target=version.id)
    for number in range(LINES):
        crm.run(ACTOR, "product.create", {"sku": f"P{number}", "title": f"Product {number}"})
    customer = crm.run(ACTOR, "customer.create", {"kind": "person", "name": "Wang Lin"})
    crm.run(ACTOR, "loyalty.member.join", {"customer_id": customer.id})
    lines = [{"sku": f"P{number}", "amount": 10 + number} for number in range(LINES)]
    crm.run(ACTOR, "interaction.record", {"kind": "purchase", "customer_id": customer.id, "lines": lines})


def _purchase(crm: CRM) -> tuple[float, float]:
    """Return the seconds that the rules take for a purchase, and with reading it and what was given before."""
    from crmkit_loyalty.earning.compiling import ready
    from crmkit_loyalty.earning.computing import compute
    from crmkit_loyalty.earning.happening import happenings_of
    from crmkit_loyalty.earning.limits import used_before
    from crmkit_loyalty.earning.operations import published
    from crmkit_loyalty.programs.finding import program_named
    from sqlalchemy import select

    from crmkit import Interaction

    with crm.session(ACTOR) as session:
        program = program_named(session)
        version = published(session, program)
        assert version is not None
        found = session.scalars(select(Interaction).where(Interaction.kind == "purchase")).one()
        assert found.customer_id is not None
        customer_id = found.customer_id
        bound = ready(session, version).bound(session)
        happened = happenings_of(session, [found], {})[found.id]
        assert len(happened.lines) == LINES
        assert len(bound) == RULES

        def whole() -> None:
            rules = ready(session, version).bound(session)
            here = happenings_of(session, [found], {})[found.id]
            compute(rules, here, used_before(session, program, rules, customer_id, found.occurred_at))

        def pure() -> None:
            compute(bound, happened, {})

        return _each(pure), _each(whole)


def _each(work: Any) -> float:
    return seconds(lambda: [work() for _time in range(TIMES)]) / TIMES
