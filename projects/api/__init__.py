"""REST of the projects, one module per resource."""
