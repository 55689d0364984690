"""Roles are read in each request, whoever changed them and by whatever means."""

import pytest
from django.db import connection

from apps.accounts.choices import Role
from apps.accounts.models import User

TRAIL = "/audit/"


@pytest.fixture
def signed_in(client, cast):
    client.force_login(cast.inspector)
    assert client.get(TRAIL).status_code == 200
    return client


def test_a_role_taken_away_by_sql_is_gone_with_the_next_request(signed_in, cast):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM accounts_user_groups WHERE user_id = %s", [cast.inspector.pk])

    assert signed_in.get(TRAIL).status_code == 403


def test_an_account_switched_off_by_sql_is_out_with_the_next_request(signed_in, cast):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_user SET is_active = %s WHERE id = %s", [False, cast.inspector.pk])

    assert signed_in.get(TRAIL).status_code == 302


def test_roles_are_one_query_an_instance_and_groups_that_are_none_do_not_count(cast, django_assert_num_queries):
    cast.inspector.groups.create(name="printers")
    person = User.objects.get(pk=cast.inspector.pk)

    with django_assert_num_queries(1):
        assert [person.roles for _time in range(3)] == [{Role.INSPECTOR}] * 3
