"""One customer at a time: the gate beside a bare SQLAlchemy session that adds the same rows and commits."""

from __future__ import annotations

from itertools import count

from sqlalchemy import event
from sqlalchemy.orm import Session

from benchmarks.measure import Bench, in_turn
from benchmarks.sample import customer
from crmkit import CRM, Actor
from crmkit.core.customers.models import ContactPoint, Customer, CustomerIdentifier
from crmkit.core.store.ids import new_id

ACTOR = Actor.system("benchmark")
BARS = {"sqlite": 7.0, "postgresql": 10.0}
STATEMENTS = 15
BATCH = 200


def run(bench: Bench) -> None:
    """Measure single creations on each engine."""
    for engine in bench.engines:
        with bench.database(engine) as url, CRM.init(url) as crm:
            numbers = count()

            def ours(crm: CRM = crm, numbers: count[int] = numbers) -> None:
                for _ in range(BATCH):
                    given = {**customer(next(numbers)), "identifier_source": "bench"}
                    crm.run(ACTOR, "customer.create", given)

            def floor(crm: CRM = crm, numbers: count[int] = numbers) -> None:
                for _ in range(BATCH):
                    _bare(crm, next(numbers))

            statements = _statements(crm, next(numbers))
            ours_s, floor_s = in_turn(ours, floor)
            bench.note(
                "customer.create, one at a time",
                engine,
                ours_s / BATCH * 1000,
                floor_s / BATCH * 1000,
                floor_name="bare ORM add and commit",
                bar=BARS[engine],
                unit="ms",
            )
            bench.note(
                "customer.create, statements",
                engine,
                statements,
                STATEMENTS,
                floor_name="at most",
                bar=1.0,
                unit="",
            )


def _bare(crm: CRM, number: int) -> None:
    given = customer(number)
    with Session(crm.engines.system_write) as session:
        person = Customer(
            id=new_id(),
            name=f"{given['given_name']} {given['family_name']}",
            sort_name=f"{given['family_name']} {given['given_name']}".casefold(),
            family_name=given["family_name"],
            given_name=given["given_name"],
            city=given["city"],
            country=given["country"],
            source=given["source"],
            created_by="bench",
        )
        session.add(person)
        for kind in ("email", "phone"):
            token = given[kind].encode()[:17]
            point = ContactPoint(customer_id=person.id, kind=kind, preferred=True, value_token=token)
            # The bytes as they are, marked as an envelope is: the bare way seals nothing.
            setattr(point, ContactPoint.value.slot, b"\xc1" + given[kind].encode())
            session.add(point)
        session.add(CustomerIdentifier(source="bench", external_id=given["external_id"], customer_id=person.id))
        session.commit()


def _statements(crm: CRM, number: int) -> int:
    seen: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        seen.append(statement)

    # The first call reads what an admin has configured; it is kept until that changes.
    crm.run(ACTOR, "customer.create", {**customer(-number - 1), "identifier_source": "bench"})
    event.listen(crm.engines.base, "before_cursor_execute", note)
    crm.run(ACTOR, "customer.create", {**customer(number), "identifier_source": "bench"})
    event.remove(crm.engines.base, "before_cursor_execute", note)
    return len([statement for statement in seen if not statement.startswith("BEGIN")])
