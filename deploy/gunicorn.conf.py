"""How the web processes run in production. Under systemd the socket is handed in, and `bind` is not used."""

import os
from pathlib import Path

import environ

# Its lines in the log look like the product's own, the counters for /metrics begin anew, and workers load all first.
from courtplan.serving import accesslog, logconfig_dict, on_starting, post_worker_init  # noqa: F401

env = environ.Env()
env.read_env(env.str("ENV_FILE", default=str(Path(__file__).resolve().parent.parent / ".env")))

wsgi_app = "courtplan.wsgi:application"
bind = env.list("LISTEN", default=["127.0.0.1:8000"])
workers = env.int("WEB_CONCURRENCY", default=min(2 * (os.cpu_count() or 1) + 1, 9))
worker_class = "gthread"
threads = 4
# A worker that hangs is replaced; one that is told to end finishes what it is busy with.
timeout = 60
graceful_timeout = 30
keepalive = 5
# Replaced now and then, each at another time: what a library might leak does not add up.
max_requests = 20_000
max_requests_jitter = 2_000
# The limits of deploy/nginx/courtplan.conf, once more.
limit_request_line = 8190
limit_request_fields = 64
limit_request_field_size = 8190
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK | os.X_OK) else None
control_socket_disable = True
errorlog = "-"
loglevel = "warning"
