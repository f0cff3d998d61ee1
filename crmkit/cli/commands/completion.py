"""``crmkit completion``: the script that makes a shell complete crmkit's commands, options and names."""

from __future__ import annotations

import click

from crmkit.cli.invocation import Invocation
from crmkit.cli.lazy import single
from crmkit.i18n import texts

_ = texts("crmkit")

SHELLS = ("bash", "zsh", "fish")


@single(
    "completion",
    _(
        'Print the script that completes commands in a shell. For bash, put eval "$(crmkit completion bash)" into '
        "~/.bashrc; for zsh the same into ~/.zshrc; for fish save it as ~/.config/fish/completions/crmkit.fish."
    ),
)
@click.argument("shell", type=click.Choice(SHELLS))
def completion(cli: Invocation, shell: str) -> None:
    """Print the script for a shell."""
    from click.shell_completion import get_completion_class

    from crmkit.cli.root import root

    found = get_completion_class(shell)
    assert found is not None
    made = found(root, {}, "crmkit", "_CRMKIT_COMPLETE")
    # Written by hand: the script must be printed without asking the shell for its version, as click does for bash.
    script = made.source_template % made.source_vars()
    if cli.json:
        cli.output.document({"shell": shell, "script": script})
    else:
        click.echo(script)
