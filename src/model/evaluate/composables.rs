//! Composable functions of libraries: which they are, and what the lambdas are that they get.

use crate::base::Name;
use crate::catalog::{COMPOSABLE, LambdaParameter};
use crate::facts::ExprKind;

use super::super::calls::Api;
use super::super::coroutines::LambdaRole;
use super::Walker;
use super::draft::SiteDraft;

impl<'c> Walker<'c> {
    /// Is a lambda composable content, an effect or a callback of a library's composable function? Unknown for calls
    /// that are no composables.
    pub(super) fn composable_role(&self, draft: &SiteDraft, at: usize) -> LambdaRole {
        let Some(known) = self.composable_callee(draft) else { return LambdaRole::Unknown };
        // A signature that says more than "a function" is believed.
        if self.library_role(draft, at) == LambdaRole::Suspending {
            return LambdaRole::Suspending;
        }
        let Some(arg) = draft.args.get(at) else { return LambdaRole::Unknown };
        let matches = |patterns: &[Name], name: Name| patterns.iter().any(|it| fits_pattern(it, &name));
        if let Some(name) = arg.name {
            return if matches(&known.composable, name) { LambdaRole::Composable } else { LambdaRole::Plain };
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

    /// Does a lambda describe a part of the user interface: content, or a list of items?
    pub(super) fn describes_ui(&self, draft: &SiteDraft, at: usize) -> bool {
        draft.args.get(at).is_some_and(|arg| arg.trailing) && self.composable_callee(draft).is_some()
    }

    /// Is a lambda one of those that every composable function calls without an argument: `onClick = { }`?
    pub(super) fn takes_nothing(&self, draft: &SiteDraft, at: usize) -> bool {
        let Some(name) = draft.args.get(at).and_then(|arg| arg.name) else { return false };
        let callee = self.composable_callee(draft);
        callee.is_some_and(|callee| callee.without_parameter.iter().any(|it| fits_pattern(it, &name)))
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

/// `content`, `*Content`, `on*`.
fn fits_pattern(pattern: &str, name: &str) -> bool {
    match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
        (Some(end), _) => name.ends_with(end),
        (None, Some(start)) => name.starts_with(start),
        (None, None) => name == pattern,
    }
}
