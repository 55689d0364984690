from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class SecondFactorPolicy(TextChoices):
    """Who must set up a second factor; whoever has one is asked for it, unless the policy is off."""

    OFF = "off", _("不使用")
    OPTIONAL = "optional", _("自愿")
    ADMINS = "admins", _("管理员必须")
    ALL = "all", _("全员必须")


class Stage(TextChoices):
    """The next step of signing in; no page is shown before `IN`."""

    VERIFY = "verify", _("待验证")
    NEW_PASSWORD = "new_password", _("待改密码")
    SET_UP = "set_up", _("待设置两步验证")
    IN = "in", _("已登录")


class WaitReason(TextChoices):
    """Why a sign-in has to wait."""

    PAIR = "pair", _("这个账号在这台电脑上连续输错多次。")
    ACCOUNT = "account", _("近一小时有人在多处试这个账号的密码。")
    ADDRESS = "address", _("近一小时从这个网络地址有很多账号输错密码。")
    CODE = "code", _("验证码连续输错多次。")
