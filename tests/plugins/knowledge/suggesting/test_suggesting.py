"""Which articles are suggested for a text, to whom."""

from __future__ import annotations

from tests.plugins.knowledge.capturing.test_drafting import outsider
from tests.plugins.knowledge.helpdesk import Helpdesk

MAIL = (
    "Dear team, I hope this finds you well. I have been your customer for many years. Yesterday something came up "
    "which I cannot solve on my own: the kettle leaks at the lid whenever the water boils. I asked a colleague, and "
    "nothing helped so far. Please tell me as soon as you can what I should do next. Best regards"
)


def articles(desk: Helpdesk) -> None:
    """Publish some articles."""
    desk.published("Kettle leaks at the lid", "Turn the rubber ring of the lid around.")
    desk.published(
        "Pay by card", "We take all cards. Your customer number stands on the invoice, please have it ready."
    )
    desk.published("How you write to us", "Write to the team as soon as you can; a colleague will answer.")


def test_the_right_article_comes_first_for_a_long_mail(desks: Helpdesk) -> None:
    articles(desks)
    assert desks.suggested(MAIL, "eve")[0] == "Kettle leaks at the lid"
    assert desks.suggested(MAIL, "eve", title="Kettle", limit=1) == ["Kettle leaks at the lid"]


def test_a_long_chinese_text_finds_its_article(desk: Helpdesk) -> None:
    desk.published("水壶盖漏水怎么办", "把盖子里的橡胶圈翻过来。", language="zh_Hans")
    desk.published("银行卡付款", "我们接受所有银行卡。", language="zh_Hans")
    said = (
        "您好，我是贵公司的老客户了，一直很满意。"
        "昨天水烧开的时候水壶盖子漏水，自己查了很多资料都没有找到答案，麻烦你们尽快回复。"
    )
    assert desk.suggested(said, "eve", language="zh_Hans")[0] == "水壶盖漏水怎么办"


def test_of_translations_the_one_in_the_language_is_suggested(desk: Helpdesk) -> None:
    article = desk.published("Kettle leaks", "Turn the ring.")
    made = desk.run("knowledge.article.translate", {"language": "de"}, target=article).id
    desk.publish(made)
    assert [each.language for each in desk.suggestions("Kettle leaks", language="de")] == ["de"]
    assert [each.language for each in desk.suggestions("Kettle leaks", language="en")] == ["en"]


def test_what_is_not_published_is_not_suggested(desk: Helpdesk) -> None:
    desk.write("Kettle leaks", "Turn the ring.")
    article = desk.published("Kettle whistles", "Let it.")
    desk.run("knowledge.article.archive", target=article)
    assert desk.suggested("Kettle leaks and whistles", "eve") == []


def test_articles_for_roles_are_suggested_to_these_alone(desk: Helpdesk) -> None:
    desk.published("Kettle refunds", "Up to 20.", audience="role", audience_of=["manager"])
    assert desk.suggested("Kettle refunds", "mia") == ["Kettle refunds"]
    assert desk.suggested("Kettle refunds", "eve") == []


def test_for_customers_what_they_may_read_is_suggested(desk: Helpdesk) -> None:
    desk.published("Kettle leaks", "Turn the ring.")
    desk.published("Kettle secrets", "Hit it.", audience="internal")
    assert set(desk.suggested("Kettle", "eve")) == {"Kettle leaks", "Kettle secrets"}
    assert desk.suggested("Kettle", "eve", audience="public") == ["Kettle leaks"]


def test_nothing_is_suggested_for_nothing(desk: Helpdesk) -> None:
    articles(desk)
    assert desk.suggested("  ", "eve") == []
    assert desk.suggested("kettle", "eve", limit=0) == []


def test_a_suggestion_says_nothing_of_cases(desk: Helpdesk) -> None:
    desk.case(desk.customer(), "Zebra kettle", "The zebra on my kettle is green.")
    outsider(desk)
    assert desk.suggestions("zebra green kettle", "out") == ()
