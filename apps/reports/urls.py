from django.urls import path

from apps.reports import views

app_name = "reports"
ROOT = "<slug:court>/<int:year>/reports/"
urlpatterns = [
    path(ROOT, views.papers, name="papers"),
    path(f"{ROOT}template/", views.template, name="template"),
    path(f"{ROOT}template.docx", views.template_file, name="template_file"),
    path(f"{ROOT}pillars/<int:number>.<slug:form>", views.pillar, name="pillar"),
    path(f"{ROOT}measures/<str:code>/dossier.<slug:form>", views.dossier, name="dossier"),
    path(f"{ROOT}issues/<int:number>/", views.issue, name="issue"),
    path(f"{ROOT}issues/<int:number>/paper.<slug:form>", views.issue_file, name="issue_file"),
    path(f"{ROOT}issues/<int:number>/withdraw/", views.issue_withdraw, name="issue_withdraw"),
    path(f"{ROOT}issues/<int:number>/compare/", views.issue_compare, name="issue_compare"),
    path(f"{ROOT}jobs/<uuid:key>/", views.job, name="job"),
    path(f"{ROOT}jobs/<uuid:key>/file/", views.job_file, name="job_file"),
    path(f"{ROOT}<slug:kind>/", views.paper, name="paper"),
    path(f"{ROOT}<slug:kind>/print/", views.paper_print, name="print"),
    path(f"{ROOT}<slug:kind>/making/", views.job_ask, name="job_ask"),
    path(f"{ROOT}<slug:kind>.<slug:form>", views.paper_file, name="file"),
]
