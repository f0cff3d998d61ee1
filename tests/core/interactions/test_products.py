"""The thin catalogue: products and the tree of their categories."""

from __future__ import annotations

import pytest

from crmkit import CRM
from crmkit.core.interactions.models import Product
from crmkit.core.operations.tables import EventRecord
from crmkit.errors import AlreadyExists
from tests.core.interactions.support import ACTOR, count, problems, rows


def test_a_product_has_a_sku_of_its_own(crm: CRM) -> None:
    """A SKU that is taken is refused; other fields can be changed."""
    made = crm.run(ACTOR, "product.create", {"sku": "A", "title": "Apple", "kind": "addon"})
    with pytest.raises(AlreadyExists):
        crm.run(ACTOR, "product.create", {"sku": "A"})
    changed = crm.run(ACTOR, "product.update", {"title": "Pear", "active": False}, target=made.id, version=1)
    assert (
        changed.sku,
        changed.title,
        changed.kind,
        changed.active,
        changed.version,
    ) == ("A", "Pear", "addon", False, 2)
    assert problems(crm, "product.update", {"title": ""}, target=made.id) == {"title": "This cannot be empty."}


def test_products_are_put_by_their_sku(crm: CRM) -> None:
    """Known ones are changed, new ones added, the same change again changes nothing; one that is wrong costs itself."""
    crm.run(ACTOR, "product_category.create", {"name": "fruit", "title": "Fruit"})
    items = [
        {"sku": "A", "title": "Apple", "category": "fruit"},
        {"sku": "B", "category": "tools"},
        {"sku": "C", "kind": "new"},
        {"sku": "A", "kind": "addon"},
    ]
    for _time in range(2):
        outcomes = crm.run_many(ACTOR, "product.put", items)
        assert [tuple(p.field for p in each.problems) for each in outcomes] == [(), ("category",), (), ()]
    found = [(row["sku"], row["title"], row["kind"], row["version"]) for row in rows(crm, Product, Product.sku)]
    assert found == [("A", "Apple", "addon", 1), ("C", "C", "new", 1)]
    assert tuple(count(crm, EventRecord, EventRecord.name == f"product.{what}") for what in ("created", "updated")) == (
        1,
        0,
    )
    crm.run(ACTOR, "product.put", {"sku": "A", "active": False})
    assert count(crm, EventRecord, EventRecord.name == "product.updated") == 1


def test_categories_are_a_tree(crm: CRM) -> None:
    """No category is a part of itself, however long the way round."""
    food = crm.run(ACTOR, "product_category.create", {"name": "food"})
    fruit = crm.run(ACTOR, "product_category.create", {"name": "fruit", "parent_id": food.id})
    apple = crm.run(ACTOR, "product_category.create", {"name": "apple", "parent_id": fruit.id})
    for parent in (food, apple, fruit):
        assert problems(crm, "product_category.update", {"parent_id": parent.id}, target=food.id) == {
            "parent_id": "A category cannot be a part of itself."
        }
    moved = crm.run(ACTOR, "product_category.update", {"parent_id": food.id, "title": "Apples"}, target=apple.id)
    assert (food.id, "Apples") == (moved.parent_id, moved.title)
    with pytest.raises(AlreadyExists):
        crm.run(ACTOR, "product_category.update", {"name": "food"}, target=apple.id)
