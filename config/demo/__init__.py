"""Parts of the invented demo district, one module per kind of record; `seed_demo` calls them in order."""
