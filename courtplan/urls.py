"""Every address of the product, the most visited first. No court may be called like the first part of another address
(`RESERVED_SLUGS`), so none of these takes what is another's."""

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.generic import RedirectView
from django.views.i18n import set_language

urlpatterns = [
    path("", include("apps.dashboard.urls")),
    path("", include("apps.accounts.urls")),
    path("", include("apps.signin.urls")),
    path("i18n/setlang/", login_not_required(set_language), name="set_language"),
    # One way in: Django's own sign-in page would know nothing of ours.
    path("admin/login/", login_not_required(RedirectView.as_view(pattern_name="accounts:login", query_string=True))),
    path("admin/", admin.site.urls),
    path("", include("apps.operations.urls")),
    path("", include("apps.inspection.urls")),
    path("", include("apps.reporting.urls")),
    path("", include("apps.supervision.urls")),
    path("", include("apps.office.urls")),
    path("", include("apps.papers.urls")),
]
if settings.OIDC_ISSUER:
    urlpatterns.insert(0, path("sso/", include("apps.signin.sso_urls")))
handler400 = "apps.core.views.bad_request"
handler500 = "apps.core.views.server_error"
