"""Pure decisions of conduct: values in, values out, no Django."""
