"""What others have published or computed of the same data, for tests to be held to."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

from crmkit_value.probability.histories import Histories, Spending, histories, spending

HERE = Path(__file__).parent / "data"
# Fader, Hardie & Lee (2005), table 2; Fader & Hardie (2013), note 025.
BG_NBD = (0.243, 4.414, 0.793, 2.426)
PARETO_NBD = (0.553, 10.578, 0.606, 11.669)
GAMMA_GAMMA = (6.25, 3.74, 15.44)
# The R package BTYD 2.4.3 on unrounded weeks.
BTYD_PARETO = (0.5533554, 10.5786697, 0.6059434, 11.6578081)
BTYD_PARETO_FULL = (0.553355317991, 10.5786696945, 0.605943439967, 11.6578081106)
BTYD_BG = (0.2425956794, 4.4136574997, 0.792986283, 2.4261616919)
BTYD_SPEND = (6.24934918031, 3.74425633405, 15.4443066821)
CUSTOMER_1516 = (26, 30.857142857142858, 31.0)


@cache
def rows() -> list[dict[str, str]]:
    """Return the summary of CDNOW."""
    with (HERE / "cdnow.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def column(name: str) -> list[float]:
    """Return a column of the summary of CDNOW."""
    return [float(row[name]) for row in rows()]


def cdnow() -> Histories:
    """Return the histories of CDNOW's customers in 39 weeks."""
    return histories(column("x"), column("t_x"), column("T"))


def cdnow_spending() -> Spending:
    """Return what CDNOW's customers spent."""
    return spending(column("x"), column("mean"))
