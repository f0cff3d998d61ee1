"""Pages of dimensions, goals and experiments: what is typed is what is kept, and who may do what."""

from __future__ import annotations

from typing import Any

from crmkit.engines.definitions.publishing import find
from crmkit.hooks.classification import ByCutPoints
from tests.web.conftest import Web
from tests.web.deciding.conftest import plain

DIMENSION = {
    "title": "Tea drinker",
    "by": "cut_points",
    "score": "purchase.count",
    "points": "2\n4",
    "labels": "3",
    "l0.title": "Seldom",
    "l1.title": "Often",
    "l2.title": "Always <b>",
    "alert_percent": "30",
}
GOAL = {
    "title": "Turnover",
    "target": "1200",
    "period": "this year",
    "aggregate": "count",
    "where": "purchase.count >= 3",
}
EXPERIMENT = {
    "title": "A call",
    "effect": "0.05",
    "value": "purchase.count",
    "kind": "share",
    "part": "50",
    "metric": "Bought again",
}


def stored(web: Web, kind: str, name: str) -> Any:
    """Return a definition's value as it is kept."""
    with web.crm.session(web.crm.system("reading a definition")) as session:
        return find(session, kind, name).value


def test_a_dimension_is_kept_as_typed(bought: Web) -> None:
    """Labels are named by their titles; opened and saved again it is the same."""
    client = bought.client("ada")
    assert "/dimensions/tea_drinker" == client.post("/dimensions/save", DIMENSION).headers["location"]
    kept = stored(bought, "dimension", "tea_drinker")
    assert (["seldom", "often", "always_b"], ByCutPoints(score="purchase.count", points=("2", "4"))) == (
        [label.name for label in kept.labels],
        kept.decider,
    )
    page = client.get("/dimensions/tea_drinker/edit").text
    assert ("Always &lt;b&gt;" in page, "Always <b>" in page) == (True, False)
    shipped = stored(bought, "dimension", "activity")
    text = client.get("/dimensions/activity/edit").text
    assert all(label.name in text for label in shipped.labels)


def test_a_dimension_that_is_not_right_keeps_what_was_typed(bought: Web) -> None:
    """One point too few: said, and nothing lost."""
    response = bought.client("ada").post("/dimensions/save", {**DIMENSION, "points": "2"})
    assert (422, True) == (response.status_code, "Always &lt;b&gt;" in response.text)
    assert "one point fewer than labels" in plain(response.text)


def test_the_preview_of_a_dimension_counts_who_would_move(bought: Web) -> None:
    """All four would get a label that they have not; nothing is written."""
    text = plain(bought.client("ada").post("/dimensions/preview", DIMENSION).text)
    for told in ("4 would get another label", "Seldom", "Wang Lin"):
        assert told in text
    assert 404 == bought.client("ada").get("/dimensions/tea_drinker").status_code


def test_labels_that_are_masked_are_not_counted(bought: Web) -> None:
    """Who does not see cities is told so, and sees no count of them."""
    text = bought.client("ann").get("/dimensions/city").text
    assert ("These labels are masked for you" in text, "上海" in text) == (True, False)
    assert "上海" in bought.client("ada").get("/dimensions/city").text


def test_a_pin_is_shown_and_taken_back(bought: Web) -> None:
    """Who was pinned, to what; after that the decider decides again."""
    customer = bought.customers["Wang Lin"]
    system = bought.crm.system("a pin")
    bought.crm.run(system, "customer.pin_label", {"dimension": "need", "label": "special"}, target=customer)
    client = bought.client("ada")
    assert "Pinned by a person" in client.get("/dimensions/need").text
    assert 303 == client.post("/dimensions/need/unpin", {"customer": str(customer)}).status_code
    assert "Pinned by a person" not in client.get("/dimensions/need").text


def test_who_may_not_change_dimensions(bought: Web) -> None:
    """The page with the reason; no editor, and the acts are refused."""
    client = bought.client("sam")
    assert "Changing dimensions needs the right definition.admin." in client.get("/dimensions/activity").text
    assert [404, 404, 403] == [
        client.get("/dimensions/new").status_code,
        client.post("/dimensions/save", DIMENSION).status_code,
        client.post("/dimensions/activity/disable").status_code,
    ]


def test_a_goal_is_set_measured_and_removed(bought: Web) -> None:
    """With how far it is; a target that is none keeps what was typed."""
    client = bought.client("ada")
    wrong = client.post("/goals/save", {**GOAL, "target": "many"})
    assert (422, True) == (wrong.status_code, 'value="many"' in wrong.text)
    client.post("/goals/save", {**GOAL, "target": "4"})
    text = plain(client.get("/goals").text)
    assert "2 of 4" in text
    assert "50.0%" in text
    assert 200 == client.get("/goals/turnover/edit").status_code
    client.post("/goals/turnover/remove")
    assert "No goal is set" in client.get("/goals").text
    assert 404 == bought.client("sam").post("/goals/save", GOAL).status_code


def test_an_experiment_is_saved_started_and_stopped(bought: Web) -> None:
    """It shows its arms and a verdict; once started it cannot be changed."""
    client = bought.client("max")
    assert "/experiments/a_call" == client.post("/experiments/save", EXPERIMENT).headers["location"]
    assert "It has not been started" in client.get("/experiments/a_call").text
    client.post("/experiments/a_call/start")
    text = plain(client.get("/experiments/a_call").text)
    assert "too early to say" in text
    assert "Bought again" in text
    assert 409 == client.post("/experiments/save", {**EXPERIMENT, "name": "a_call"}).status_code
    client.post("/experiments/a_call/stop")
    assert "stopped" in plain(client.get("/experiments").text)
    assert 404 == bought.client("sam").get("/experiments").status_code
