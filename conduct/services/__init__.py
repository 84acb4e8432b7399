"""Every write of conduct: keyword-only, typed, atomic, audited in the same transaction."""
