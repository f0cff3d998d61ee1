"""Operations on the thin catalogue: products and the tree of their categories."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

from attrs import frozen
from sqlalchemy import select

from crmkit.core.interactions.events import ProductsCreated, ProductsUpdated
from crmkit.core.interactions.lookups import chunks
from crmkit.core.interactions.models import Product, ProductCategory
from crmkit.core.operations.events import BATCH
from crmkit.core.operations.inputs import UNSET, Input, UnsetType, given
from crmkit.core.operations.operation import operation
from crmkit.core.store.session import CrmSession
from crmkit.errors import AlreadyExists, CrmkitError, InvalidInput, Problem
from crmkit.i18n import texts

_ = texts("crmkit")

ProductKind = Literal["main", "addon", "new"]
Sku = Annotated[str, Input(title=_("SKU"), max_length=120, classified="public")]
Title = Annotated[str, Input(title=_("Title"), max_length=300, classified="public")]
CategoryName = Annotated[str, Input(title=_("Name"), max_length=120, classified="public")]
CategoryTitle = Annotated[str, Input(title=_("Title"), max_length=200, classified="public")]
CategoryId = Annotated[UUID | None, Input(title=_("Category"), classified="public", resource="product_category")]


@frozen(kw_only=True)
class NewProduct:
    """A product to add. ``category`` names its category by name, in place of ``category_id``."""

    sku: Sku
    title: Title | None = None
    category_id: CategoryId = None
    category: CategoryName | None = None
    kind: ProductKind = "main"
    active: bool = True


@operation("product.create", title=_("Add a product"), effect="create")
def create_product(session: CrmSession, product: NewProduct) -> Product:
    """Add a product. Raises AlreadyExists when the SKU is taken."""
    if session.scalar(select(Product.id).where(Product.sku == product.sku)) is not None:
        raise AlreadyExists(_('There is a product "{sku}" already.'), sku=product.sku)
    return _one(_put(session, [ProductPut(**given(product))]))


@frozen(kw_only=True)
class ProductUpdate:
    """What to change of a product; what is not given stays."""

    title: Title | UnsetType = UNSET
    category_id: CategoryId | UnsetType = UNSET
    kind: ProductKind | UnsetType = UNSET
    active: bool | UnsetType = UNSET


@operation("product.update", title=_("Change a product"), effect="update")
def update_product(session: CrmSession, product: Product, changes: ProductUpdate) -> Product:
    """Change a product. Its SKU stays what it is."""
    values = given(changes)
    if values.get("title") == "":
        raise InvalidInput([Problem("CK500", _("This cannot be empty."), field="title")])
    category_id = values.get("category_id")
    if category_id is not None and session.get(ProductCategory, category_id) is None:
        raise InvalidInput([Problem("CK500", _("There is no such category."), field="category_id")])
    for name, value in values.items():
        setattr(product, name, value)
    session.emit(ProductsUpdated(product_ids=(product.id,)))
    return product


@frozen(kw_only=True)
class ProductPut:
    """A product to add, or to change where its SKU is known; what is not given stays, or has its default."""

    sku: Sku
    title: Title | UnsetType | None = UNSET
    category_id: CategoryId | UnsetType = UNSET
    category: CategoryName | UnsetType | None = UNSET
    kind: ProductKind | UnsetType = UNSET
    active: bool | UnsetType = UNSET


def put_products(session: CrmSession, items: Sequence[ProductPut]) -> list[Product | CrmkitError]:
    """Add or change products by their SKU, in a fixed number of statements. Where one SKU comes twice, the later
    input adds to the earlier."""
    return _put(session, items)


@operation("product.put", title=_("Add or change a product"), effect="update", bulk=put_products)
def put_product(session: CrmSession, product: ProductPut) -> Product:
    """Add a product, or change the one that has its SKU."""
    return _one(_put(session, [product]))


def _one(answers: Sequence[Product | CrmkitError]) -> Product:
    (answer,) = answers
    if isinstance(answer, CrmkitError):
        raise answer
    return answer


def _put(session: CrmSession, items: Sequence[ProductPut]) -> list[Product | CrmkitError]:
    products = {
        product.sku: product
        for part in chunks({item.sku for item in items})
        for product in session.scalars(select(Product).where(Product.sku.in_(part)))
    }
    names = {item.category for item in items if isinstance(item.category, str)}
    ids = {item.category_id for item in items if isinstance(item.category_id, UUID)}
    by_name: dict[str, UUID] = {}
    for part in chunks(names):
        query = select(ProductCategory.name, ProductCategory.id).where(ProductCategory.name.in_(part))
        by_name.update((name, identity) for name, identity in session.execute(query))
    known: set[UUID] = set()
    for part in chunks(ids):
        known.update(session.scalars(select(ProductCategory.id).where(ProductCategory.id.in_(part))))
    answers: list[Product | CrmkitError] = []
    created: dict[UUID, None] = {}
    updated: dict[UUID, None] = {}
    for item in items:
        values = given(item)
        problems = _settle_category(values, by_name, known)
        if item.sku == "":
            problems.append(Problem("CK500", _("This cannot be empty."), field="sku"))
        if not values.get("title", "-"):
            del values["title"]
        if problems:
            answers.append(InvalidInput(problems))
            continue
        product = products.get(item.sku)
        if product is None:
            values.setdefault("title", item.sku)
            product = products[item.sku] = Product(**{"kind": "main", "active": True, **values})
            session.add(product)
            created[product.id] = None
        elif any(getattr(product, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(product, name, value)
            if product.id not in created:
                updated[product.id] = None
        answers.append(product)
    session.flush()
    for make, made in ((ProductsCreated, list(created)), (ProductsUpdated, list(updated))):
        for start in range(0, len(made), BATCH):
            session.emit(make(product_ids=tuple(made[start : start + BATCH])))
    return answers


def _settle_category(values: dict[str, Any], by_name: dict[str, UUID], known: set[UUID]) -> list[Problem]:
    """Replace the category's name by its id; return what is wrong with either."""
    name = values.pop("category", None)
    identity = values.get("category_id")
    if name is not None and identity is not None:
        return [Problem("CK500", _("Name the category by its id or by its name, not by both."), field="category")]
    if name is not None:
        if name not in by_name:
            return [Problem("CK500", _("There is no such category."), field="category", value=name)]
        values["category_id"] = by_name[name]
    elif identity is not None and identity not in known:
        return [Problem("CK500", _("There is no such category."), field="category_id", value=identity)]
    return []


@operation("product_category.create", title=_("Add a product category"), effect="create")
def create_category(
    session: CrmSession, *, name: CategoryName, title: CategoryTitle | None = None, parent_id: CategoryId = None
) -> ProductCategory:
    """Add a category, as part of another one or on its own. Raises AlreadyExists when the name is taken."""
    if not name:
        raise InvalidInput([Problem("CK500", _("This cannot be empty."), field="name")])
    if session.scalar(select(ProductCategory.id).where(ProductCategory.name == name)) is not None:
        raise AlreadyExists(_('There is a category "{name}" already.'), name=name)
    if parent_id is not None and session.get(ProductCategory, parent_id) is None:
        raise InvalidInput([Problem("CK500", _("There is no such category."), field="parent_id")])
    category = ProductCategory(name=name, title=title or name, parent_id=parent_id)
    session.add(category)
    return category


@frozen(kw_only=True)
class CategoryUpdate:
    """What to change of a category; what is not given stays."""

    name: CategoryName | UnsetType = UNSET
    title: CategoryTitle | UnsetType = UNSET
    parent_id: CategoryId | UnsetType = UNSET


@operation("product_category.update", title=_("Change a product category"), effect="update")
def update_category(session: CrmSession, category: ProductCategory, changes: CategoryUpdate) -> ProductCategory:
    """Change a category. Raises InvalidInput when it would become a part of itself, AlreadyExists for a taken name."""
    values = given(changes)
    for field in ("name", "title"):
        if values.get(field) == "":
            raise InvalidInput([Problem("CK500", _("This cannot be empty."), field=field)])
    if "name" in values and values["name"] != category.name:
        taken = select(ProductCategory.id).where(ProductCategory.name == values["name"])
        if session.scalar(taken) is not None:
            raise AlreadyExists(_('There is a category "{name}" already.'), name=values["name"])
    above, seen = values.get("parent_id", category.parent_id), {category.id}
    while above is not None:
        if above in seen:
            raise InvalidInput([Problem("CK500", _("A category cannot be a part of itself."), field="parent_id")])
        seen.add(above)
        parent = session.get(ProductCategory, above)
        if parent is None:
            raise InvalidInput([Problem("CK500", _("There is no such category."), field="parent_id")])
        above = parent.parent_id
    for name, value in values.items():
        setattr(category, name, value)
    return category


PRODUCT_OPERATIONS: list[Any] = [
    create_product,
    update_product,
    put_product,
    create_category,
    update_category,
]
