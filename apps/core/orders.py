"""Which of several dated orders holds."""


def known_orders(orders, *, on, known):
    """The orders that a reader on the day `on`, knowing what was known at `known`, sees; earliest first."""
    return sorted(
        (order for order in orders if order.effective_from <= on and order.made_at <= known),
        key=lambda order: (order.effective_from, order.number),
    )


def order_in_force(orders, *, on, known):
    """The order that holds on the day `on`; None where none does.

    The latest effective day wins; of two with the same day, the later order.
    """
    return next(reversed(known_orders(orders, on=on, known=known)), None)
