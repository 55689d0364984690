"""Import of a court's departments and people from tables."""

from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.choices import Role
from apps.accounts.models import Department, User
from apps.accounts.services import apply_rights
from apps.audit.import_tables import Column, ImportTable, RowOutcome, row_named, strongest
from apps.core import cells

NO_DEPARTMENT = gettext_lazy("本院没有名为“%(name)s”的部门。")


def departments_by_name(court):
    return {department.name: department for department in court.departments.all()}


class DepartmentTable(ImportTable):
    slug, title = "departments", gettext_lazy("部门")
    about = gettext_lazy("按网址代码认。次序固定，不作排名。")
    columns = (
        Column("slug", gettext_lazy("网址代码"), read=cells.code, is_required=True, hint="zzb"),
        Column("name", gettext_lazy("名称"), is_required=True, hint=gettext_lazy("政治部")),
        Column("order", gettext_lazy("排列次序"), read=cells.whole, is_required=True, hint="1"),
    )

    @staticmethod
    def can_import(user, plan):
        return user.has_perm("accounts.add_department") and user.has_perm("accounts.change_department")

    def load(self):
        self.departments = {department.slug: department for department in self.plan.court.departments.all()}

    def import_row(self, values):
        slug = values["slug"]
        department = self.departments.setdefault(slug, Department(court=self.plan.court, slug=slug))
        return self.save_row(department, {"name": values["name"], "order": values["order"]})


class PersonTable(ImportTable):
    slug, title = "people", gettext_lazy("人员")
    about = gettext_lazy("按用户名认。角色之间用顿号隔开。新账号没有填初始密码的，由计划管理员在后台设置。")
    columns = (
        Column("username", gettext_lazy("用户名"), read=cells.code, is_required=True, hint="zhangsan"),
        Column("name", gettext_lazy("姓名"), is_required=True),
        Column("department", gettext_lazy("部门"), hint=gettext_lazy("政治部")),
        Column("roles", gettext_lazy("角色"), read=cells.names, hint=gettext_lazy("填报人")),
        Column("password", gettext_lazy("初始密码")),
    )

    @staticmethod
    def can_import(user, plan):
        return user.has_perm("accounts.add_user") and user.has_perm("accounts.change_user")

    def load(self):
        self.departments = departments_by_name(self.plan.court)
        self.groups = {group.name: group for group in Group.objects.filter(name__in=Role.values)}

    def label_of(self, row):
        # Not the first cell of all: the file's first column may be the password, under whatever name.
        row_cells = (column.cell_of(row) for column in self.columns if column.key != "password")
        return next((str(cell) for cell in row_cells if cell is not None), "")

    def import_row(self, values):
        department = row_named(self.departments, values["department"], column="department", error=NO_DEPARTMENT)
        roles = self._roles(values["roles"])
        court = self.plan.court
        person = User.objects.filter(username=values["username"]).first() or User(
            username=values["username"], name=values["name"], court=court
        )
        if person.pk and (person.court_id != court.pk or person.is_superuser):
            raise ValidationError({"username": _("这个用户名已被本院以外的人使用。")})
        changed = {"department"} if person.department_id != (department and department.pk) else set()
        if person.pk is None:
            self._set_password(person, values["password"])
        outcome = self.save_row(person, {"name": values["name"], "court": court, "department": department})
        if set(person.groups.values_list("name", flat=True)) & set(Role.values) != roles:
            other_groups = person.groups.exclude(name__in=Role.values)
            person.groups.set([*other_groups, *(self.groups[role] for role in sorted(roles))])
            self.record("user.changed", person, {"groups": sorted(roles)})
            changed.add("groups")
            outcome = strongest(outcome, RowOutcome.CHANGED)
        apply_rights(person, changed=changed)
        return outcome

    def _roles(self, names):
        try:
            return {cells.choice(name, Role) for name in names}
        except ValidationError as problem:
            raise ValidationError({"roles": problem.messages}) from None

    def _set_password(self, person, password):
        if not password:
            person.set_unusable_password()
            return
        try:
            validate_password(password, person)
        except ValidationError as problem:
            raise ValidationError({"password": problem.messages}) from None
        person.set_password(password)
        person.password_given_at = self.at
