//! The steps of a row, and how they are shared out among functions.

use std::collections::BTreeSet;

use batch::ColumnType;

use crate::component::Error;
use crate::plan::{Expr, Kind, Output, Plan};
use crate::walk;

/// Expressions a function is made of; some 40 bytes each. Compiling takes longer than the code
/// grows, so that several functions are compiled faster than one of their length.
pub(crate) const EXPRESSIONS: usize = 1500;
/// Expressions one step may have: what the sandbox's compiler takes as one function, with room.
const STEP_EXPRESSIONS: usize = 6000;
/// Input columns read and output columns written by one function.
const COLUMNS: usize = 400;

/// A step of a row.
#[derive(Debug)]
pub(crate) enum Step<'p> {
    Let { number: usize, value: &'p Expr, framed: bool },
    Rejection { number: u32, when: &'p Expr },
    Filter { when: &'p Expr },
    Output { place: u32, column_type: ColumnType, nullable: bool, value: &'p Expr },
}

/// Steps that one function does.
#[derive(Debug, Default)]
pub(crate) struct Stage<'p> {
    pub(crate) steps: Vec<Step<'p>>,
    /// Input columns it reads.
    pub(crate) columns: BTreeSet<usize>,
    expressions: usize,
}

impl<'p> Step<'p> {
    pub(crate) fn expr(&self) -> &'p Expr {
        match self {
            Step::Let { value, .. } | Step::Output { value, .. } => value,
            Step::Rejection { when, .. } | Step::Filter { when } => when,
        }
    }
}

/// The plan's steps in their order, in as few stages as they fit.
pub(crate) fn stages(plan: &Plan) -> Result<Vec<Stage<'_>>, Error> {
    let mut stages = vec![Stage::default()];
    for step in steps(plan) {
        let expressions = walk::count(step.expr());
        if expressions > STEP_EXPRESSIONS {
            return Err(Error::TooLarge { expressions, limit: STEP_EXPRESSIONS });
        }
        if stages.last().is_some_and(|stage| stage.is_full(expressions)) {
            stages.push(Stage::default());
        }
        if let Some(stage) = stages.last_mut() {
            stage.push(step, expressions);
        }
    }
    if stages.len() > 1 {
        for step in stages.iter_mut().flat_map(|stage| stage.steps.iter_mut()) {
            if let Step::Let { framed, .. } = step {
                *framed = true;
            }
        }
    }
    Ok(stages)
}

/// All input columns that are read.
pub(crate) fn needs(stages: &[Stage<'_>]) -> Vec<usize> {
    let all: BTreeSet<usize> = stages.iter().flat_map(|stage| stage.columns.iter().copied()).collect();
    all.into_iter().collect()
}

impl<'p> Stage<'p> {
    fn is_full(&self, more: usize) -> bool {
        !self.steps.is_empty()
            && (self.expressions + more > EXPRESSIONS || self.columns.len() + self.steps.len() > COLUMNS)
    }

    fn push(&mut self, step: Step<'p>, expressions: usize) {
        walk::each(step.expr(), &mut |part| {
            if let Kind::Column(column) = part.kind {
                self.columns.insert(column);
            }
        });
        self.expressions += expressions;
        self.steps.push(step);
    }
}

fn steps(plan: &Plan) -> impl Iterator<Item = Step<'_>> {
    let lets = plan.lets.iter().enumerate().map(|(number, value)| Step::Let { number, value, framed: false });
    let rejections = (0..).zip(&plan.rejections);
    let rejections = rejections.map(|(number, rejection)| Step::Rejection { number, when: &rejection.when });
    let filter = plan.filter.iter().map(|when| Step::Filter { when });
    let computed = plan.outputs.iter().filter_map(|output| match output {
        Output::Computed { column_type, nullable, value, .. } => Some((*column_type, *nullable, value)),
        Output::Passed { .. } => None,
    });
    let outputs = (0..).zip(computed).map(|(place, (column_type, nullable, value))| Step::Output {
        place,
        column_type,
        nullable,
        value,
    });
    lets.chain(rejections).chain(filter).chain(outputs)
}
