// Cleans orders: the customer's name is trimmed, the amount becomes a decimal, every order earns
// ten points, and what was cancelled is dropped.

import { module, reject } from "./millstream.js";

const AMOUNT = /^-?\d{1,10}(\.\d{1,2})?$/;

export const { openRecords, applyRecords } = module({
  reads: ["customer", "amount", "points", "status"],
  writes: { customer: "utf8", amount: "decimal(12,2)", points: "int64" },
  row({ customer, amount, points, status }) {
    if (status === "cancelled") {
      return null;
    }
    if (amount !== null && !AMOUNT.test(amount.trim())) {
      return reject("bad_amount", "the amount is no number with two digits after the point", "amount");
    }
    return {
      customer: customer === null ? null : customer.trim(),
      amount: amount === null ? null : amount.trim(),
      points: points === null ? null : BigInt(points) + 10n,
    };
  },
});
