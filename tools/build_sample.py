"""Build the packaged sample (crmkit/demo/data) from the published data set; only maintainers need it.

    python tools/build_sample.py online_retail_2010_2011.csv.xz [crmkit/demo/data/online-retail.columns.xz]

The source is the table "Online Retail" of the UCI Machine Learning Repository as CSV, plain or xz-compressed, with its
own headings (InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerID, Country) and times as
``YYYY-MM-DD HH:MM:SS``. The result is the same byte for byte on each run.
"""

from __future__ import annotations

import argparse
import csv
import io
import lzma
import sys
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from crmkit.demo.columns import pack

TARGET = Path(__file__).resolve().parent.parent / "crmkit" / "demo" / "data" / "online-retail.columns.xz"

Row = dict[str, str]


def read_rows(path: Path) -> list[Row]:
    """Return the rows of the source that belong to a customer, in the source's order."""
    content = path.read_bytes()
    if content[:6] == b"\xfd7zXZ\x00":
        content = lzma.decompress(content)
    reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    return [row for row in reader if row["CustomerID"]]


def build(rows: Iterable[Row]) -> bytes:
    """Return the packed sample made of rows that belong to a customer.

    Raises ValueError when an invoice has two customers or countries or a number or time of another form, OverflowError
    when a number is too large for its column.
    """
    invoices: dict[str, list[Row]] = defaultdict(list)
    descriptions: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        invoices[row["InvoiceNo"]].append(row)
        descriptions[row["StockCode"]][" ".join(row["Description"].split())] += 1
    ordered = sorted(invoices.values(), key=lambda lines: min(_time(line) for line in lines))

    skus = sorted(descriptions)
    countries = sorted({lines[0]["Country"] for lines in ordered})
    offers = sorted({(line["StockCode"], line["UnitPrice"]) for lines in ordered for line in lines})
    prices = sorted({price for _, price in offers}, key=lambda price: (float(price), price))
    numbers = {
        "sku": {sku: at for at, sku in enumerate(skus)},
        "price": {price: at for at, price in enumerate(prices)},
        "country": {country: at for at, country in enumerate(countries)},
    }
    offer_numbers = {offer: at for at, offer in enumerate(offers)}

    start = min(_time(line) for line in ordered[0])
    columns = {
        "offer_sku": array("H", [numbers["sku"][sku] for sku, _ in offers]),
        "offer_price": array("H", [numbers["price"][price] for _, price in offers]),
        "invoice_number": array("I"),
        "invoice_cancelled": array("B"),
        "invoice_minutes": array("I"),
        "invoice_customer": array("H"),
        "invoice_country": array("B"),
        "invoice_lines": array("H"),
        "line_offer": array("H"),
        "line_quantity": array("i"),
    }
    previous = start
    for lines in ordered:
        name = lines[0]["InvoiceNo"]
        if len({(line["CustomerID"], line["Country"]) for line in lines}) != 1:
            raise ValueError(f"invoice {name} has more than one customer or country")
        number = name.removeprefix("C")
        if not (number.isascii() and number.isdigit()) or number[0] == "0":
            raise ValueError(f"invoice {name} is not a number with or without a leading C")
        time = min(_time(line) for line in lines)
        columns["invoice_number"].append(int(number))
        columns["invoice_cancelled"].append(int(name.startswith("C")))
        columns["invoice_minutes"].append(int((time - previous).total_seconds()) // 60)
        columns["invoice_customer"].append(int(lines[0]["CustomerID"]))
        columns["invoice_country"].append(numbers["country"][lines[0]["Country"]])
        columns["invoice_lines"].append(len(lines))
        columns["line_offer"].extend(offer_numbers[line["StockCode"], line["UnitPrice"]] for line in lines)
        columns["line_quantity"].extend(int(line["Quantity"]) for line in lines)
        previous = time

    header = {
        "source": "Online Retail, Daqing Chen, UCI Machine Learning Repository, CC BY 4.0",
        "start": start.isoformat(),
        "countries": countries,
        "prices": prices,
        "products": {sku: _most_frequent(descriptions[sku]) for sku in skus},
    }
    return pack(header, columns)


def _time(row: Row) -> datetime:
    # Local times of the shop, which the reader of the sample places in Europe/London.
    time = datetime.fromisoformat(row["InvoiceDate"])
    if time.second:
        raise ValueError(f"invoice {row['InvoiceNo']} has a time with seconds, the form keeps minutes")
    return time


def _most_frequent(counted: Counter[str]) -> str:
    # The alphabet decides ties, so that the order of the source's rows does not matter.
    named = [(-count, text) for text, count in counted.items() if text]
    return min(named)[1] if named else ""


def main(arguments: list[str] | None = None) -> int:
    """Read the source, write the sample, print its size; returns the exit code."""
    parser = argparse.ArgumentParser(description="Build crmkit's packaged sample from the published data set.")
    parser.add_argument("source", type=Path, help="the data set as CSV, plain or xz")
    parser.add_argument("target", type=Path, nargs="?", default=TARGET, help="the file to write")
    chosen = parser.parse_args(arguments)
    try:
        packed = build(read_rows(chosen.source))
    except (OSError, ValueError, OverflowError, KeyError, lzma.LZMAError) as error:
        print(f"{chosen.source} is not usable: {error}", file=sys.stderr)
        return 1
    chosen.target.write_bytes(packed)
    print(f"{chosen.target}: {len(packed):,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
