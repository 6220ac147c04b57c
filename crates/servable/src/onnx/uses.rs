//! Which operators a model uses, and where: in its graph or in a function that the model defines for itself. The library puts the body of
//! a function in the place of each call, so functions that call each other in a circle, or grow into millions of operators, are refused.

use super::{limits::OnnxLimits, operators};
use std::collections::BTreeMap;

/// An operator: its domain and its name.
pub type Operator<'a> = (&'a str, &'a str);

/// How often the operators stand in one place.
type Uses<'a> = BTreeMap<Operator<'a>, usize>;

/// How many operators a call of each function becomes.
type Sizes<'a> = BTreeMap<Operator<'a>, Option<usize>>;

/// The operators of a model.
#[derive(Default)]
pub struct OperatorUses<'a> {
    graph: Uses<'a>,
    functions: BTreeMap<Operator<'a>, Uses<'a>>,
    /// Those of the function that is being read, which comes before its name.
    body: Option<Uses<'a>>,
}

impl<'a> OperatorUses<'a> {
    /// Notes an operator of the graph, or of the function that is being read.
    pub fn note(&mut self, operator: Operator<'a>) {
        *self.body.as_mut().unwrap_or(&mut self.graph).entry(operator).or_default() += 1;
    }

    /// Begins a function.
    pub fn begin_function(&mut self) {
        self.body = Some(Uses::new());
    }

    /// Ends the function, whose name is known by now. Functions of one name that differ in their inputs count together.
    pub fn end_function(&mut self, name: Operator<'a>) {
        let uses = self.functions.entry(name).or_default();
        for (operator, count) in self.body.take().into_iter().flatten() {
            *uses.entry(operator).or_default() += count;
        }
    }

    /// Judges all of them.
    ///
    /// # Errors
    /// The first operator that may not be used, a circle of functions, or more operators than allowed.
    pub fn judge(&self, limits: &OnnxLimits) -> Result<(), String> {
        let all = self.functions.values().chain([&self.graph]).flat_map(BTreeMap::keys);
        let foreign = all.filter(|operator| !self.functions.contains_key(*operator));
        if let Some(refusal) = foreign.filter_map(|(domain, name)| operators::refusal(limits.operators, domain, name)).next() {
            return Err(refusal);
        }
        let mut sizes = Sizes::new();
        if self.size(&self.graph, limits, 0, &mut sizes)? > limits.nodes {
            return Err(format!("it has more than {} operators with the bodies of its functions", limits.nodes));
        }
        Ok(())
    }

    /// How many operators there are with the bodies of all functions in their places. `sizes` has those of the functions looked at so
    /// far; `None` while a function is being looked at.
    fn size(&self, uses: &Uses<'a>, limits: &OnnxLimits, depth: usize, sizes: &mut Sizes<'a>) -> Result<usize, String> {
        if depth > limits.depth {
            return Err(format!("its functions call each other more than {} levels deep", limits.depth));
        }
        let mut sum = 0_usize;
        for (operator, count) in uses {
            let one = match (self.functions.get(operator), sizes.get(operator)) {
                (None, _) => 1,
                (Some(_), Some(Some(size))) => *size,
                (Some(_), Some(None)) => return Err(format!("its function `{}` calls itself", operator.1)),
                (Some(body), None) => {
                    sizes.insert(*operator, None);
                    let size = self.size(body, limits, depth + 1, sizes)?;
                    sizes.insert(*operator, Some(size));
                    size
                }
            };
            sum = sum.saturating_add(one.saturating_mul(*count));
        }
        Ok(sum)
    }
}
