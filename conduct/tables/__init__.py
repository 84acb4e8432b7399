"""Workbooks that conduct hands out."""
