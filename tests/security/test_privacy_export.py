"""Subject access: a person is told everything that is kept, in a form to read and one for machines."""

from __future__ import annotations

import json
from pathlib import Path

from crmkit import CRM
from tests.security.test_privacy_erasure import ACTOR, person


def test_export_tells_everything_that_the_map_names(crm: CRM) -> None:
    """Name, sealed addresses, consent with its evidence, purchases and notes are in the answer, in plain."""
    found = crm.run(ACTOR, "privacy.export", target=person(crm))
    text = found.as_json()
    for told in ("Li Wei", "li.wei@example.com", "+8613800138000", "signed slip 17", "Prefers calls at noon", "上海"):
        assert told in text
    assert {"crm_customer", "crm_contact_point", "crm_consent", "crm_interaction"} <= {
        section.source for section in found.sections
    }


def test_details_that_are_sealed_are_told(crm: CRM) -> None:
    """Such as the number of a call, which is sealed beside details that are not."""
    customer_id = person(crm)
    said = {"kind": "call", "direction": "in", "payload": {"number": "+442079460018", "answered": True}}
    crm.run(ACTOR, "interaction.record", {**said, "customer_id": customer_id})
    assert "+442079460018" in crm.run(ACTOR, "privacy.export", target=customer_id).as_json()


def test_export_tells_nothing_of_others(crm: CRM) -> None:
    """The answer about one person names no other."""
    other = person(crm, "Wang Fang")
    found = crm.run(ACTOR, "privacy.export", target=person(crm))
    assert "Wang" not in found.as_json()
    assert str(other) not in found.as_json()


def test_export_says_who_has_worked_with_it(crm: CRM) -> None:
    """Who made and changed the person's data is told from the audit log."""
    customer_id = person(crm)
    found = crm.run(ACTOR, "privacy.export", target=customer_id)
    assert "customer.create" in {access["operation"] for access in found.accesses}


def test_page_is_in_the_reader_s_language_and_escapes_what_it_shows(crm: CRM, tmp_path: Path) -> None:
    """The page speaks Chinese where that is asked for, and no value of a customer becomes markup."""
    found = crm.run(ACTOR, "privacy.export", target=person(crm, "<b>Li</b>", email="li@example.com"))
    page = found.as_html("zh_Hans")
    assert '<html lang="zh-Hans">' in page
    assert "<b>Li</b>" not in page
    assert "&lt;b&gt;Li&lt;/b&gt;" in page
    assert json.loads(found.as_json())["subject_id"] == str(found.subject_id)
