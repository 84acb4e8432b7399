"""Pages of the projects, one module per kind of record."""
