"""Writing a need down where it was heard: from the page of an interaction, a case, feedback or any other record."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmkit import CrmSession, Input, NotFound, operation, texts
from crmkit_needs.catalogue.evidence import SOURCES
from crmkit_needs.catalogue.history import problem
from crmkit_needs.catalogue.inputs import Importance, Quote
from crmkit_needs.catalogue.models import Need

_ = texts("crmkit_needs")

CREATE = "needs.need.create"


@operation("needs.need.from_record", title=_("Write down a need"), permission=CREATE, effect="create")
def note_need(
    session: CrmSession,
    *,
    record: Annotated[
        str,
        Input(
            title=_("Heard in"),
            help=_("A record, as resource:id."),
            max_length=160,
            classified="internal",
            records=tuple(SOURCES),
        ),
    ],
    need_id: Annotated[
        UUID | None,
        Input(
            title=_("Need"),
            help=_("The need that it is, where it is known already."),
            resource="needs.need",
            classified="internal",
        ),
    ] = None,
    title: Annotated[
        str,
        Input(title=_("Title"), help=_("What is needed, where it is new."), max_length=200, classified="internal"),
    ] = "",
    quote: Quote = "",
    importance: Importance = 3,
) -> Need:
    """Write down what a customer needs, as a record says it: as evidence for a need that is known, or for a new one
    with a title. Without a quote it is what the record says, as far as the actor may read it.

    Raises InvalidInput where neither a need nor a title is given, and for what names no record about a customer;
    NotFound for a need or a record that the actor cannot see.
    """
    if need_id is not None:
        need = session.get(Need, need_id)
        if need is None:
            raise NotFound(_("There is no such need."))
    elif title.strip():
        need = session.run(CREATE, {"title": title})
    else:
        raise problem("title", _("Choose the need that it is, or say what is needed."))
    session.run("needs.evidence.from_record", {"record": record, "quote": quote, "importance": importance}, target=need)
    return need


OPERATIONS = [note_need]
