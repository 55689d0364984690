from django.urls import path

from apps.condition import views

app_name = "condition"
urlpatterns = [
    path("office/status/", views.status, name="status"),
]
