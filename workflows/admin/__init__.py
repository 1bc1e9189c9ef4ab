"""The admin for support staff: everything can be found; what may be changed goes through the services."""

from workflows.admin import connections, people, scopes, tokens, workflows

__all__ = ["connections", "people", "scopes", "tokens", "workflows"]
