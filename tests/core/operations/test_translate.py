"""What a database's errors mean to whoever meets them, and what of it logs may show."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from crmkit import CRM
from crmkit.core.operations.failures import describe
from crmkit.core.operations.translate import database_error
from crmkit.errors import CrmkitError


def failing(crm: CRM, statement: str) -> CrmkitError:
    """Return the named error of a statement that the database refuses."""
    with crm.engines.system_read.connect() as connection, pytest.raises(DBAPIError) as caught:
        connection.execute(text(statement))
    return database_error(caught.value)


@pytest.mark.parametrize(("statement", "lacks"), [("SELECT 1 FROM gone", "gone"), ("SELECT due FROM crm_team", "due")])
def test_a_missing_table_or_column_is_named_with_the_way_out(crm: CRM, statement: str, lacks: str) -> None:
    """To people and in logs, where the models have changed and no migration was written or run."""
    error = failing(crm, statement)
    assert lacks in error.render().partition("Run:")[0]
    assert error.render().endswith("Run: crmkit db upgrade (after a model was changed, first: crmkit db revision NAME)")
    assert lacks in describe(error)


def test_what_a_statement_says_is_not_logged(crm: CRM) -> None:
    """It may hold what somebody typed; people who see it have typed it themselves."""
    error = failing(crm, "SELECT 'x' FRAM ada")
    assert "ada" in error.render() or "FRAM" in error.render()
    assert "CK600 The database reported an error: {reason} (" in describe(error)
