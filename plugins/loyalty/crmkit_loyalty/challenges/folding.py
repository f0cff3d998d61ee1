"""How far somebody is in a challenge: a fold over days and amounts, the same in whatever order they come.

Days are calendar days, already in the company's zone, so that nothing here knows clocks. A week begins on Monday.
Must not know the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal

from attrs import frozen

MONTHS = {"month": 1, "quarter": 3, "year": 12}
"""Months that a period has."""
_FIRST_MONDAY = date(1, 1, 1).toordinal()


@frozen(kw_only=True)
class Task:
    """What has to be done: see `Challenge` for what the fields mean."""

    kind: str
    target: Decimal
    window: str = "whole"
    unit: str = "day"
    per_unit: int = 1
    again: bool = True


@frozen(kw_only=True)
class Done:
    """That it was done: in which period, on which day."""

    period: str
    day: date


@frozen(kw_only=True)
class Progress:
    """How far it has come: what was done so far, what the running period or row has, and the last day on which that
    still counts, None for no end."""

    done: tuple[Done, ...]
    value: Decimal
    through: date | None


def fold(task: Task, happened: Iterable[tuple[date, Decimal]], today: date) -> Progress:
    """Return how far somebody has come on a day who did this on these days, each with its amount."""
    rows = sorted(happened)
    return _streak(task, rows, today) if task.kind == "streak" else _periods(task, rows, today)


def period_of(day: date, window: str) -> str:
    """Return the name of the period of a day: 2027-03-31, 2027-W13, 2027-03, 2027-Q1, 2027, or "whole"."""
    if window == "day":
        return day.isoformat()
    if window == "week":
        year, week, _day = day.isocalendar()
        return f"{year:04}-W{week:02}"
    if window == "month":
        return f"{day.year:04}-{day.month:02}"
    if window == "quarter":
        return f"{day.year:04}-Q{(day.month + 2) // 3}"
    return f"{day.year:04}" if window == "year" else "whole"


def last_of(day: date, window: str) -> date | None:
    """Return the last day of the period of a day, None for "whole"."""
    if window == "day":
        return day
    if window == "week":
        return day + timedelta(days=7 - day.isoweekday())
    length = MONTHS.get(window)
    return None if length is None else _month_end(day.year * 12 + (day.month - 1) // length * length + length - 1)


def unit_of(day: date, unit: str) -> int:
    """Return the number of the day, week or month of a day: of what follows each other they differ by one."""
    if unit == "month":
        return day.year * 12 + day.month - 1
    return (day.toordinal() - _FIRST_MONDAY) // 7 if unit == "week" else day.toordinal()


def unit_end(number: int, unit: str) -> date:
    """Return the last day of the day, week or month of a number."""
    if unit == "month":
        return _month_end(number)
    return date.fromordinal(number * 7 + 6 + _FIRST_MONDAY if unit == "week" else number)


def runs(counts: Mapping[int, int], least: int) -> list[tuple[int, int]]:
    """Return the rows of units that follow each other and have at least so many, each with its first and last."""
    found: list[tuple[int, int]] = []
    for number in sorted(number for number, count in counts.items() if count >= least):
        if found and found[-1][1] == number - 1:
            found[-1] = found[-1][0], number
        else:
            found.append((number, number))
    return found


def _periods(task: Task, rows: list[tuple[date, Decimal]], today: date) -> Progress:
    sums: dict[str, Decimal] = {}
    done: list[Done] = []
    for day, amount in rows:
        period = period_of(day, task.window)
        before = sums.get(period, Decimal(0))
        sums[period] = before + (amount if task.kind == "sum" else 1)
        if before < task.target <= sums[period]:
            done.append(Done(period=period, day=day))
    return Progress(
        done=tuple(done),
        value=sums.get(period_of(today, task.window), Decimal(0)),
        through=last_of(today, task.window),
    )


def _streak(task: Task, rows: list[tuple[date, Decimal]], today: date) -> Progress:
    length = max(int(task.target), 1)
    counts: dict[int, int] = {}
    reached: dict[int, date] = {}
    for day, _amount in rows:
        number = unit_of(day, task.unit)
        counts[number] = counts.get(number, 0) + 1
        if counts[number] == task.per_unit:
            reached[number] = day
    found = runs(counts, task.per_unit)
    ends = [reached[end] for first, last in found for end in range(first + length - 1, last + 1, length)]
    ends = ends if task.again else ends[:1]
    now = unit_of(today, task.unit)
    running = next((run for run in reversed(found) if run[0] <= now), None)
    if running is None or running[1] < now - 1:
        return Progress(done=_numbered(ends), value=Decimal(0), through=unit_end(now, task.unit))
    last = min(running[1], now)
    value = Decimal(last - running[0] + 1)
    return Progress(done=_numbered(ends), value=value, through=unit_end(last + 1, task.unit))


def _numbered(days: Iterable[date]) -> tuple[Done, ...]:
    return tuple(Done(period=f"#{number}", day=day) for number, day in enumerate(days, 1))


def _month_end(number: int) -> date:
    year, month = divmod(number + 1, 12)
    return date(year, month + 1, 1) - timedelta(days=1)
