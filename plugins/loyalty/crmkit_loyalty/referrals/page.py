"""The page on which somebody joins a programme, with the code of who invited them: by a signed link, without scripts.

Whether there is such a code is not said: codes are not to be found by trying.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from crmkit import (
    CrmkitError,
    CrmSession,
    Input,
    InvalidInput,
    IssuedLink,
    NotFound,
    PublicPage,
    Visit,
    operation,
    texts,
)
from crmkit_loyalty.programs.finding import membership_of, program_named
from crmkit_loyalty.programs.inputs import CustomerId, ProgramName
from crmkit_loyalty.programs.models import Program
from crmkit_loyalty.referrals.operations import policy_of

_ = texts("crmkit_loyalty")

PAGE = "loyalty.join"
DAYS = 90
RIGHTS = (
    "customer.read",
    "loyalty.account.read",
    "loyalty.member.create",
    "loyalty.member.read",
    "loyalty.program.read",
    "loyalty.point_type.read",
    "loyalty.referral.create",
    "loyalty.referral.read",
    "loyalty.referral_policy.read",
)


@operation("loyalty.join.link", title=_("Make a link to join by"), permission="loyalty.member.create", effect="create")
def link(
    session: CrmSession,
    *,
    customer_id: CustomerId,
    program: ProgramName = "",
    days: Annotated[int, Input(title=_("Good for days"), minimum=1, maximum=730, classified="internal")] = DAYS,
) -> IssuedLink:
    """Make a link by which a customer joins a programme by themselves, and says who invited them. Behind its address,
    ``?invite=`` with a code fills that in. Raises NotFound, and what ``public_link.create`` does."""
    found = program_named(session, program)
    given = {"page": PAGE, "customer_id": customer_id, "ref": f"loyalty.program:{found.id}", "days": days}
    made: IssuedLink = session.run("public_link.create", given)
    return made


def show(session: CrmSession, visit: Visit) -> Mapping[str, Any]:
    """Return what the page shows."""
    program = _program(session, visit)
    assert visit.customer_id is not None
    policy = policy_of(session, program.id)
    return {
        "program": program,
        "member": membership_of(session, program, visit.customer_id),
        "inviting": policy if policy is not None and policy.active else None,
        "invited": (visit.query.get("invite") or ("",))[0][:40],
    }


def submit(session: CrmSession, visit: Visit, values: Mapping[str, tuple[str, ...]]) -> None:
    """Have the customer join, and keep the code, if one was entered. Raises InvalidInput."""
    program = _program(session, visit)
    said = {"customer_id": visit.customer_id, "program": program.name}
    try:
        session.run("loyalty.member.join", said)
        entered = (values.get("invitation") or ("",))[0].strip()
        if entered:
            session.run("loyalty.referral.create", {**said, "invitation": entered[:40]})
    except InvalidInput:
        raise
    except CrmkitError as error:
        raise InvalidInput(list(error.problems)) from None


def _program(session: CrmSession, visit: Visit) -> Program:
    name, _colon, identity = (visit.ref or "").rpartition(":")
    try:
        found = session.get(Program, UUID(identity)) if name == "loyalty.program" else None
    except ValueError:
        found = None
    if found is None or not found.active or visit.customer_id is None:
        raise NotFound(_("There is no such page."))
    return found


OPERATIONS = [link]
PUBLIC_PAGES = [
    PublicPage(
        name=PAGE,
        title=_("Join"),
        template="loyalty/referrals/join.html",
        show=show,
        submit=submit,
        rights=RIGHTS,
        expires=DAYS,
        throttle=20,
    )
]
