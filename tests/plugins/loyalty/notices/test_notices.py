"""Members are told once for each cause, in their language, by mail from a real server, where they let us."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from attrs import define
from crmkit_loyalty.notices.causes import groups
from crmkit_loyalty.notices.models import Notice
from crmkit_loyalty.programs.models import Member
from sqlalchemy import select

from crmkit import Actor, InvalidInput, Refused, Settings
from crmkit.app import CRM
from crmkit.core.store.clock import Clock
from tests.conftest import Templates
from tests.plugins.loyalty.shop import Shop, fill
from tests.plugins.messaging.mail.servers import MailServer, mail_server

SYSTEM = Actor.system("a test")


@define
class Now:
    """A clock that goes on as the real one does, some time ahead of it."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        """Return the present instant."""
        return datetime.now(UTC) + self.ahead

    def advance(self, **span: float) -> None:
        """Move on."""
        self.ahead += timedelta(**span)


@define(kw_only=True)
class Post:
    """The shop and the server that its mails go to."""

    shop: Shop
    now: Now
    outgoing: MailServer

    def work(self) -> None:
        """Carry out what is due, notices included."""
        self.shop.work()
        after = self.shop.run("loyalty.notice.warn")
        while after is not None:
            after = self.shop.run("loyalty.notice.warn", {"after": after})
        self.shop.tick()
        self.shop.work()

    def mails(self) -> list[tuple[str, str, str]]:
        """Return the mails that came: to whom, their subject, their text."""
        found = []
        for place in range(len(self.outgoing.mails)):
            mail = self.outgoing.read(place)
            part = mail.get_body(("plain",))
            assert part is not None
            found.append((str(mail["To"]), str(mail["Subject"]), str(part.get_content())))
        return found

    def causes(self) -> list[tuple[str, str]]:
        """Return what was told and what became of it."""
        with self.shop.crm.session(SYSTEM) as session:
            return [(row.kind, row.state) for row in session.scalars(select(Notice).order_by(Notice.told_at))]


def prepared(crm: CRM) -> None:
    """The shop, with messaging; nothing is quiet, whatever the hour is."""
    crm.enable("messaging")
    fill(crm)
    nights = crm.registry.resources["messaging.quiet_hours"].model
    with crm.session(SYSTEM) as session:
        ids = session.scalars(select(nights.id)).all()
    for each in ids:
        crm.run(SYSTEM, "messaging.quiet_hours.delete", target=each)


@pytest.fixture
def post(templates: Templates, tmp_path: Path) -> Iterator[Post]:
    """A shop with a mailbox on a real server; Wang Lin reads English, 李娜 Chinese."""
    url, _nothing = templates.copy_filled("sqlite", tmp_path, prepared)
    now = Now()
    settings = Settings(database=url, files=tmp_path / "files", public_url="http://localhost")
    with mail_server() as outgoing, CRM.open(settings, clock=Clock(system=now)) as crm:
        box = {"name": "club", "address": "club@shop.example", "private": True}
        server = {"smtp_host": "127.0.0.1", "smtp_port": outgoing.port, "smtp_security": "none"}
        crm.run(SYSTEM, "messaging.mailbox.create", {**box, **server})
        shop = Shop(crm=crm, clock=now, actor=SYSTEM)  # type: ignore[arg-type]
        for name, language in (("Wang Lin", "en"), ("李娜", "zh-Hans")):
            values = {"kind": "person", "name": name, "language": language, "email": f"{len(name)}@example.com"}
            shop.customers[name] = shop.run("customer.create", values).id
            shop.run("loyalty.member.join", {"customer_id": shop.customers[name]})
        yield Post(shop=shop, now=now, outgoing=outgoing)


def policy(post: Post, *kinds: str, **options: Any) -> None:
    """Have members told of some kinds."""
    post.shop.run("loyalty.notice_policy.set", {"kinds": kinds, **options})


def test_points_that_were_earned_are_told_of_once(post: Post) -> None:
    policy(post, "earned")
    post.shop.rules({"name": "base", "points": "amount * 10"})
    post.shop.record("purchase", amount=12)
    post.shop.record("purchase", amount=3, name="李娜")
    post.work()
    post.work()
    english, chinese = sorted(post.mails(), reverse=True)
    assert english[:2] == ("8@example.com", "Club: you earned 120 Points")
    assert "You have 120 to spend now." in english[2]
    assert chinese[0] == "2@example.com"
    assert "30 Points" in chinese[1]
    assert "earned" not in chinese[1] + chinese[2]


def test_points_that_waited_are_told_of_when_they_can_be_spent(post: Post) -> None:
    policy(post, "released")
    post.shop.rules({"name": "base", "points": "amount * 10", "pending_days": 5})
    post.shop.record("purchase", amount=12)
    post.work()
    assert post.mails() == []
    post.now.advance(days=6)
    post.work()
    assert [each[1] for each in post.mails()] == ["Club: 120 Points can be spent now"]


def test_before_points_expire_there_is_one_notice_for_each_number_of_days(post: Post) -> None:
    """Two lots of the same last day are told of together; the shorter number of days tells again."""
    policy(post, "expiring", days=(30, 7))
    post.shop.give(100)
    post.shop.give(50)
    for days, expected in ((600, 0), (110, 1), (1, 1), (15, 2), (1, 2), (10, 2)):
        post.now.advance(days=days)
        post.work()
        assert (days, len(post.mails())) == (days, expected)
    assert "150" in post.mails()[0][1]
    assert "are good through" in post.mails()[0][2]
    assert {each for each, _state in post.causes()} == {"expiring"}


def test_a_tier_that_changes_is_told_of_and_the_first_is_not(post: Post) -> None:
    policy(post, "tier")
    post.shop.run("loyalty.tier_metric.create", {"name": "points", "source": "points"})
    post.shop.run("loyalty.tier.create", {"name": "basic", "level": 0})
    gold = {"name": "gold", "title": "Gold", "level": 1, "reach": {"points": 100}, "benefits": "Free tea."}
    post.shop.run("loyalty.tier.create", gold)
    post.shop.give(10)
    post.work()
    assert post.mails() == []
    post.shop.give(100)
    post.work()
    ((to, subject, body),) = post.mails()
    assert (to, subject) == ("8@example.com", "Club: you are Gold now")
    assert "Free tea." in body


def test_what_was_sent_is_told_of(post: Post) -> None:
    policy(post, "redemption")
    goods = {"name": "cup", "title": "Cup", "points": 10, "kind": "goods", "stock": 5}
    post.shop.run("loyalty.reward.create", goods)
    post.shop.give(100)
    got = post.shop.run("loyalty.redemption.create", {"customer_id": post.shop.customer(), "reward": "cup"})
    post.shop.run("loyalty.redemption.move", {"to": "shipped", "tracking": "SF 1234"}, target=got.id)
    post.work()
    (told,) = [each for each in post.mails() if "SF 1234" in each[2]]
    assert told[1] == "Club: Cup"


def test_both_sides_of_a_referral_are_told(post: Post) -> None:
    """By a notice of its own, and not by that of points that were earned as well."""
    policy(post, "earned", "referral")
    post.shop.run("loyalty.referral_policy.set", {"referrer_points": 50, "referred_points": 20, "hold_days": 0})
    with post.shop.crm.session(SYSTEM) as session:
        query = select(Member.referral).where(Member.customer_id == post.shop.customers["Wang Lin"])
        signs = session.scalars(query).one()
    entered = {"customer_id": post.shop.customers["李娜"], "invitation": signs}
    post.shop.run("loyalty.referral.create", entered)
    post.shop.work()
    post.shop.record("purchase", amount=5, name="李娜")
    post.work()
    assert sorted(each[0] for each in post.mails()) == ["2@example.com", "8@example.com"]
    assert sorted(post.causes()) == [("referral", "sent"), ("referral", "sent")]


def test_a_completed_challenge_is_told_of(post: Post) -> None:
    policy(post, "challenge")
    made = post.shop.run("loyalty.challenge.create", {"name": "tea", "title": "Tea", "target": 1, "points": 5})
    post.shop.run("loyalty.challenge.publish", target=made.id)
    post.shop.record("purchase", amount=5)
    post.work()
    assert [each[1] for each in post.mails()] == ["Club: you completed “Tea”"]


def test_who_does_not_want_it_is_left_alone(post: Post) -> None:
    """Consent that was withdrawn is messaging's word; it is kept that nobody was told."""
    policy(post, "earned")
    post.shop.rules({"name": "base", "points": "amount * 10"})
    refusal = {"purpose": "service", "channel": "email", "granted": False}
    post.shop.run("consent.record", refusal, target=post.shop.customers["Wang Lin"])
    post.shop.record("purchase", amount=12)
    post.work()
    assert (post.mails(), post.causes()) == ([], [("earned", "refused")])


def test_what_is_not_said_is_not_told(post: Post) -> None:
    post.shop.rules({"name": "base", "points": "amount * 10"})
    post.shop.record("purchase", amount=12)
    policy(post, "earned", active=False)
    post.shop.record("purchase", amount=12)
    post.work()
    assert (post.mails(), post.causes()) == ([], [])


def test_what_happened_long_ago_is_no_news(post: Post) -> None:
    policy(post, "earned")
    post.shop.rules({"name": "base", "points": "amount * 10"})
    post.shop.record("purchase", amount=12, occurred_at=post.now() - timedelta(days=40))
    post.work()
    assert post.mails() == []


@pytest.mark.parametrize(
    "values", [{"days": (0,)}, {"templates": {"birthday": "x"}}, {"purpose": "gossip"}, {"kinds": ("birthday",)}]
)
def test_what_cannot_be_told_is_refused(post: Post, values: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        post.shop.run("loyalty.notice_policy.set", values)


def test_without_messaging_nothing_is_told(shop: Shop) -> None:
    shop.run("loyalty.notice_policy.set", {"kinds": ("earned", "expiring")})
    shop.rules({"name": "base", "points": "amount * 10"})
    shop.record("purchase", amount=12)
    assert shop.run("loyalty.notice.warn") is None
    with shop.crm.session(shop.actor) as session:
        assert session.scalars(select(Notice)).all() == []


def test_only_the_framework_tells(shop: Shop) -> None:
    with pytest.raises(Refused):
        shop.crm.run(Actor.plugin("loyalty"), "loyalty.notice.warn")


def test_groups_of_lots_are_by_their_last_day() -> None:
    """An instant is the first at which points are gone; the day before it is the last."""
    kind = UUID(int=1)
    lots = [
        (kind, datetime(2027, 3, 9, 16, tzinfo=UTC), 5),
        (kind, datetime(2027, 3, 9, 16, tzinfo=UTC), 7),
        (kind, datetime(2027, 3, 20, 16, tzinfo=UTC), 1),
        (kind, datetime(2027, 5, 1, 16, tzinfo=UTC), 100),
    ]
    found = groups(lots, [30, 7], date(2027, 3, 2), "Asia/Shanghai")
    assert found == {(kind, date(2027, 3, 9), 7): 12, (kind, date(2027, 3, 20), 30): 1}
