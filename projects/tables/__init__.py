"""Workbooks that hand out what the pages of the projects show."""
