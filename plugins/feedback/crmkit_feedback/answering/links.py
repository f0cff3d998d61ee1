"""The open link of a survey: for a poster, a website or a receipt. Whoever has it answers, and nobody knows who that
is."""

from __future__ import annotations

import io
from typing import Annotated, Any

from attrs import frozen
from sqlalchemy import select

from crmkit import CrmSession, Input, InvalidInput, Problem, operation, texts
from crmkit_feedback.answering.models import SurveyLink
from crmkit_feedback.extras import library
from crmkit_feedback.surveys.choosing import version_of
from crmkit_feedback.surveys.models import Survey

_ = texts("crmkit_feedback")

PAGE = "feedback.answer"
"""The public page on which a survey is answered."""
DAYS = 730


@frozen(kw_only=True)
class OpenLink:
    """The open link of a survey: its address, the picture of it as SVG, and what a website takes to show it."""

    address: Annotated[str, Input(classified="internal")]
    embed: Annotated[str, Input(classified="internal")]
    origins: tuple[Annotated[str, Input(classified="internal")], ...]


@operation("feedback.survey.link", title=_("Make an open link"), permission="feedback.survey.manage", effect="update")
def link(
    session: CrmSession,
    survey: Survey,
    *,
    origins: Annotated[
        tuple[str, ...],
        Input(
            title=_("Websites that may show it"),
            help=_("Each as https://www.example.com, without a path."),
            max_length=200,
            classified="internal",
        ),
    ] = (),
    anew: Annotated[
        bool, Input(title=_("A new address"), help=_("The one before opens nothing any more."), classified="internal")
    ] = False,
) -> OpenLink:
    """Return the open link of a survey, which holds for two years and is made when there is none; say which websites
    may show it in a frame. Raises InvalidInput for what is no address of a website, SurveyNotOpen."""
    version_of(session, survey)
    wrong = [each for each in origins if not _is_origin(each)]
    if wrong:
        text = _("This is no address of a website, such as https://www.example.com.")
        raise InvalidInput([Problem(InvalidInput.code, text, field="origins", value=wrong[0])])
    known = link_of(session, survey)
    if known is not None and not anew and known.expires_at > session.gate.clock.now():
        if origins:
            known.origins = list(origins)
        return shown(session, known)
    made = session.run("public_link.create", {"page": PAGE, "ref": f"feedback.survey:{survey.id}", "days": DAYS})
    if known is None:
        known = SurveyLink(survey_id=survey.id, origins=[])
        session.add(known)
    known.link_id, known.path, known.expires_at = made.link_id, made.path, made.expires_at
    known.origins = list(origins) or list(known.origins or [])
    return shown(session, known)


def link_of(session: CrmSession, survey: Survey) -> SurveyLink | None:
    """Return the open link of a survey, or None where none was made."""
    return session.scalar(select(SurveyLink).where(SurveyLink.survey_id == survey.id))


def shown(session: CrmSession, found: SurveyLink) -> OpenLink:
    """Return an open link as it is handed over."""
    address = f"{(session.crm.settings.public_url or '').rstrip('/')}{found.path}"
    embed = f'<iframe src="{address}" title="" width="100%" height="640" style="border:0"></iframe>'
    return OpenLink(address=address, embed=embed, origins=tuple(map(str, found.origins)))


def qr_svg(address: str) -> str:
    """Return an address as a QR code, as an SVG element without styles."""
    return str(_qr(address).svg_inline(scale=4, border=2))


def qr_png(address: str, scale: int = 8) -> bytes:
    """Return an address as a QR code, as a PNG picture of ``scale`` pixels for each of its squares."""
    out = io.BytesIO()
    _qr(address).save(out, kind="png", scale=scale, border=4)
    return out.getvalue()


def _qr(address: str) -> Any:
    # Q: a quarter of it may be covered or dirty, as on a poster.
    return library("segno").make(address, error="q", micro=False)


def _is_origin(text: str) -> bool:
    scheme, _sep, host = text.partition("://")
    return scheme in ("http", "https") and bool(host) and all(sign.isalnum() or sign in ".-:" for sign in host)


OPERATIONS = [link]
