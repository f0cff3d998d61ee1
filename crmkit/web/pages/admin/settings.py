"""Settings of the business: name, currency, zone; option lists, custom fields, required fields, exchange rates."""

from __future__ import annotations

from sqlalchemy import select
from starlette.responses import Response

from crmkit.core.business.models import Business, CurrencyRate, CustomField
from crmkit.core.business.options import is_closed
from crmkit.errors import NotFound
from crmkit.i18n import texts
from crmkit.web.pages.call import PageCall
from crmkit.web.pages.forms import form_of, submit
from crmkit.web.pages.routing import get, post

_ = texts("crmkit")

RIGHT = "business.admin"
MOST_RATES = 200
TABS = (
    ("business", _("Business"), "/admin/settings"),
    ("lists", _("Option lists"), "/admin/settings/lists"),
    ("fields", _("Custom fields"), "/admin/settings/fields"),
    ("required", _("Required fields"), "/admin/settings/required"),
    ("rates", _("Exchange rates"), "/admin/settings/rates"),
)


def _tabs(call: PageCall) -> list[tuple[str, str, str]]:
    return [(key, call.text(title), path) for key, title, path in TABS]


def _business(call: PageCall) -> Business | None:
    with call.session() as session:
        return session.scalar(select(Business))


@get("/admin/settings", right=RIGHT)
def settings(call: PageCall) -> Response:
    """Show the settings of the business."""
    form = form_of(call, "business.configure", initial=_initial(call))
    return call.page("admin/settings.html", form=form, tabs_=_tabs(call))


@post("/admin/settings", right=RIGHT)
def save(call: PageCall) -> Response:
    """Change the settings of the business."""
    sent = submit(call, form_of(call, "business.configure", initial=_initial(call)))
    if sent.form is not None:
        return call.page("admin/settings.html", status=sent.status, form=sent.form, tabs_=_tabs(call))
    return call.redirect("/admin/settings", said=_("Saved."))


def _initial(call: PageCall) -> dict[str, object]:
    found = _business(call)
    if found is None:
        return {}
    names = ("name", "base_currency", "zone", "country", "province", "city", "fiscal_year_start", "language", "accent")
    return {name: value for name in names if (value := getattr(found, name)) is not None}


@get("/admin/settings/lists", right=RIGHT)
def lists(call: PageCall) -> Response:
    """List the option lists with their values."""
    config = call.business
    return call.page(
        "admin/lists.html",
        lists=[(name, list(values.values())[:6], len(values), is_closed(config, name)) for name, values in
               sorted(config.options.items())],
        tabs_=_tabs(call),
    )  # fmt: skip


@get("/admin/settings/lists/{name}", right=RIGHT)
def values(call: PageCall, name: str) -> Response:
    """Show the values of one list."""
    if name not in call.business.options:
        raise NotFound(_("There is no such list."))
    return call.page(
        "admin/list.html",
        name=name,
        values=list(call.business.options[name].items()),
        closed=is_closed(call.business, name),
        form=form_of(call, "option.add", fixed={"list_name": name}),
        tabs_=_tabs(call),
    )


@post("/admin/settings/lists/{name}", right=RIGHT)
def add_value(call: PageCall, name: str) -> Response:
    """Add a value to a list."""
    sent = submit(call, form_of(call, "option.add", fixed={"list_name": name}))
    if sent.form is not None:
        return call.page(
            "admin/list.html",
            status=sent.status,
            name=name,
            values=list(call.business.options.get(name, {}).items()),
            closed=is_closed(call.business, name),
            form=sent.form,
            tabs_=_tabs(call),
        )
    return call.redirect(f"/admin/settings/lists/{name}", said=_("Saved."))


@post("/admin/settings/lists/{name}/change", right=RIGHT)
def change_list(call: PageCall, name: str) -> Response:
    """Retire a value, or let a list take only its values, or any."""
    if call.value("retire"):
        call.run("option.retire", {"list_name": name, "value": call.value("retire")})
    else:
        call.run("option_list.open" if call.value("open") else "option_list.close", {"list_name": name})
    return call.redirect(f"/admin/settings/lists/{name}", said=_("Saved."))


@get("/admin/settings/fields", right=RIGHT)
def fields(call: PageCall) -> Response:
    """List the custom fields."""
    with call.session() as session:
        query = select(CustomField).order_by(CustomField.resource, CustomField.position, CustomField.name)
        found = list(session.scalars(query))
    return call.page("admin/fields.html", fields=found, tabs_=_tabs(call))


@get("/admin/settings/required", right=RIGHT)
def required(call: PageCall) -> Response:
    """Show which fields are required, and ask for another."""
    return call.page(
        "admin/required.html",
        required=[(resource, sorted(names)) for resource, names in sorted(call.business.required.items())
                  if resource in call.crm.registry.resources],
        form=form_of(call, "required_field.set"),
        tabs_=_tabs(call),
    )  # fmt: skip


@post("/admin/settings/required", right=RIGHT)
def require(call: PageCall) -> Response:
    """Require a field, or no longer."""
    if call.value("unset"):
        resource, _dot, name = call.value("unset").partition(".")
        call.run("required_field.unset", {"resource": resource, "name": name})
        return call.redirect("/admin/settings/required", said=_("Saved."))
    sent = submit(call, form_of(call, "required_field.set"))
    if sent.form is not None:
        found = [(name, sorted(names)) for name, names in sorted(call.business.required.items())]
        return call.page("admin/required.html", status=sent.status, required=found, form=sent.form, tabs_=_tabs(call))
    return call.redirect("/admin/settings/required", said=_("Saved."))


@get("/admin/settings/rates", right=RIGHT)
def rates(call: PageCall) -> Response:
    """List exchange rates, the newest first, and ask for another."""
    return _rates(call, form_of(call, "currency_rate.set"))


@post("/admin/settings/rates", right=RIGHT)
def set_rate(call: PageCall) -> Response:
    """Set an exchange rate."""
    sent = submit(call, form_of(call, "currency_rate.set"))
    if sent.form is not None:
        return _rates(call, sent.form, sent.status)
    return call.redirect("/admin/settings/rates", said=_("Saved."))


def _rates(call: PageCall, form: object, status: int = 200) -> Response:
    with call.session() as session:
        query = select(CurrencyRate).order_by(CurrencyRate.valid_from.desc(), CurrencyRate.currency).limit(MOST_RATES)
        found = list(session.scalars(query))
    return call.page("admin/rates.html", status=status, rates=found, form=form, tabs_=_tabs(call))


ROUTES = [settings, save, lists, values, add_value, change_list, fields, required, require, rates, set_rate]
