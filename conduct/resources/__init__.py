"""What conduct reads from tables and writes as documents and tables."""
