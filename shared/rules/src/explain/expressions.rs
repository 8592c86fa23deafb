//! Expressions as SQL writes them.

use super::{functions, literals, names};
use crate::plan::{CastMode, Column, Comparison, Expr, Kind, Literal};
use crate::resolve::sign;
use crate::value_type::Type;

/// Writes expressions over the input's columns.
pub(crate) struct Writer<'a> {
    pub(crate) input: &'a [Column],
}

impl Writer<'_> {
    /// A column's name.
    pub(crate) fn column(&self, index: usize) -> String {
        self.input.get(index).map_or_else(|| "NULL".to_owned(), |column| names::quoted(&column.name))
    }

    /// An expression that stands alone.
    pub(crate) fn expression(&self, expr: &Expr) -> String {
        match &expr.kind {
            Kind::Column(index) => self.column(*index),
            Kind::Let(index) => names::of_let(*index),
            Kind::Literal(literal) => literals::text(literal, expr.ty),
            Kind::Null => format!("cast(NULL AS {})", expr.ty),
            Kind::RunClock => "now()".to_owned(),
            Kind::Not(inner) => self.not(inner),
            Kind::And(values) => self.chain(values, " AND ", "TRUE"),
            Kind::Or(values) => self.chain(values, " OR ", "FALSE"),
            Kind::IsNull(value) => format!("{} IS NULL", self.operand(value)),
            Kind::IsBool { value, is } => format!("{} IS {}", self.operand(value), if *is { "TRUE" } else { "FALSE" }),
            Kind::Compare { op, left, right } => {
                format!("{} {} {}", self.operand(left), comparison(*op), self.operand(right))
            }
            Kind::Distinct { left, right } => {
                format!("{} IS DISTINCT FROM {}", self.operand(left), self.operand(right))
            }
            Kind::Arithmetic { op, left, right, .. } => {
                format!("{} {} {}", self.operand(left), sign(*op), self.operand(right))
            }
            Kind::Negate { value, .. } => format!("- ({})", self.expression(value)),
            Kind::Case { branches, otherwise } => self.case(branches, otherwise),
            Kind::Coalesce(values) => format!("coalesce({})", self.list(values)),
            Kind::NullIf { left, right } => format!("nullif({}, {})", self.expression(left), self.expression(right)),
            Kind::Extreme { greatest, values } => {
                format!("{}({})", if *greatest { "greatest" } else { "least" }, self.list(values))
            }
            Kind::In { value, list } => format!("{} IN ({})", self.operand(value), self.list(list)),
            Kind::Cast { value, mode, .. } => self.cast(value, *mode, expr.ty),
            Kind::Call { function, arguments, .. } => functions::call(self, function, arguments, expr.ty),
        }
    }

    /// An expression beside an operator.
    pub(crate) fn operand(&self, expr: &Expr) -> String {
        let text = self.expression(expr);
        if stands_alone(expr) { text } else { format!("({text})") }
    }

    /// Several, with commas.
    pub(crate) fn list(&self, values: &[Expr]) -> String {
        values.iter().map(|value| self.expression(value)).collect::<Vec<_>>().join(", ")
    }

    fn not(&self, inner: &Expr) -> String {
        match &inner.kind {
            Kind::IsNull(value) => format!("{} IS NOT NULL", self.operand(value)),
            Kind::IsBool { value, is } => {
                format!("{} IS NOT {}", self.operand(value), if *is { "TRUE" } else { "FALSE" })
            }
            Kind::Distinct { left, right } => {
                format!("{} IS NOT DISTINCT FROM {}", self.operand(left), self.operand(right))
            }
            Kind::In { value, list } => format!("{} NOT IN ({})", self.operand(value), self.list(list)),
            _ => format!("NOT ({})", self.expression(inner)),
        }
    }

    fn chain(&self, values: &[Expr], sign: &str, none: &str) -> String {
        match values {
            [] => none.to_owned(),
            [only] => self.expression(only),
            values => values.iter().map(|value| self.condition(value)).collect::<Vec<_>>().join(sign),
        }
    }

    /// A condition beside AND or OR, which bind weaker than comparisons.
    fn condition(&self, expr: &Expr) -> String {
        match &expr.kind {
            Kind::Compare { .. } | Kind::IsNull(_) | Kind::IsBool { .. } | Kind::In { .. } | Kind::Distinct { .. } => {
                self.expression(expr)
            }
            _ => self.operand(expr),
        }
    }

    fn case(&self, branches: &[(Expr, Expr)], otherwise: &Expr) -> String {
        let mut text = "CASE".to_owned();
        for (condition, value) in branches {
            text.push_str(&format!(" WHEN {} THEN {}", self.expression(condition), self.expression(value)));
        }
        format!("{text} ELSE {} END", self.expression(otherwise))
    }

    fn cast(&self, value: &Expr, mode: CastMode, ty: Type) -> String {
        let name = match mode {
            CastMode::Strict => "cast",
            CastMode::Try => "try_cast",
        };
        let inner = match &value.kind {
            // A bare text constant would take the type at once instead of being converted.
            Kind::Literal(Literal::Text(text)) if value.ty == Type::Text => {
                format!("cast({} AS text)", literals::quoted(text))
            }
            _ => self.expression(value),
        };
        format!("{name}({inner} AS {ty})")
    }
}

fn stands_alone(expr: &Expr) -> bool {
    match &expr.kind {
        Kind::Column(_)
        | Kind::Let(_)
        | Kind::Null
        | Kind::RunClock
        | Kind::Case { .. }
        | Kind::Coalesce(_)
        | Kind::NullIf { .. }
        | Kind::Extreme { .. }
        | Kind::Cast { .. } => true,
        Kind::Literal(Literal::Int(number)) => *number >= 0,
        Kind::Literal(Literal::Decimal(unscaled)) => *unscaled >= 0,
        Kind::Literal(_) => true,
        Kind::Call { function, .. } => functions::is_call(function),
        _ => false,
    }
}

fn comparison(op: Comparison) -> &'static str {
    match op {
        Comparison::Equal => "=",
        Comparison::NotEqual => "<>",
        Comparison::Less => "<",
        Comparison::LessOrEqual => "<=",
        Comparison::Greater => ">",
        Comparison::GreaterOrEqual => ">=",
    }
}
