"""Verification policies: which one holds, and what is done where nobody says that an article is still right."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from crmkit_knowledge.articles.models import Article, Verification
from crmkit_knowledge.policies.finding import policies_of
from crmkit_knowledge.policies.models import PolicyStep
from sqlalchemy import select

from crmkit import InvalidInput
from crmkit.errors import AlreadyExists, Refused
from tests.plugins.knowledge.base import Base


def policy(base: Base, name: str = "all", **values: Any) -> Any:
    """Add a policy."""
    return base.run("knowledge.policy.create", {"name": name, **values})


def steps(base: Base) -> list[str]:
    """Return the steps that were taken, in their order."""
    with base.crm.session(base.actor()) as session:
        return list(session.scalars(select(PolicyStep.kind).order_by(PolicyStep.at, PolicyStep.kind)))


def outcomes(base: Base, article: UUID) -> list[str]:
    """Return the verification log of an article."""
    with base.crm.session(base.actor()) as session:
        query = select(Verification.outcome).where(Verification.article_id == article).order_by(Verification.at)
        return list(session.scalars(query))


def pass_days(base: Base, days: int) -> None:
    """Let days pass and have done what is due."""
    base.clock.advance(days=days)
    base.due()
    after = base.run("knowledge.policy.run_due")
    while after is not None:
        after = base.run("knowledge.policy.run_due", {"after": after})


def due_days(base: Base, article: UUID) -> int:
    """Return in how many days an article has to be verified."""
    found = base.article(article).verify_on
    assert found is not None
    with base.crm.session(base.actor()) as session:
        return (found - session.today()).days


def test_without_a_policy_the_space_says_how_often(base: Base) -> None:
    assert date(2028, 3, 1) == base.article(base.published()).verify_on


def test_a_policy_says_how_often(both: Base) -> None:
    policy(both, months=3)
    assert date(2027, 6, 1) == both.article(both.published()).verify_on


def test_no_months_are_never(base: Base) -> None:
    policy(base, months=0)
    assert base.article(base.published()).verify_on is None


def test_the_first_policy_that_fits_holds(base: Base) -> None:
    policy(base, "later", position=200, months=24)
    policy(base, "first", position=1, months=1, kind="policy")
    assert date(2029, 3, 1) == base.article(base.published()).verify_on
    assert date(2027, 4, 1) == base.article(base.published(kind="policy")).verify_on


@pytest.mark.parametrize(
    ("values", "fits"),
    [
        ({"space": "help"}, True),
        ({"space": "notes"}, False),
        ({"category": "returns", "space": "help"}, True),
        ({"category": "abroad", "space": "help"}, True),
        ({"category": "other", "space": "help"}, False),
        ({"kind": "faq"}, True),
        ({"kind": "policy"}, False),
        ({"audience": "public"}, True),
        ({"audience": "internal"}, False),
        ({"tag": "label"}, True),
        ({"tag": "sticker"}, False),
    ],
)
def test_a_policy_holds_of_what_it_says(base: Base, values: dict[str, Any], fits: bool) -> None:
    """The category above counts, as do the readers that an article has of its space."""
    base.run("knowledge.space.create", {"name": "notes"})
    for name, parent in (("returns", ""), ("abroad", "returns"), ("other", "")):
        base.run("knowledge.category.create", {"name": name, "parent": parent, "space": "help"})
    made = policy(base, **values)
    article = base.write(kind="faq", category="abroad", tags=["label"], space="help")
    with base.crm.session(base.actor()) as session:
        found = policies_of(session).of(session.get_one(Article, article))
        assert fits is (found is not None and found.id == made.id)


def test_a_policy_that_is_not_active_holds_of_nothing(base: Base) -> None:
    made = policy(base, months=3)
    base.run("knowledge.policy.update", {"active": False}, target=made.id)
    assert date(2028, 3, 1) == base.article(base.published()).verify_on


def test_days_are_counted_anew(base: Base) -> None:
    article = base.published()
    policy(base, months=2)
    assert 1 == base.run("knowledge.policy.count_anew")
    assert date(2027, 5, 1) == base.article(article).verify_on
    assert 0 == base.run("knowledge.policy.count_anew")


def test_each_step_is_taken_once(both: Base) -> None:
    policy(both, months=1, remind_days=7, escalate_days=5, hide_days=10)
    article = both.published(owner_id=both.users["sue"])
    pass_days(both, 20)
    assert [] == steps(both)
    for _again in range(3):
        pass_days(both, 1)
    assert 10 > due_days(both, article)
    pass_days(both, 3)
    pass_days(both, 1)
    assert ["reminded"] == steps(both)
    pass_days(both, 5)
    assert ["reminded", "overdue"] == steps(both)
    pass_days(both, 5)
    pass_days(both, 1)
    assert ["reminded", "overdue", "escalated"] == steps(both)
    assert "needs_verification" == both.article(article).state
    pass_days(both, 5)
    pass_days(both, 1)
    assert ["reminded", "overdue", "escalated", "hidden"] == steps(both)
    assert ["verified", "overdue", "hidden"] == outcomes(both, article)


def test_what_is_hidden_is_not_found_until_it_is_verified(both: Base) -> None:
    policy(both, months=1, hide_days=5)
    article = both.published(body="Use the label.")
    pass_days(both, 40)
    assert ("hidden", []) == (both.article(article).state, both.found("label"))
    both.run("knowledge.article.verify", target=article, who="mia")
    assert ("published", ["Send it back"]) == (both.article(article).state, both.found("label"))
    pass_days(both, 1)
    assert "published" == both.article(article).state


def test_people_outside_read_it_again_as_well(base: Base) -> None:
    from crmkit_knowledge.articles.models import PublicText

    policy(base, months=1, hide_days=5)
    article = base.published()

    def outside() -> int:
        with base.crm.session(base.actor()) as session:
            return len(session.scalars(select(PublicText.id)).all())

    assert 1 == outside()
    pass_days(base, 40)
    assert 0 == outside()
    base.run("knowledge.article.verify", target=article)
    assert 1 == outside()


def test_a_space_hides_what_is_overdue(base: Base) -> None:
    with base.crm.session(base.actor()) as session:
        from crmkit_knowledge.articles.finding import space_named

        space = space_named(session, "help").id
    base.run("knowledge.space.update", {"hide_overdue": True, "verify_months": 1}, target=space)
    article = base.published()
    pass_days(base, 40)
    assert "hidden" == base.article(article).state


def test_a_policy_has_the_last_word_over_its_space(base: Base) -> None:
    with base.crm.session(base.actor()) as session:
        from crmkit_knowledge.articles.finding import space_named

        space = space_named(session, "help").id
    base.run("knowledge.space.update", {"hide_overdue": True}, target=space)
    policy(base, months=1, hide_days=100)
    article = base.published()
    pass_days(base, 40)
    assert "needs_verification" == base.article(article).state


def test_what_is_hidden_can_be_archived_and_written_anew(base: Base) -> None:
    policy(base, months=1, hide_days=0)
    first, second = base.published(), base.published("Another")
    pass_days(base, 40)
    base.run("knowledge.article.archive", target=first)
    assert "archived" == base.article(first).state
    base.run("knowledge.article.revise", {"body": "Otherwise."}, target=second)
    base.publish(second)
    assert "published" == base.article(second).state


def test_after_a_verification_the_steps_begin_again(base: Base) -> None:
    policy(base, months=1, remind_days=0)
    article = base.published()
    pass_days(base, 40)
    base.run("knowledge.article.verify", target=article)
    pass_days(base, 40)
    assert ["overdue", "overdue"] == steps(base)


def test_people_are_told_where_work_is_enabled(base: Base) -> None:
    """The owner is reminded; who is named is told once it is escalated."""
    base.crm.enable("work")
    policy(base, months=1, remind_days=7, escalate_days=1, escalate_to_id=base.users["max"])
    base.published("Wash it", owner_id=base.users["sue"])
    pass_days(base, 25)
    assert [("sue", "2027-04-01")] == told(base)
    pass_days(base, 10)
    assert [("max", "2027-04-01"), ("sue", "2027-04-01"), ("sue", "2027-04-01")] == sorted(told(base))


def told(base: Base) -> list[tuple[str, str]]:
    from crmkit_work.notices.models import Notice

    logins = {id_: login for login, id_ in base.users.items()}
    with base.crm.session(base.actor()) as session:
        return [(logins[each.user_id], each.details["day"]["day"]) for each in session.scalars(select(Notice))]


def test_a_team_is_told_where_a_policy_names_one(base: Base) -> None:
    base.crm.enable("work")
    team = base.run("team.create", {"name": "Editors"}).id
    for login in ("sue", "max"):
        base.run("team.add_member", {"user_id": base.users[login]}, target=team)
    policy(base, months=1, remind_days=7, responsible_team_id=team)
    base.published(owner_id=base.users["mia"])
    pass_days(base, 25)
    assert ["max", "sue"] == sorted(login for login, _day in told(base))


def test_many_articles_are_seen_to_in_parts(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    from crmkit_knowledge.policies import running

    monkeypatch.setattr(running, "BATCH", 2)
    policy(base, months=1, remind_days=0)
    for number in range(5):
        base.published(f"Article {number}")
    pass_days(base, 40)
    assert ["overdue"] * 5 == steps(base)


def test_only_the_framework_does_what_is_due(base: Base) -> None:
    with pytest.raises(Refused):
        base.run("knowledge.policy.run_due", who="mia")


def test_who_may_not_manage_lays_nothing_down(base: Base) -> None:
    made = policy(base)
    for name, inputs, target in (
        ("knowledge.policy.create", {"name": "mine"}, None),
        ("knowledge.policy.update", {"months": 0}, made.id),
        ("knowledge.policy.delete", {}, made.id),
        ("knowledge.policy.count_anew", {}, None),
    ):
        with pytest.raises(Refused):
            base.run(name, inputs, target=target, who="sue")


def test_a_name_is_one_and_is_there_once(base: Base) -> None:
    policy(base)
    with pytest.raises(AlreadyExists):
        policy(base)
    with pytest.raises(InvalidInput):
        policy(base, "No name")


def test_a_policy_that_is_deleted_leaves_what_was_done(base: Base) -> None:
    made = policy(base, months=1)
    base.published()
    pass_days(base, 40)
    base.run("knowledge.policy.delete", target=made.id)
    assert steps(base)
