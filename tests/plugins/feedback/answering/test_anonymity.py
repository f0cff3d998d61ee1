"""That nothing leads from an anonymous response to who gave it: an attack on every table there is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from crmkit_feedback.answering.ballots import SIZE
from crmkit_feedback.answering.models import SurveyAnswer, SurveyBallots, SurveyResponse
from crmkit_feedback.asking.models import Invitation
from sqlalchemy import MetaData, select

from crmkit import Interaction
from crmkit.app import CRM
from crmkit.core.store.guard import region
from tests.plugins.feedback.answering.asked import SYSTEM, Asked, browser, invite, link_to, send


def everything(crm: CRM) -> dict[str, list[dict[str, Any]]]:
    """Return every row of every table, as somebody has it who has the whole database."""
    found: dict[str, list[dict[str, Any]]] = {}
    with crm.engines.system_read.connect() as connection, region(connection, "an attack"):
        metadata = MetaData()
        metadata.reflect(connection)
        for table in metadata.tables.values():
            rows = connection.exec_driver_sql(f'SELECT * FROM "{table.name}"')
            found[table.name] = [dict(row) for row in rows.mappings()]
    return found


def holds(value: Any, identity: UUID) -> bool:
    """Say whether a value has an id in it, in whatever form."""
    if isinstance(value, (bytes, memoryview)):
        return identity.bytes in bytes(value) or str(identity).encode() in bytes(value)
    text = str(value)
    return str(identity) in text or identity.hex in text


def answered(crm: CRM) -> Asked:
    """Have a customer answer an anonymous survey, with a text."""
    asked = Asked.of(crm, anonymous=True)
    client = browser(crm)
    page = client.get(asked.path).text
    assert "This survey is anonymous" in page
    page = send(client, asked.path, page, q__recommend="2").text
    page = send(client, asked.path, page, q__wrong="They were rude.").text
    assert "Thanks a lot!" in send(client, asked.path, page, q__colour="red").text
    return asked


def test_no_table_leads_from_the_answer_to_the_customer(crm: CRM) -> None:
    """No row that names the response names the customer, the invitation or its link, and none of theirs is changed."""
    asked = Asked.of(crm, anonymous=True)
    before = everything(crm)
    client = browser(crm)
    page = send(client, asked.path, client.get(asked.path).text, q__recommend="2").text
    page = send(client, asked.path, page, q__wrong="They were rude.").text
    send(client, asked.path, page, q__colour="red")
    after = everything(crm)
    (response,) = asked.responses()
    with crm.session(SYSTEM) as session:
        answers = list(session.scalars(select(SurveyAnswer.id)))
    persons = (asked.customer, asked.invitation)
    for table, rows in after.items():
        fresh = [row for row in rows if row not in before.get(table, [])]
        for row in fresh:
            assert not any(holds(value, person) for value in row.values() for person in persons), table
    for name in ("crm_customer", "crm_public_link", "feedback_invitation", "crm_interaction"):
        assert after[name] == before[name]
    assert len(answers) == 3
    assert (response.customer_id, response.invitation_id, response.interaction_id) == (None, None, None)


def test_no_instant_says_when(crm: CRM) -> None:
    """Instants are those of the day, of the answers too, and ids are not in the order of time."""
    answered(crm)
    with crm.session(SYSTEM) as session:
        (response,) = session.scalars(select(SurveyResponse))
        instants = {response.started_at, response.answered_at, response.created_at, response.updated_at}
        instants |= set(session.scalars(select(SurveyAnswer.recorded_at)))
        assert len(instants) == 1
        assert instants.pop().minute == 0
        assert (response.seconds, response.device, response.about, response.created_by) == (
            None,
            None,
            None,
            "anonymous",
        )
        ids = [response.id, *session.scalars(select(SurveyAnswer.id))]
    assert {each.version for each in ids} == {4}


def test_the_log_names_neither_customer_nor_address(crm: CRM) -> None:
    """What was done is in it, by nobody, and not what was answered."""
    asked = answered(crm)
    rows = [row for row in everything(crm)["crm_audit"] if row["operation"].startswith("feedback.response")]
    assert [row["operation"] for row in rows] == ["feedback.response.drop"]
    assert rows[0]["address"] is None
    assert "customer" not in rows[0]["actor_id"]
    assert rows[0]["details"] is None or "rude" not in rows[0]["details"]
    assert not any(holds(row["details"], asked.invitation) for row in rows)


def test_the_invitation_does_not_say_who_answered(crm: CRM) -> None:
    """It stays as it was sent; and there is no interaction."""
    asked = answered(crm)
    with crm.session(SYSTEM) as session:
        invitation = session.get_one(Invitation, asked.invitation)
        assert (invitation.state, invitation.answered_at) == ("sent", None)
        assert session.scalars(select(Interaction).where(Interaction.kind == "feedback.response")).all() == []


def test_nobody_answers_twice(crm: CRM) -> None:
    """Neither by the same link nor by that of a reminder; another customer can."""
    asked = answered(crm)
    client = browser(crm)
    for path in (asked.path, asked.again()):
        assert "Thanks a lot!" in client.get(path).text
    other = crm.run(SYSTEM, "customer.create", {"name": "Bo"}).id
    path = link_to(crm, other, invite(crm, asked.survey, other))
    page = send(client, path, client.get(path).text, q__recommend="9").text
    last = page
    send(client, path, page, q__colour="blue")
    send(client, path, last, q__colour="red")
    assert len(asked.responses()) == 2


def test_what_stops_a_second_answer_is_in_no_order(lite: CRM) -> None:
    """Codes of all invitations stand in one row in ascending order, so that no place, row or transaction is one's."""
    asked = answered(lite)
    client = browser(lite)
    for number in range(3):
        other = lite.run(SYSTEM, "customer.create", {"name": f"C{number}"}).id
        path = link_to(lite, other, invite(lite, asked.survey, other))
        page = send(client, path, client.get(path).text, q__recommend="9").text
        send(client, path, page)
    with lite.session(SYSTEM) as session:
        (row,) = session.scalars(select(SurveyBallots))
        codes = [row.codes[at : at + SIZE] for at in range(0, len(row.codes), SIZE)]
    assert codes == sorted(codes)
    assert len(codes) == 4


@pytest.mark.parametrize("way", ["open link", "other system"])
def test_other_ways_in_keep_nothing_of_a_person_either(lite: CRM, way: str) -> None:
    """An open link, and another system that names the customer."""
    asked = Asked.of(lite, anonymous=True)
    if way == "open link":
        path = asked.open_path()
        client = browser(lite)
        page = send(client, path, client.get(path).text, q__recommend="9").text
        send(client, path, page, q__colour="red")
    else:
        given = {
            "survey": "care",
            "score": 3,
            "customer_id": asked.customer,
            "external_source": "x",
            "external_id": "7",
        }
        for _time in range(2):
            lite.run(SYSTEM, "feedback.response.create", given)
    (response,) = asked.responses()
    assert response.customer_id is None
    assert response.external_id != "7"
    assert response.answered_at - response.answered_at.replace(hour=0, minute=0, second=0, microsecond=0) < timedelta(
        days=1
    )
