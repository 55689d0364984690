from django.urls import path

from apps.operations import views

app_name = "operations"
# For machines: ProbeMiddleware answers these before the rest of the middleware.
probes = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("metrics", views.metrics, name="metrics"),
]
urlpatterns = [path("office/status/", views.status, name="status"), *probes]
