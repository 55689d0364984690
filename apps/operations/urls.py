from django.urls import path

from apps.operations import views

app_name = "operations"
urlpatterns = [
    path("office/status/", views.status, name="status"),
]
