from typing import Any

from django.template.loader import get_template


def render_component(name: str, **inputs: Any) -> str:
    """The component as markup. It sees its inputs and nothing else of the page."""
    return get_template(f"components/{name}.html").render(inputs)
