"""Points from files: opening balances of another system, and points for many at once."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from crmkit_loyalty.ledger.models import Lot
from sqlalchemy import select

from crmkit import InvalidInput, NotFound
from tests.cli.conftest import Crmkit
from tests.plugins.loyalty.shop import Shop
from tests.plugins.loyalty.test_commands import available, crmkit, pristine, with_loyalty

__all__ = ["crmkit", "pristine", "with_loyalty"]


def taken(shop: Shop, **values: Any) -> Any:
    """Take points over for Wang Lin."""
    given = {"customer_id": shop.customer(), "points": 120, "external_source": "old", "external_id": "7", **values}
    return shop.run("loyalty.grant.import", given)


def test_a_lot_keeps_its_day_and_when_it_was_earned(both: Shop) -> None:
    earned = datetime(2026, 6, 1, 4, tzinfo=UTC)
    taken(both, earned_at=earned, good_through=date(2027, 5, 31), reason="the old shop")
    (lot,) = both.lots()
    assert (lot.points, lot.left, lot.source, lot.earned_at) == (120, 120, "import", earned)
    assert lot.expires_at == datetime(2027, 5, 31, 16, tzinfo=UTC), "the first instant of June in Shanghai"
    assert both.agrees()


def test_a_row_is_taken_once(both: Shop) -> None:
    assert taken(both).id == taken(both, points=500).id
    assert both.balance() == 120
    taken(both, external_source="older")
    taken(both, external_id=None)
    assert both.balance() == 360


def test_without_a_day_the_kind_of_points_says_when_they_expire(shop: Shop) -> None:
    taken(shop, earned_at=datetime(2026, 6, 1, 4, tzinfo=UTC))
    (lot,) = shop.lots()
    assert lot.expires_at == datetime(2028, 6, 1, 16, tzinfo=UTC)


def test_the_day_of_a_lot_is_kept_where_expiry_follows_activity(shop: Shop) -> None:
    with shop.crm.session(shop.actor) as session:
        from crmkit_loyalty.programs.finding import program_named, types_of

        kind = types_of(session, program_named(session).id)[0].id
    shop.run("loyalty.point_type.update", {"expiry": "sliding"}, target=kind)
    taken(shop, good_through=date(2027, 4, 1))
    assert [each.expires_at for each in shop.lots()] == [datetime(2027, 4, 1, 16, tzinfo=UTC)]


def test_who_does_not_take_part_joins(shop: Shop) -> None:
    ada = shop.run("customer.create", {"name": "Ada"}).id
    taken(shop, customer_id=ada)
    with shop.crm.session(shop.actor) as session:
        assert list(session.scalars(select(Lot.points).where(Lot.customer_id == ada))) == [120]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"good_through": date(2027, 2, 28)}, "The time of these points is over."),
        ({"earned_at": datetime(2020, 1, 1, tzinfo=UTC)}, "The time of these points is over."),
        ({"earned_at": datetime(2028, 1, 1, tzinfo=UTC)}, "This is in the future."),
        ({"points": 0}, "1"),
    ],
)
def test_what_cannot_be_is_refused(shop: Shop, values: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        taken(shop, **values)
    assert said in refused.value.render()
    assert shop.lots() == []


def test_what_there_is_not_is_said(shop: Shop) -> None:
    with pytest.raises(NotFound):
        taken(shop, program="clubb")
    with pytest.raises(NotFound):
        taken(shop, point_type="stars")


def test_points_that_were_taken_over_expire_on_their_day(shop: Shop) -> None:
    taken(shop, good_through=date(2027, 3, 31))
    taken(shop, external_id="8", points=30, good_through=date(2027, 4, 1))
    shop.clock.set(datetime(2027, 3, 31, 16, tzinfo=UTC))
    shop.tick()
    assert shop.balance() == 30
    assert shop.agrees()


ROWS = "编号,email,积分,有效期至,备注\n1,ada@example.com,50,2090-01-31,旧系统\n2,ada@example.com,20,2090-06-30,\n"


def test_a_file_is_taken_once_whatever_its_language(crmkit: Crmkit, tmp_path: Path) -> None:
    crmkit.ok("customer", "add", "name=Bo", "email=ada@example.com")
    file = tmp_path / "points.csv"
    file.write_text(ROWS, "utf-8")
    command = ("import", str(file), "--as", "loyalty.grant", "--source", "old", "--yes", "--json")
    first = crmkit.ok(*command).json
    assert (first["created"], first["duplicates"], first["rejected"]) == (2, 0, 0)
    again = crmkit.ok(*command, "--again").json
    assert (again["created"], again["duplicates"], again["rejected"]) == (0, 2, 0)
    (row,) = crmkit.json("loyalty", "balance", "Bo")["items"]
    assert (row["available"], row["expiring"]) == (70, 50)
    assert row["expires_at"].startswith("2090-01-31T16:00")
    crmkit.ok("loyalty", "verify")


def test_bad_rows_are_named_and_the_others_taken(crmkit: Crmkit, tmp_path: Path) -> None:
    rows = [
        {"id": "1", "customer_name": "Ada", "points": 5},
        {"id": "2", "customer_name": "Ada", "points": -5},
        {"id": "3", "customer_name": "Nobody", "points": 5},
        {"id": "4", "customer_name": "Ada", "points": 5, "expires": "2001-01-01"},
        {"id": "5", "customer_name": "Ada", "points": 5, "type": "stars"},
        {"id": "6", "customer_name": "Ada"},
    ]
    file = tmp_path / "bad.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    done = crmkit("import", str(file), "--as", "loyalty.grant", "--source", "old", "--yes")
    assert done.code == 8
    assert available(crmkit) == 105
    rejected = [json.loads(line) for line in (tmp_path / "bad.rejected.jsonl").read_text("utf-8").splitlines()]
    assert [each["id"] for each in rejected] == ["2", "3", "4", "5", "6"]
    told = [json.dumps(each, ensure_ascii=False) for each in rejected]
    for text, found in zip(
        ("points", "No customer is known", "time of these points is over", "stars", "This is required."),
        told,
        strict=True,
    ):
        assert text in found
