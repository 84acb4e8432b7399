"""Spreadsheets in: safe reading, table finding, and the rows' way into the services."""
