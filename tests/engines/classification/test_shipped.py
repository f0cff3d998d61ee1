"""Shipped dimensions: each phrase for a kind of customer is a row, facts in, label out, in two languages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest

from crmkit import CRM
from crmkit.engines.classification.shipped import DIMENSIONS
from crmkit.hooks.classification import ByPin
from crmkit.i18n import translate
from tests.engines.classification.support import SYSTEM, buy, classify, configure, customer, happen, labels, open_shop

Make = Callable[[CRM], UUID]


def bought(*purchases: tuple[float, str], **values: Any) -> Make:
    """Return what makes a customer with purchases, as days ago and amounts."""

    def make(crm: CRM) -> UUID:
        who = customer(crm, **values)
        for days, amount in purchases:
            buy(crm, who, days, amount)
        return who

    return make


def known(**values: Any) -> Make:
    """Return what makes a customer who has done nothing."""
    return lambda crm: customer(crm, **values)


def heard(kind: str, days: float, direction: str) -> Make:
    """Return what makes a customer with one interaction."""

    def make(crm: CRM) -> UUID:
        who = customer(crm)
        happen(crm, who, kind, days, direction=direction)
        return who

    return make


def converted(crm: CRM) -> UUID:
    """Make a customer who was converted today and has bought nothing."""
    who = customer(crm)
    crm.run(SYSTEM, "customer.convert", target=who)
    return who


def prefers(sku: str, category: str, kind: str) -> Make:
    """Return what makes a customer who buys a product."""

    def make(crm: CRM) -> UUID:
        shelf = crm.run(SYSTEM, "product_category.create", {"name": category, "title": category})
        crm.run(SYSTEM, "product.create", {"sku": sku, "title": sku, "category_id": shelf.id, "kind": kind})
        who = customer(crm)
        buy(crm, who, 3, "50", lines=[{"sku": sku, "amount": "50"}])
        return who

    return make


CUPS = prefers("C1", "cups", "main")
MONTHLY = [(30.0 * number, "100") for number in range(1, 6)]

ROWS: list[tuple[str, str, str, str, Make]] = [
    ("type", "person", "Person", "个人", known()),
    ("type", "organization", "Company or organisation", "企业", known(kind="organization")),
    ("standing", "potential", "Potential", "潜在", known()),
    ("standing", "new", "New", "新", bought((10, "100"))),
    ("standing", "existing", "Existing", "现有", bought((200, "100"))),
    ("standing", "loyal", "Loyal", "忠诚", bought((400, "100"), (300, "100"), *MONTHLY[:3])),
    ("standing", "lost", "Lost", "流失", bought((500, "100"))),
    ("standing", "new", "New", "新", converted),
    ("key_account", "key", "Key account", "重要", bought((400, "9000"), (300, "9000"), *MONTHLY[:3])),
    ("key_account", "key", "Key account", "重要", known(tags=["key account"])),
    ("key_account", "ordinary", "Other account", "一般", known()),
    ("lifecycle", "potential", "Potential", "潜在", known()),
    ("lifecycle", "new", "New", "新", bought((10, "100"))),
    ("lifecycle", "mature", "Mature", "成熟", bought((200, "100"), (20, "100"))),
    ("lifecycle", "lost", "Lost", "流失", bought((500, "100"))),
    ("activity", "active", "Active buyer", "活跃", bought(*MONTHLY)),
    ("activity", "silent", "Silent", "沉默", bought((165, "1"), (135, "1"), (105, "1"), (75, "1"), (45, "1"))),
    ("activity", "silent", "Silent", "沉默", bought((200, "100"))),
    ("activity", "lost", "No longer active", "流失", bought((400, "100"))),
    ("activity_level", "high", "Highly active", "高活跃", bought(*((float(day), "10") for day in range(1, 40, 6)))),
    ("activity_level", "medium", "Fairly active", "中等活跃", bought(*MONTHLY)),
    ("activity_level", "low", "Hardly active", "低活跃", bought((400, "100"), (300, "100"))),
    ("amount", "small", "Small customer", "小客户", bought((5, "999"))),
    ("amount", "medium", "Medium customer", "中等客户", bought((5, "1000"))),
    ("amount", "large", "Large customer", "大客户", bought((5, "6000"), (6, "6000"))),
    ("region", "domestic", "Domestic", "国内", known(country="CN")),
    ("region", "international", "International", "国际", known(country="FR")),
    ("locality", "local", "Local", "本地", known(country="CN", city="上海")),
    ("locality", "elsewhere", "Elsewhere", "外地", known(country="CN", city="杭州")),
    ("country", "CN", "CN", "CN", known(country="CN")),
    ("province", "浙江", "浙江", "浙江", known(country="CN", province="浙江")),
    ("city", "杭州", "杭州", "杭州", known(country="CN", city="杭州")),
    ("industry", "trade", "trade", "trade", known(kind="organization", industry="trade")),
    ("size", "micro", "Micro (below 10)", "微型(10 人以下)", known(kind="organization", size=9)),
    ("size", "small", "Small (10 to 49)", "小型(10 至 49 人)", known(kind="organization", size=10)),
    ("size", "medium", "Medium (50 to 249)", "中型(50 至 249 人)", known(kind="organization", size=50)),
    ("size", "large", "Large (from 250)", "大型(250 人以上)", known(kind="organization", size=250)),
    ("interest", "tea", "tea", "tea", known(interests=["tea", "travel"])),
    ("interest", "cups", "cups", "cups", CUPS),
    ("product_preference", "cups", "cups", "cups", CUPS),
    ("product_kind", "main", "Main products", "主打产品", CUPS),
    ("product_kind", "addon", "Add-on products", "附加产品", prefers("C2", "lids", "addon")),
    ("product_kind", "new", "New products", "新产品", prefers("C3", "trays", "new")),
    ("service_level", "standard", "Standard service", "标准服务", known()),
    ("service_level", "premium", "Premium service", "高级服务", known(tags=["key account"])),
    ("sales_stage", "potential", "Potential", "潜在", known()),
    ("sales_stage", "lead", "Lead", "线索", heard("email", 3, "in")),
    ("sales_stage", "follow_up", "In follow-up", "跟进", heard("call", 3, "out")),
    ("sales_stage", "won", "Won", "成交", bought((5, "100"))),
    ("temperature", "hot", "Hot", "热", heard("email", 3, "in")),
    ("temperature", "warm", "Warm", "暖", heard("email", 20, "in")),
    ("temperature", "cold", "Cold", "冷", heard("email", 40, "in")),
    ("temperature", "cold", "Cold", "冷", heard("call", 1, "out")),
]

PINNED: list[tuple[str, str, str, str]] = [
    ("need", "custom", "Custom-made", "定制"),
    ("need", "standard", "Standardised", "标准化"),
    ("need", "special", "Special", "特殊"),
    ("need_urgency", "high", "Urgent", "紧急"),
    ("need_complexity", "high", "Complex", "复杂"),
    ("sales_stage", "opportunity", "Opportunity", "商机"),
    ("buying_intent", "high", "Firm intent", "意向强"),
    ("buying_ability", "high", "Full ability", "能力强"),
    ("buying_timing", "now", "Now", "现在"),
]


def titles_of(dimension: str) -> dict[str, str]:
    """Return the titles of a shipped dimension's labels by name."""
    return {label.name: label.title for item in DIMENSIONS if item.name == dimension for label in item.labels}


@pytest.fixture(scope="module")
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[CRM, list[UUID]]]:
    """A shop with one customer for each row, classified once."""
    templates = request.getfixturevalue("templates")
    crm = open_shop(templates.copy("sqlite", tmp_path_factory.mktemp("shipped")))
    configure(crm)
    made: list[UUID] = []
    seen: dict[int, UUID] = {}
    for _dimension, _label, _english, _chinese, make in ROWS:
        if id(make) not in seen:
            seen[id(make)] = make(crm)
        made.append(seen[id(make)])
    classify(crm)
    yield crm, made
    crm.close()


@pytest.mark.parametrize("number", range(len(ROWS)), ids=[f"{row[0]}-{row[1]}-{n}" for n, row in enumerate(ROWS)])
def test_facts_of_the_kernel_give_the_label(shop: tuple[CRM, list[UUID]], number: int) -> None:
    """Each phrase that the kernel's own facts can decide is decided, and is called so in both languages."""
    crm, made = shop
    dimension, name, english, chinese, _make = ROWS[number]
    assert name == labels(crm, made[number]).get(dimension)
    title = titles_of(dimension).get(name, name)
    assert (english, chinese) == (translate(title, "en"), translate(title, "zh_Hans"))


@pytest.mark.parametrize(("dimension", "name", "english", "chinese"), PINNED)
def test_what_no_fact_tells_is_said_by_persons(
    shop: tuple[CRM, list[UUID]], dimension: str, name: str, english: str, chinese: str
) -> None:
    """A label without a decider of its own is pinned, and holds at once."""
    crm, made = shop
    who = made[0]
    crm.run(SYSTEM, "customer.pin_label", {"dimension": dimension, "label": name}, target=who)
    assert name == labels(crm, who)[dimension]
    title = titles_of(dimension)[name]
    assert (english, chinese) == (translate(title, "en"), translate(title, "zh_Hans"))


def test_value_and_vip_are_parts_of_the_buyers(tmp_path: Any, request: pytest.FixtureRequest) -> None:
    """Of a hundred buyers the upper fifth are of high value, the next thirty of medium, and the upper five VIPs."""
    crm = open_shop(request.getfixturevalue("templates").copy("sqlite", tmp_path))
    configure(crm)
    made = [customer(crm, f"Buyer {number}") for number in range(40)]
    for number, who in enumerate(made):
        buy(crm, who, 5, str(100 + number))
    run = classify(crm, "value", "vip", "amount", "standing", "key_account", "service_level")
    counts = {each.dimension: dict(each.counts) for each in run.dimensions}
    assert {"low": 20, "medium": 12, "high": 8} == counts["value"]
    assert {"ordinary": 38, "vip": 2} == counts["vip"]
    assert {"standard": 32, "extended": 6, "premium": 2} == counts["service_level"]
    titles = {
        label.name: translate(label.title, "zh_Hans")
        for item in DIMENSIONS
        if item.name == "value"
        for label in item.labels
    }
    assert {"low": "低价值", "medium": "中等价值", "high": "高价值"} == titles
    crm.close()


def test_every_label_without_a_fact_can_be_pinned() -> None:
    """Dimensions that persons decide say what can be chosen."""
    assert all(item.labels for item in DIMENSIONS if isinstance(item.decider, ByPin))
