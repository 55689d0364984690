"""Where sessions are kept: Django's own table, asked only for keys that it could have given."""

from django.contrib.sessions.backends import db


class SessionStore(db.SessionStore):
    def _validate_session_key(self, key):
        """A cookie may be made to hold any sign, also such as PostgreSQL takes in no text."""
        return super()._validate_session_key(key) and key.isascii() and key.isalnum()
