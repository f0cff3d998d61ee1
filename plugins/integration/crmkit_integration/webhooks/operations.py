"""What can be done with endpoints: setting one up, changing it, switching it off and on, new secrets, trying it out."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any, ClassVar
from uuid import UUID

import attrs
from sqlalchemy import select, update

from crmkit import (
    UNSET,
    Conflict,
    CrmSession,
    Input,
    InvalidInput,
    Problem,
    Refused,
    UnsetType,
    User,
    checked_address,
    given,
    new_id,
    operation,
    texts,
)
from crmkit_integration.webhooks.events import EndpointEnabled
from crmkit_integration.webhooks.messages import checked_events
from crmkit_integration.webhooks.models import (
    DISABLED,
    OK,
    TEST,
    Delivery,
    Endpoint,
    EndpointProgress,
    EndpointSecret,
)
from crmkit_integration.webhooks.noting import RIGHT, disable
from crmkit_integration.webhooks.signing import new_secret

_ = texts("crmkit_integration")

PRIVATE = "integration.endpoint.reach_private"
OVERLAP = 24
"""Hours for which a secret that was replaced signs along."""
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")

Url = Annotated[str, Input(title=_("Address"), help=_("https://host/path"), max_length=2000, classified="internal")]
Events = Annotated[
    tuple[str, ...],
    Input(
        title=_("Events"),
        help=_("Names of events, customer.* for all of a resource, * for all."),
        max_length=100,
        classified="internal",
    ),
]
Text = Annotated[str, Input(title=_("Description"), max_length=500, classified="internal")]
Private = Annotated[
    bool,
    Input(
        title=_("In the own network"),
        help=_("It may be reached at addresses that are not public."),
        classified="internal",
    ),
]


@attrs.frozen(kw_only=True)
class GivenSecret:
    """A secret as it is handed over, once: the receiver verifies messages by it."""

    given_once: ClassVar[bool] = True

    endpoint_id: UUID
    name: str
    secret: Annotated[str, Input(classified="secret")] = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class NewEndpoint:
    """Whom to tell what. ``owner`` is the login of the user whose rights hold: oneself, unless system scope names
    somebody. With ``from_start`` it is told what has happened so far, too."""

    name: Annotated[
        str,
        Input(title=_("Name"), help=_("Small letters, digits, - and _: erp"), max_length=60, classified="internal"),
    ]
    url: Url
    events: Events
    description: Text = ""
    private: Private = False
    from_start: Annotated[
        bool, Input(title=_("From the oldest event on"), help=_("Otherwise from now on."), classified="internal")
    ] = False
    owner: Annotated[
        str | None,
        Input(
            title=_("Owner"),
            help=_("A login; by default whoever sets it up."),
            max_length=120,
            classified="internal",
        ),
    ] = None


@operation(
    "integration.endpoint.create", title=_("Set up a web-hook"), permission="integration.endpoint.create",
    effect="create",
)  # fmt: skip
def create_endpoint(session: CrmSession, new: NewEndpoint) -> GivenSecret:
    """Set up an endpoint and return its secret, which is shown this once.

    It is told what its owner may know. Raises InvalidInput for a name that there is, an address that is not called, and
    events that there are not; Refused for an address in the own network without the right to that.
    """
    name = new.name.strip().lower()
    problems: list[Problem] = []
    if not _NAME.fullmatch(name):
        problems.append(_problem("name", _("A name has small letters, digits, - and _."), new.name))
    elif session.scalar(select(Endpoint.id).where(Endpoint.name == name)) is not None:
        problems.append(_problem("name", _('There is a web-hook "{value}" already.'), name))
    if problems:
        raise InvalidInput(problems)
    owner_id, limits = _owner(session, new.owner)
    _check_address(session, new.url, private=new.private)
    now = session.gate.clock.now()
    endpoint = Endpoint(
        id=new_id(),
        name=name,
        description=new.description,
        url=new.url,
        events=checked_events(session, new.events),
        private=new.private,
        owner_id=owner_id,
        limits=limits,
        state=OK,
        since=now,
    )
    session.add(endpoint)
    session.flush()
    session.add(EndpointProgress(endpoint_id=endpoint.id, cursor_at=now, begins_at=None if new.from_start else now))
    return _give_secret(session, endpoint)


@attrs.frozen(kw_only=True)
class EndpointUpdate:
    """What to change of an endpoint; what is not given stays."""

    url: Url | UnsetType = UNSET
    events: Events | UnsetType = UNSET
    description: Text | UnsetType = UNSET
    private: Private | UnsetType = UNSET


@operation("integration.endpoint.update", title=_("Change the web-hook"), permission=RIGHT, effect="update")
def update_endpoint(session: CrmSession, endpoint: Endpoint, changes: EndpointUpdate) -> Endpoint:
    """Change an endpoint. A user who says where messages go, or which, becomes its owner: it is told from then on what
    this one may know.

    Raises InvalidInput and Refused as setting it up does.
    """
    values = given(changes)
    if "events" in values:
        values["events"] = checked_events(session, values["events"])
    if "url" in values or "private" in values:
        private = bool(values.get("private", endpoint.private))
        _check_address(session, str(values.get("url", endpoint.url)), private=private)
    if {"url", "events", "private"} & set(values) and session.actor.kind != "system":
        endpoint.owner_id, endpoint.limits = _owner(session, None)
    for name, value in values.items():
        setattr(endpoint, name, value)
    _touch(session, endpoint.id)
    return endpoint


@operation("integration.endpoint.delete", title=_("Remove the web-hook"), effect="delete")
def delete_endpoint(session: CrmSession, endpoint: Endpoint) -> None:
    """Remove an endpoint with its secrets and its log; what waits for it is not delivered any more."""
    session.delete(endpoint)


@operation("integration.endpoint.disable", title=_("Switch off"), permission=RIGHT, effect="update")
def disable_endpoint(session: CrmSession, endpoint: Endpoint) -> Endpoint:
    """Deliver nothing to an endpoint until it is switched on; what happens meanwhile waits for it.

    Raises Conflict where it is switched off already.
    """
    if endpoint.state == DISABLED:
        raise Conflict(_('"{name}" is switched off already.'), name=endpoint.name)
    disable(session, endpoint, "manual", session.gate.clock.now())
    _touch(session, endpoint.id)
    return endpoint


@operation("integration.endpoint.enable", title=_("Switch on"), permission=RIGHT, effect="update")
def enable_endpoint(
    session: CrmSession,
    endpoint: Endpoint,
    *,
    skip: Annotated[
        bool,
        Input(
            title=_("Leave out what has happened meanwhile"),
            help=_("Otherwise everything that waits is delivered."),
            classified="internal",
        ),
    ] = False,
) -> Endpoint:
    """Deliver to an endpoint again, and first what waits for it, at once. A user who switches one on whose owner has
    left becomes its owner. Raises Conflict where it is switched on."""
    if endpoint.state != DISABLED:
        raise Conflict(_('"{name}" is switched on.'), name=endpoint.name)
    if endpoint.because == "owner" and session.actor.kind != "system":
        endpoint.owner_id, endpoint.limits = _owner(session, None)
    now = session.gate.clock.now()
    endpoint.state, endpoint.because, endpoint.since = OK, None, now
    values: dict[str, Any] = {"failures": 0, "failing_since": None, "rest_until": None}
    waiting = update(Delivery).where(Delivery.endpoint_id == endpoint.id, Delivery.state == "waiting")
    if skip:
        values["begins_at"] = now
        session.execute(waiting.values(state="dead", ended_at=now))
    else:
        session.execute(waiting.values(next_at=now, attempts=0))
    session.execute(update(EndpointProgress).where(EndpointProgress.endpoint_id == endpoint.id).values(**values))
    _touch(session, endpoint.id)
    session.emit(EndpointEnabled(endpoint_id=endpoint.id))
    return endpoint


@operation("integration.endpoint.rotate", title=_("New secret"), permission=RIGHT, effect="update")
def rotate_secret(
    session: CrmSession,
    endpoint: Endpoint,
    *,
    overlap_hours: Annotated[
        int,
        Input(
            title=_("Hours of overlap"),
            help=_("For so long messages are signed with the old secret as well."),
            minimum=0,
            maximum=720,
            classified="internal",
        ),
    ] = OVERLAP,
) -> GivenSecret:
    """Make a new secret for an endpoint and return it, this once. Until the overlap ends messages have both signatures,
    so that the receiver changes over when it wants to; with 0 the old secret is worth nothing at once."""
    now = session.gate.clock.now()
    until = now + timedelta(hours=overlap_hours)
    for each in session.scalars(select(EndpointSecret).where(EndpointSecret.endpoint_id == endpoint.id)).all():
        if overlap_hours == 0 or (each.expires_at is not None and each.expires_at <= now):
            session.delete(each)
        elif each.expires_at is None or each.expires_at > until:
            each.expires_at = until
    session.flush()
    _touch(session, endpoint.id)
    return _give_secret(session, endpoint)


@operation("integration.endpoint.test", title=_("Send a test"), permission=RIGHT, effect="update")
def send_test(session: CrmSession, endpoint: Endpoint) -> Delivery:
    """Put a message without an event in the order of an endpoint, which is sent with the next ones. Raises Conflict
    where it is switched off."""
    if endpoint.state == DISABLED:
        raise Conflict(_('"{name}" is switched off.'), name=endpoint.name, fix=_("Switch it on first."))
    progress = session.get_one(EndpointProgress, endpoint.id)
    progress.last_seq += 1
    now = session.gate.clock.now()
    delivery = Delivery(
        endpoint_id=endpoint.id,
        seq=progress.last_seq,
        message_id=f"msg_{new_id().hex}",
        event_type=TEST,
        happened_at=now,
        others=[],
        line=TEST,
        next_at=now,
    )
    session.add(delivery)
    _touch(session, endpoint.id)
    return delivery


def _touch(session: CrmSession, endpoint_id: UUID) -> None:
    """Have a run that delivers to an endpoint just now notice that something has changed."""
    session.execute(
        update(EndpointProgress)
        .where(EndpointProgress.endpoint_id == endpoint_id)
        .values(revision=EndpointProgress.revision + 1)
    )


def _give_secret(session: CrmSession, endpoint: Endpoint) -> GivenSecret:
    secret = new_secret()
    session.add(EndpointSecret(id=new_id(), endpoint_id=endpoint.id, value=secret, made_at=session.gate.clock.now()))
    session.flush()
    return GivenSecret(endpoint_id=endpoint.id, name=endpoint.name, secret=secret)


def _owner(session: CrmSession, login: str | None) -> tuple[UUID, list[Any] | None]:
    """Return whose rights are to hold, and within which limits: the actor's own, or those of a user that system scope
    names."""
    actor = session.actor
    if actor.kind == "system":
        user = None
        if login:
            user = session.scalars(select(User).where(User.login == login.strip(), User.active)).one_or_none()
        if user is None:
            raise InvalidInput(
                _("Name the user whose rights hold."), fix=_("Give the login of an active user."), field="owner",
                value=login,
            )  # fmt: skip
        return user.id, None
    if actor.user_id is None:
        raise Refused(_("Only a user can own a web-hook: it is told what this one may know."))
    if login:
        own = session.get(User, actor.user_id)
        if own is None or own.login != login.strip():
            raise Refused(_("A web-hook belongs to whoever sets it up."))
    return actor.user_id, None if actor.limits is None else list(actor.limits)


def _check_address(session: CrmSession, url: str, *, private: bool) -> None:
    if private and not session.guarding.rights.unrestricted:
        resource, _dot, verb = PRIVATE.rpartition(".")
        if session.guarding.rights.scope(resource, verb) == "none":
            raise Refused(_("Addresses in the own network need a right of their own ({right})."), right=PRIVATE)
    try:
        checked_address(url, private=private)
    except Refused as error:
        raise InvalidInput(
            [Problem(InvalidInput.code, error.message, field="url", value=url, hint=error.fix, **error.values)]
        ) from error


def _problem(name: str, message: str, value: object) -> Problem:
    return Problem(InvalidInput.code, message, field=name, value=value)


OPERATIONS = [
    create_endpoint,
    update_endpoint,
    delete_endpoint,
    disable_endpoint,
    enable_endpoint,
    rotate_secret,
    send_test,
]
