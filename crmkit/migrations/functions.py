"""What PostgreSQL computes by a function of its own: an amount in another currency at the rate of a day.

A statement that did it by an expression would repeat some kilobytes for each column of money, which takes the server
longer to plan than to answer. On SQLite our connections bring a function for it. Must not know sessions or models.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from crmkit.core.store.functions import LARGEST_AMOUNT, RATE

CONVERT = "crm_convert"
_ARGUMENTS = "bigint, text, text, date, integer"
_LAST = """
    SELECT r.rate INTO {into} FROM crm_currency_rate AS r
    WHERE r.currency = {currency} AND r.base = {base} AND r.valid_from <= $4 ORDER BY r.valid_from DESC LIMIT 1;
"""
# Amount, its currency, the other currency, the day, and how many more decimal places the other one has.
_CREATE = f"""
CREATE OR REPLACE FUNCTION {CONVERT}({_ARGUMENTS}) RETURNS bigint LANGUAGE plpgsql STABLE STRICT AS $$
DECLARE
    kept bigint; over numeric; under numeric; twice numeric; whole numeric;
BEGIN
    {_LAST.format(into="kept", currency="$2", base="$3")}
    over := kept; under := {RATE};
    IF kept IS NULL THEN
        {_LAST.format(into="kept", currency="$3", base="$2")}
        IF kept IS NULL THEN RETURN NULL; END IF;
        over := {RATE}; under := kept;
    END IF;
    IF $5 > 0 THEN over := over * ('1e' || $5)::numeric; ELSE under := under * ('1e' || -$5)::numeric; END IF;
    twice := 2 * abs($1::numeric) * over + under;
    whole := div(twice, 2 * under);
    IF mod(twice, 2 * under) = 0 AND mod(whole, 2) = 1 THEN whole := whole - 1; END IF;
    IF whole > {LARGEST_AMOUNT} THEN RETURN NULL; END IF;
    RETURN sign($1::numeric) * whole;
END $$
"""


def install_functions(op: Any) -> None:
    """Make the functions, replacing those that are there. ``op`` is alembic's namespace."""
    connection: Connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(_CREATE)


def remove_functions(op: Any) -> None:
    """Take the functions away."""
    connection: Connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {CONVERT}({_ARGUMENTS})")
