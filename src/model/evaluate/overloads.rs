//! Which overload a call means, and which parameter an argument fills.

use crate::facts::{Arg, FunctionDecl, Modifiers};

use super::super::ids::FnId;
use super::super::ty::Type;
use super::Walker;
use super::draft::SiteDraft;

impl<'c> Walker<'c> {
    /// The candidate that fits the number of arguments and contradicts none of their known types: of the best ones the
    /// most specific, else the first, so nearer declarations win.
    pub(super) fn pick(&self, candidates: &[FnId], draft: &SiteDraft) -> Option<FnId> {
        let mut best: Option<(i32, FnId)> = None;
        for id in candidates {
            let Some(score) = self.score(*id, draft) else { continue };
            let better = best.is_none_or(|(top, other)| {
                score > top || (score == top && self.more_specific(*id, other, draft.args.len()))
            });
            if better {
                best = Some((score, *id));
            }
        }
        best.map(|(_, id)| id)
    }

    /// Do the first parameters of a function accept less than those of another, and nothing else?
    fn more_specific(&self, function: FnId, other: FnId, count: usize) -> bool {
        let types = |id: FnId| {
            let scope = self.core.scope_of(id);
            let params = self.core.function(id).params.iter().take(count);
            params.map(move |param| Some(self.core.resolve_type(scope, param.ty.as_ref()?)))
        };
        let mut less = false;
        for pair in types(function).zip(types(other)) {
            let (Some(own), Some(others)) = pair else { return false };
            if own.class == others.class {
                continue;
            }
            if !known(&own) || !self.accepts(&others, &own) {
                return false;
            }
            less = true;
        }
        less
    }

    fn score(&self, id: FnId, draft: &SiteDraft) -> Option<i32> {
        let decl = self.core.function(id);
        let params = &decl.params;
        let vararg = params.iter().any(|param| param.modifiers.contains(Modifiers::VARARG));
        let required = params
            .iter()
            .filter(|param| param.default.is_none() && !param.modifiers.contains(Modifiers::VARARG))
            .count();
        let given = draft.args.len();
        if given < required || (given > params.len() && !vararg) {
            return None;
        }
        let scope = self.core.scope_of(id);
        let mut score = if given == params.len() { 2 } else { 0 };
        for (at, value) in draft.values.iter().enumerate() {
            let param = self.param_of(decl, &draft.args, at)?;
            let Some(declared) = params[param].ty.as_ref() else { continue };
            let Some(arg) = draft.args.get(at) else { continue };
            let declared = self.core.resolve_type(scope, declared);
            if matches!(self.facts[arg.value].kind, crate::facts::ExprKind::Lambda(_)) {
                let fits = self.lambda_arity_fits(arg.value, &declared);
                score += if fits { 2 } else { -4 };
                continue;
            }
            match value.ty.as_ref() {
                Some(ty) if compatible_primitives(&declared, ty) => score += 1,
                Some(ty) if self.accepts(&declared, ty) => score += 2,
                Some(ty) if known(ty) && known(&declared) => score -= 4,
                _ => {}
            }
        }
        Some(score)
    }

    fn lambda_arity_fits(&self, lambda: crate::facts::ExprId, declared: &Type) -> bool {
        let crate::facts::ExprKind::Lambda(function) = self.facts[lambda].kind else { return true };
        let Some(declared) = declared.upper() else { return true };
        let written = self.facts[function].params.len();
        if declared.is_function() {
            return written == declared.params().len() || (written == 0 && declared.params().len() <= 1);
        }
        match self.sam_of(declared) {
            Some(sam) => written == sam.params.len() || (written == 0 && sam.params.len() <= 1),
            None => false,
        }
    }

    /// Index of the parameter that argument `at` fills: by name, the trailing lambda the last one, else by position.
    pub(super) fn param_of(&self, decl: &FunctionDecl, args: &[Arg], at: usize) -> Option<usize> {
        let last = decl.params.len().checked_sub(1)?;
        let Some(arg) = args.get(at) else { return (at <= last).then_some(at) };
        if let Some(name) = arg.name {
            return decl.params.iter().position(|param| param.name == name);
        }
        if arg.trailing {
            return Some(last);
        }
        if at <= last {
            return Some(at);
        }
        decl.params[last].modifiers.contains(Modifiers::VARARG).then_some(last)
    }
}

fn known(ty: &Type) -> bool {
    !ty.is_unresolved() && !ty.is_variable()
}

/// Literals have no width of their own, and Java boxes.
fn compatible_primitives(declared: &Type, given: &Type) -> bool {
    let number = |ty: &Type| {
        matches!(
            ty.class.last(),
            "Int"
                | "Integer"
                | "Long"
                | "Short"
                | "Byte"
                | "Float"
                | "Double"
                | "Number"
                | "Char"
                | "Character"
        )
    };
    let truth = |ty: &Type| ty.class.last() == "Boolean";
    (number(declared) && number(given)) || (truth(declared) && truth(given))
}
