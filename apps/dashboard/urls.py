from django.urls import path

from apps.dashboard import views

app_name = "dashboard"
urlpatterns = [
    path("", views.home, name="home"),
    path("gallery/", views.gallery, name="gallery"),
    path("rules/", views.rules, name="rules"),
    path("my-work/", views.my_work, name="my_work"),
    path("<slug:court>/<int:year>/", views.plan, name="plan"),
    path("<slug:court>/<int:year>/programmes/<slug:code>/", views.programme, name="programme"),
    path("<slug:court>/<int:year>/search/", views.search, name="search"),
    path("<slug:court>/<int:year>/year/", views.year, name="year"),
    path("<slug:court>/<int:year>/source/", views.source, name="source"),
    path("<slug:court>/<int:year>/pillars/<int:number>/", views.pillar, name="pillar"),
    path("<slug:court>/<int:year>/measures/", views.measures, name="measures"),
    path("<slug:court>/<int:year>/measures/<code:code>/", views.measure, name="measure"),
    path("<slug:court>/<int:year>/measures/<code:code>/timeline/", views.timeline, name="timeline"),
    path("<slug:court>/<int:year>/departments/<slug:slug>/", views.department, name="department"),
    path("<slug:court>/<int:year>/indicators/", views.indicators, name="indicators"),
    path("<slug:court>/<int:year>/indicators/<code:code>/", views.indicator, name="indicator"),
]
