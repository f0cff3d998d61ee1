"""What machines write to customers in the name of the business, in the customer's language. Must not send anything."""

from __future__ import annotations

from crmkit import CrmSession, Customer, texts
from crmkit.i18n import LANGUAGES, normalise_language, translate
from crmkit_service.cases.models import Case
from crmkit_service.channels.links import CASE, RATING, address_of

_ = texts("crmkit_service")

ACKNOWLEDGED = _(
    "Hello {name},\n\nthank you for writing. Your request has the number {number}. We will answer as soon as we can."
)
FOLLOW = _("You can follow it, add to it or close it here:\n{address}")
SOLVED = _("Hello {name},\n\nwe think that your request {number} is solved.")
RATE = _("How satisfied are you with it? It takes a click:\n{address}")
REGARDS = _("Kind regards\n{business}")
PLACES = {CASE: _("[link to the page of the request]"), RATING: _("[link to the page for your answer]")}
"""What stands in a case in place of links: whoever has a link has the page, so it goes to the customer alone."""
NO_SUBJECT = _("Without a subject")


def language_for(session: CrmSession, case: Case) -> str:
    """Return the language in which a customer is written to about a case: the case's, the customer's, the company's."""
    customer = session.get(Customer, case.customer_id)
    for said in (case.language, customer.language if customer is not None else None):
        if said and normalise_language(said) in LANGUAGES:
            return normalise_language(said)
    return session.crm.config.get(session).language


def acknowledgement(session: CrmSession, case: Case) -> str:
    """Return what tells a customer that a request came in; with words in place of the link to the case's page, where
    customers reach it."""
    language = language_for(session, case)
    parts = [_hello(session, case, ACKNOWLEDGED, language)]
    if session.crm.settings.public_url:
        parts.append(translate(FOLLOW, language, address=translate(PLACES[CASE], language)))
    return "\n\n".join([*parts, _regards(session, language)])


def asking(session: CrmSession, case: Case) -> str:
    """Return what asks a customer how satisfied they are with how a case was solved; with words in place of the link to
    the page of the rating."""
    language = language_for(session, case)
    rate = translate(RATE, language, address=translate(PLACES[RATING], language))
    return "\n\n".join([_hello(session, case, SOLVED, language), rate, _regards(session, language)])


def _hello(session: CrmSession, case: Case, text: str, language: str) -> str:
    customer = session.get(Customer, case.customer_id)
    name = customer.name if customer is not None and type(customer.name) is str else ""
    # Who is known by an address alone is greeted without one.
    shown = "" if "@" in name else name
    return translate(text, language, name=shown, number=case.number).replace(" ,", ",").replace("  ", " ")


def _regards(session: CrmSession, language: str) -> str:
    return translate(REGARDS, language, business=session.crm.config.get(session).name or "").strip()


def with_links(session: CrmSession, case: Case, text: str) -> str:
    """Return a text that a machine wrote, with new links where it names them."""
    language = language_for(session, case)
    for page, place in PLACES.items():
        said = translate(place, language)
        if said in text:
            text = text.replace(said, address_of(session, case, page))
    return text
