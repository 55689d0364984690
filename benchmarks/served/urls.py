from django.urls import include, path

from benchmarks.served import views

urlpatterns = [
    path("ceilings/nothing/", views.nothing),
    path("ceilings/session-and-user/", views.session_and_user),
    path("ceilings/rows/<slug:court>/", views.rows),
    path("", include("courtplan.urls")),
]
handler400 = "apps.core.views.bad_request"
handler500 = "apps.core.views.server_error"
