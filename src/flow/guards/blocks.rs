//! Checks of a helper around the code that it is given: `inline fun below33(block: () -> Unit) { if (SDK_INT < 33) block() }`.

use crate::flow::effects::param_of;
use crate::flow::swallowing::inside;
use crate::model::{Callable, FnId, Model};

use super::{Fact, Guards};

impl Guards {
    /// Does a lambda around belong to a helper of the project that runs it only where this is known?
    pub(super) fn in_helper(&self, model: &Model, function: FnId, holds: &dyn Fn(&Fact) -> bool) -> bool {
        std::iter::successors(Some(function), |id| model.parent_function(*id))
            .take_while(|id| model.is_lambda(*id))
            .any(|lambda| self.runs_only_where(model, lambda, holds).unwrap_or(false))
    }

    fn runs_only_where(&self, model: &Model, lambda: FnId, holds: &dyn Fn(&Fact) -> bool) -> Option<bool> {
        let (taker, at) = model.taker(lambda)?;
        let site = model.site(taker);
        let helper = site.declared?;
        let param = param_of(model.function(helper), site, at)?;
        let is_param = |it: &Callable| {
            let is_it = |part: &Callable| matches!(part, Callable::Param(of, index) if *of == helper && usize::from(*index) == param);
            it.parts().iter().any(is_it)
        };
        let mut runs = false;
        for function in inside(model, helper) {
            for inner in model.sites_of[function.index()].iter().map(|id| model.site(*id)) {
                if inner.args.iter().any(|arg| is_param(&arg.callable)) {
                    return None;
                }
                if is_param(&inner.invokes) {
                    runs = true;
                    if !self.around(model, function, inner.span).any(holds) {
                        return None;
                    }
                }
            }
        }
        Some(runs)
    }
}
