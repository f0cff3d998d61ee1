"""Attacks on segments: by whoever may see some customers only, nothing personal, or not export."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from crmkit.core.store.ids import new_id
from crmkit.core.store.session import CrmSession
from crmkit.engines.facts.moments import moment_of
from crmkit.engines.facts.reading import values_of
from crmkit.engines.facts.vocabulary import catalogue_of
from crmkit.engines.segments.explaining import segments_of, why
from crmkit.engines.segments.figures import condition, overlap, reach, sample, size, stability, worth
from crmkit.engines.segments.previewing import preview
from crmkit.engines.segments.resolving import fact_of
from crmkit.engines.segments.tables import SegmentMember, SegmentRun
from crmkit.errors import CrmkitError, DefinitionError, InvalidInput, Refused, UnknownFact
from crmkit.hooks.contributions import Segment
from tests.engines.segments.conftest import Shop
from tests.security.world import SYSTEM

Look = Callable[[CrmSession], Any]


def kiel(session: CrmSession) -> Any:
    """Return the condition of the segment "kiel"."""
    return condition(session, "kiel")


# --- whose customers -------------------------------------------------------------------------------------------------


def test_a_reader_counts_the_own_customers(shop: Shop) -> None:
    """Counts, shares, overlaps and worth are of the customers whom the reader may see, and of no others."""
    assert [shop.count(actor, "buyers") for actor in (SYSTEM, shop.nora, shop.sven)] == [3, 2, 1]
    with shop.crm.session(shop.nora) as session:
        moment, buyers = moment_of(session), condition(session, "buyers")
        assert size(session, buyers, moment).total == 2
        assert {each.name for each in sample(session, buyers, moment)} == {"Ann", "Ben"}
        assert overlap(session, ["kiel", "buyers"], moment).both == ((1, 1), (1, 2))
        found = worth(session, buyers, moment)
        assert found.sum is not None
        assert found.total is not None
        assert (found.sum.amount, found.total.amount) == (17000, 17000)


def test_counting_everybody_needs_the_right_to(shop: Shop) -> None:
    """Whoever has ``report.all`` may count everybody, nobody else may; a masked condition stays refused."""
    with pytest.raises(Refused):
        shop.count(shop.nora, "buyers", everybody=True)
    assert shop.count(shop.analyst, "buyers", everybody=True) == 3
    with pytest.raises(UnknownFact):
        shop.count(shop.analyst, "kiel", everybody=True)


def test_a_foreign_customer_looks_like_none(shop: Shop) -> None:
    """Why a customer of others is in a segment is not told, nor that there is such a customer."""
    with shop.crm.session(shop.nora) as session:
        said = []
        for id_ in (shop.south["Cai"], new_id()):
            with pytest.raises(CrmkitError) as refused:
                why(session, "kiel", id_, moment_of(session))
            said.append(f"{type(refused.value).__name__}: {refused.value}".replace(str(id_), "…"))
        assert said[0] == said[1]
        assert segments_of(session, shop.south["Cai"], moment_of(session)) == ()


def test_what_runs_count_is_for_who_sees_everybody(own: Shop) -> None:
    """A run tells its numbers to those alone who may see all customers."""
    own.save("buyers", "purchase.count >= 1")
    assert [each.members for each in own.crm.run(own.analyst, "segment.run")] == [3]
    for right in ("segment.run", "segment.save", "segment.freeze"):
        with pytest.raises(Refused):
            own.crm.run(own.nora, right, {} if right == "segment.run" else _given(right))
    role = next(each for each in _roles(own) if each.name == "seer")
    grant = {"resource": "segment", "action": "update", "scope": "all"}
    own.crm.run(SYSTEM, "role.grant", grant, target=role.id)
    (found,) = own.crm.run(own.nora, "segment.run")
    assert (found.segment, found.members, found.entered, found.gone) == ("buyers", None, None, None)


def _given(operation: str) -> dict[str, str]:
    return {"name": "buyers"} if operation != "segment.save" else {"name": "x", "title": "X", "where": "true"}


def _roles(own: Shop) -> list[Any]:
    from crmkit.core.access.models import Role

    with own.crm.session(SYSTEM) as session:
        return list(session.scalars(select(Role)))


def test_history_is_that_of_the_own_customers(own: Shop) -> None:
    """Stability and history are counted over the customers whom the reader may see."""
    own.save("buyers", "purchase.count >= 1")
    own.crm.run(SYSTEM, "segment.run")
    with own.crm.session(own.nora) as session:
        assert [each.members for each in stability(session, "buyers")] == [2]
        assert [each.members for each in stability(session, "buyers")] != [3]
        assert len(why(session, "buyers", own.north["Ann"], moment_of(session)).history) == 1


# --- what is masked --------------------------------------------------------------------------------------------------

LOOKS: dict[str, Look] = {
    "condition": kiel,
    "a text": lambda session: condition(session, where='customer.city == "Kiel"'),
    "beside another": lambda session: condition(session, "buyers", 'customer.city == "Kiel"'),
    "by a segment": lambda session: condition(session, where="segment.kiel or true"),
    "overlap": lambda session: overlap(session, ["buyers", "kiel"], moment_of(session)),
    "stability": lambda session: stability(session, "kiel"),
    "why": lambda session: why(session, "kiel", next(iter(_every(session))), moment_of(session)),
    "as a fact": lambda session: values_of(session, [fact_of("kiel")], list(_every(session)), moment_of(session)),
    "over another": lambda session: values_of(session, [fact_of("both")], list(_every(session)), moment_of(session)),
    "a preview": lambda session: preview(
        session, Segment(name="x", title="X", where='customer.city == "Kiel"'), moment_of(session)
    ),
}


def _every(session: CrmSession) -> Any:
    from crmkit.core.customers.models import Customer

    return session.scalars(select(Customer.id).order_by(Customer.id))


@pytest.mark.parametrize("way", LOOKS)
def test_what_is_masked_stays_masked(own: Shop, way: str) -> None:
    """Whoever may not read cities in full learns by no way who belongs to a segment of them, whether frozen or not."""
    own.save("buyers", "purchase.count >= 1")
    own.save("kiel", 'customer.city == "Kiel"')
    own.save("both", "segment.kiel and segment.buyers")
    own.crm.run(SYSTEM, "segment.run")
    for freeze in (False, True):
        if freeze:
            own.crm.run(SYSTEM, "segment.freeze", {"name": "kiel"})
        with own.crm.session(own.analyst) as session, pytest.raises((UnknownFact, DefinitionError)) as refused:
            LOOKS[way](session)
        assert "Kiel" not in str(refused.value)


def test_a_masked_reader_is_told_of_open_segments_alone(own: Shop) -> None:
    """The segments of a customer are shown without those that read what is masked, and so are overlaps of a preview."""
    own.save("buyers", "purchase.count >= 1")
    own.save("kiel", 'customer.city == "Kiel"')
    own.save("both", "segment.kiel and segment.buyers")
    for actor, expected in ((own.nora, ["both", "buyers", "kiel"]), (own.analyst, ["buyers"])):
        with own.crm.session(actor) as session:
            found = segments_of(session, own.north["Ann"], moment_of(session))
            assert [each.segment for each in found] == expected
    with own.crm.session(own.analyst) as session:
        value = Segment(name="x", title="X", where="purchase.count >= 2")
        shown = preview(session, value, moment_of(session))
        assert ([each.segment for each in shown.overlaps], shown.balance) == (["buyers"], ())


def test_a_masked_admin_saves_nothing_personal(own: Shop) -> None:
    """Who may define segments defines none by what is masked for him, also not over the segment of somebody else."""
    own.save("kiel", 'customer.city == "Kiel"')
    for where in ('customer.city == "Kiel"', "segment.kiel", "purchase.count >= 1 or not segment.kiel"):
        with pytest.raises(DefinitionError, match=r"customer\.city"):
            own.crm.run(own.analyst, "segment.save", {"name": "mine", "title": "Mine", "where": where})
    own.crm.run(own.analyst, "segment.save", {"name": "mine", "title": "Mine", "where": "purchase.count >= 1"})


def test_what_was_personal_stays_so(own: Shop) -> None:
    """The history of a segment is as guarded as what decided at the time, whatever its condition is by now; so are the
    members that were frozen."""
    own.save("them", 'customer.city == "Kiel"')
    own.crm.run(SYSTEM, "segment.run")
    own.save("them", "purchase.count >= 1")
    with own.crm.session(own.analyst) as session:
        with pytest.raises(UnknownFact):
            stability(session, "them")
        found = why(session, "them", own.north["Ann"], moment_of(session))
        (shown,) = segments_of(session, own.north["Ann"], moment_of(session))
        assert (found.belongs, found.history, shown.since) == (True, (), None)
        assert size(session, condition(session, "them"), moment_of(session)).count == 3
    own.crm.run(SYSTEM, "segment.freeze", {"name": "them"})
    with own.crm.session(own.analyst) as session, pytest.raises(UnknownFact):
        condition(session, "them")


@pytest.mark.parametrize("model", [SegmentMember, SegmentRun])
def test_the_tables_are_nobodys_to_read(shop: Shop, model: Any) -> None:
    """Members and runs are read through what segments offer, by nobody directly."""
    for actor in (shop.nora, shop.analyst):
        with shop.crm.session(actor) as session:
            assert session.scalars(select(model)).all() == []


# --- leaving the house -----------------------------------------------------------------------------------------------


def test_an_export_is_of_whom_one_may_export(own: Shop) -> None:
    """It needs the right to export at all, and for each customer the right to export that one; it is audited with the
    customers that left."""
    own.save("buyers", "purchase.count >= 1")
    for actor in (own.nora, own.sven):
        with pytest.raises(Refused):
            own.crm.run(actor, "segment.export", {"name": "buyers"})
    found = own.crm.run(
        own.exporter, "segment.export", {"name": "buyers", "facts": ["customer.name", "purchase.amount"]}
    )
    with own.crm.session(own.exporter) as session:
        rows = [[str(cell) for cell in row[1:]] for row in found.rows(session)]
    assert found.columns == ("customer_id", "customer.name", "purchase.amount")
    assert sorted(rows) == [["Ann", "150.00"], ["Ben", "20.00"]]
    (line, *_) = _audited(own, "segment.export", "done")
    assert (line["items"], sorted(line["subjects"])) == (2, sorted(map(str, own.north.values())))
    assert len(_audited(own, "segment.export", "refused")) == 2


def _audited(own: Shop, operation: str, outcome: str) -> list[dict[str, Any]]:
    from crmkit.core.operations.tables import AuditRecord, AuditSubject

    with own.crm.session(SYSTEM) as session:
        query = select(AuditRecord).where(AuditRecord.operation == operation, AuditRecord.outcome == outcome)
        found: list[dict[str, Any]] = []
        for record in session.scalars(query.order_by(AuditRecord.items.desc())):
            about = select(AuditSubject.customer_id).where(AuditSubject.audit_id == record.id)
            found.append({"items": record.items, "subjects": [str(id_) for id_ in session.scalars(about)]})
        return found


def test_seeing_is_not_exporting(own: Shop) -> None:
    """Who may see all customers, and export those of a team, exports those."""
    seer = next(each for each in _roles(own) if each.name == "leaver")
    own.crm.run(SYSTEM, "role.grant", {"resource": "customer", "action": "read", "scope": "all"}, target=seer.id)
    assert own.count(own.exporter, where="true") == 5
    assert set(own.crm.run(own.exporter, "segment.export", {"where": "true"}).customer_ids) == set(own.north.values())
    own.crm.run(SYSTEM, "role.revoke", {"resource": "customer", "action": "export"}, target=seer.id)
    with pytest.raises(Refused):
        own.crm.run(own.exporter, "segment.export", {"where": "true"})


def test_an_export_under_consent_is_of_those_who_agreed(own: Shop) -> None:
    """With a purpose and a channel only those leave who have agreed; a text that is none is refused."""
    given = {"purpose": "marketing", "channel": "email"}
    own.crm.run(SYSTEM, "consent.record", given, target=own.ids["Ben"])
    own.crm.run(SYSTEM, "consent.record", {**given, "granted": False}, target=own.ids["Ann"])
    own.save("all", "true")
    found = own.crm.run(own.exporter, "segment.export", {"name": "all", "consent": "marketing/email"})
    assert found.customer_ids == (own.ids["Ben"],)
    assert (
        own.crm.run(own.exporter, "segment.export", {"where": "true", "consent": "research/email"}).customer_ids == ()
    )
    for wrong in ("marketing", "/", 'a/b"] or true or consent.granted["a', 'x"/y'):
        with pytest.raises(InvalidInput):
            own.crm.run(own.exporter, "segment.export", {"name": "all", "consent": wrong})


def test_what_is_masked_does_not_leave(own: Shop) -> None:
    """A masked reader exports no personal fact, and nobody by one."""
    own.save("kiel", 'customer.city == "Kiel"')
    for given in ({"where": "true", "facts": ["customer.city"]}, {"name": "kiel"}, {"where": "segment.kiel"}):
        with pytest.raises(UnknownFact):
            own.crm.run(own.analyst, "segment.export", given)
    found = own.crm.run(own.analyst, "segment.export", {"where": "true", "facts": ["purchase.count"]})
    assert len(found.customer_ids) == 5


def test_reach_and_facts_are_checked_too(shop: Shop) -> None:
    """Reach counts the reader's customers; what segments are is in the vocabulary of everybody."""
    with shop.crm.session(shop.nora) as session:
        where = condition(session, "buyers")
        assert [each.agreed for each in reach(session, where, moment_of(session), "marketing")] == [0, 0, 0]
        assert catalogue_of(session).find("segment.both") is not None
