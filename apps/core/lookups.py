"""Numbers that no column can hold equal no row: asking for them finds nothing, in a list as well as alone."""

from django.db.models import IntegerField
from django.db.models.lookups import In


class InWithinRange(In):
    """Django answers so for a single number; in a list, the databases would fail on it."""

    def process_rhs(self, compiler, connection):
        if self.rhs_is_direct_value():
            kind = self.lhs.output_field.get_internal_type()
            low, high = connection.ops.integer_field_range(kind)
            self.rhs = [one for one in self.rhs if not isinstance(one, int) or _is_within(one, low, high)]
        return super().process_rhs(compiler, connection)


def _is_within(number, low, high):
    return (low is None or number >= low) and (high is None or number <= high)


IntegerField.register_lookup(InWithinRange)
