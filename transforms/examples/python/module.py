"""Cleans orders: the customer's name is trimmed, the amount becomes a decimal, every order earns
ten points, and what was cancelled is dropped."""

import re

from millstream import Reject, module

AMOUNT = re.compile(r"-?[0-9]{1,10}(\.[0-9]{1,2})?")


def clean(row):
    if row["status"] == "cancelled":
        return None
    customer, amount, points = row["customer"], row["amount"], row["points"]
    if amount is not None and not AMOUNT.fullmatch(amount.strip()):
        raise Reject("bad_amount", "the amount is no number with two digits after the point", "amount")
    return {
        "customer": None if customer is None else customer.strip(),
        "amount": None if amount is None else amount.strip(),
        "points": None if points is None else int(points) + 10,
    }


WitWorld = module(
    reads=["customer", "amount", "points", "status"],
    writes={"customer": "utf8", "amount": "decimal(12,2)", "points": "int64"},
    row=clean,
)
