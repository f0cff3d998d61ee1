"""The maps that come along, in English and Chinese: buying, and getting help."""

from __future__ import annotations

from attrs import frozen

from crmkit_journey.maps.content import MapContent, Stage, Touchpoint


@frozen(kw_only=True)
class Written:
    """A map in one language."""

    title: str
    description: str
    content: MapContent


@frozen(kw_only=True)
class Shipped:
    """A map that comes along."""

    name: str
    english: Written
    chinese: Written


def _buying(words: tuple[str, ...]) -> MapContent:
    noticing, site, talking, call, buying, order, using, delivery, again, reorder = words
    return MapContent(
        stages=[
            Stage(
                name="noticing",
                title=noticing,
                touchpoints=[
                    Touchpoint(name="site", title=site, channel="web", activities=["web", "social"], emotion=1)
                ],
            ),
            Stage(
                name="talking",
                title=talking,
                touchpoints=[
                    Touchpoint(
                        name="talk", title=call, channel="phone", activities=["call", "chat", "email", "meeting"]
                    )
                ],
            ),
            Stage(
                name="buying",
                title=buying,
                touchpoints=[
                    Touchpoint(
                        name="order", title=order, activities=["purchase"], measure="purchase.count > 0", emotion=1
                    )
                ],
            ),
            Stage(
                name="using",
                title=using,
                touchpoints=[Touchpoint(name="use", title=delivery, activities=["usage", "visit"], emotion=0)],
            ),
            Stage(
                name="again",
                title=again,
                touchpoints=[Touchpoint(name="reorder", title=reorder, measure="purchase.count > 1", emotion=2)],
            ),
        ]
    )


def _helping(words: tuple[str, ...]) -> MapContent:
    noticing, problem, asking, contact, solving, answer, after, follow = words
    return MapContent(
        stages=[
            Stage(name="noticing", title=noticing, touchpoints=[Touchpoint(name="problem", title=problem, emotion=-2)]),
            Stage(
                name="asking",
                title=asking,
                touchpoints=[
                    Touchpoint(name="contact", title=contact, activities=["call", "email", "chat"], emotion=-1)
                ],
            ),
            Stage(
                name="solving",
                title=solving,
                touchpoints=[Touchpoint(name="answer", title=answer, activities=["visit", "meeting"], emotion=0)],
            ),
            Stage(
                name="after",
                title=after,
                touchpoints=[Touchpoint(name="follow_up", title=follow, activities=["sms", "note"], emotion=1)],
            ),
        ]
    )


SHIPPED = (
    Shipped(
        name="buying",
        english=Written(
            title="Buying",
            description="From the first look to coming back.",
            content=_buying(
                (
                    "Noticing",
                    "Web site and social media",
                    "Talking",
                    "Calls, chats and mails",
                    "Buying",
                    "Order",
                    "Using",
                    "Delivery and first use",
                    "Coming back",
                    "Next order",
                )
            ),
        ),
        chinese=Written(
            title="购买",
            description="从第一次看到到再次购买。",
            content=_buying(
                (
                    "了解",
                    "网站和社交媒体",
                    "沟通",
                    "电话、在线聊天和邮件",
                    "购买",
                    "下单",
                    "使用",
                    "收货和首次使用",
                    "复购",
                    "再次下单",
                )
            ),
        ),
    ),
    Shipped(
        name="getting_help",
        english=Written(
            title="Getting help",
            description="From a problem to its solution.",
            content=_helping(
                (
                    "Noticing it",
                    "Something does not work",
                    "Asking",
                    "Call, mail or chat",
                    "Solving it",
                    "Answer or visit",
                    "Afterwards",
                    "Asking whether it works",
                )
            ),
        ),
        chinese=Written(
            title="获得帮助",
            description="从出现问题到解决问题。",
            content=_helping(
                ("发现问题", "某处出了故障", "求助", "电话、邮件或聊天", "解决", "答复或上门", "之后", "回访是否已解决")
            ),
        ),
    ),
)
