from django import forms
from django.contrib.auth.forms import PasswordChangeForm
from django.utils.translation import gettext_lazy as _

CODE = {"autocomplete": "one-time-code", "spellcheck": "false", "autocapitalize": "off"}


class OwnPasswordForm(PasswordChangeForm):
    """As Django's; the old password may be guessed here no more often than at the sign-in."""

    field_order = ["old_password", "new_password1", "new_password2"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["old_password"].widget.attrs.pop("autofocus", None)  # the page is about more than this


class CodeForm(forms.Form):
    """The six digits of the app, or a recovery code."""

    code = forms.CharField(
        label=_("验证码"),
        max_length=40,
        help_text=_("手机上显示的六位数字；手机不在身边的，填一个恢复码。"),
        widget=forms.TextInput(attrs={**CODE, "autofocus": True, "class": "input"}),
    )


class SetUpForm(forms.Form):
    """The first code the app shows; with the password, where the session may have stood open for a while."""

    code = forms.CharField(
        label=_("手机上显示的六位数字"),
        max_length=12,
        widget=forms.TextInput(attrs={**CODE, "inputmode": "numeric", "class": "input"}),
    )
    password = forms.CharField(
        label=_("您的密码"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "class": "input"}),
    )

    def __init__(self, *args, asks_password, **kwargs):
        super().__init__(*args, **kwargs)
        if not asks_password:
            del self.fields["password"]

    def clean_code(self):
        return "".join(self.cleaned_data["code"].split())
