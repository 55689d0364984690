from django.urls import path

from apps.office import views

app_name = "office"
urlpatterns = [
    path("office/", views.entrance, name="entrance"),
    path("<slug:court>/<int:year>/office/", views.home, name="home"),
    path("<slug:court>/<int:year>/office/draft/", views.draft, name="draft"),
    path("<slug:court>/<int:year>/office/step/<slug:move>/", views.step, name="step"),
    path("<slug:court>/<int:year>/office/year-end/", views.year_end, name="year_end"),
]
