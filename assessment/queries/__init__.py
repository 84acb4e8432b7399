"""Every cross-table read of the assessment; rows of people only through `results_visible_to`."""

from assessment.queries.periods import todos

__all__ = ["todos"]
