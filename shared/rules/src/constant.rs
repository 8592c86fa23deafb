//! Constants of field maps and rule sets in SQL.

use spec::Scalar;

/// The constant in SQL.
pub(crate) fn sql(constant: &Scalar) -> String {
    match constant {
        Scalar::Null => "NULL".to_owned(),
        Scalar::Bool(truth) => if *truth { "TRUE" } else { "FALSE" }.to_owned(),
        Scalar::Int(number) => format!("({number})"),
        Scalar::Float(number) if number.is_finite() => format!("({number})"),
        Scalar::Float(number) if number.is_nan() => "'NaN'".to_owned(),
        Scalar::Float(number) => if *number > 0.0 { "'Infinity'" } else { "'-Infinity'" }.to_owned(),
        Scalar::Text(text) => quoted(text),
    }
}

/// A text constant.
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
