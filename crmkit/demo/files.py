"""The sample as import files, in the shape that a shop's export would have.

It exists so that the demonstration goes through the same importers as a customer's own files. It must not know the
importers or databases. All files are CSV in UTF-8 with a heading line; times are ISO 8601 in UTC, money is in pounds.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import attrs

from crmkit.demo import dataset
from crmkit.demo.names import InventedCustomer, invent

CUSTOMER_HEADINGS = (
    "external_id",
    "kind",
    "standing",
    "name",
    "family_name",
    "given_name",
    "custom.contact_person",
    "email",
    "phone",
    "birth_date",
    "gender",
    "occupation",
    "language",
    "city",
    "province",
    "country",
    "industry",
    "size",
    "interests",
    "source",
)
PURCHASE_HEADINGS = ("invoice", "occurred_at", "customer", "sku", "quantity", "unit_price", "currency")
REFUND_HEADINGS = (*PURCHASE_HEADINGS, "refund_of")
PRODUCT_HEADINGS = ("sku", "title", "category", "category_title", "category_title_zh", "kind")


def write_customers_csv(path: str | os.PathLike[str]) -> int:
    """Write all customers of the sample under invented names and return how many.

    One line a customer, ascending by number. The headings are the fields of a customer; ``interests`` are separated by
    semicolons, ``external_id`` is the number and ``custom.contact_person`` a custom field. Raises OSError when the file
    cannot be written.
    """
    return _write(path, CUSTOMER_HEADINGS, (_customer_row(one) for one in invented_customers()))


def write_purchases_csv(path: str | os.PathLike[str]) -> int:
    """Write all sales of the sample, one line of the file for each line of an invoice, and return how many lines.

    Cancellations are not among them: see `write_refunds_csv`. Raises OSError when the file cannot be written.
    """
    return _write(path, PURCHASE_HEADINGS, _purchase_rows(cancelled=False))


def write_refunds_csv(path: str | os.PathLike[str]) -> int:
    """Write all cancellations of the sample in the headings of the purchases and return how many lines.

    ``invoice`` begins with C and ``quantity`` is negative, as published; ``refund_of`` is the invoice that it most
    likely cancels. Raises OSError when the file cannot be written.
    """
    origins = dataset.origins()
    rows = ((*row, origins.get(str(row[0]), "")) for row in _purchase_rows(cancelled=True))
    return _write(path, REFUND_HEADINGS, rows)


def write_products_csv(path: str | os.PathLike[str]) -> int:
    """Write all products of the sample with category and kind (main or addon) and return how many.

    Raises OSError when the file cannot be written.
    """
    rows = (
        (one.sku, one.title, one.category.code, one.category.title, one.category.title_zh, one.kind)
        for one in dataset.products().values()
    )
    return _write(path, PRODUCT_HEADINGS, rows)


def invented_customers() -> Iterator[InventedCustomer]:
    """Yield the invented customer behind each customer number of the sample, ascending by number."""
    return (invent(number, country) for number, country in dataset.customers().items())


def _customer_row(one: InventedCustomer) -> list[str]:
    values = attrs.asdict(one, recurse=False)
    values["external_id"] = one.customer
    values["standing"] = "customer"
    values["custom.contact_person"] = one.contact_name
    values["interests"] = ";".join(one.interests)
    return ["" if values[heading] is None else str(values[heading]) for heading in CUSTOMER_HEADINGS]


def _purchase_rows(*, cancelled: bool) -> Iterator[Sequence[object]]:
    for purchase in dataset.purchases():
        if purchase.cancelled is cancelled:
            occurred_at = purchase.occurred_at.isoformat()
            for line in purchase.lines:
                yield (
                    purchase.invoice,
                    occurred_at,
                    purchase.customer,
                    line.sku,
                    line.quantity,
                    line.unit_price,
                    dataset.CURRENCY,
                )


def _write(path: str | os.PathLike[str], headings: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    count = 0
    with Path(path).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(headings)
        for row in rows:
            writer.writerow(row)
            count += 1
    return count
