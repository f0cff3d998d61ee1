"""The states of plugins and the ways between them: enabling, disabling, upgrading, purging, and what lists show.

`views` reads entry points and the mirror alone; everything else works on an open `CRM`. Schema changes run on the
runner's connection, never in a session of the gate: see `crmkit.migrations.runner`.
"""
