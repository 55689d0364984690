"""Make the long files that wait; once, or for as long as the process runs."""

import logging
import signal
import sys
import time
import uuid

from django.core.management.base import BaseCommand
from django.utils import timezone

from apps.papers.making import StoppedError, claim, make

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "制作等待中的长表；--serve 持续运行，供系统服务使用。"

    def add_arguments(self, parser):
        parser.add_argument("--serve", action="store_true", help="持续运行")
        parser.add_argument("--every", type=float, default=5, help="没有等待的文件时，隔几秒再看（默认 5）")

    def handle(self, *, serve, every, **options):
        if serve:
            # As the first process of a container it would not hear of being told to end, unless it says what to do then.
            signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        maker = uuid.uuid4().hex
        while True:
            job = claim(maker=maker, at=timezone.now())
            if job is None:
                if not serve:
                    return
                time.sleep(every)
                continue
            try:
                make(job)
            except StoppedError:
                log.info("paper job %s was stopped", job.key)
            except Exception:
                # The row says so to the person; the next one waits.
                log.exception("paper job %s failed", job.key)
