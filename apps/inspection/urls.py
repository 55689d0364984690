from django.urls import path

from apps.inspection import views

app_name = "inspection"
urlpatterns = [
    path("audit/", views.trail, name="trail"),
    path("audit/export/", views.export, name="export"),
    path("audit/check/", views.check, name="check"),
]
