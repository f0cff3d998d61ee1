"""The themes to begin with: what customers of almost any business talk about, with words in Chinese and English."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from crmkit import texts

_ = texts("crmkit_feedback")


@frozen(kw_only=True)
class StarterTheme:
    """A theme, its title, what it is part of, and the words by which it is recognised."""

    name: str
    title: str
    parent: str = ""
    words: tuple[str, ...] = ()


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split(", "))


THEMES: Sequence[StarterTheme] = (
    StarterTheme(
        name="product",
        title=_("Product"),
        words=(
            *_words("product"),
            *_words("产品, 商品, 东西"),
        ),
    ),
    StarterTheme(
        name="quality",
        title=_("Quality"),
        parent="product",
        words=(
            *_words("quality, broken, defect*, faulty, tear, tears, torn"),
            *_words("质量, 做工, 坏, 破, 损坏, 瑕疵, 掉漆"),
        ),
    ),
    StarterTheme(
        name="design",
        title=_("Design"),
        parent="product",
        words=(
            *_words("design*, colour*, color*, look, looks, style"),
            *_words("设计, 颜色, 外观, 款式, 好看, 难看"),
        ),
    ),
    StarterTheme(
        name="range",
        title=_("Range"),
        parent="product",
        words=(
            *_words("range, choice, selection, assortment, out of stock"),
            *_words("品种, 种类, 缺货, 款式少, 选择"),
        ),
    ),
    StarterTheme(
        name="price",
        title=_("Price"),
        words=(
            *_words("price*, expensive, cheap, overpriced, cost*, discount*"),
            *_words("价格, 价钱, 贵, 便宜, 实惠, 优惠, 性价比"),
        ),
    ),
    StarterTheme(
        name="delivery",
        title=_("Delivery"),
        words=(
            *_words("deliver*, shipping, shipped, arriv*, late, courier, parcel*"),
            *_words("物流, 快递, 送货, 发货, 配送, 到货"),
        ),
    ),
    StarterTheme(
        name="packaging",
        title=_("Packaging"),
        parent="delivery",
        words=(
            *_words("packag*, packed, packing, box, boxes"),
            *_words("包装, 盒子, 封皮, 碎"),
        ),
    ),
    StarterTheme(
        name="service",
        title=_("Service"),
        words=(
            *_words("service, staff, support, helpful, rude, friendly"),
            *_words("服务, 客服, 态度, 员工, 前台, 耐心"),
        ),
    ),
    StarterTheme(
        name="response",
        title=_("Being answered"),
        parent="service",
        words=(
            *_words("answer*, reply, replied, response, called back, waiting"),
            *_words("回复, 没人理, 联系不上, 等了, 不理"),
        ),
    ),
    StarterTheme(
        name="website",
        title=_("Website and app"),
        words=(
            *_words("website, site, app, login, page, checkout"),
            *_words("网站, 网页, 登录, 软件, 应用"),
        ),
    ),
    StarterTheme(
        name="invoicing",
        title=_("Invoices and payment"),
        words=(
            *_words("invoice*, payment*, billing, charged, refund*"),
            *_words("发票, 付款, 支付, 退款, 账单"),
        ),
    ),
)
