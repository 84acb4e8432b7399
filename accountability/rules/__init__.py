"""Pure decisions of accountability: values in, values out, no Django."""
