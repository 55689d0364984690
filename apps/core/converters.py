from django.urls import register_converter


class CodeConverter:
    """The code of a measure or an indicator: “1.2”, “G2-1”."""

    regex = r"[\w.-]{1,20}"

    def to_python(self, value: str) -> str:
        return value

    to_url = to_python


register_converter(CodeConverter, "code")
