"""The steps of an import as a person does them, through the in-process client."""

from __future__ import annotations

import html
import re
import time
from typing import Any

from tests.web.conftest import Browsing, Web

HEADINGS = "Name,Email,Phone,City,Birth date"


def rows(count: int, *, bad: int = 0) -> bytes:
    """Return a file of customers, the last ones of them with a birth date that is none."""
    lines = [HEADINGS]
    for number in range(count):
        born = "not a day" if number >= count - bad else "1990-02-03"
        lines.append(f"Person {number},p{number}@import.example.org,+86138{number:08d},上海,{born}")
    return ("\n".join(lines) + "\n").encode()


def send(client: Browsing, content: bytes, name: str = "people.csv") -> Any:
    """Send a file, and return the answer."""
    return client.post("/imports/new", files={"file": (name, content, "text/csv")})


def draft(client: Browsing, content: bytes, name: str = "people.csv") -> str:
    """Send a file that is fine, and return the path of its page."""
    response = send(client, content, name)
    assert 303 == response.status_code, response.text
    return str(response.headers["location"])


def mapping(page: str) -> dict[str, str]:
    """Return the fields of the form that maps columns, as the page shows them."""
    found = {key: html.unescape(value) for key, value in re.findall(r'name="(column-\d+)" value="([^"]*)"', page)}
    for block in re.findall(r"<select[^>]*name=\"(map-\d+)\".*?</select>", page, re.DOTALL):
        inner = page.partition(f'name="{block}"')[2].partition("</select>")[0]
        chosen = re.search(r'value="([^"]*)" selected', inner)
        found[block] = html.unescape(chosen[1]) if chosen else ""
    return found


def rehearse(client: Browsing, path: str, **options: str) -> str:
    """Go from the columns to the end of the rehearsal, and return its page."""
    sent = client.post(path, {**mapping(client.get(path).text), "next": "options"})
    assert f"{path}/options" == sent.headers.get("location"), sent.text
    sent = client.post(f"{path}/options", {"on_duplicate": "skip", **options})
    assert f"{path}/check" == sent.headers.get("location"), sent.text
    return wait(client, f"{path}/check").text


def run(client: Browsing, path: str) -> str:
    """Run the import of a file, and return the path of its result."""
    client.post(f"{path}/run")
    return str(wait(client, f"{path}/run", status=303).headers["location"])


def wait(client: Browsing, path: str, *, status: int = 200) -> Any:
    """Return the page once the work behind it has ended."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        response = client.get(path)
        if response.status_code == status and (status != 200 or "every 1s" not in response.text):
            return response
        told = re.search(r'class="problem" role="alert".*?</div>', response.text, re.DOTALL)
        assert told is None, told and told[0]
        time.sleep(0.05)
    raise AssertionError(f"{path} did not end: {response.status_code}")


def uploads_of(web: Web) -> list[Any]:
    """Return what there is in the folder of files that were sent."""
    from crmkit.exchange.uploads import Uploads

    folder = Uploads(web.crm.settings).folder
    return sorted(folder.iterdir()) if folder.is_dir() else []
