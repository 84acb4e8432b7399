"""Every write of the assessment: keyword-only, typed, atomic, audited in the same transaction."""
