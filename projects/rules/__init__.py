"""Pure rules of the projects."""
