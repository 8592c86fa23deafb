// The benches' typical rule over JSON records: trims and lowers, parses decimals and timestamps,
// computes, decides, filters.

import { module, reject } from "./millstream.js";

const AMOUNT = /^-?\d{1,10}(\.\d{1,2})?$/;
const AT = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/;
const LARGEST = 10n ** 38n;

export const { openRecords, applyRecords } = module({
  reads: ["name", "email", "amount", "price", "quantity", "at", "country", "active", "score"],
  writes: {
    name: "utf8",
    email: "utf8",
    amount: "decimal(12,2)",
    at: "timestamp",
    total: "decimal(38,2)",
    tier: "utf8",
  },
  row({ name, email, amount, price, quantity, at, country, active, score }) {
    if (active !== true || country === null || country === "XX") {
      return null;
    }
    if (amount !== null && !AMOUNT.test(amount)) {
      return reject("bad_amount", "the amount is no decimal(12,2)", "amount");
    }
    if (at !== null && !(AT.test(at) && isMoment(at))) {
      return reject("bad_time", "the time is not like 2013-01-31 10:15:00", "at");
    }
    let total = null;
    if (price !== null && quantity !== null) {
      const cents = BigInt(price.replace(".", "")) * BigInt(quantity);
      if (cents >= LARGEST || cents <= -LARGEST) {
        return reject("overflow", "the total has more than 38 digits", "total");
      }
      total = decimal(cents);
    }
    return {
      name: name === null ? null : name.trim(),
      email: email === null ? null : email.trim().toLowerCase(),
      amount,
      at,
      total,
      tier: score >= 90 ? "gold" : score >= 50 ? "silver" : "basic",
    };
  },
});

function isMoment(at) {
  const [year, month, day] = [+at.slice(0, 4), +at.slice(5, 7), +at.slice(8, 10)];
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = month === 2 ? (leap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
  const isDay = month >= 1 && month <= 12 && day >= 1 && day <= days;
  return isDay && +at.slice(11, 13) < 24 && +at.slice(14, 16) < 60 && +at.slice(17, 19) < 60;
}

function decimal(cents) {
  const digits = (cents < 0n ? -cents : cents).toString().padStart(3, "0");
  return `${cents < 0n ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
