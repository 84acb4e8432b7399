"""Which templates forms are drawn with."""

from django.forms.renderers import TemplatesSetting


class FormRenderer(TemplatesSetting):
    """Every field through one template: label, control, help, error at the field."""

    field_template_name = "forms/field.html"
    form_template_name = "forms/form.html"
