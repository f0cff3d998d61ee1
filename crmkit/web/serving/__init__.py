"""Serving an installation: processes and their end, health, metrics, logs, spans. Nothing of it is used by a host that
mounts the application in its own."""
