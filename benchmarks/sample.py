"""Files of invented customers and interactions, the same in every run."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

FAMILY = (
    "Smith",
    "Jones",
    "Taylor",
    "Brown",
    "Wilson",
    "Evans",
    "Thomas",
    "Johnson",
    "Roberts",
    "王",
    "李",
    "张",
    "刘",
)
GIVEN = ("Anna", "Ben", "Clara", "David", "Emma", "Frank", "Grace", "Henry", "Iris", "Jack", "娜", "伟", "芳")
CITIES = ("London", "Leeds", "Bristol", "上海", "杭州", "Glasgow", "York", "Bath")
SOURCES = ("web", "shop", "fair", "referral")
HEADINGS = ("external_id", "family_name", "given_name", "email", "phone", "city", "country", "source")


def customer(number: int) -> dict[str, str]:
    """Return one invented customer as texts."""
    return {
        "external_id": f"C{number:07d}",
        "family_name": FAMILY[number % len(FAMILY)],
        "given_name": GIVEN[number // len(FAMILY) % len(GIVEN)],
        "email": f"customer{number}@example.com",
        "phone": f"+4479{number % 90_000_000 + 10_000_000:08d}"[:13],
        "city": CITIES[number % len(CITIES)],
        "country": "GB",
        "source": SOURCES[number % len(SOURCES)],
    }


def write_customers(path: Path, rows: int) -> None:
    """Write a file of customers."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, HEADINGS)
        writer.writeheader()
        writer.writerows(customer(number) for number in range(rows))


def write_interactions(path: Path, rows: int, customers: int) -> None:
    """Write a file of calls and mails of those customers."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("external_id", "kind", "customer", "occurred_at", "subject", "outcome"))
        for number in range(rows):
            at = start + timedelta(seconds=number * 37)
            kind = "call" if number % 2 else "email"
            writer.writerow(
                (f"I{number:08d}", kind, f"C{number % customers:07d}", at.isoformat(), f"About order {number}", "done")
            )
