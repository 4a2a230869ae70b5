//! Entries filed by class and member: exact names, and globs for when no exact name answers.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::base::Name;

use super::glob;

/// Entries under one name. Nearly always one, so it lies in the map itself.
type Few<T> = SmallVec<[&'static T; 1]>;

pub(super) struct Members<T: 'static> {
    exact: FxHashMap<(Name, Name), Few<T>>,
    /// Per class, the more specific pattern first.
    globs: FxHashMap<Name, Vec<(Name, Few<T>)>>,
}

impl<T> Default for Members<T> {
    fn default() -> Self {
        Members { exact: FxHashMap::default(), globs: FxHashMap::default() }
    }
}

impl<T> Members<T> {
    pub(super) fn reserve(&mut self, entries: usize) {
        self.exact.reserve(entries);
    }

    pub(super) fn add(&mut self, class: Name, member: Name, entry: &'static T) {
        if !member.contains('*') {
            self.exact.entry((class, member)).or_default().push(entry);
            return;
        }
        let globs = self.globs.entry(class).or_default();
        if let Some((_, entries)) = globs.iter_mut().find(|(pattern, _)| *pattern == member) {
            entries.push(entry);
            return;
        }
        let at = globs.partition_point(|(pattern, _)| glob::weight(pattern) >= glob::weight(&member));
        globs.insert(at, (member, SmallVec::from_elem(entry, 1)));
    }

    /// Entries of the exact name, else of the most specific glob that matches.
    pub(super) fn get(&self, class: Name, member: Name) -> &[&'static T] {
        if let Some(found) = self.exact.get(&(class, member)) {
            return found;
        }
        let mut globs = self.globs.get(&class).into_iter().flatten();
        globs.find(|(pattern, _)| glob::matches(pattern, &member)).map_or(&[], |(_, entries)| entries)
    }

    /// Member names with an entry of their own.
    pub(super) fn names(&self) -> impl Iterator<Item = Name> {
        self.exact.keys().map(|(_, member)| *member)
    }

    /// Classes with patterns.
    pub(super) fn glob_classes(&self) -> impl Iterator<Item = Name> {
        self.globs.keys().copied()
    }
}
