//! Kinds of work that the project states itself, in `[work]` of `worklint.toml`: by class or API.

use crate::model::{CallSite, FnId, Model};

use super::inventory::Urgency;

/// Classes and APIs with the kind their work has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stated(Vec<(String, Urgency)>);

impl Stated {
    pub fn new(kinds: Vec<(String, Urgency)>) -> Stated {
        Stated(kinds)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is stated of work: of what runs, of where it is started, or of the API that starts it; with the name that
    /// says so.
    pub fn of(&self, model: &Model, site: Option<&CallSite>, runs: &[FnId]) -> Option<(Urgency, &str)> {
        if self.is_empty() {
            return None;
        }
        let classes = runs.iter().copied().chain(site.map(|site| site.function));
        let classes = classes.flat_map(|function| classes_around(model, function));
        let api = site.and_then(|site| site.api).map(|api| format!("{}.{}", api.class, api.member));
        let names: Vec<String> = classes.chain(api).collect();
        let stated = self.0.iter().find(|(pattern, _)| names.iter().any(|name| fits(pattern, name)));
        stated.map(|(pattern, urgency)| (*urgency, pattern.as_str()))
    }
}

/// The classes that a function is in, innermost first.
fn classes_around(model: &Model, function: FnId) -> Vec<String> {
    let mut found = Vec::new();
    let mut owner = model.owner_of(function);
    while let Some(id) = owner {
        let info = model.symbols.info(id);
        found.push(info.qualified.to_string());
        owner = info.owner;
    }
    found
}

/// `com.example.sync.*`, `com.example.Sync`, `Sync`, `java.util.Timer.schedule`, `Timer.schedule`.
fn fits(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == pattern || name.strip_suffix(pattern).is_some_and(|before| before.ends_with('.')),
    }
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn names_fit_whole_or_by_their_end() {
        assert!(fits("com.example.sync.*", "com.example.sync.Manager"));
        assert!(fits("Manager", "com.example.sync.Manager"));
        assert!(fits("Timer.schedule", "java.util.Timer.schedule"));
        assert!(!fits("anager", "com.example.sync.Manager"));
        assert!(!fits("com.example.sync", "com.example.sync.Manager"));
    }
}
