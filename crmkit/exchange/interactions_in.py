"""Records interactions and purchases from a file.

All writing goes through ``interaction.record``, which knows what its source has named before. Must not know files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from crmkit.core.interactions.models import Interaction
from crmkit.core.store.session import CrmSession
from crmkit.exchange.convert import Converter
from crmkit.exchange.customer_values import with_raw
from crmkit.exchange.references import create_missing, explain, recorded_here, resolve_own, take_reference
from crmkit.exchange.rows import Row, problem
from crmkit.exchange.units import Built, Policy
from crmkit.exchange.values import Amount, plain
from crmkit.i18n import texts

_ = texts("crmkit")

_REFUNDS = frozenset(
    (
        "refund",
        "return",
        "credit",
        "credit note",
        "cancellation",
        "cancelled",
        "canceled",
        "退款",
        "退货",
        "退貨",
        "取消",
    )
)
_PURCHASES = frozenset(("purchase", "sale", "order", "invoice", "buy", "购买", "購買", "销售", "銷售", "订单", "訂單"))


class _Recording:
    """What both have in common: building, recording, and saying what became of each unit."""

    table = Interaction.__tablename__

    def __init__(self, converter: Converter, policy: Policy, *, region: str | None, currency: str | None) -> None:
        self._converter = converter
        self._column_of = converter.column_of
        self._policy = policy
        self._region = region
        self._currency = currency
        self.extras: list[tuple[Row, UUID]] = []

    def write(self, session: CrmSession, units: Sequence[Built]) -> None:
        """Record units and note what became of each."""
        open_ = [unit for unit in units if unit.result is None]
        for place, id_ in recorded_here(session, open_).items():
            open_[place].settle("duplicate", id_)
        open_ = [unit for unit in open_ if unit.result is None]
        resolve_own(session, open_, self._column_of)
        open_ = [unit for unit in open_ if unit.result is None]
        if self._policy.create_customers:
            create_missing(session, open_, {place: unit.values["_"].get("name") for place, unit in enumerate(open_)})
        items = [{name: value for name, value in unit.values.items() if name != "_"} for unit in open_]
        if not items:
            return
        for unit, outcome in zip(open_, session.run_many("interaction.record", items), strict=True):
            if not outcome.ok:
                unit.reject(explain(outcome.problems, self._column_of))
            elif outcome.result.duplicate:
                unit.settle("duplicate", outcome.result.id)
            else:
                unit.settle("created", outcome.result.id)

    def _common(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return what is the same for both: customer, payload, currency."""
        made: dict[str, Any] = {"_": {}}
        reference = take_reference(values, self._policy.source, self._region)
        if reference is not None:
            made["customer"] = reference
        payload = values.pop("payload", None) or {}
        if isinstance(payload, dict):
            payload |= {name[8:]: values.pop(name) for name in list(values) if name.startswith("payload.")}
        made["payload"] = payload
        if "currency" in values:
            made["currency"] = plain(values.pop("currency")).upper()
        return made


class InteractionTarget(_Recording):
    """The resource interactions: one for each row."""

    def build(self, rows: Sequence[Row]) -> Built:
        """Return a row as a unit, without touching the database."""
        (row,) = rows
        unit = Built(rows)
        if row.problem is not None:
            unit.reject([with_raw(row)])
            return unit
        values, wrong = self._converter.read(row)
        made = self._common(values)
        amount = values.pop("amount", None)
        if isinstance(amount, Amount):
            made["amount"] = amount.number
            made.setdefault("currency", amount.currency or self._currency)
        if "external_id" in values:
            values.setdefault("source", self._policy.source)
        else:
            values.pop("source", None)
        for name in ("kind", "direction", "visibility"):
            if name in values:
                values[name] = plain(values[name]).lower()
        made.update(values)
        if made.get("kind") == "refund" and made.get("amount", 0) < 0:
            # What was given back, as other systems write it; here a refund's amount is positive.
            made["amount"] = -made["amount"]
        for name in ("kind", "occurred_at"):
            if name not in made and not wrong:
                wrong.append(problem(_("This is required."), field=self._column_of.get(name, name)))
        unit.values = {name: value for name, value in made.items() if value is not None}
        if wrong:
            unit.reject(wrong)
        return unit


class PurchaseTarget(_Recording):
    """The resource purchases: one for each invoice, with a line for each of its rows."""

    def build(self, rows: Sequence[Row]) -> Built:
        """Return the rows of an invoice as a unit, without touching the database."""
        unit = Built(rows)
        read: list[dict[str, Any]] = []
        for row in rows:
            if row.problem is not None:
                unit.by_row[row.index] = [with_raw(row)]
                continue
            values, wrong = self._converter.read(row)
            if "invoice" not in self._column_of:
                # Known again in this file alone: two rows that are alike may well be two purchases.
                values["invoice"] = f"{self._policy.file}:{row.index}"
            elif "invoice" not in values:
                wrong.append(problem(_("The invoice has no number."), field=self._column_of["invoice"]))
            if wrong:
                unit.by_row[row.index] = wrong
            read.append(values)
        if not unit.by_row:
            self._put_together(unit, read)
        if unit.by_row:
            first = next(row for row in rows if row.index in unit.by_row)
            whole = problem(_("Line {line}, of the same invoice, is refused."), line=first.line)
            unit.reject(unit.by_row[first.index] if len(rows) == 1 else [whole])
        return unit

    def _put_together(self, unit: Built, read: Sequence[dict[str, Any]]) -> None:
        first = read[0]
        for name in ("customer", "customer_source", "customer_email", "customer_phone", "currency", "refund_of"):
            for row, values in zip(unit.rows, read, strict=True):
                if values.get(name, first.get(name)) != first.get(name):
                    text = _('The invoice has another value on line {line}: "{other}".')
                    wrong = problem(
                        text,
                        field=self._column_of.get(name),
                        value=values.get(name),
                        line=unit.rows[0].line,
                        other=first.get(name, ""),
                    )
                    unit.by_row[row.index] = [wrong]
        times = [values["occurred_at"] for values in read if "occurred_at" in values]
        if not times:
            unit.by_row[unit.rows[0].index] = [
                problem(_("This is required."), field=self._column_of.get("occurred_at", "occurred_at"))
            ]
        if unit.by_row:
            return
        payload = self._payload(unit, read)
        lines = [self._line(row, values, unit) for row, values in zip(unit.rows, read, strict=True)]
        self._drop_totals(lines, unit)
        made = self._common({name: value for name, value in first.items() if not _is_payload(name)})
        made["payload"] = payload
        if "customer" not in made:
            unit.by_row[unit.rows[0].index] = [
                problem(_("The purchase names no customer."), field=self._column_of.get("customer"))
            ]
        self._name_currency(made, lines, unit)
        if unit.by_row:
            return
        is_refund = self._is_refund(first, lines)
        made["kind"] = "refund" if is_refund else "purchase"
        if len(lines) == 1 and set(lines[0]) == {"quantity", "amount"} and "quantity" not in first:
            # Nothing but a sum: a purchase without lines.
            made["amount"] = abs(lines[0]["amount"]) if is_refund else lines[0]["amount"]
        else:
            negate = is_refund and _total(lines) < 0
            made["lines"] = [_as_input(line, negate=negate) for line in lines]
        made["occurred_at"] = min(times)
        made["source"] = first.get("source", self._policy.source)
        made["external_id"] = first["invoice"]
        made["create_products"] = True
        if is_refund and "refund_of" in first:
            made["about_external_id"] = first["refund_of"]
        if "channel" in first:
            made["channel"] = first["channel"]
        made["_"]["name"] = first.get("customer_name")
        unit.values = made

    def _payload(self, unit: Built, read: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Return the details of all rows of an invoice; a row that says something else than one before is refused."""
        found: dict[str, Any] = {}
        for row, values in zip(unit.rows, read, strict=True):
            said = values.get("payload")
            details = [(name, "payload", value) for name, value in said.items()] if isinstance(said, dict) else []
            details += [(name[8:], name, value) for name, value in values.items() if name.startswith("payload.")]
            for name, field, value in details:
                if found.setdefault(name, value) == value:
                    continue
                column = self._column_of.get(field)
                text = _('The invoice has another value on line {line}: "{other}".')
                hint = _("Correct it, or ignore the column with --map {column}=.")
                unit.by_row[row.index] = [
                    problem(
                        text,
                        field=column,
                        value=value,
                        hint=hint,
                        line=unit.rows[0].line,
                        other=found[name],
                        column=column,
                    )
                ]
        return found

    def _line(self, row: Row, values: Mapping[str, Any], unit: Built) -> dict[str, Any]:
        amount, price = values.get("amount"), values.get("unit_price")
        if amount is None and price is None:
            wrong = problem(
                _("The line has neither a price nor an amount."),
                field=self._column_of.get("unit_price") or self._column_of.get("amount"),
            )
            unit.by_row[row.index] = [wrong]
        line: dict[str, Any] = {"quantity": values.get("quantity", Decimal(1)), "currencies": set()}
        for name, value in (("amount", amount), ("unit_price", price)):
            if isinstance(value, Amount):
                line[name] = value.number
                if value.currency:
                    line["currencies"].add(value.currency)
        for name in ("sku", "description"):
            if name in values:
                line[name] = values[name]
        return line

    def _drop_totals(self, lines: Sequence[dict[str, Any]], unit: Built) -> None:
        """Tell amounts of lines from an amount of the whole invoice, on its first row or on each, and leave that out.

        An invoice whose lines come to something else is refused: nobody can tell what was paid for each.
        """
        if len(lines) == 1 or self._converter.exact or any("unit_price" not in line for line in lines):
            return
        products = [line["quantity"] * line["unit_price"] for line in lines]
        stated = [line.get("amount") for line in lines]
        total = stated[0]
        if total is None or total == products[0]:
            return
        on_first = all(amount is None for amount in stated[1:])
        on_each = len(set(stated)) == 1 and abs(total) > max(map(abs, products))
        if not (on_first or on_each):
            return
        if total == sum(products):
            for line in lines:
                line.pop("amount", None)
            return
        column = self._column_of.get("amount")
        unit.by_row[unit.rows[0].index] = [
            problem(
                _("This seems to be the amount of the whole invoice, but its lines come to {total}."),
                field=column,
                value=total,
                hint=_("Correct it, or ignore the column with --map {column}=."),
                total=sum(products),
                column=column,
            )
        ]

    def _name_currency(self, made: dict[str, Any], lines: Sequence[dict[str, Any]], unit: Built) -> None:
        named = {currency for line in lines for currency in line.pop("currencies")}
        if made.get("currency"):
            named.add(made["currency"])
        if len(named) > 1:
            text = _("The invoice names several currencies: {currencies}.")
            unit.by_row[unit.rows[0].index] = [problem(text, currencies=", ".join(sorted(named)))]
            return
        currency = next(iter(named), self._currency)
        if currency is not None:
            made["currency"] = currency

    def _is_refund(self, first: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> bool:
        said = plain(str(first.get("kind", ""))).casefold()
        if said in _REFUNDS:
            return True
        total = _total(lines)
        return total < 0 or (not total and said not in _PURCHASES and all(line["quantity"] < 0 for line in lines))


def _is_payload(name: str) -> bool:
    return name == "payload" or name.startswith("payload.")


def _total(lines: Sequence[Mapping[str, Any]]) -> Decimal:
    return sum((_amount(line) for line in lines), Decimal(0))


def _amount(line: Mapping[str, Any]) -> Decimal:
    amount = line.get("amount")
    return amount if amount is not None else line["quantity"] * line.get("unit_price", Decimal(0))


def _as_input(line: dict[str, Any], *, negate: bool) -> dict[str, Any]:
    """Return a line as the operation takes it; a refund's are positive."""
    if negate:
        if line.get("amount") is not None:
            line["amount"] = -line["amount"]
        if line["quantity"] < 0 or line.get("unit_price") is None:
            line["quantity"] = abs(line["quantity"])
        elif line.get("amount") is None or line["unit_price"] < 0:
            line["unit_price"] = -line["unit_price"]
    return line
