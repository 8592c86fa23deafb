"""What a module in Python needs: a function for a row becomes what the host calls."""

import json
import traceback
from math import isfinite

from componentize_py_types import Err
from wit_world import RecordsOutput
from wit_world import WitWorld as World
from wit_world.imports import logging, types

LEVELS = {
    "debug": types.Level.DEBUG,
    "info": types.Level.INFO,
    "warn": types.Level.WARN,
    "error": types.Level.ERROR,
}


class Reject(Exception):
    """Why a row is refused; raise it in `row`. The row goes to quarantine with it.

    The code is stable: 1 to 64 of `a`-`z`, `0`-`9` and `_`.
    """

    def __init__(self, code, message, column=None):
        super().__init__(message)
        self.code, self.message, self.column = code, message, column


class Refusal(Exception):
    """Why a module cannot work with what it is opened with; raise it in `open`."""


def log(level, message):
    """Tells the module's author something: `debug`, `info`, `warn` or `error`."""
    logging.log(LEVELS[level], str(message))


def module(*, row, reads=(), writes=None, drops=(), open=None):
    """A module of one function; its result must be named `WitWorld`.

    - `reads`: names of the columns that `row` sees; no other crosses into the module.
    - `writes`: the columns it gives, as `{name: type}`. A name of the input is replaced in its
      place, a new one comes after all others. All other input columns are passed on untouched.
    - `drops`: names of input columns that do not come out.
    - `open(config, context, fields)`: optional; raises `Refusal` when it cannot work with them.
      Without it a config is refused.
    - `row(row)`: takes a dict, gives a dict of the written columns, a list of such dicts, or `None`
      to drop the row, or raises `Reject`. It may depend on nothing but the row and what `open` was
      given.

    `int64`, `uint64` and `decimal(P,S)` are texts in a row: `int(…)` and `Decimal(…)` compute with
    them. An int, a Decimal, a date, a datetime or a UUID may be given back.
    """
    writes = dict(writes or {})
    # In JSON a whole number is safe below 2^53 only, and what is not finite is no number.
    long = [name for name, kind in writes.items() if kind in ("int64", "uint64")]
    floating = [name for name, kind in writes.items() if kind in ("float32", "float64")]

    class Module(World):
        def open_records(self, fields, config, context):
            try:
                given = json.loads(config) if config.strip() else None
                if open is not None:
                    open(given, context, fields)
                elif given:
                    raise Refusal("this module takes no config")
                return _plan(fields, reads, writes, drops)
            except Refusal as refusal:
                raise Err(types.OpenError(str(refusal)))

        def apply_records(self, records):
            kept, source_rows, rejects = [], [], []
            for number, record in enumerate(json.loads(records)):
                try:
                    given = row(record)
                except Reject as reject:
                    rejects.append(types.Reject(number, reject.column, reject.code, reject.message))
                    continue
                except Exception as error:
                    log("error", traceback.format_exc())
                    raise Err(f"{type(error).__name__}: {error}")
                for one in given if isinstance(given, list) else [given]:
                    if one is None:
                        continue
                    for name in long:
                        if type(one.get(name)) is int:
                            one[name] = str(one[name])
                    for name in floating:
                        if type(one.get(name)) is float and not isfinite(one[name]):
                            one[name] = json.dumps(one[name])
                    kept.append(one)
                    source_rows.append(number)
            return RecordsOutput(json.dumps(kept, default=str), source_rows, rejects)

    return Module


def _plan(fields, reads, writes, drops):
    places = {field.name: place for place, field in enumerate(fields)}
    for name in [*reads, *drops]:
        if name not in places:
            raise Refusal(f"there is no column `{name}`")
    planned = []
    for place, field in enumerate(fields):
        if field.name in writes:
            planned.append(types.OutField_Computed(types.Field(field.name, writes[field.name], field.nullable)))
        elif field.name not in drops:
            planned.append(types.OutField_Passed(types.Passed(field.name, place)))
    for name, kind in writes.items():
        if name not in places:
            planned.append(types.OutField_Computed(types.Field(name, kind, True)))
    return types.Plan(planned, [places[name] for name in reads])
