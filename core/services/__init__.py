"""Every write of the core: keyword-only, typed, atomic, audited in the same transaction."""
