//! Composable functions of libraries: which they are, and what the lambdas are that they get.

use crate::base::Name;
use crate::catalog::{COMPOSABLE, LambdaParameter};
use crate::facts::{Arg, ExprKind};

use super::super::calls::Api;
use super::super::coroutines::LambdaRole;
use super::Walker;
use super::draft::SiteDraft;

/// What a composable function of a library makes of a lambda.
#[derive(Default)]
pub(super) struct ComposableLambda {
    pub(super) role: LambdaRole,
    /// Every composable function calls it without an argument: `onClick = { }`.
    pub(super) takes_nothing: bool,
    /// It describes a part of the user interface: content, or a list of items.
    pub(super) describes_ui: bool,
}

impl<'c> Walker<'c> {
    /// What a lambda is that a composable function of a library gets; nothing for calls that are no composables.
    pub(super) fn composable_lambda(&self, draft: &SiteDraft, at: usize) -> ComposableLambda {
        let (Some(known), Some(arg)) = (self.composable_callee(draft), draft.args.get(at)) else {
            return ComposableLambda::default();
        };
        ComposableLambda {
            role: self.composable_role(draft, at, arg, known),
            takes_nothing: arg.name.is_some_and(|name| known.gives_nothing(&name)),
            describes_ui: arg.trailing,
        }
    }

    /// Is it content, an effect or a callback?
    fn composable_role(
        &self,
        draft: &SiteDraft,
        at: usize,
        arg: &Arg,
        known: &LambdaParameter,
    ) -> LambdaRole {
        // A signature that says more than "a function" is believed.
        if self.library_role(draft, at) == LambdaRole::Suspending {
            return LambdaRole::Suspending;
        }
        if let Some(name) = arg.name {
            return if known.composes(&name) { LambdaRole::Composable } else { LambdaRole::Plain };
        }
        let (class, function) = callee(draft);
        if known.in_composition.contains(&function) {
            return LambdaRole::InPlace;
        }
        let of_package = !class.last().starts_with(|first: char| first.is_uppercase());
        let composes = function.starts_with(|first: char| first.is_uppercase())
            && (of_package || class.ends_with("Kt"))
            && !known.not_composable.contains(&function)
            || known.composable_functions.contains(&function);
        match (composes, arg.trailing) {
            (true, true) => LambdaRole::Composable,
            (true, false) => LambdaRole::Plain,
            // Builders, modifiers, effects: whatever they do with it, they do not compose it.
            (false, _) if draft.api.is_some_and(|api| api.class != COMPOSABLE) => LambdaRole::Plain,
            (false, _) => LambdaRole::Unknown,
        }
    }

    /// What is known of the composable function of a library that is called.
    fn composable_callee(&self, draft: &SiteDraft) -> Option<&'static LambdaParameter> {
        if draft.api.is_none() && draft.receiver_expr.is_some() {
            return None;
        }
        let imports = &self.core.imports[self.file.0 as usize];
        let parameters = self.core.catalog.lambda_parameters();
        let mut composing = parameters.iter().filter(|it| !it.composable.is_empty());
        let known = composing.clone().find(|it| match draft.api {
            Some(_) => it.covers(&callee(draft).0),
            None => imports.stars.iter().chain(imports.named.values().flatten()).any(|path| it.covers(path)),
        });
        // What nobody knows and stands in a composition like a class is a composable of some library.
        let unknown = || composing.next().filter(|_| self.composing && self.creates_unknown(draft));
        known.or_else(unknown)
    }

    /// Is a class created that neither the project nor a known library has?
    fn creates_unknown(&self, draft: &SiteDraft) -> bool {
        draft.created.is_some_and(|class| !self.core.is_class(class))
    }

    /// `Button { }` under `import androidx.compose.material3.*`: a library's composable, whichever star it comes from.
    pub(super) fn star_composable(&self, draft: &mut SiteDraft) -> bool {
        let imports = &self.core.imports[self.file.0 as usize];
        if !draft.name.starts_with(|first: char| first.is_uppercase()) {
            return false;
        }
        let parameters = self.core.catalog.lambda_parameters();
        let composes =
            |star: &&Name| parameters.iter().any(|it| !it.composable.is_empty() && it.covers(star));
        let Some(star) = imports.stars.iter().find(composes) else { return false };
        draft.api = Some(Api { class: *star, member: draft.name, is_static: true });
        true
    }

    /// `item { }`, `entry<Details> { }`: code given to a function that nobody knows, where the user interface is described.
    /// A member of the scope that a library's composable function made for it.
    pub(super) fn of_unknown_scope(&self, draft: &mut SiteDraft) {
        let known = match draft.api {
            Some(api) => api.is_static || self.has_library_member(api.class, draft),
            None => draft.resolved(),
        };
        let takes_code =
            draft.args.iter().any(|arg| matches!(self.facts[arg.value].kind, ExprKind::Lambda(_)));
        if self.describing && !known && takes_code {
            draft.api = Some(Api { class: Name::new(COMPOSABLE), member: draft.name, is_static: true });
        }
    }
}

/// Class or package and name of a function, also where it is written like a class.
fn callee(draft: &SiteDraft) -> (Name, Name) {
    match draft.api {
        Some(api) if api.member == "<init>" => {
            (Name::new(api.class.qualifier()), Name::new(api.class.last()))
        }
        Some(api) => (api.class, api.member),
        None => (Name::default(), draft.name),
    }
}
