"""Import of projects from published tables."""

from projects.resources.tables import ProjectResource

__all__ = ["ProjectResource"]
