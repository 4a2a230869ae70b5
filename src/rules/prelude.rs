//! What most rules use.

pub(crate) use super::{Context, Findings, Rule};
pub(crate) use crate::findings::{Confidence, Place, Step, StepRole};
pub(crate) use crate::model::{CallSite, Const, FnId, SiteId};
