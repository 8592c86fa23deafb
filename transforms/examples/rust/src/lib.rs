//! Cleans orders: the customer's name is trimmed, the amount becomes a decimal, every order earns
//! ten points, and what was cancelled is dropped.

use sdk::{Reject, decimal};

sdk::rows! {
    /// The module.
    pub module Orders = clean;
    /// What crosses.
    reads Order { customer: Text, amount: Text, points: Int, status: Text }
    /// What the module gives.
    writes Clean { customer: Text, amount: Decimal("decimal(12,2)"), points: Int }
}

fn clean(order: Order<'_>) -> Result<Option<Clean<'_>>, Reject> {
    if order.status == Some("cancelled") {
        return Ok(None);
    }
    let no_amount = "the amount is no number with two digits after the point";
    let read = |text: &str| decimal::parse(text.trim(), 12, 2);
    let bad_amount = || Reject::new("bad_amount", no_amount).column("amount");
    Ok(Some(Clean {
        customer: order.customer.map(|name| name.trim().into()),
        amount: order.amount.map(|text| read(text).ok_or_else(bad_amount)).transpose()?,
        points: order.points.map(|points| points + 10),
    }))
}

#[cfg(test)]
mod tests {
    use sdk::testing::{NULL, Table};

    use super::*;

    #[test]
    fn orders_are_cleaned_and_what_is_no_amount_is_rejected() {
        let table = Table::new()
            .column("customer", "utf8", &[" Ada ", NULL, "x", "Grace"])
            .column("amount", "utf8", &["12.5", NULL, "1", "twelve"])
            .column("points", "int64", &["9007199254740993", NULL, "1", "2"])
            .column("status", "utf8", &["paid", "paid", "cancelled", "paid"]);
        let outcome = table.run::<Orders>("{}").unwrap();
        assert_eq!(outcome.column("customer"), ["Ada", NULL]);
        assert_eq!(outcome.column("amount"), ["12.50", NULL]);
        assert_eq!(outcome.column("points"), ["9007199254741003", NULL]);
        assert_eq!(outcome.rejects[0].code, "bad_amount");
    }
}
