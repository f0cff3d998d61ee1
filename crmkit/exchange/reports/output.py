"""A run report in one of its forms. Must not know how figures are found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

from crmkit.engines.reports.values import ReportRun
from crmkit.exchange.reports.pages import page, template_of
from crmkit.exchange.reports.printed import pdf
from crmkit.exchange.reports.sheets import as_csv, as_json, xlsx

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

Format = Literal["html", "pdf", "xlsx", "csv", "json"]
FORMATS: tuple[str, ...] = get_args(Format)


def output(
    session: CrmSession, run: ReportRun, format: Format, language: str = "en", *, rows_link: str | None = None
) -> bytes:
    """Return a report as the bytes of a file.

    Raises TemplateError, MissingExtra and FontMissing where the form cannot be made.
    """
    match format:
        case "html":
            return page(run, template_of(session, run.name), language, rows_link=rows_link).encode()
        case "pdf":
            return pdf(run, language)
        case "xlsx":
            return xlsx(run, language)
        case "csv":
            return as_csv(run, language)
        case "json":
            return as_json(run, language)
