from django.urls import path

from apps.signin import sso_views

app_name = "sso"
urlpatterns = [
    path("start/", sso_views.start, name="start"),
    path("back/", sso_views.back, name="back"),
]
