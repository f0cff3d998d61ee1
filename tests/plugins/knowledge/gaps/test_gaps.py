"""What is asked again and again without an article: found, ranked, shown to those who may see it, and written for."""

from __future__ import annotations

import pytest
from crmkit_knowledge.gaps.clustering import clusters_of, pairs_of
from crmkit_knowledge.gaps.mining import mine
from crmkit_knowledge.gaps.models import Gap
from crmkit_knowledge.gaps.showing import ShownGap, shown_gaps, shown_pairs
from sqlalchemy import select

from crmkit.engines.reports.running import run
from tests.plugins.knowledge.capturing.test_drafting import outsider
from tests.plugins.knowledge.helpdesk import Helpdesk

LEAKS = [
    "My kettle leaks at the lid when water boils",
    "Water runs out at the lid of the kettle, it leaks",
    "The lid of my kettle leaks water",
    "Kettle leaks, water at the lid",
]
CARDS = ["The card reader refuses my card", "My card is refused by the card reader", "Card reader refuses every card"]
OTHER = ["Where is the parcel?", "I like green tea best"]


def test_texts_that_ask_the_same_are_one_cluster() -> None:
    texts = [*LEAKS, *CARDS, *OTHER]
    found = clusters_of(texts, list(range(len(texts))))
    assert [sorted(place for place, _near in each.texts) for each in found] == [[0, 1, 2, 3], [4, 5, 6]]
    assert {"kettle", "lid"} <= set(found[0].label)
    assert {"card", "reader"} <= set(found[1].label)
    assert all(0 < near <= 1 for each in found for _place, near in each.texts)


def test_a_cluster_has_three_customers_and_so_has_each_of_its_words() -> None:
    assert clusters_of(LEAKS, ["a", "a", "b", "b"]) == ()
    (found,) = clusters_of([*LEAKS[:3], "kettle leaks lid zanzibar"], ["a", "b", "c", "d"])
    assert "zanzibar" not in found.label


def test_nothing_makes_no_cluster() -> None:
    assert clusters_of([], []) == ()
    assert clusters_of(["", "the and"], ["a", "b"]) == ()


def test_texts_that_are_alike_are_pairs() -> None:
    texts = ["Send a parcel back with the label", "With the label send the parcel back", "Pay by card"]
    ((one, two, value),) = pairs_of(texts, 0.6)
    assert (one, two) == (0, 1)
    assert value > 0.9


def filled(desk: Helpdesk, texts: list[str], minutes: float = 0) -> list[str]:
    """Have so many customers ask, and their cases solved; return the references."""
    found = []
    for place, text in enumerate(texts):
        case = desk.case(desk.customer(f"Ada{place} Byron{place}"), text, f"{text}. Yours, Ada{place} Byron{place}")
        if minutes:
            desk.run("service.case.log_time", {"minutes": minutes}, target=case)
        found.append(desk.solve(case))
    return found


def gaps(desk: Helpdesk, who: str = "eve") -> list[ShownGap]:
    """Return the gaps as somebody sees them."""
    with desk.crm.session(desk.actor(who)) as session:
        found = shown_gaps(session)
        _ = [(each.title, each.gap.state, each.gap.id, each.gap.owner_id) for each in found]
        session.expunge_all()
        return found


def test_gaps_are_ranked_by_number_times_time(desks: Helpdesk) -> None:
    filled(desks, LEAKS, 6)
    filled(desks, CARDS, 60)
    assert mine(desks.crm, desks.actor()) == 2
    cards, leaks = gaps(desks)
    assert "card" in cards.title
    assert (cards.volume, cards.customers, cards.seconds, cards.hours) == (3, 3, 3600, 3.0)
    assert (leaks.volume, leaks.customers, leaks.seconds) == (4, 4, 360)
    assert leaks.hours == pytest.approx(0.4)
    with desks.crm.session(desks.actor("eve")) as session:
        assert [found.key for found in run(session, "knowledge.gaps", {}).rows][:2] == [
            str(cards.gap.id),
            str(leaks.gap.id),
        ]


def test_what_an_article_is_linked_with_is_no_gap(desk: Helpdesk) -> None:
    article = desk.published()
    for ref in filled(desk, LEAKS):
        desk.link(article, ref)
    assert mine(desk.crm, desk.actor()) == 0


def test_a_gap_is_shown_to_whoever_sees_three_of_its_customers(desk: Helpdesk) -> None:
    filled(desk, LEAKS)
    mine(desk.crm, desk.actor())
    outsider(desk)
    for action in ("knowledge.gap", "knowledge.gap_record"):
        with desk.crm.session(desk.actor()) as session:
            from crmkit import Role

            role = session.scalar(select(Role.id).where(Role.name == "outside"))
        desk.run("role.grant", {"resource": action, "action": "read", "scope": "all"}, target=role)
    assert len(gaps(desk)) == 1
    assert gaps(desk, "out") == []


def test_nobody_is_named_among_the_words(desk: Helpdesk) -> None:
    for place, text in enumerate(LEAKS):
        desk.solve(desk.case(desk.customer(f"Ada Byron{place}"), text, f"{text}, says Ada Byron{place}"))
    mine(desk.crm, desk.actor())
    (gap,) = gaps(desk)
    assert "ada" not in gap.title.lower()
    assert "byron" not in gap.title.lower()


def test_owner_and_state_survive_the_next_search(desk: Helpdesk) -> None:
    filled(desk, LEAKS)
    mine(desk.crm, desk.actor())
    (gap,) = gaps(desk)
    desk.run("knowledge.gap.assign", {"owner_id": desk.users["sue"]}, target=gap.gap.id)
    filled(desk, ["Kettle lid leaks again"])
    mine(desk.crm, desk.actor())
    (again,) = gaps(desk)
    assert (again.gap.id, again.gap.owner_id, again.volume) == (gap.gap.id, desk.users["sue"], 5)
    desk.run("knowledge.gap.set_state", {"state": "dismissed"}, target=gap.gap.id)
    mine(desk.crm, desk.actor())
    assert gaps(desk) == []


def test_for_a_gap_an_article_is_written(desk: Helpdesk) -> None:
    """From its nearest cases, of which it is the article then; once it is published, the gap is answered."""
    filled(desk, LEAKS)
    mine(desk.crm, desk.actor())
    (gap,) = gaps(desk)
    article = desk.run("knowledge.gap.write", target=gap.gap.id, who="eve").id
    body = desk.text(article).body
    assert "rubber ring" in body
    assert "Ada" not in body
    assert [kind for _ref, kind in desk.links()] == ["source"] * 3
    assert gaps(desk)[0].gap.state == "writing"
    desk.publish(article)
    mine(desk.crm, desk.actor())
    with desk.crm.session(desk.actor()) as session:
        assert session.scalars(select(Gap.state)).all() == ["answered"]


def test_articles_that_are_alike_are_shown_until_both_are_wanted(desk: Helpdesk) -> None:
    desk.published("Kettle leaks at the lid", "Turn the rubber ring of the lid around.")
    desk.published("The lid of the kettle leaks", "Turn around the rubber ring of the lid.")
    desk.published("Pay by card", "We take all cards.")
    for _time in range(2):
        mine(desk.crm, desk.actor())
        with desk.crm.session(desk.actor("mia")) as session:
            ((pair, _first, _second),) = shown_pairs(session)
            found = pair.id
    desk.run("knowledge.alike.dismiss", target=found)
    mine(desk.crm, desk.actor())
    with desk.crm.session(desk.actor("mia")) as session:
        assert shown_pairs(session) == []
