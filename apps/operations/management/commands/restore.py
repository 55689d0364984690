import contextlib
import sys

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from apps.operations import backup, upgrades
from apps.operations.restore_swap import set_aside_current

WORD = "恢复"


class Command(BaseCommand):
    help = "把备份恢复到空的数据库和空的佐证文件夹，升到现在的版本，并核验审计记录"
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("path", metavar="备份文件")
        parser.add_argument("--check", action="store_true", help="只核对备份是否完整，不恢复")
        parser.add_argument("--replace", action="store_true", help="先把现有的数据和文件移到一边；恢复失败时移回")
        parser.add_argument("--yes", action="store_true", help="与 --replace 同用：不再询问")

    def handle(self, *args, path, check, replace, yes, **options):
        try:
            if check:
                self.stdout.write(f"{_describe(backup.check(path))}，完整。")
                return
            if replace and not yes:
                _require_confirmation()
            with set_aside_current(at=timezone.now()) if replace else contextlib.nullcontext() as aside:
                summary = backup.restore(path)
                is_older = bool(upgrades.missing_migrations())
                call_command("migrate", verbosity=0, interactive=False)
                if is_older:  # this version may know roles that the one before didn't
                    call_command("loaddata", "roles", verbosity=0)
        except (OSError, backup.BackupError) as error:
            raise CommandError(str(error) if check else f"没有恢复：{error}") from None
        self.stdout.write(f"{_describe(summary)}，已恢复。")
        if aside:
            self.stdout.write(f"原有的数据移到 {aside.database}，原有的文件移到 {aside.evidence or '（没有文件）'}。")
        call_command("tidy_evidence", stdout=self.stdout)
        call_command("verify_audit", stdout=self.stdout)


def _describe(summary):
    return f"{summary.made_at} 的备份（{summary.vendor}）：{summary.n_rows} 行，{summary.n_files} 个文件"


def _require_confirmation():
    if not sys.stdin.isatty():
        raise CommandError("--replace 会换掉现有的数据；在脚本里使用请加 --yes。")
    if input(f"现有的数据和文件将被移到一边，换成备份中的内容。输入“{WORD}”继续：").strip() != WORD:
        raise CommandError("没有恢复。")
