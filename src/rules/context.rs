//! What a rule may ask.

use crate::flow::Flow;
use crate::model::Model;

/// Everything a rule sees.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    pub model: &'a Model,
    pub flow: &'a Flow,
}
