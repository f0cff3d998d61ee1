"""Facts out of the lines of purchases: what of which category, kind and product a customer bought.

The purchases are those that count by `stream`. A category stands for itself and all below it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import Select, case, func, select

from crmkit.core.business.money import Money
from crmkit.core.interactions.models import Product, ProductCategory, PurchaseLine
from crmkit.engines.facts.stream import counted, stream, total
from crmkit.hooks.facts import Fact, FactQuery, FactSet
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

_KINDS = ("main", "addon", "new")


def _lines(query: FactQuery) -> tuple[Any, Any, Any, Any]:
    """Return the lines of purchases that count with their products, and the tables of which they are joined."""
    table = stream()
    line, product = (cast(Any, model).__table__ for model in (PurchaseLine, Product))
    source = line.join(table, table.c.id == line.c.interaction_id).join(product, product.c.id == line.c.product_id)
    return source, table, line, product


def _keyed(name: str, member: Any) -> Any:
    def selecting(query: FactQuery) -> Select[Any]:
        source, table, line, product = _lines(query)
        amount = query.in_base(line.c.amount_minor, table.c.currency, table.c.occurred_at)
        found: list[Any] = []
        for number, key in enumerate(query.keys):
            this = member(product, key)
            found += [
                func.count(case((this, table.c.id)).distinct()).label(f"{name}_count:{number}"),
                total(func.sum(case((this, amount)))).label(f"{name}_amount:{number}"),
                func.max(case((this, table.c.occurred_at))).label(f"{name}_last_at:{number}"),
            ]
        conditions = [table.c.kind == "purchase", *counted(table, query)]
        return select(table.c.customer_id, *found).select_from(source).where(*conditions).group_by(table.c.customer_id)

    return selecting


def _in_category(product: Any, name: str) -> Any:
    category = cast(Any, ProductCategory).__table__
    tree = select(category.c.id).where(category.c.name == name).cte(recursive=True)
    below = category.alias()
    tree = tree.union(select(below.c.id).where(below.c.parent_id == tree.c.id))
    return product.c.category_id.in_(select(tree.c.id))


def _of_kind(product: Any, kind: str) -> Any:
    return product.c.kind == kind


def _of_sku(product: Any, sku: str) -> Any:
    return product.c.sku == sku


def _by(name: str, member: Any, keyed: str, keys: Any, docs: tuple[str, str, str]) -> FactSet:
    return FactSet(
        name="purchase",
        keyed=keyed,
        keys=keys,
        select=_keyed(name, member),
        columns=(
            Fact(name=f"{name}_count", type=int, default=0, doc=docs[0]),
            Fact(name=f"{name}_amount", type=Money, default=0, doc=docs[1]),
            Fact(name=f"{name}_last_at", type=datetime | None, doc=docs[2]),
        ),
    )


def _categories(session: CrmSession) -> Sequence[str]:
    return list(session.scalars(select(ProductCategory.name).order_by(ProductCategory.name)))


BY_CATEGORY = _by(
    "category",
    _in_category,
    _("product category"),
    _categories,
    (
        _("How many purchases had products of a category or one below it."),
        _("What the products of a category and those below it came to."),
        _("When a product of a category or one below it was bought last."),
    ),
)
BY_KIND = _by(
    "kind",
    _of_kind,
    _("kind of product: main, addon or new"),
    lambda session: _KINDS,
    (
        _("How many purchases had products of a kind."),
        _("What the products of a kind came to."),
        _("When a product of a kind was bought last."),
    ),
)
BY_PRODUCT = _by(
    "product",
    _of_sku,
    _("SKU of a product"),
    None,
    (
        _("How many purchases had a product."),
        _("What a product came to."),
        _("When a product was bought last."),
    ),
)


def _favourite(name: str, of: Any) -> Any:
    """Return what gives the group of products that was in most purchases; of equal ones the one of the larger amount,
    then the first by name."""

    def selecting(query: FactQuery) -> Select[Any]:
        source, table, line, product = _lines(query)
        source, label = of(source, product)
        amount = func.sum(query.in_base(line.c.amount_minor, table.c.currency, table.c.occurred_at))
        sums = (
            select(
                table.c.customer_id,
                label.label("label"),
                func.count(table.c.id.distinct()).label("number"),
                func.coalesce(total(amount), 0).label("amount"),
            )
            .select_from(source)
            .where(table.c.kind == "purchase", *counted(table, query))
            .group_by(table.c.customer_id, label)
            .subquery("sums")
        )
        by_name = sums.c.label.collate("C") if query.dialect == "postgresql" else sums.c.label
        best = (sums.c.number.desc(), sums.c.amount.desc(), by_name)
        place = func.row_number().over(partition_by=sums.c.customer_id, order_by=best)
        ranked = select(sums.c.customer_id, sums.c.label, place.label("place")).subquery("ranked")
        return select(ranked.c.customer_id, ranked.c.label.label(name)).where(ranked.c.place == 1)

    return selecting


def _category(source: Any, product: Any) -> tuple[Any, Any]:
    category = cast(Any, ProductCategory).__table__
    return source.join(category, category.c.id == product.c.category_id), category.c.name


def _kind(source: Any, product: Any) -> tuple[Any, Any]:
    return source, product.c.kind


FAVOURITE_CATEGORY = FactSet(
    name="purchase",
    select=_favourite("favourite_category", _category),
    columns=(
        Fact(
            name="favourite_category",
            type=str | None,
            title=_("Favourite category"),
            doc=_("The category that is in most purchases; of equal ones that of the larger amount."),
        ),
    ),
)
FAVOURITE_KIND = FactSet(
    name="purchase",
    select=_favourite("favourite_kind", _kind),
    columns=(
        Fact(
            name="favourite_kind",
            type=str | None,
            title=_("Favourite kind of product"),
            doc=_("The kind of product that is in most purchases; of equal ones that of the larger amount."),
            options=_KINDS,
        ),
    ),
)

SETS: tuple[FactSet, ...] = (BY_CATEGORY, BY_KIND, BY_PRODUCT, FAVOURITE_CATEGORY, FAVOURITE_KIND)
