"""Reads of conduct; the row scope of each kind of record comes from its `…_visible_to` alone."""
