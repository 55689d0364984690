from django.forms.renderers import TemplatesSetting


class FormRenderer(TemplatesSetting):
    """Every field of every form of ours looks the same."""

    field_template_name = "forms/field.html"
