"""Writes products from a file, with the categories that they name.

All writing goes through the operations on products. Must not know files.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crmkit.core.customers.references import chunks
from crmkit.core.interactions.models import Product, ProductCategory
from crmkit.core.store.session import CrmSession
from crmkit.errors import Problem
from crmkit.exchange.convert import Converter, column_problem
from crmkit.exchange.customer_values import with_raw
from crmkit.exchange.rows import Row, problem
from crmkit.exchange.units import Built, Policy
from crmkit.exchange.values import plain
from crmkit.i18n import texts

_ = texts("crmkit")

_KINDS = {"main": "main", "addon": "addon", "add-on": "addon", "add on": "addon", "accessory": "addon", "new": "new"}


class ProductTarget:
    """The resource products."""

    table = Product.__tablename__

    def __init__(self, converter: Converter, policy: Policy) -> None:
        self._converter = converter
        self._column_of = converter.column_of
        self._policy = policy
        self.extras: list[tuple[Row, UUID]] = []

    def build(self, rows: Sequence[Row]) -> Built:
        """Return a row as a unit, without touching the database."""
        (row,) = rows
        unit = Built(rows)
        if row.problem is not None:
            unit.reject([with_raw(row)])
            return unit
        values, wrong = self._converter.read(row)
        if "kind" in values:
            values["kind"] = _KINDS.get(plain(values["kind"]).casefold(), values["kind"])
        if "sku" not in values and not wrong:
            wrong.append(problem(_("This is required."), field=self._column_of["sku"]))
        unit.values = values
        if wrong:
            unit.reject(wrong)
        return unit

    def write(self, session: CrmSession, units: Sequence[Built]) -> None:
        """Add products, or change known ones where that is wanted, and note what became of each row."""
        open_ = [unit for unit in units if unit.result is None]
        known = self._known(session, {unit.values["sku"] for unit in open_})
        here: dict[str, Built] = {}
        pending: list[tuple[Built, bool]] = []
        for unit in open_:
            sku = unit.values["sku"]
            is_new = sku not in known and sku not in here
            if is_new:
                here[sku] = unit
                pending.append((unit, True))
            elif self._policy.on_duplicate == "update":
                pending.append((unit, False))
            elif self._policy.on_duplicate == "review":
                unit.reject([self._known_already(sku)])
            else:
                unit.settle("duplicate", known.get(sku))
        self._put(session, pending)
        for unit in open_:
            if unit.result == "duplicate" and unit.record_id is None:
                unit.record_id = here[unit.values["sku"]].record_id

    def _put(self, session: CrmSession, pending: Sequence[tuple[Built, bool]]) -> None:
        if not pending:
            return
        self._make_categories(session, [unit for unit, _new in pending])
        items = [
            {name: value for name, value in unit.values.items() if name != "category_title"} for unit, _n in pending
        ]
        outcomes = session.run_many("product.put", items)
        for (unit, is_new), outcome in zip(pending, outcomes, strict=True):
            if outcome.ok:
                unit.settle("created" if is_new else "updated", outcome.result.id, outcome.result.version)
            else:
                unit.reject([column_problem(one, self._column_of, one.field) for one in outcome.problems])

    def _known(self, session: CrmSession, skus: set[str]) -> dict[str, UUID]:
        found: dict[str, UUID] = {}
        for part in chunks(skus):
            found.update(dict(session.execute(select(Product.sku, Product.id).where(Product.sku.in_(part))).all()))
        return found

    def _make_categories(self, session: CrmSession, units: Sequence[Built]) -> None:
        wanted: dict[str, Any] = {}
        for unit in units:
            name = unit.values.get("category")
            if name:
                wanted.setdefault(name, unit.values.get("category_title"))
        known: set[str] = set()
        for part in chunks(wanted):
            known.update(session.scalars(select(ProductCategory.name).where(ProductCategory.name.in_(part))))
        new = [{"name": name, "title": title or name} for name, title in wanted.items() if name not in known]
        if new:
            session.run_many("product_category.create", new)

    def _known_already(self, sku: str) -> Problem:
        hint = _("Leave the row out, or import it with --on-duplicate update.")
        return problem(
            _("There is a product with this SKU already."), field=self._column_of["sku"], value=sku, hint=hint
        )
