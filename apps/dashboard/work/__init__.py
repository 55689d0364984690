"""What a person has to do now, in one list: most pressing first, and nothing that is finished."""

from apps.dashboard.work.duties import supported_by, writes_reports
from apps.dashboard.work.tasks import Task, TaskKind, tasks_of

__all__ = ["Task", "TaskKind", "supported_by", "tasks_of", "writes_reports"]
