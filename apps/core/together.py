"""Rows of several tables in one question to the database."""

from decimal import Decimal

from django.db.models import AutoField, BigIntegerField, DecimalField, ForeignKey, IntegerField, Value
from django.db.models.functions import Cast


def read_together(*querysets):
    """A list of rows for each query set, in order of their keys: what reading each by itself gives, in one question.

    For small tables that are needed all at once, where each question costs more than its rows. A query set's own
    order and `select_related` are not kept. Fields of one name have to be of one kind.
    """
    columns = {}
    for rows in querysets:
        for field in rows.model._meta.concrete_fields:
            columns.setdefault(field.attname, field)
    first, *others = [_padded(place, rows, columns) for place, rows in enumerate(querysets)]
    found = [[] for _ in querysets]
    for place, *values in first.union(*others, all=True):
        model, given = querysets[place].model, dict(zip(columns, values, strict=True))
        fields = model._meta.concrete_fields
        row = model.from_db(
            querysets[place].db,
            [field.attname for field in fields],
            [_exact(field, given[field.attname]) for field in fields],
        )
        found[place].append(row)
    return [sorted(rows, key=lambda row: row.pk) for rows in found]


def _padded(place, rows, columns):
    """The rows under all columns: empty where this table has none of that name."""
    own = {field.attname for field in rows.model._meta.concrete_fields}
    return rows.order_by().values_list(
        Value(place, output_field=IntegerField()),
        *(name if name in own else Cast(Value(None), _kind_of(field)) for name, field in columns.items()),
    )


def _kind_of(field):
    while isinstance(field, ForeignKey):
        field = field.target_field
    return BigIntegerField() if isinstance(field, AutoField) else field


def _exact(field, value):
    """SQLite keeps decimals as floating numbers; the places come from the field, which a joined answer has lost."""
    if isinstance(field, DecimalField) and value is not None:
        return value.quantize(Decimal(1).scaleb(-field.decimal_places), context=field.context)
    return value
