"""``crmkit field``: the fields that an admin adds to customers and other resources at run time."""

from __future__ import annotations

import click

from crmkit.cli.invocation import Invocation
from crmkit.cli.lazy import command, group, option
from crmkit.cli.output import Column
from crmkit.cli.results import show_result
from crmkit.errors import NotFound
from crmkit.i18n import texts

_ = texts("crmkit")

field = group(help=_("List, add and retire custom fields."), name="field")
"""The group ``crmkit field``."""


@command(field, "list", _("List the custom fields; with --all also those that were retired."))
@option("--resource", metavar="NAME", help=_("Only those of this resource, such as customer."))
@option("--all", "everything", is_flag=True, help=_("Also those that were retired."))
def list_(cli: Invocation, resource: str | None, everything: bool) -> None:
    """Print the custom fields."""
    from sqlalchemy import select

    from crmkit.core.business.models import CustomField

    query = select(CustomField).order_by(CustomField.resource, CustomField.position, CustomField.name)
    if resource is not None:
        query = query.where(CustomField.resource == resource)
    if not everything:
        query = query.where(CustomField.active.is_(True))
    with cli.session() as session:
        rows = [
            {
                "id": item.id,
                "resource": item.resource,
                "name": item.name,
                "title": item.title,
                "type": item.type,
                "options": list(item.options),
                "field_class": item.field_class,
                "required": item.required,
                "active": item.active,
                "version": item.version,
            }
            for item in session.scalars(query)
        ]
    columns = (
        Column("resource", _("Resource")),
        Column("name", _("Name")),
        Column("title", _("Title")),
        Column("type", _("Type")),
        Column("field_class", _("Class")),
        Column("required", _("Required")),
        Column("options", _("Options")),
    )
    cli.output.table(columns, rows, empty=_("There is no custom field."))


@command(field, "add", _("Add a field to customers or another resource."))
@click.argument("name")
@option(
    "--type",
    "type_",
    metavar="TYPE",
    default="text",
    help=_("Type: text, number, day, choice … (text); crmkit operation show custom_field.create lists them."),
)
@option("--title", metavar="TEXT", help=_("What people read; by default the name."))
@option("--resource", metavar="NAME", default="customer", help=_("Resource that gets the field (customer)."))
@option(
    "--option", "options", multiple=True, metavar="VALUE", help=_("A value of a choice; may be given several times.")
)
@option("--class", "field_class", metavar="CLASS", help=_("Field class: public, internal, personal or sensitive."))
@option("--required", is_flag=True, help=_("Refuse new records without it."))
@option("--key", metavar="TEXT", help=_("Idempotency key: the same key and input are carried out once."))
def add(
    cli: Invocation,
    name: str,
    type_: str,
    title: str | None,
    resource: str,
    options: tuple[str, ...],
    field_class: str | None,
    required: bool,
    key: str | None,
) -> None:
    """Add a custom field and print it."""
    values: dict[str, object] = {"name": name, "type": type_, "resource": resource, "required": required}
    if title is not None:
        values["title"] = title
    if options:
        values["options"] = list(options)
    if field_class is not None:
        values["field_class"] = field_class
    show_result(cli, cli.run("custom_field.create", values, key=key))


@command(field, "retire", _("Take a field out of use. Its values are kept and come back when it is added again."))
@click.argument("name")
@option("--resource", metavar="NAME", default="customer", help=_("Resource that has the field (customer)."))
def retire(cli: Invocation, name: str, resource: str) -> None:
    """Retire a custom field and print it."""
    from sqlalchemy import select

    from crmkit.core.business.models import CustomField

    with cli.session() as session:
        query = select(CustomField.id).where(CustomField.resource == resource, CustomField.name == name)
        identity = session.scalar(query.where(CustomField.active.is_(True)))
    if identity is None:
        raise NotFound(
            _('There is no custom field "{name}" of {resource}.'),
            fix=_("crmkit field list shows them."),
            name=name,
            resource=resource,
        )
    show_result(cli, cli.run("custom_field.retire", target=identity))
