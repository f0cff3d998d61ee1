"""The functions that an expression may call: one table, from which the checks, the errors and the documentation come.

Must not know how an expression is parsed or executed.
"""

from __future__ import annotations

from crmkit.engines.expressions import calls, moments, operators as ops
from crmkit.engines.expressions.calls import ANY, EXACT, Function, Parameter
from crmkit.engines.expressions.plans import Special
from crmkit.engines.expressions.types import BOOLEAN, INTEGER, TEXT
from crmkit.i18n import texts

_ = texts("crmkit")

_WHEN = Parameter("when", ("date", "instant"))
_TEXT = Parameter("text", ("text",))
_PART = Parameter("part", ("text",))
_VALUE = Parameter("value", (*EXACT, "number"))

_FUNCTIONS = (
    Function(
        name="today",
        parameters=(),
        returns="date",
        doc=_("The calendar day of the evaluation, in the company's time zone."),
        build=lambda: calls.TODAY,
        words=_("today"),
    ),
    Function(
        name="now",
        parameters=(),
        returns="instant",
        doc=_("The instant of the evaluation."),
        build=lambda: calls.NOW,
        words=_("now"),
    ),
    Function(
        name="date",
        parameters=(Parameter("value", ("text", "instant", "date")),),
        returns="date",
        doc=_('A day that is written out, date("2026-01-31"); of an instant the day in the company\'s time zone.'),
        build=lambda value: value,
        words=_("the day {0}"),
    ),
    Function(
        name="instant",
        parameters=(Parameter("text", ("text",), written=True),),
        returns="instant",
        doc=_('An instant that is written out with its offset: instant("2026-01-31T18:00:00+08:00").'),
        build=lambda value: value,
        words=_("the instant {0}"),
    ),
    Function(
        name="duration",
        parameters=(Parameter("text", ("text",), written=True),),
        returns="duration",
        doc=_('A length of time in weeks, days, hours, minutes and seconds: duration("3d"), duration("1h30m").'),
        build=lambda value: value,
        words=_("a duration of {0}"),
    ),
    Function(
        name="days_since",
        parameters=(_WHEN,),
        returns="integer",
        doc=_("Calendar days from a day to today; of an instant its day in the company's time zone."),
        build=calls.since,
        words=_("days since {0}"),
    ),
    Function(
        name="days_until",
        parameters=(_WHEN,),
        returns="integer",
        doc=_("Calendar days from today to a day."),
        build=calls.until,
        words=_("days until {0}"),
    ),
    Function(
        name="months_since",
        parameters=(_WHEN,),
        returns="integer",
        doc=_("Complete months from a day to today."),
        build=calls.months_since,
        words=_("months since {0}"),
    ),
    Function(
        name="months_until",
        parameters=(_WHEN,),
        returns="integer",
        doc=_("Complete months from today to a day."),
        build=calls.months_until,
        words=_("months until {0}"),
    ),
    Function(
        name="years_since",
        parameters=(_WHEN,),
        returns="integer",
        doc=_("Complete years from a day to today; the age, of a date of birth."),
        build=calls.years_since,
        words=_("years since {0}"),
    ),
    Function(
        name="days_between",
        parameters=(Parameter("first", _WHEN.kinds), Parameter("second", _WHEN.kinds)),
        returns="integer",
        doc=_("Calendar days from the first day to the second."),
        build=calls.binary(moments.days_between, INTEGER),
        words=_("days from {0} to {1}"),
    ),
    Function(
        name="year",
        parameters=(_WHEN,),
        returns="integer",
        doc=_("The year of a day."),
        build=calls.unary(moments.year, INTEGER),
        words=_("the year of {0}"),
    ),
    Function(
        name="month",
        parameters=(_WHEN,),
        returns="integer",
        doc=_("The month of a day, 1 to 12."),
        build=calls.unary(moments.month, INTEGER),
        words=_("the month of {0}"),
    ),
    Function(
        name="day",
        parameters=(_WHEN,),
        returns="integer",
        doc=_("The day of the month, 1 to 31."),
        build=calls.unary(moments.day_of_month, INTEGER),
        words=_("the day of the month of {0}"),
    ),
    Function(
        name="weekday",
        parameters=(_WHEN,),
        returns="integer",
        doc=_("The day of the week: 1 is Monday, 7 Sunday."),
        build=calls.unary(moments.weekday, INTEGER),
        words=_("the weekday of {0}"),
    ),
    Function(
        name="hour",
        parameters=(Parameter("when", ("instant",)),),
        returns="integer",
        doc=_("The hour of an instant in the company's time zone, 0 to 23."),
        build=calls.unary(moments.hour, INTEGER),
        words=_("the hour of {0}"),
    ),
    Function(
        name="days",
        parameters=(Parameter("value", ("duration",)),),
        returns="decimal",
        doc=_("A duration as a number of days of 24 hours."),
        build=calls.days,
        words=_("the days of {0}"),
    ),
    Function(
        name="contains",
        parameters=(_TEXT, _PART),
        returns="boolean",
        doc=_("Whether a text contains another, letter for letter."),
        build=calls.binary(ops.contains, BOOLEAN),
        words=_("{0} contains {1}"),
    ),
    Function(
        name="startsWith",
        parameters=(_TEXT, _PART),
        returns="boolean",
        doc=_("Whether a text starts with another."),
        build=calls.binary(ops.starts_with, BOOLEAN),
        words=_("{0} starts with {1}"),
    ),
    Function(
        name="endsWith",
        parameters=(_TEXT, _PART),
        returns="boolean",
        doc=_("Whether a text ends with another."),
        build=calls.binary(ops.ends_with, BOOLEAN),
        words=_("{0} ends with {1}"),
    ),
    Function(
        name="lower",
        parameters=(_TEXT,),
        returns="text",
        doc=_("A text with the letters A to Z in small; other letters stay."),
        build=calls.unary(ops.lower, TEXT),
        words=_("{0} in small letters"),
    ),
    Function(
        name="upper",
        parameters=(_TEXT,),
        returns="text",
        doc=_("A text with the letters a to z in capitals; other letters stay."),
        build=calls.unary(ops.upper, TEXT),
        words=_("{0} in capital letters"),
    ),
    Function(
        name="trim",
        parameters=(_TEXT,),
        returns="text",
        doc=_("A text without the spaces at both ends."),
        build=calls.unary(ops.trim, TEXT),
        words=_("{0} without spaces around it"),
    ),
    Function(
        name="size",
        parameters=(Parameter("value", ("text", "list")),),
        returns="integer",
        doc=_("How many characters (Unicode code points) a text has, or how many items a list."),
        build=calls.size,
        words=_("the size of {0}"),
    ),
    Function(
        name="any_of",
        parameters=(Parameter("list", ("list",)), Parameter("wanted", ("list",), written=True)),
        returns="boolean",
        doc=_('Whether a list has one of some texts: any_of(customer.tags, ["vip", "press"]).'),
        build=calls.any_all("or"),
        words=_("{0} has one of {1}"),
    ),
    Function(
        name="all_of",
        parameters=(Parameter("list", ("list",)), Parameter("wanted", ("list",), written=True)),
        returns="boolean",
        doc=_("Whether a list has all of some texts."),
        build=calls.any_all("and"),
        words=_("{0} has all of {1}"),
    ),
    Function(
        name="has",
        parameters=(Parameter("value", (*ANY, "list")),),
        returns="boolean",
        doc=_("Whether a value is there, that is, not null."),
        build=lambda value: Special("has", (value,), BOOLEAN),
        words=_("{0} is known"),
    ),
    Function(
        name="coalesce",
        parameters=(Parameter("value", ANY), Parameter("otherwise", ANY)),
        returns=_("the same type"),
        doc=_("The first of some values that is not null."),
        build=lambda *values: Special(
            "coalesce", values, values[0].type, nullable=all(value.nullable for value in values)
        ),
        words=_("the first known of {all}"),
        variadic=True,
        alike=True,
    ),
    Function(
        name="between",
        parameters=(Parameter("value", ANY), Parameter("low", ANY), Parameter("high", ANY)),
        returns="boolean",
        doc=_("Whether a value lies between two others, both included."),
        build=calls.between,
        words=_("{0} is between {1} and {2}"),
        alike=True,
    ),
    Function(
        name="min",
        parameters=(Parameter("value", ANY[1:]), Parameter("other", ANY[1:])),
        returns=_("the same type"),
        doc=_("The smallest of some values; null if one of them is."),
        build=calls.extreme(ops.LEAST),
        words=_("the smallest of {all}"),
        variadic=True,
        alike=True,
    ),
    Function(
        name="max",
        parameters=(Parameter("value", ANY[1:]), Parameter("other", ANY[1:])),
        returns=_("the same type"),
        doc=_("The greatest of some values; null if one of them is."),
        build=calls.extreme(ops.GREATEST),
        words=_("the greatest of {all}"),
        variadic=True,
        alike=True,
    ),
    Function(
        name="abs",
        parameters=(Parameter("value", (*EXACT, "number", "money", "duration")),),
        returns=_("the same type"),
        doc=_("A value without its sign."),
        build=calls.absolute,
        words=_("{0} without its sign"),
    ),
    Function(
        name="round",
        parameters=(_VALUE, Parameter("places", ("integer",), written=True)),
        returns="integer | decimal",
        doc=_(
            "The nearest whole number, the half away from zero; with places (of decimals only) the nearest decimal of"
            " that many."
        ),
        build=calls.rounded("round"),
        words=_("{0} rounded"),
        optional=1,
    ),
    Function(
        name="floor",
        parameters=(_VALUE,),
        returns="integer",
        doc=_("The greatest whole number that is not above a value."),
        build=calls.rounded("floor"),
        words=_("{0} rounded down"),
    ),
    Function(
        name="ceil",
        parameters=(_VALUE,),
        returns="integer",
        doc=_("The smallest whole number that is not below a value."),
        build=calls.rounded("ceil"),
        words=_("{0} rounded up"),
    ),
    Function(
        name="money",
        parameters=(
            Parameter("amount", EXACT, written=True),
            Parameter("currency", ("text",), written=True),
        ),
        returns="money",
        doc=_('An amount in a currency, at the rate of the day of the evaluation: money(1000, "USD").'),
        build=calls.money,
        words=_("{0} {1}"),
    ),
)
FUNCTIONS: dict[str, Function] = {function.name: function for function in _FUNCTIONS}
"""Every function, by its name."""
