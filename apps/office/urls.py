from django.urls import include, path

from apps.office import views

app_name = "office"
of_plan = [
    path("", views.home, name="home"),
    path("draft/", views.draft, name="draft"),
    path("step/<slug:move>/", views.step, name="step"),
    path("tables/", views.tables, name="tables"),
    path("tables/<slug:table>/", views.upload, name="upload"),
    path("tables/<slug:table>/template/", views.template, name="template"),
    path("imports/<int:pk>/", views.received, name="received"),
    path("imports/<int:pk>/rejected/", views.rejected, name="rejected"),
    path("sets/", views.sets, name="sets"),
    path("plan.json", views.plan_file, name="plan_file"),
    path("next-year/", views.next_year, name="next_year"),
    path("year-end/", views.year_end, name="year_end"),
]
urlpatterns = [
    path("office/", views.entrance, name="entrance"),
    path("office/people/", views.people, name="people"),
    path("office/people/examples/", views.remove_examples, name="remove_examples"),
    path("office/people/<int:pk>/leaving/", views.leaving, name="leaving"),
    path("office/from-file/", views.from_file, name="from_file"),
    path("office/from-file/<int:pk>/", views.plan_received, name="plan_received"),
    path("<slug:court>/<int:year>/office/", include(of_plan)),
]
