"""For whoever runs the server, when no administrator can sign in any more."""

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from apps.accounts.models import User
from apps.signin import services


class Command(BaseCommand):
    help = "帮助某人重新登录：解除登录限制；另可重置两步验证、退出全部登录。办理情况记入审计。"

    def add_arguments(self, parser):
        parser.add_argument("username")
        parser.add_argument("--second-factor", action="store_true", help="重置两步验证")
        parser.add_argument("--sign-out", action="store_true", help="退出此人的全部登录")

    def handle(self, *args, username, second_factor, sign_out, **options):
        person = User.objects.filter(username=username).first()
        if person is None:
            raise CommandError(f"没有用户名为“{username}”的人员。")
        acts = [services.lift_wait]
        acts += [services.reset_second_factor] if second_factor else []
        acts += [services.sign_out_everywhere] if sign_out else []
        for act in acts:
            act(person=person, by=None, at=timezone.now())
        self.stdout.write(f"{person}：已办理 {len(acts)} 项。密码用 manage.py changepassword 重设。")
