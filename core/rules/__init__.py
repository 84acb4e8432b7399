"""Pure decisions of the core: values in, values out, no Django."""
