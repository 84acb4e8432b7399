"""What conduct hands out as files."""
