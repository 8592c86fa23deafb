//! Plans and rows made at random: every kind of expression, every type, extremes and NULLs.
#![allow(clippy::unwrap_used, reason = "a test fails by it")]

mod expressions;
mod functions;
mod values;

use fastrand::Rng;
use rules::plan::{CastMode, Column, Expr, Function, Kind, Output, Plan, Rejection, Site, Span};
use rules::value_type::Type;

pub(crate) use values::batch;

/// The columns every generated plan reads; `pick` says which output a row is for.
pub(crate) const INPUT: &str = "pick:int32,b:bool?,b2:bool,i16:int16?,i32:int32?,i:int64?,i2:int64,u8:uint8?,u32:uint32?,\
    u64:uint64?,f32:float32?,f:float64?,f2:float64,d:decimal(9,2)?,d2:decimal(18,4),w:decimal(38,10)?,x:decimal(19,0)?,\
    n:numeric?,t:utf8?,t2:utf8,bin:binary?,day:date?,day2:date,tm:time?,ts:timestamp?,tz:timestamptz?,j:json?,u:uuid?";

/// Makes expressions.
pub(crate) struct Maker<'a> {
    pub(crate) rng: &'a mut Rng,
    input: &'a [Column],
    lets: Vec<Expr>,
    sites: Vec<Site>,
}

/// A plan whose output `n` is computed for rows with `pick = n` alone, so that a fault of one
/// expression hides no other.
pub(crate) fn plan(rng: &mut Rng, input: &[Column], outputs: usize) -> Plan {
    let mut maker = Maker { rng, input, lets: Vec::new(), sites: Vec::new() };
    let outputs = (0..outputs).map(|number| maker.output(number)).collect();
    let sites = maker.sites;
    Plan { input: input.to_vec(), lets: Vec::new(), rejections: Vec::new(), filter: None, outputs, sites }
}

/// A plan with lets, rejections and a filter around a few outputs.
pub(crate) fn whole_plan(rng: &mut Rng, input: &[Column]) -> Plan {
    let mut maker = Maker { rng, input, lets: Vec::new(), sites: Vec::new() };
    for _ in 0..3 {
        let ty = maker.any_type();
        let expr = maker.expr(ty, 2);
        maker.lets.push(expr);
    }
    let rejections = (0..2).map(|number| Rejection {
        when: maker.expr(Type::Bool, 2),
        code: format!("odd_{number}"),
        column: (number == 0).then(|| "i".to_owned()),
        message: format!("row is odd in way {number}"),
    });
    let rejections = rejections.collect();
    let filter = Some(maker.expr(Type::Bool, 3));
    let mut outputs = vec![Output::Passed { name: "passed".to_owned(), column: 18 }];
    for number in 0..3 {
        let (ty, value) = maker.value_of_a_column(2);
        let (column_type, nullable) = (ty.column().unwrap(), value.nullable);
        outputs.push(Output::Computed { name: format!("c{number}"), column_type, nullable, value });
    }
    let Maker { lets, sites, .. } = maker;
    Plan { input: input.to_vec(), lets, rejections, filter, outputs, sites }
}

impl Maker<'_> {
    fn output(&mut self, number: usize) -> Output {
        let (ty, value) = self.value_of_a_column(3);
        let pick = Expr { kind: Kind::Column(0), ty: Type::Int(32), nullable: false };
        let place = self.int(number as i64, Type::Int(32));
        let when = self.compare(rules::plan::Comparison::Equal, pick, place);
        let otherwise = match value.nullable {
            true => Expr { kind: Kind::Null, ty, nullable: true },
            false => self.literal(ty),
        };
        let nullable = value.nullable;
        let kind = Kind::Case { branches: vec![(when, value)], otherwise: Box::new(otherwise) };
        let value = Expr { kind, ty, nullable };
        Output::Computed { name: format!("c{number}"), column_type: ty.column().unwrap(), nullable, value }
    }

    /// A value a column can hold. PostgreSQL has the time 24:00:00, a column has not: times are
    /// written as text, or refused where they are none of a day.
    fn value_of_a_column(&mut self, depth: u32) -> (Type, Expr) {
        let ty = self.any_type();
        let value = self.expr(ty, depth);
        if ty != Type::Time {
            return (ty, value);
        }
        if self.rng.bool() {
            let (function, site) = (Function::TimeOfDay(self.pick(&[CastMode::Strict, CastMode::Try])), self.site());
            let nullable = value.nullable || function == Function::TimeOfDay(CastMode::Try);
            return (ty, Expr { kind: Kind::Call { function, arguments: vec![value], site }, ty, nullable });
        }
        let nullable = value.nullable;
        let kind = Kind::Cast { value: Box::new(value), mode: CastMode::Strict, site: self.site() };
        (Type::Text, Expr { kind, ty: Type::Text, nullable })
    }

    /// A place that can fail.
    fn site(&mut self) -> u32 {
        let number = self.sites.len();
        let column = (!number.is_multiple_of(3)).then(|| format!("column{}", number % 7));
        self.sites.push(Site { column, what: format!("part {number}"), span: Span::default() });
        number as u32
    }

    fn chance(&mut self, one_in: usize) -> bool {
        self.rng.usize(..one_in) == 0
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.rng.usize(..from.len())]
    }
}
