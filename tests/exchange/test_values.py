"""Texts become values; what is open is decided by the column or refused with a hint."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from crmkit.exchange.guesses import DateFormatGuess, DecimalMarkGuess, infer_type
from crmkit.exchange.readers import open_rows
from crmkit.exchange.values import (
    Amount,
    BadValue,
    parse_boolean,
    parse_date,
    parse_decimal,
    parse_instant,
    parse_integer,
    parse_list,
    parse_money,
)


@pytest.mark.parametrize(
    ("text", "mark", "expected"),
    [
        ("1,234.56", None, "1234.56"),
        ("1.234,56", None, "1234.56"),
        ("1 234,56", None, "1234.56"),
        ("1\u00a0234\u202f567,5", None, "1234567.5"),
        ("1'234.50", None, "1234.50"),
        ("1,234,567", None, "1234567"),
        ("1.234.567", None, "1234567"),
        ("1,234", ".", "1234"),
        ("1,234", ",", "1.234"),
        ("1.234", ",", "1234"),
        ("1.234", ".", "1.234"),
        ("12,5", None, "12.5"),
        ("0,125", None, "0.125"),
        ("１２３．５", None, "123.5"),
        ("−5", None, "-5"),
        ("(5.50)", None, "-5.50"),
        ("500000.0", None, "500000.0"),
        ("1.5E3", None, "1500"),
        ("+7", None, "7"),
        ("1,23,456.7", None, "123456.7"),
        (".5", None, "0.5"),
    ],
)
def test_decimals(text: str, mark: str | None, expected: str) -> None:
    """Points, commas, spaces, apostrophes and full-width digits; the column's mark settles the open ones."""
    assert Decimal(expected) == parse_decimal(text, mark=mark)


@pytest.mark.parametrize(
    "text",
    [
        "1,234",
        "1.234",
        "",
        "abc",
        "1.2.3",
        "1,2,3",
        "--5",
        "1 2",
        "1e999999",
        "9" * 50,
        "NaN",
        "Infinity",
        "5²",
        "①",
        "½",
    ],
)
def test_what_is_no_number_is_refused(text: str) -> None:
    """The refusal says what would be right."""
    with pytest.raises(BadValue) as caught:
        parse_decimal(text)
    assert caught.value.problem.hint


def test_a_number_against_its_column_is_refused() -> None:
    """A decimal point in a column of decimal commas is not guessed at."""
    with pytest.raises(BadValue, match="another decimal mark"):
        parse_decimal("12.5", mark=",")


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15, places=2))
def test_every_usual_way_to_write_a_number_is_read(number: Decimal) -> None:
    """English, German and French writing of the same number give it back."""
    english = f"{number:,.2f}"
    german = english.translate(str.maketrans(",.", ".,"))
    for text, mark in ((english, "."), (german, ","), (german.replace(".", "\u202f"), ","), (str(number), ".")):
        assert number == parse_decimal(text, mark=mark)


def test_integers() -> None:
    """Whole numbers, also written with a fraction of zero."""
    assert [parse_integer("12.0"), parse_integer("1,234,567"), parse_integer("-3")] == [12, 1234567, -3]
    with pytest.raises(BadValue, match="not a whole number"):
        parse_integer("12.5")


def test_booleans() -> None:
    """Words of several languages in any case; other words are refused."""
    assert {True} == {parse_boolean(text) for text in ("yes", "TRUE", "是", "1", "x", " Y ", "Ｙ", "on", "Ja")}
    assert {False} == {parse_boolean(text) for text in ("no", "False", "否", "0", "n", "off")}
    for text in ("maybe", "", "2"):
        with pytest.raises(BadValue, match="neither yes nor no"):
            parse_boolean(text)


@pytest.mark.parametrize(
    ("text", "currency", "expected"),
    [
        ("€ 1.234,50", None, Amount(Decimal("1234.50"), "EUR")),
        ("1.234,50 €", None, Amount(Decimal("1234.50"), "EUR")),
        ("USD 12", None, Amount(Decimal(12), "USD")),
        ("12 chf", None, Amount(Decimal(12), "CHF")),
        ("12元", None, Amount(Decimal(12), "CNY")),
        ("￥99", None, Amount(Decimal(99), "CNY")),
        ("-¥5", "JPY", Amount(Decimal(-5), "JPY")),
        ("(£3.20)", None, Amount(Decimal("-3.20"), "GBP")),
        ("HK$10", "USD", Amount(Decimal(10), "HKD")),
        ("$-5", "USD", Amount(Decimal(-5), "USD")),
        ("5", "EUR", Amount(Decimal(5), "EUR")),
        ("5", None, Amount(Decimal(5), None)),
    ],
)
def test_money(text: str, currency: str | None, expected: Amount) -> None:
    """Signs and codes before and after; a shared sign is settled by the column's currency."""
    assert expected == parse_money(text, currency=currency)


@pytest.mark.parametrize(
    ("text", "said"), [("$5", "several currencies"), ("5 QQQ", "no currency QQQ"), ("EUR", "not a number")]
)
def test_money_that_is_refused(text: str, said: str) -> None:
    """Nothing is guessed about currencies."""
    with pytest.raises(BadValue, match=said):
        parse_money(text)


def test_lists() -> None:
    """Parts are trimmed, empty ones dropped, full-width separators count."""
    assert parse_list(" a; b c ;；d;") == ("a", "b c", "d")
    assert parse_list("a,b、c", separator=",") == ("a", "b", "c")


@pytest.mark.parametrize(
    ("text", "order", "expected"),
    [
        ("2024-12-31", None, date(2024, 12, 31)),
        ("2006-04-15T03:23:15.000Z", None, date(2006, 4, 15)),
        ("2010-10-14T00:00:00.000", None, date(2010, 10, 14)),
        ("31.12.2024", None, date(2024, 12, 31)),
        ("03.04.2024", None, date(2024, 4, 3)),
        ("31/12/2024", None, date(2024, 12, 31)),
        ("12/31/2024", None, date(2024, 12, 31)),
        ("03/04/2024", "DMY", date(2024, 4, 3)),
        ("03/04/2024", "MDY", date(2024, 3, 4)),
        ("04/04/2024", None, date(2024, 4, 4)),
        ("2010年12月1日", None, date(2010, 12, 1)),
        ("２０１０年１２月１日", None, date(2010, 12, 1)),
        ("2024/1/5", None, date(2024, 1, 5)),
        ("20241231", None, date(2024, 12, 31)),
    ],
)
def test_dates(text: str, order: str | None, expected: date) -> None:
    """Dates as programs and people write them."""
    assert expected == parse_date(text, order=order)


@pytest.mark.parametrize(
    ("text", "order", "said"),
    [
        ("03/04/2024", None, "--date-order"),
        ("45292", None, "serial number"),
        ("31/12/24", None, "year of four digits"),
        ("2024-02-30", None, "no day"),
        ("13/13/2024", None, "no day"),
        ("12/31/2024", "DMY", "no day"),
        ("soon", None, "not a date"),
        ("", None, "not a date"),
        ("2024-1-1-1", None, "not a date"),
        ("0000-01-01", None, "no day"),
    ],
)
def test_dates_that_are_refused(text: str, order: str | None, said: str) -> None:
    """A refusal names the reason and what would be right."""
    with pytest.raises(BadValue, match=said):
        parse_date(text, order=order)


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("2006-04-15T03:23:15.000Z", "UTC", datetime(2006, 4, 15, 3, 23, 15, tzinfo=UTC)),
        ("2024-07-01 08:30", "Europe/Berlin", datetime(2024, 7, 1, 6, 30, tzinfo=UTC)),
        ("2024-07-01T08:30:00+08:00", "Europe/Berlin", datetime(2024, 7, 1, 0, 30, tzinfo=UTC)),
        ("2024-07-01T08:30:00-0300", "UTC", datetime(2024, 7, 1, 11, 30, tzinfo=UTC)),
        ("7/13/2024 2:05 PM", "UTC", datetime(2024, 7, 13, 14, 5, tzinfo=UTC)),
        ("2010年12月1日 08:00", "Asia/Shanghai", datetime(2010, 12, 1, 0, 0, tzinfo=UTC)),
        ("2024-07-01 08:30:00 UTC", "Asia/Shanghai", datetime(2024, 7, 1, 8, 30, tzinfo=UTC)),
        ("2024-07-01 08:30:00 GMT+02:00", "UTC", datetime(2024, 7, 1, 6, 30, tzinfo=UTC)),
    ],
)
def test_instants(text: str, zone: str, expected: datetime) -> None:
    """Times with a zone, and clock times read in the given one."""
    assert expected == parse_instant(text, zone=zone)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2010-10-14T12:00:00.000Z-0300", "two time zones: Z and -0300"),
        ("2010-10-14T12:00:00+02:00Z", "two time zones"),
        ("2024-03-31 02:30", "never showed"),
        ("2024-07-01 25:00", "no valid time"),
        ("2024-07-01 12:00 Mars", "unknown time zone"),
        ("2024-07-01", "no time of day"),
        ("03/04/2024 12:00", "--date-order"),
        ("9999-12-31T23:59:59-14:00", "no day"),
    ],
)
def test_instants_that_are_refused(text: str, said: str) -> None:
    """Two zone marks, skipped hours and impossible times are never guessed at."""
    with pytest.raises(BadValue, match=said):
        parse_instant(text, zone="Europe/Berlin")


def test_the_sample_with_two_zone_marks_is_refused(data: Path) -> None:
    """Every row of the sample is refused in DATE; DATE_ONLY is read."""
    source = open_rows(data / "import-samples" / "dateWithTimeZone.csv")
    for row in source:
        cells = source.mapping(row)
        with pytest.raises(BadValue, match="Z and -0300"):
            parse_instant(str(cells["DATE"]))
        assert date(2010, 10, 14) == parse_date(str(cells["DATE_ONLY"]))


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1)), st.sampled_from(["DMY", "MDY"]))
def test_written_dates_are_read(instant: datetime, order: str) -> None:
    """Every date comes back in either order, and every instant from its ISO form."""
    pattern = "%d/%m/%Y" if order == "DMY" else "%m/%d/%Y"
    assert instant.date() == parse_date(instant.strftime(pattern), order=order)
    assert instant.replace(tzinfo=UTC) == parse_instant(instant.replace(tzinfo=UTC).isoformat())


@given(st.text(max_size=20))
def test_no_text_gives_a_traceback(text: str) -> None:
    """Whatever the text, there is a value or a refusal."""
    for parse in (parse_decimal, parse_integer, parse_boolean, parse_money, parse_date, parse_instant):
        try:
            parse(text)
        except BadValue:
            continue
    infer_type([text])


def test_a_column_settles_the_order_of_its_dates() -> None:
    """One date beyond the twelfth decides; contradictions and lack of evidence are refused with a hint."""
    guess = DateFormatGuess()
    guess.feed("03/04/2024")
    assert (guess.order, "--date-order" in guess.problem.render()) == (None, True)
    guess.feed("03/25/2024")
    assert (guess.order, guess.problem) == ("MDY", None)
    guess.feed("25/03/2024")
    assert (guess.order, "others with the month" in guess.problem.render()) == (None, True)


def test_a_column_settles_its_decimal_mark() -> None:
    """One number with a plain fraction decides for all."""
    guess = DecimalMarkGuess()
    guess.feed("1,234")
    assert (guess.mark, guess.problem is not None) == (None, True)
    guess.feed("12,50 €")
    assert (guess.mark, guess.problem) == (",", None)


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        (["1", "22", "", "-3"], "integer"),
        (["1.5", "2"], "decimal"),
        (["1,5", "2,75"], "decimal"),
        (["1,234", "5,678"], "text"),
        (["1.234", "5.678"], "text"),
        (["1.234", "0.5"], "decimal"),
        (["00123", "45678"], "text"),
        (["01234", "98765"], "text"),
        (["110101199003074578", "11010119900307457X"], "text"),
        (["110101199003074578"], "text"),
        (["+8613800001111"], "text"),
        (["yes", "no", ""], "boolean"),
        (["true", "FALSE"], "boolean"),
        (["0", "1"], "integer"),
        (["是", "否"], "boolean"),
        (["2024-01-02", "2024-12-31"], "date"),
        (["03/04/2024", "25/12/2024"], "date"),
        (["03.04.2024"], "date"),
        (["03/04/2024"], "text"),
        (["2024-01-02T03:04:05Z"], "instant"),
        (["2010-10-14T12:00:00.000Z-0300"], "text"),
        (["001x0000002xLCVAA2"], "text"),
        (["", " "], "text"),
        ([], "text"),
        (["Ann", "5"], "text"),
        (["1.2.3"], "text"),
    ],
)
def test_the_type_of_a_column(samples: list[str], expected: str) -> None:
    """A column is what all its cells are; nothing that would come back different becomes a number."""
    assert expected == infer_type(samples)


HANG = 60.0
"""Seconds that only a parser whose work grows with the square of a cell would take."""


def test_hostile_cells_are_refused_at_once() -> None:
    """Cells of a mebibyte are refused without trying every split of them, and cutting them never makes them valid."""
    began = time.perf_counter()
    for text in ("1" + " " * 10**6 + "x", "1," * 500000, "2024-01-01" + " " * 300 + "12:00", "9" * 10**6):
        for parse in (parse_decimal, parse_boolean, parse_money, parse_date, parse_instant):
            with pytest.raises(BadValue):
                parse(text)
        assert infer_type([text]) == "text"
    assert time.perf_counter() - began < HANG
