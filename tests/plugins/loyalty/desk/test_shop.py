"""A host's shop by API: points are reserved while a customer pays, then spent or given up."""

from __future__ import annotations

from typing import Any

from crmkit import Actor
from tests.plugins.loyalty.desk.conftest import Desk


def test_a_shop_reserves_spends_and_gives_up(desk: Desk) -> None:
    crm = desk.web.crm
    seen = ("account", "hold", "member", "point_type", "program", "transaction")
    scopes = ["customer.read", "loyalty.points.spend", *(f"loyalty.{name}.read" for name in seen)]
    made = crm.run(Actor.user(desk.web.users["mia"]), "token.create", {"name": "shop", "scopes": scopes})
    client = desk.web.client().inner

    def call(name: str, target: Any = None, **values: Any) -> Any:
        answer = client.post(
            f"/api/v1/operations/loyalty.hold.{name}",
            headers={"authorization": f"Bearer {made.token}"},
            json={"input": values, **({} if target is None else {"target": target})},
        )
        assert answer.status_code < 300, answer.text
        found = answer.json()
        return found.get("result", found)

    wanted = {"customer_id": str(desk.customer), "points": 100, "program": "club", "ref": "order:17"}
    held = call("create", key="order 17", **wanted)
    assert call("create", key="order 17", **wanted)["id"] == held["id"]
    assert call("capture", held["id"], points=60)["state"] == "captured"
    other = call("create", key="order 18", **wanted)
    assert call("release", other["id"])["state"] == "released"
    assert ">390<" in desk.text(f"/customers/{desk.customer}"), "of 450 sixty were spent"
