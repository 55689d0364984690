"""Django's session table, queried only for keys that it can have issued."""

from django.contrib.sessions.backends import db


class SessionStore(db.SessionStore):
    def _validate_session_key(self, key):
        """A forged cookie may hold characters that PostgreSQL refuses in text."""
        return super()._validate_session_key(key) and key.isascii() and key.isalnum()
