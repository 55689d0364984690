#!/usr/bin/env python3
"""How many questions each page asks the database: each role follows every link it is shown, some of each kind.

    DATABASE_URL=… .venv/bin/python benchmarks/questions.py [--of-a-kind 4]

The database is one that `benchmarks/courts.py` filled. Each page is read after an act that changed it.
"""

import argparse
import re
from collections import Counter

from courts import setup
from load import act

ROLES = ("leader-1", "reporter-2", "reviewer-2", "plan_admin-1", "inspector-1")
MAX_QUERIES = 20
LINK = re.compile(r'href="(/[^"#]*)')


def main(of_a_kind):
    setup()
    from django.conf import settings
    from django.test import Client

    from apps.accounts.models import User

    settings.ALLOWED_HOSTS = ["*"]
    most, n_pages = {}, 0
    for role in ROLES:
        client = Client()
        client.force_login(User.objects.get(username=f"c1-{role}"))
        for name, path in followed(client, of_a_kind):
            n_pages += 1
            most[name] = max(most.get(name, (0,)), (questions(client, path), role, path))
    print(f"{n_pages} pages of {len(most)} kinds; the most questions of each kind, where over {MAX_QUERIES // 2}")
    for name, (n, role, path) in sorted(most.items(), key=lambda item: -item[1][0]):
        if n > MAX_QUERIES // 2:
            print(f"{n:4}  {name:36} {role:13} {path}")


def followed(client, of_a_kind):
    """(kind, address) of what the person finds by following links; reading it does not change anything."""
    from django.http import Http404
    from django.urls import resolve

    left, met, kinds = ["/", "/my-work/"], {"/", "/my-work/"}, Counter()
    while left:
        path = left.pop(0)
        try:
            name = resolve(path.partition("?")[0]).view_name
        except Http404:
            continue
        kinds[name] += 1
        if kinds[name] > of_a_kind:
            continue
        answer = client.get(path)
        if answer.status_code == 200 and "html" in answer.get("Content-Type", ""):
            found = {link.replace("&amp;", "&") for link in LINK.findall(answer.content.decode())}
            left += sorted(found - met)
            met |= found
        yield name, path


def questions(client, path):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    act("c1")
    with CaptureQueriesContext(connection) as queries:
        client.get(path)
    return len(queries)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--of-a-kind", type=int, default=4)
    main(parser.parse_args().of_a_kind)
