"""The benches' typical rule over JSON records: trims and lowers, parses decimals and timestamps,
computes, decides, filters."""

import re

from millstream import Reject, module

AMOUNT = re.compile(r"-?[0-9]{1,10}(\.[0-9]{1,2})?")
AT = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2}) ([0-9]{2}):([0-9]{2}):([0-9]{2})")
LARGEST = 10**38


def rule(row):
    country = row["country"]
    if row["active"] is not True or country is None or country == "XX":
        return None
    name, email, amount, at = row["name"], row["email"], row["amount"], row["at"]
    score = 0.0 if row["score"] is None else float(row["score"])
    if amount is not None and not AMOUNT.fullmatch(amount):
        raise Reject("bad_amount", "the amount is no decimal(12,2)", "amount")
    if at is not None and not is_moment(at):
        raise Reject("bad_time", "the time is not like 2013-01-31 10:15:00", "at")
    total = None
    if row["price"] is not None and row["quantity"] is not None:
        cents = int(row["price"].replace(".", "")) * int(row["quantity"])
        if not -LARGEST < cents < LARGEST:
            raise Reject("overflow", "the total has more than 38 digits", "total")
        digits = str(abs(cents)).zfill(3)
        total = f"{'-' if cents < 0 else ''}{digits[:-2]}.{digits[-2:]}"
    return {
        "name": None if name is None else name.strip(),
        "email": None if email is None else email.strip().lower(),
        "amount": amount,
        "at": at,
        "total": total,
        "tier": "gold" if score >= 90 else "silver" if score >= 50 else "basic",
    }


def is_moment(at):
    parts = AT.fullmatch(at)
    if parts is None:
        return False
    year, month, day, hour, minute, second = map(int, parts.groups())
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    days = (29 if leap else 28) if month == 2 else 30 if month in (4, 6, 9, 11) else 31
    return 1 <= month <= 12 and 1 <= day <= days and hour < 24 and minute < 60 and second < 60


WitWorld = module(
    reads=["name", "email", "amount", "price", "quantity", "at", "country", "active", "score"],
    writes={
        "name": "utf8",
        "email": "utf8",
        "amount": "decimal(12,2)",
        "at": "timestamp",
        "total": "decimal(38,2)",
        "tier": "utf8",
    },
    row=rule,
)
