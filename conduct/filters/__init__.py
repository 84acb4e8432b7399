"""Allow-listed filters of the lists of conduct."""
