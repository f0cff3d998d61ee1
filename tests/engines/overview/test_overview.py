"""The whole of a customer in one call: what it is made of, what is left out of it, and how it was."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from crmkit import CRM
from crmkit.core.store.ids import new_id
from crmkit.core.store.sealed import is_masked
from crmkit.engines.overview.overview import Overview, overview
from crmkit.errors import NotFound
from crmkit.hooks import hookimpl
from crmkit.hooks.contributions import Panel
from tests.conftest import ENGINES, Templates
from tests.engines.segments.conftest import JUNE, Shop, build
from tests.security.world import SYSTEM


@pytest.fixture(scope="module", params=ENGINES)
def shop(
    request: pytest.FixtureRequest, templates: Templates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shop]:
    """A shop whose customers are classified and in segments, for tests that only look."""
    crm = CRM.open(templates.copy(request.param, tmp_path_factory.mktemp("overview")))
    shop = build(crm)
    shop.save("kiel", 'customer.city == "Kiel"')
    shop.save("buyers", "purchase.count >= 1")
    crm.run(SYSTEM, "contact_point.add", {"kind": "email", "value": "ann@example.com"}, target=shop.ids["Ann"])
    crm.run(SYSTEM, "consent.record", {"purpose": "newsletter"}, target=shop.ids["Ann"])
    crm.run(SYSTEM, "classification.run")
    crm.run(SYSTEM, "segment.run")
    yield shop
    crm.close()


def see(shop: Shop, actor: Any, name: str, **more: Any) -> Overview:
    """Return the overview of a customer as somebody sees it."""
    with shop.crm.session(actor) as session:
        return overview(session, shop.ids[name], **more)


def facts(view: Overview) -> dict[str, object]:
    """Return the facts of a view by their whole names."""
    return {f"{group.name}.{fact.name}": fact.value for group in view.facts for fact in group.facts}


def test_everything_is_there_at_once(shop: Shop) -> None:
    """Profile, labels with what decided, segments, facts, and what happened come in one value."""
    view = see(shop, shop.nora, "Ann")
    assert (view.profile.fields["name"], view.profile.names["team"]) == ("Ann", "North")
    assert [item["purpose"] for item in view.profile.consents] == ["newsletter"]
    assert [(item.segment, item.since is not None) for item in view.segments] == [("buyers", True), ("kiel", True)]
    labels = {line.dimension: line for line in view.labels}
    assert (labels["type"].label, labels["type"].title) == ("person", labels["type"].title)
    assert labels["type"].facts["customer.kind"] == "person"
    assert str(labels["amount"].facts["purchase.net_amount"]) == "150.00 CNY"
    shown = facts(view)
    assert (shown["purchase.count"], str(shown["purchase.amount"]), shown["contact.has_email"]) == (
        2,
        "150.00 CNY",
        True,
    )
    assert not any(name.startswith(("label.", "segment.")) for name in shown)
    assert [(item.kind, item.occurred_at) for item in view.timeline] == [("purchase", JUNE)] * 2


def test_what_is_sealed_is_masked(shop: Shop) -> None:
    """Contact points come masked, also for who may read everything else."""
    for actor in (shop.nora, SYSTEM):
        (point,) = see(shop, actor, "Ann").profile.contact_points
        assert is_masked(point["value"])


def test_a_masked_reader_sees_nothing_personal(shop: Shop) -> None:
    """Facts, labels and segments that tell something personal are left out for whom it is masked."""
    view = see(shop, shop.analyst, "Ann")
    assert is_masked(view.profile.fields["name"])
    assert [item.segment for item in view.segments] == ["buyers"]
    shown = facts(view)
    assert shown["purchase.count"] == 2
    assert not {"customer.city", "customer.name", "customer.gender"} & set(shown)
    whole, masked = ({line.dimension for line in see(shop, who, "Ann").labels} for who in (shop.nora, shop.analyst))
    assert masked < whole
    told = repr([view.facts, view.labels, view.segments, view.timeline])
    assert "Kiel" not in told
    assert "female" not in told


def test_a_foreign_customer_looks_like_none(shop: Shop) -> None:
    """The customer of others is not found, as one that there is not."""
    said = []
    for id_ in (shop.south["Cai"], new_id()):
        with shop.crm.session(shop.nora) as session, pytest.raises(NotFound) as refused:
            overview(session, id_)
        said.append(str(refused.value).replace(str(id_), "…"))
    assert said[0] == said[1]


def test_entries_of_the_timeline_are_limited(shop: Shop) -> None:
    """As many entries are given as are asked for, and the place where it goes on."""
    shown = [see(shop, SYSTEM, "Ann", entries=most) for most in (1, 2)]
    assert [(len(view.timeline), view.next is not None) for view in shown] == [(1, True), (2, False)]


@pytest.fixture
def own(crm: CRM) -> Shop:
    """A shop of one's own."""
    return build(crm)


def test_the_past_is_as_it_was_known(own: Shop) -> None:
    """As of an earlier instant the profile, facts, segments and timeline are those of then."""
    own.save("kiel", 'customer.city == "Kiel"')
    own.crm.run(SYSTEM, "segment.run")
    then = datetime.now(UTC)
    own.buy(own.ids["Ann"], 30, datetime(2026, 6, 2, tzinfo=UTC))
    own.crm.run(SYSTEM, "customer.update", {"city": "Ulm"}, target=own.ids["Ann"])
    now, past = see(own, SYSTEM, "Ann"), see(own, SYSTEM, "Ann", at=then, history=True)
    assert (past.profile.fields["city"], now.profile.fields["city"]) == ("Kiel", "Ulm")
    assert ([item.segment for item in past.segments], now.segments) == (["kiel"], ())
    assert (facts(past)["purchase.count"], facts(now)["purchase.count"]) == (2, 3)
    assert past.profile.history == []
    with pytest.raises(NotFound):
        see(own, SYSTEM, "Ann", at=datetime(2020, 1, 1, tzinfo=UTC))


class Panels:
    """A plugin that shows something, or fails."""

    fails = False

    @hookimpl
    def crmkit_customer_panels(self, session: Any, customer_ids: Any) -> list[Panel]:
        """Return a panel for each customer, and one that nobody asked for."""
        if self.fails:
            raise RuntimeError("broken")
        ids = [*customer_ids, new_id()]
        return [Panel(customer_id=id_, title="Loyalty", rows=[("Points", "7")]) for id_ in ids]


def test_panels_of_plugins_are_shown_and_failures_named(own: Shop) -> None:
    """What a plugin shows stands in the view; one that fails is named with the reason, and the rest is there."""
    plugin = Panels()
    own.crm.dispatcher.add_plugin("loyalty", plugin)
    assert [panel.title for panel in see(own, SYSTEM, "Ann").panels] == ["Loyalty"]
    plugin.fails = True
    view = see(own, SYSTEM, "Ann")
    assert (view.panels, sorted(view.failed_plugins), view.profile.fields["name"]) == ([], ["loyalty"], "Ann")
    assert isinstance(view.failed_plugins["loyalty"].render(), str)


def test_a_deleted_customer_is_shown_without_facts(own: Shop) -> None:
    """A customer who was deleted can still be looked at; facts are of customers that there are."""
    own.crm.run(SYSTEM, "customer.delete", target=own.ids["Eve"])
    view = see(own, SYSTEM, "Eve")
    assert (view.profile.fields["name"], view.segments, set(facts(view).values())) == ("Eve", (), {None})
