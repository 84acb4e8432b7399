"""REST shapes of conduct."""
