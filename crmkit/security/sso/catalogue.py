"""What single sign-on registers with the kernel."""

from __future__ import annotations

from crmkit.security.sso.identities import OPERATIONS as OPERATIONS
