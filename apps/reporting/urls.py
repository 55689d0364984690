from django.urls import include, path

from apps.reporting import views

app_name = "reporting"

report_urls = [
    path("", views.report, name="report"),
    path("approve/", views.approve, name="approve"),
    path("return/", views.return_to_writer, name="return"),
    path("withdraw/", views.withdraw, name="withdraw"),
    path("recall/", views.recall, name="recall"),
    path("evidence/<int:evidence_pk>/", views.download_evidence, name="evidence"),
    path("evidence/<int:evidence_pk>/remove/", views.remove_evidence, name="remove_evidence"),
]
of_measure = [
    path("report/", views.write, name="write"),
    path("report/evidence/", views.upload_evidence, name="upload"),
    path("report/what-if/", views.what_if, name="what_if"),
    path("report/no-change/", views.no_change, name="no_change"),
    path("reports/<int:pk>/", include(report_urls)),
]
urlpatterns = [
    path("reviews/", views.review_queue, name="reviews"),
    path("reviews/approve/", views.approve_several, name="approve_several"),
    path("<slug:court>/<int:year>/measures/<code:code>/", include(of_measure)),
]
