"""The addresses of an installation whose OIDC_ISSUER is set."""

from django.urls import include, path

from courtplan import urls

urlpatterns = [path("sso/", include("apps.signin.sso_urls")), *urls.urlpatterns]
handler400, handler500 = urls.handler400, urls.handler500
