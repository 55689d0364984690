"""Certificates of the court's own services that lack what RFC 5280 asks for.

From Python 3.13 on, TLS checks strictly (`ssl.VERIFY_X509_STRICT`). A court's own authority may have issued
certificates that earlier versions took; without a clear sentence nobody would find out why signing in stopped.
"""

import ssl

from django.utils.translation import gettext as _

# X509_V_ERR_PATHLEN_INVALID_FOR_NON_CA to X509_V_ERR_EXTENSIONS_REQUIRE_VERSION_3 of OpenSSL's x509_vfy.h: raised by
# the strict check alone.
STRICT_ERRORS = range(80, 94)


def default_context(ca_file: str) -> ssl.SSLContext:
    """A client's context with the checks of this Python; "" for the system's authorities."""
    return ssl.create_default_context(cafile=ca_file or None)


def strict_context(ca_file: str) -> ssl.SSLContext:
    """One with the checks of Python 3.13, on any version."""
    context = default_context(ca_file)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context


def strictness_problem(error: BaseException | None) -> str:
    """A sentence for the administrator where only the strict check refused the certificate; "" for any other error."""
    while error is not None and not isinstance(error, ssl.SSLCertVerificationError):
        error = error.__context__
    if error is None or error.verify_code not in STRICT_ERRORS:
        return ""
    return _(
        "对方的证书不合 RFC 5280（%(detail)s），Python 3.13 起不接受：请本院的证书机构按规范重新签发根证书和服务器证书。"
    ) % {"detail": error.verify_message}
