"""Records for tests of pages."""

from __future__ import annotations

import re
from typing import Any

from tests.web.conftest import Web


def opportunity(web: Web, customer: str = "Wang Lin", owner: str = "sam", **values: Any) -> Any:
    """Return a new opportunity of a customer."""
    return web.crm.run(
        web.crm.system("a test"),
        "sales.opportunity.create",
        {"customer_id": web.customers[customer], "title": "Tea", "owner_id": web.users[owner], **values},
    )


def warranty(web: Web, customer: str = "Wang Lin", **values: Any) -> Any:
    """Return a new warranty of a customer."""
    return web.crm.run(
        web.crm.system("a test"),
        "warranty.register",
        {"customer_id": web.customers[customer], "serial": "SN-1", **values},
    )


def stage_of(web: Web, record: Any) -> str:
    """Return the stage that an opportunity is in now."""
    with web.crm.session(web.crm.system("a test")) as session:
        return str(session.get(type(record), record.id).stage)


def hidden_of(text: str) -> dict[str, str]:
    """Return the hidden fields of the form in a page, but for the token."""
    form = text.partition('class="operation-form"')[2].partition("</form>")[0]
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    return {name: value.replace("&#34;", '"') for name, value in found if name != "csrf"}


def titles_in(text: str) -> list[str]:
    """Return what the rows of a list are called."""
    return [each.strip() for each in re.findall(r'class="row-link" href="[^"]*">\s*([^<]*?)\s*</a>', text)]
