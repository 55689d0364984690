from django.urls import include, path

from apps.office.views import imports, people, plan

app_name = "office"
of_plan = [
    path("", plan.home, name="home"),
    path("draft/", plan.draft, name="draft"),
    path("step/<slug:move>/", plan.transition, name="transition"),
    path("tables/", imports.tables, name="tables"),
    path("tables/<slug:table>/", imports.upload, name="upload"),
    path("tables/<slug:table>/template/", imports.template, name="template"),
    path("imports/<int:pk>/", imports.table_import, name="table_import"),
    path("imports/<int:pk>/rejected/", imports.failed_rows, name="failed_rows"),
    path("sets/", plan.sets, name="sets"),
    path("plan.json", plan.plan_file, name="plan_file"),
    path("next-year/", plan.next_year, name="next_year"),
    path("year-end/", plan.year_end, name="year_end"),
]
urlpatterns = [
    path("office/", plan.entrance, name="entrance"),
    path("office/people/", people.people, name="people"),
    path("office/people/examples/", people.deactivate_examples, name="deactivate_examples"),
    path("office/people/<int:pk>/leaving/", people.departure, name="departure"),
    path("office/from-file/", imports.plan_upload, name="plan_upload"),
    path("office/from-file/<int:pk>/", imports.plan_import, name="plan_import"),
    path("<slug:court>/<int:year>/office/", include(of_plan)),
]
