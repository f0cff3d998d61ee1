"""What can be done with sources of web-hooks: agreeing on one, its address, its secret.

What a source sends has the rights of the user whom it acts as. So whoever sets one up, or changes what it does, is that
user, or may give people their rights.
"""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any

import attrs
from sqlalchemy import select

from crmkit import (
    UNSET,
    Conflict,
    CrmSession,
    Input,
    InvalidInput,
    IssuedLink,
    NotFound,
    Problem,
    given,
    operation,
    random_bytes,
    random_text,
    secret_of,
    texts,
)
from crmkit.errors import AlreadyExists
from crmkit_integration.receiving import mapped, quarantine
from crmkit_integration.receiving.inputs import (
    NewSecret,
    NewSource,
    SourceUpdate,
)
from crmkit_integration.receiving.models import WebhookSource
from crmkit_integration.receiving.standing import require_standing
from crmkit_integration.receiving.terms import read_term
from crmkit_integration.receiving.verifying import (
    SERVICES,
    STANDARD_PREFIX,
    Proof,
    check_proof,
    proof_of,
    standard_key,
)

_ = texts("crmkit_integration")

MANAGE = "integration.source.manage"
PAGE = "integration.source"
DAYS = 3650
"""Days for which the address of a source holds."""
_PROOF = [each.name for each in attrs.fields(Proof)]


# --- sources ----------------------------------------------------------------------------------------------------------


@operation("integration.source.create", title=_("Add a source of web-hooks"), permission=MANAGE, effect="create")
def create_source(session: CrmSession, new: NewSource) -> WebhookSource:
    """Add a system that sends web-hooks. It has an address and a secret once they are asked for.

    Raises AlreadyExists for a name that is taken, InvalidInput for a proof that shows nothing, Refused for acting as
    somebody else.
    """
    if not new.name.strip():
        raise InvalidInput([Problem(InvalidInput.code, _("This cannot be empty."), field="name")])
    if session.scalar(select(WebhookSource.id).where(WebhookSource.name == new.name)) is not None:
        raise AlreadyExists(_('There is a source "{name}" already.'), name=new.name)
    if new.like not in SERVICES:
        known = ", ".join(SERVICES)
        message = _("There is no such service; there are {known}.")
        raise InvalidInput([Problem(InvalidInput.code, message, field="like", value=new.like, known=known)])
    usual, usual_id = SERVICES[new.like]
    said = given(new)
    proof = attrs.evolve(usual, **{name: said[name] for name in _PROOF if name in said})
    id_from = usual_id if new.id_from is UNSET else str(new.id_from)
    _check_source(proof, id_from, new.secret)
    acting = new.runs_as_id or session.guarding.rights.user_id
    require_standing(session, acting)
    source = WebhookSource(
        name=new.name.strip(),
        title=new.title or new.name.strip(),
        runs_as_id=acting,
        owner_id=session.guarding.rights.user_id,
        id_from=id_from,
        secret=new.secret,
        **{name: getattr(proof, name) for name in _PROOF},
    )
    session.add(source)
    return source


@operation("integration.source.update", title=_("Change the source"), permission=MANAGE, effect="update")
def update_source(session: CrmSession, source: WebhookSource, changes: SourceUpdate) -> WebhookSource:
    """Change a source, stop it or let it go on. Raises as `create_source`."""
    values = given(changes)
    proof = attrs.evolve(proof_of(source), **{name: values[name] for name in _PROOF if name in values})
    _check_source(proof, values.get("id_from", source.id_from), None)
    require_standing(session, source.runs_as_id)
    if "runs_as_id" in values:
        require_standing(session, values["runs_as_id"])
    for name, value in values.items():
        setattr(source, name, value)
    return source


@operation("integration.source.delete", title=_("Delete the source"), permission=MANAGE, effect="delete")
def delete_source(session: CrmSession, source: WebhookSource) -> None:
    """Delete a source with its address, its mappings and what came from it."""
    _revoke_link(session, source)
    session.delete(source)


@operation("integration.source.link", title=_("Make a new address"), permission=MANAGE, effect="update")
def link_source(session: CrmSession, source: WebhookSource) -> IssuedLink:
    """Make the address that a source sends to, and show it this once; the one before takes nothing any more."""
    require_standing(session, source.runs_as_id)
    _revoke_link(session, source)
    made: IssuedLink = session.run(
        "public_link.create", {"page": PAGE, "ref": f"integration.source:{source.id}", "days": DAYS}
    )
    source.link_id = made.link_id
    return made


@operation("integration.source.rotate", title=_("Make a new secret"), permission=MANAGE, effect="update")
def rotate_secret(
    session: CrmSession,
    source: WebhookSource,
    *,
    secret: Annotated[
        str | None,
        Input(title=_("Secret"), max_length=500, classified="secret", help=_("Without one a new one is made.")),
    ] = None,
    hours: Annotated[
        int,
        Input(
            title=_("Hours"),
            help=_("For so long the one before holds as well."),
            minimum=0,
            maximum=720,
            classified="internal",
        ),
    ] = 24,
) -> NewSecret:
    """Give a source a new secret, and show it this once. Raises InvalidInput for one that cannot be used."""
    made = secret or _new_secret(source.scheme)
    _check_source(proof_of(source), source.id_from, made)
    before = secret_of(source, "secret")
    source.previous_until = None
    source.previous_secret = None
    if before and hours:
        source.previous_secret = before
        source.previous_until = session.gate.clock.now() + timedelta(hours=hours)
    source.secret = made
    return NewSecret(secret=made, previous_until=source.previous_until)


@operation("integration.source.sample", title=_("Keep a sample"), permission=MANAGE, effect="update")
def keep_sample(
    session: CrmSession,
    source: WebhookSource,
    *,
    body: Annotated[
        str,
        Input(
            title=_("Body"),
            max_length=100_000,
            multiline=True,
            classified="internal",
            help=_("Made up: nothing of real people."),
        ),
    ],
    headers: Annotated[
        Mapping[str, str], Input(title=_("Headers"), max_length=50, classified="internal")
    ] = attrs.Factory(dict),
) -> WebhookSource:
    """Keep a body such as the source sends, to see what its mappings make of it."""
    source.sample = body or None
    source.sample_headers = {name.lower(): value for name, value in headers.items()} if body else None
    return source


def _new_secret(scheme: str) -> str:
    if scheme == "standard":
        return STANDARD_PREFIX + base64.b64encode(random_bytes(32)).decode()
    return random_text(43)


def _check_source(proof: Proof, id_from: str, secret: str | None) -> None:
    check_proof(proof)
    if id_from:
        term = read_term(id_from, "id_from")
        if term.kind not in ("path", "header"):
            message = _("An id stands in the body or in a header.")
            raise InvalidInput([Problem(InvalidInput.code, message, field="id_from", value=id_from)])
    if secret is not None and proof.scheme == "standard" and len(standard_key(secret) or b"") < 16:
        message = _("A secret of Standard Webhooks is whsec_ and at least 16 bytes in Base64.")
        raise InvalidInput([Problem(InvalidInput.code, message, field="secret")])
    if secret is not None and len(secret) < 8:
        raise InvalidInput([Problem(InvalidInput.code, _("A secret has at least 8 characters."), field="secret")])


def _revoke_link(session: CrmSession, source: WebhookSource) -> None:
    if source.link_id is not None:
        # It may be over by itself.
        with contextlib.suppress(NotFound, Conflict):
            session.run("public_link.revoke", target=source.link_id)
        source.link_id = None


OPERATIONS: list[Any] = [
    create_source,
    update_source,
    delete_source,
    link_source,
    rotate_secret,
    keep_sample,
    *mapped.OPERATIONS,
    *quarantine.OPERATIONS,
]
"""The operations of this room."""
