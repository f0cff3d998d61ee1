"""``crmkit key``: the root keys that everything sealed hangs on, the key of lookups, and copies of the keys."""

from __future__ import annotations

from pathlib import Path

import click

from crmkit.cli.asking import confirm
from crmkit.cli.invocation import Invocation
from crmkit.cli.lazy import command, group, option
from crmkit.cli.output import Column
from crmkit.cli.secrets import Question, ask_secrets
from crmkit.i18n import texts

_ = texts("crmkit")

key = group(help=_("List, change, back up and give up the keys that sealed values hang on."), name="key")
"""The group ``crmkit key``."""

_FILE = click.Path(dir_okay=False, path_type=Path)


@command(key, "list", _("List the root keys, and how much is wrapped under each."))
def list_(cli: Invocation) -> None:
    """Print the root keys, the oldest first."""
    import attrs

    from crmkit.security.keys.operations import list_root_keys

    with cli.session() as session:
        found = list_root_keys(session)
    columns = (
        Column("id", _("Number"), "right"),
        Column("kind", _("Kept in")),
        Column("name", _("Name")),
        Column("state", _("State")),
        Column("data_keys", _("Data keys"), "right"),
        Column("purpose_keys", _("Purpose keys"), "right"),
        Column("present", _("There")),
        Column("created_at", _("Made at")),
        Column("backed_up_at", _("Backed up at")),
    )
    cli.output.table(columns, [attrs.asdict(each) for each in found])


@command(key, "status", _("Say which keys are in use, whether they are right, and whether a change is unfinished."))
def status(cli: Invocation) -> None:
    """Print what is in use."""
    from crmkit.security.keys.rotating import status_of

    with cli.session() as session:
        found = status_of(session)
    cli.output.record(
        [
            (_("Installation"), found.instance_id),
            (_("Root key in use"), found.root),
            (_("Kept in"), found.kind),
            (_("Keys under earlier root keys"), found.left),
            (_("Version of the lookup key"), found.index_version),
            (_("Other versions that are looked for"), list(found.index_others)),
            (_("Never backed up"), list(found.not_backed_up)),
        ],
        json=found,
    )
    if cli.json:
        return
    if found.left:
        cli.output.warn(_("A change of the root key is not finished. Run: crmkit key rotate"))
    if found.index_others:
        cli.output.warn(_("A change of the lookup key is not finished. Run: crmkit key rotate-index"))
    if found.not_backed_up:
        cli.output.warn(_("There are keys that were never backed up. Run: crmkit key backup FILE"))


@command(key, "rotate", _("Change to a new root key, or finish a change, while others work."))
@option("--prepare", is_flag=True, help=_("Only make the new key, to take it to every machine first."))
def rotate(cli: Invocation, prepare: bool) -> None:
    """Rotate the root key; interrupted, the next call goes on."""
    if prepare:
        number = cli.run("key.prepare")
        if cli.json:
            cli.output.document({"root": number, "prepared": True})
        else:
            cli.output.say(
                _("Root key {number} is made and not in use. Take it to every machine; then run: crmkit key rotate"),
                number=number,
            )
        return
    from crmkit.security.keys.rotating import rotate_root

    with cli.output.progress(_("Wrapping keys")) as advance:
        found = rotate_root(cli.crm, cli.actor, progress=advance)
    if cli.json:
        cli.output.document(found)
        return
    if found.resumed:
        cli.output.say(_("An earlier change was finished; no further key was made."))
    cli.output.say(
        _("Root key {root} is in use. {count} keys were wrapped under it in {seconds} s; {left} are left."),
        root=found.root,
        count=found.rewrapped,
        seconds=f"{found.seconds:.1f}",
        left=found.left,
    )
    cli.output.say(_("Back it up: crmkit key backup FILE. Give the earlier one up: crmkit key retire NUMBER"))


@command(key, "rotate-index", _("Change to a new key of lookups; everything stays findable meanwhile."))
def rotate_index(cli: Invocation) -> None:
    """Rotate the key of blind tokens; interrupted, the next call goes on."""
    from crmkit.security.keys.rotating import rotate_index as change

    with cli.output.progress(_("Making tokens")) as advance:
        found = change(cli.crm, cli.actor, progress=advance)
    if cli.json:
        cli.output.document(found)
    else:
        cli.output.say(
            _("Version {version} of the lookup key is in use; {count} values got new tokens in {seconds} s."),
            version=found.version,
            count=found.retokened,
            seconds=f"{found.seconds:.1f}",
        )


@command(key, "rotate-data-key", _("Give one customer a new data key and seal everything anew under it."))
@click.argument("customer")
def rotate_data_key(cli: Invocation, customer: str) -> None:
    """Re-encrypt one customer's values."""
    from crmkit.cli.naming import find_customer

    with cli.session() as session:
        target = find_customer(session, customer).id
    found = cli.run("key.rotate_data_key", target=target)
    if cli.json:
        cli.output.document(found)
    else:
        cli.output.say(
            _("{count} values were sealed anew; {kept} earlier keys are kept for what is never rewritten."),
            count=found.sealed,
            kept=found.kept,
        )


@command(key, "retire", _("Give up a root key that nothing is wrapped under any more, and show that."))
@click.argument("number", type=int)
@option("--destroy", is_flag=True, help=_("Destroy it: backups from before the change become unreadable."))
@option("--yes", "-y", is_flag=True, help=_("Do not ask before it is destroyed."))
def retire(cli: Invocation, number: int, destroy: bool, yes: bool) -> None:
    """Retire a root key."""
    if destroy:
        confirm(cli, _("Destroy root key {number} for good?"), yes=yes, number=number)
    left = cli.run("key.retire", {"number": number, "destroy": destroy})
    if cli.json:
        cli.output.document({"number": number, "wrapped_under_it": left, "destroyed": destroy})
    else:
        cli.output.say(_("Root key {number} is given up: {left} keys are wrapped under it."), number=number, left=left)


@command(key, "backup", _("Back up the root keys into a file under a passphrase. Keep it apart from the data."))
@click.argument("file", type=_FILE)
def backup(cli: Invocation, file: Path) -> None:
    """Write a key backup; the passphrase is asked for, or read from standard input."""
    from crmkit.security.keys.backups import back_up

    (passphrase,) = ask_secrets(cli, [Question(_("Passphrase"), twice=True)])
    found = back_up(cli.crm, cli.actor, file, passphrase)
    names = [each.name for each in found.keys]
    if cli.json:
        cli.output.document({"file": file.absolute(), "keys": names, "taken_at": found.taken_at})
    else:
        cli.output.say(_("{file} holds the keys {names}."), file=file, names=", ".join(names))
        cli.output.say(_("Keep it apart from backups of the data, and the passphrase apart from it."))


@command(key, "restore", _("Put root keys of a key backup back; those that are there are compared, never replaced."))
@click.argument("file", type=_FILE)
def restore(cli: Invocation, file: Path) -> None:
    """Read a key backup; the passphrase is asked for, or read from standard input."""
    from crmkit.errors import KeyBackupError
    from crmkit.security.keys.backups import put_back

    try:
        data = file.read_bytes()
    except OSError as error:
        raise KeyBackupError(
            _("{path} cannot be read: {reason}."), path=file, reason=error.strerror or error
        ) from error
    settings = cli.settings
    (passphrase,) = ask_secrets(cli, [Question(_("Passphrase"))])
    found = put_back(settings, data, passphrase)
    if cli.json:
        cli.output.document(found)
    else:
        cli.output.say(
            _("Put back: {written}. There already: {present}."),
            written=", ".join(found.written) or "-",
            present=", ".join(found.present) or "-",
        )
