"""Allow-listed filters of the lists of the projects."""
