from django.urls import include, path

from apps.dashboard import views

app_name = "dashboard"
of_plan = [
    path("", views.plan, name="plan"),
    path("measures/", views.measures, name="measures"),
    path("measures/<code:code>/", views.measure, name="measure"),
    path("measures/<code:code>/timeline/", views.timeline, name="timeline"),
    path("indicators/", views.indicators, name="indicators"),
    path("indicators/<code:code>/", views.indicator, name="indicator"),
    path("pillars/<int:number>/", views.pillar, name="pillar"),
    path("programmes/<slug:code>/", views.programme, name="programme"),
    path("departments/<slug:slug>/", views.department, name="department"),
    path("search/", views.search, name="search"),
    path("year/", views.year, name="year"),
    path("source/", views.source, name="source"),
]
urlpatterns = [
    path("", views.home, name="home"),
    path("my-work/", views.my_work, name="my_work"),
    path("gallery/", views.gallery, name="gallery"),
    path("rules/", views.rules, name="rules"),
    path("<slug:court>/<int:year>/", include(of_plan)),
]
