from django.urls import path

from apps.office import views

app_name = "office"
urlpatterns = [
    path("office/", views.entrance, name="entrance"),
    path("office/people/", views.people, name="people"),
    path("office/people/examples/", views.remove_examples, name="remove_examples"),
    path("office/people/<int:pk>/leaving/", views.leaving, name="leaving"),
    path("office/from-file/", views.from_file, name="from_file"),
    path("office/from-file/<int:pk>/", views.plan_received, name="plan_received"),
    path("<slug:court>/<int:year>/office/", views.home, name="home"),
    path("<slug:court>/<int:year>/office/draft/", views.draft, name="draft"),
    path("<slug:court>/<int:year>/office/step/<slug:move>/", views.step, name="step"),
    path("<slug:court>/<int:year>/office/tables/", views.tables, name="tables"),
    path("<slug:court>/<int:year>/office/tables/<slug:table>/", views.upload, name="upload"),
    path("<slug:court>/<int:year>/office/tables/<slug:table>/template/", views.template, name="template"),
    path("<slug:court>/<int:year>/office/imports/<int:pk>/", views.received, name="received"),
    path("<slug:court>/<int:year>/office/imports/<int:pk>/rejected/", views.rejected, name="rejected"),
    path("<slug:court>/<int:year>/office/sets/", views.sets, name="sets"),
    path("<slug:court>/<int:year>/office/plan.json", views.plan_file, name="plan_file"),
    path("<slug:court>/<int:year>/office/next-year/", views.next_year, name="next_year"),
    path("<slug:court>/<int:year>/office/year-end/", views.year_end, name="year_end"),
]
