"""Something to read on the first day: a help centre with a few articles in both languages, one of them from a case that
was solved, for who looks around.

Does what the plugin knowledge has operations for, and nothing where that is not enabled. All of it is made up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from attrs import frozen

from crmkit.core.store.actor import Actor
from crmkit.core.store.session import CrmSession

if TYPE_CHECKING:
    from crmkit.cli.invocation import Invocation

SPACE = "help"
CATEGORIES = (("orders", "Orders and delivery 订购与送货", 10), ("goods", "Our goods 商品", 20))


@frozen(kw_only=True)
class _Written:
    """An article, and what it says in Chinese. ``solved`` is how the subject of the case begins that it is from, in
    either language."""

    title: str
    body: str
    chinese_title: str
    chinese_body: str
    category: str
    solved: tuple[str, ...] = ()


WRITTEN = (
    _Written(
        title="Until when to order for Christmas",
        body="## Problem\n\nThe goods have to be there before the holidays.\n\n## Solution\n\nOrders that reach us by "
        "**16 December** arrive on 20 December at the latest; for islands it is three days earlier.\n\n"
        ":::internal\nFor large orders ask the carrier first.\n:::\n",
        chinese_title="圣诞节前最晚什么时候订货",
        chinese_body="## 问题\n\n商品须在节前送到。\n\n## 解决办法\n\n**12 月 16 日**前收到的订单最迟 12 月 20 日送达；"
        "岛屿地区须提前三天。\n\n:::internal\n大额订单请先询问承运商。\n:::\n",
        category="orders",
        solved=("Delivery before Christmas", "圣诞节前"),
    ),
    _Written(
        title="What can be washed in a dishwasher",
        body="Everything of glass and porcelain can, but not what is **gilded**: that is washed by hand, as the gold "
        "comes off at more than 40 °C.\n\n| goods | dishwasher |\n| --- | --- |\n| tea sets | yes |\n"
        "| gilded sets | no |\n| wooden boards | no |\n",
        chinese_title="哪些商品可以用洗碗机清洗",
        chinese_body="玻璃和瓷器都可以，**描金**的除外：40 °C 以上金边会脱落，请手洗。\n\n"
        "| 商品 | 洗碗机 |\n| --- | --- |\n| 茶具 | 可以 |\n| 描金茶具 | 不可以 |\n| 木板 | 不可以 |\n",
        category="goods",
    ),
    _Written(
        title="Something arrived broken",
        body="1. Keep the parcel and what is in it.\n2. Take a photograph of both.\n3. Tell us within seven days.\n\n"
        "We send it again at our own cost, or give the money back.\n",
        chinese_title="收到的商品有破损",
        chinese_body="1. 请保留包裹和其中的物品。\n2. 给两者拍照。\n3. 请在七天内告诉我们。\n\n"
        "我们免费补发，或者退款。\n",
        category="orders",
    ),
)


def give_knowledge(cli: Invocation, user_id: UUID) -> None:
    """Write the articles of the demonstration. To be called once, after `give_service`, of whose solved cases one
    becomes an article. ``user_id`` is who owns them."""
    crm, actor = cli.crm, Actor.system("demonstration")
    if "knowledge.article.create" not in crm.registry.operations:
        return
    with crm.transaction(actor) as session:
        title = {"title": "Help 帮助", "audience": "public", "language": "en"}
        session.run("knowledge.space.create", {"name": SPACE, **title})
        for name, said, position in CATEGORIES:
            values = {"space": SPACE, "name": name, "title": said, "position": position}
            session.run("knowledge.category.create", values)
        for each in WRITTEN:
            article = _begun(session, each)
            session.run("knowledge.article.revise", {"title": each.title, "body": each.body}, target=article)
            _published(session, article)
            session.run("knowledge.article.update", {"owner_id": user_id}, target=article)
            chinese = session.run("knowledge.article.translate", {"language": "zh_Hans"}, target=article)
            said = {"title": each.chinese_title, "body": each.chinese_body}
            session.run("knowledge.article.revise", said, target=chinese)
            _published(session, chinese)


def _begun(session: CrmSession, written: _Written) -> Any:
    record = _solved(session, written.solved)
    if record:
        values = {"record": record, "space": SPACE, "category": written.category, "language": "en"}
        return session.run("knowledge.article.from_record", values)
    values = {"title": written.title, "body": written.body, "space": SPACE, "category": written.category}
    return session.run("knowledge.article.create", {**values, "kind": "faq", "language": "en"})


def _solved(session: CrmSession, beginnings: tuple[str, ...]) -> str:
    """Return the solved case whose subject begins so, as resource:id; "" where there is none."""
    from sqlalchemy import select

    resource = session.gate.registry.resources.get("service.case")
    if resource is None or not beginnings:
        return ""
    model = resource.model
    for case in session.scalars(select(model).where(model.state == "resolved")):
        if str(case.subject).startswith(beginnings):
            return f"service.case:{case.id}"
    return ""


def _published(session: CrmSession, article: Any) -> None:
    for step in ("submit", "approve", "release"):
        session.run(f"knowledge.article.{step}", target=article)
