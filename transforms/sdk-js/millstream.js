// What a module in JavaScript needs: a function for a row becomes what the host calls.

import logging from "millstream:transform/logging@0.1.0";

/** A row's refusal: it goes to quarantine with this. */
class Reject {
  constructor(code, message, column = null) {
    this.code = code;
    this.message = message;
    this.column = column;
  }
}

/**
 * Why a row is refused; give it back from `row` or throw it. The code is stable: 1 to 64 of
 * `a`-`z`, `0`-`9` and `_`.
 */
export function reject(code, message, column) {
  return new Reject(code, message, column);
}

/** Tells the module's author something: `debug`, `info`, `warn` or `error`. */
export function log(level, message) {
  logging.log(level, String(message));
}

/**
 * A module of one function.
 *
 * - `reads`: names of the columns that `row` sees; no other crosses into the module.
 * - `writes`: the columns it gives, as `{ name: type }`. A name of the input is replaced in its
 *   place, a new one comes after all others. All other input columns are passed on untouched.
 * - `drops`: names of input columns that do not come out.
 * - `open({ config, context, fields })`: optional; throws a text when it cannot work with them.
 *   Without it a config is refused.
 * - `row(row)`: gives the written columns, an array of such objects, a `reject(…)`, or `null` to
 *   drop the row. It may depend on nothing but the row and what `open` was given.
 *
 * `int64`, `uint64` and `decimal(P,S)` are texts in a row, so that no digit is lost: `BigInt(…)`
 * computes with them, and a BigInt may be given back.
 */
export function module({ reads = [], writes = {}, drops = [], open, row }) {
  // Not all of their values are numbers in JSON.
  const kinds = ["int64", "uint64", "float32", "float64", "numeric"];
  const special = Object.keys(writes).filter((name) => kinds.includes(writes[name]) || writes[name].startsWith("decimal"));
  return {
    openRecords(fields, config, context) {
      return planned(() => {
        const given = config.trim() === "" ? null : JSON.parse(config);
        if (open) {
          open({ config: given, context, fields });
        } else if (given !== null && Object.keys(given).length > 0) {
          throw "this module takes no config";
        }
        return plan(fields, reads, writes, drops);
      });
    },
    applyRecords(records) {
      const output = { records: [], sourceRows: [], rejects: [] };
      JSON.parse(records).forEach((input, number) => take(called(row, input), number, special, output));
      return { ...output, records: JSON.stringify(output.records) };
    },
  };
}

function planned(make) {
  try {
    return make();
  } catch (error) {
    throw { message: typeof error === "string" ? error : `${error}` };
  }
}

function plan(fields, reads, writes, drops) {
  const place = (name) => {
    const found = fields.findIndex((field) => field.name === name);
    if (found < 0) {
      throw `there is no column \`${name}\``;
    }
    return found;
  };
  const dropped = new Set(drops.map(place));
  const computed = (name, type, nullable) => ({ tag: "computed", val: { name, type, nullable } });
  const planned = [];
  fields.forEach((field, column) => {
    if (Object.hasOwn(writes, field.name)) {
      planned.push(computed(field.name, writes[field.name], field.nullable));
    } else if (!dropped.has(column)) {
      planned.push({ tag: "passed", val: { name: field.name, column } });
    }
  });
  const names = new Set(fields.map((field) => field.name));
  for (const [name, type] of Object.entries(writes)) {
    if (!names.has(name)) {
      planned.push(computed(name, type, true));
    }
  }
  return { fields: planned, needs: reads.map(place) };
}

function called(row, input) {
  try {
    return row(input);
  } catch (error) {
    if (error instanceof Reject) {
      return error;
    }
    log("error", error?.stack ? `${error}\n${error.stack}` : error);
    throw `${error}`;
  }
}

function take(given, number, special, output) {
  if (given instanceof Reject) {
    const { code, message, column } = given;
    output.rejects.push({ row: number, column, code, message });
  } else if (Array.isArray(given)) {
    given.forEach((one) => take(one, number, special, output));
  } else if (given !== null && given !== undefined) {
    for (const name of special) {
      const value = given[name];
      if (typeof value === "bigint" || (typeof value === "number" && !Number.isFinite(value))) {
        given[name] = String(value);
      }
    }
    output.records.push(given);
    output.sourceRows.push(number);
  }
}
