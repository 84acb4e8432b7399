"""REST shapes of the projects, one module per resource."""
