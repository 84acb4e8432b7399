"""REST of conduct."""
