"""Accountability: 33 grounds, measures and what they bring, for how long, by which rule."""
