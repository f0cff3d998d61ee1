"""The unit by which systemd runs an installation: few rights, a graceful end, a reload that loses nothing.

Must not know the server.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

TEMPLATE = """\
[Unit]
Description=crmkit at {home}
After=network-online.target postgresql.service
Wants=network-online.target

[Service]
Type=exec
User=crmkit
Group=crmkit
UMask=0077
WorkingDirectory={home}
Environment=CRMKIT_HOME={home} CRMKIT_PROFILE=production
ExecStart={command}
ExecReload=/bin/kill -HUP $MAINPID
# To the first process alone: it lets the others end their requests and the job at hand.
KillMode=mixed
TimeoutStopSec=75
Restart=on-failure
RestartSec=3
# What another start does not mend: wrong options, settings that are not safe, a database of another version.
RestartPreventExitStatus=2 7

NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
ReadWritePaths={home}
ProtectHome={protect_home}
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
RemoveIPC=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources

[Install]
WantedBy=multi-user.target
"""


def unit(home: Path, arguments: Sequence[str], *, python: str = sys.executable) -> str:
    """Return the text of the unit for an installation, which is served with some arguments."""
    command = " ".join(_quoted(word) for word in (python, "-m", "crmkit", "serve", *arguments))
    # A home below /home has to be seen.
    inside = any(home.is_relative_to(folder) for folder in ("/home", "/root"))
    return TEMPLATE.format(home=_escaped(home), command=command, protect_home="no" if inside else "yes")


def _quoted(word: str) -> str:
    # systemd reads % as the beginning of a specifier, and quotes as a shell does.
    return shlex.quote(word).replace("%", "%%")


def _escaped(path: Path) -> str:
    return str(path).replace("%", "%%").replace(" ", "\\x20")
