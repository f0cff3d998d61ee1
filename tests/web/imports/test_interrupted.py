"""An import whose server is killed goes on where it was; what it had written stays and comes once."""

from __future__ import annotations

import subprocess
import sys

from sqlalchemy import func, select

from crmkit.core.customers.models import Customer
from crmkit.exchange.tables import ImportRun
from tests.web.conftest import Web
from tests.web.imports.steps import draft, mapping, rows, wait

ROWS = 4500

KILLED = """
import os, sys, time
from uuid import UUID
from crmkit.app import CRM
from crmkit.core.store.actor import Actor
from crmkit.exchange.uploads import Uploads
from crmkit.exchange import background

url, upload_id, user_id = sys.argv[1:]
crm = CRM.open(url)
inner, batches = crm.run, []

def run(actor, operation, *arguments, **named):
    if operation == "import.batch":
        batches.append(1)
        if len(batches) == 2:
            os._exit(9)  # as a power cut would end it: nothing is tidied up
    return inner(actor, operation, *arguments, **named)

crm.run = run
actor = Actor.user(UUID(user_id), "Ada Admin")
upload = Uploads(crm.settings).get(UUID(upload_id), actor.id)
assert background.begin(crm, actor, upload, "import", "en")
time.sleep(60)
"""


def test_a_killed_server_goes_on_where_it_was(sqlite_web: Web) -> None:
    """The page says that it was interrupted and offers to go on; no row comes twice and none is missing."""
    client = sqlite_web.client("ada")
    with sqlite_web.crm.session(sqlite_web.crm.system("counting in a test")) as session:
        before = session.scalar(select(func.count()).select_from(Customer)) or 0
    path = draft(client, rows(ROWS, bad=2))
    client.post(path, {**mapping(client.get(path).text), "next": "options"})
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, sqlite_web.crm.settings.database, path.rpartition("/")[2],
         str(sqlite_web.users["ada"])],
        timeout=120, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert 9 == ended.returncode, ended.stderr
    with sqlite_web.crm.session(sqlite_web.crm.system("looking in a test")) as session:
        left = session.scalars(select(ImportRun)).one()
        assert ("running", 2000) == (left.state, left.rows_read)
    assert f"{path}/run" == client.get(path).headers["location"]
    page = client.get(f"{path}/run").text
    assert "Interrupted" in page
    assert "2,000 rows read" in page
    assert "Interrupted" in client.get("/imports").text
    client.post(f"{path}/run")
    client.post(f"{path}/run")
    result = wait(client, f"{path}/run", status=303).headers["location"]
    with sqlite_web.crm.session(sqlite_web.crm.system("counting in a test")) as session:
        after = session.scalar(select(func.count()).select_from(Customer)) or 0
        run = session.scalars(select(ImportRun)).one()
        assert ("done", ROWS, 2) == (run.state, run.rows_read, run.rejected)
    assert before + ROWS - 2 == after
    assert result.endswith(str(run.id))
