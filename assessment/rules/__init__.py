"""Pure decisions of the assessment: values in, values out, no Django."""
