"""Schemes, periods, the scoring engine, runs, rankings and exports (日清 月评 季督 年考)."""
