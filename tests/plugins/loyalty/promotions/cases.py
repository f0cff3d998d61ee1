"""The cases of published programmes, and how a shop gets their promotions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.plugins.loyalty.shop import Shop

FOLDER = Path(__file__).parents[3] / "data" / "loyalty-rules"
HOTEL: dict[str, Any] = json.loads((FOLDER / "hotel.json").read_text(encoding="utf-8"))
ORDERS: dict[str, Any] = json.loads((FOLDER / "orders.json").read_text(encoding="utf-8"))


def promotion(shop: Shop, name: str, **values: Any) -> Any:
    """Have a promotion count."""
    made = shop.run("loyalty.promotion.create", {"name": name, **values})
    return shop.run("loyalty.promotion.publish", target=made.id)
