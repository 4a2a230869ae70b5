//! Code that values hold: which functions run when they are called.

use smallvec::SmallVec;

use crate::base::Name;
use crate::catalog::{Inline, TableSet};
use crate::facts::Modifiers;

use super::core::{Core, Model};
use super::ids::{FnId, PropId, TypeId};
use super::value::Callable;

/// Functions that one property is followed to; more are listeners of a whole program, which tell nothing.
const MAX_STORED: usize = 48;

/// Methods of an object without telling which one is called.
const USUAL: [&str; 4] = ["run", "call", "get", "invoke"];

/// Which methods of an object run.
#[derive(Clone, Copy)]
enum Method {
    Named(Name),
    /// The one that makes it code: of the library's functional interface that it implements.
    Code,
    /// That one, or any if there is none.
    Any,
}

struct Search<'m> {
    model: &'m Model,
    method: Method,
    seen: Vec<Callable>,
    found: SmallVec<[FnId; 2]>,
}

impl Core {
    /// Does a library function keep the code given to it in what it returns, for whoever uses that?
    pub(super) fn keeps_code_given(&self, class: Name, member: Name) -> bool {
        let inline = self.nearest_in(TableSet::INLINES, class, member, |class| {
            self.catalog.inline(class, member).first().copied()
        });
        inline.is_some_and(Inline::keeps_code)
    }
}

impl Model {
    /// The functions a value runs when it is called; of an object the methods of this name.
    pub fn functions_of(&self, callable: &Callable, method: Option<Name>) -> SmallVec<[FnId; 2]> {
        match callable {
            Callable::Functions(functions) => functions.clone(),
            Callable::None | Callable::Param(..) => SmallVec::new(),
            _ => self.search(callable, method.map_or(Method::Any, Method::Named), false),
        }
    }

    /// What callers give for a parameter.
    pub fn functions_given(&self, param: &Callable, method: Option<Name>) -> SmallVec<[FnId; 2]> {
        self.search(param, method.map_or(Method::Any, Method::Named), true)
    }

    /// The functions that run when a value is called as code: of an object the method that makes it code.
    pub fn code_of(&self, callable: &Callable) -> SmallVec<[FnId; 2]> {
        match callable {
            Callable::Functions(functions) => functions.clone(),
            Callable::None | Callable::Param(..) => SmallVec::new(),
            _ => self.search(callable, Method::Code, false),
        }
    }

    fn search(&self, callable: &Callable, method: Method, given: bool) -> SmallVec<[FnId; 2]> {
        let mut search = Search { model: self, method, seen: Vec::new(), found: SmallVec::new() };
        for part in callable.parts() {
            // What is given for a parameter is each caller's.
            if given || !matches!(part, Callable::Param(..)) {
                search.add(part);
            }
        }
        search.found
    }

    /// The method of an instance that stands for code, as library interfaces say.
    fn code_methods(&self, class: TypeId) -> SmallVec<[FnId; 2]> {
        let lineage = self.lineage(self.symbols.info(class).qualified);
        let single = lineage.library.iter().filter_map(|ancestor| {
            let known = self.catalog.sam(*ancestor).map(|sam| sam.method);
            known.or_else(|| Some(self.signatures.single_abstract_method(*ancestor)?.method.name))
        });
        let mut found: SmallVec<[FnId; 2]> = SmallVec::new();
        for name in single.chain(USUAL.map(Name::new)) {
            for method in self.methods_named(class, name) {
                if !found.contains(&method) {
                    found.push(method);
                }
            }
        }
        found
    }

    /// Properties of subclasses that override this one.
    fn overriding(&self, property: PropId) -> impl Iterator<Item = PropId> {
        let decl = self.property(property);
        let file = self.symbols.prop_file(property);
        let closed = decl.modifiers.intersects(Modifiers::FINAL | Modifiers::PRIVATE | Modifiers::STATIC);
        let owner = decl.owner.filter(|_| !closed).map(|owner| self.symbols.type_id(file, owner));
        let subtypes = owner.map(|owner| self.all_subtypes(owner)).unwrap_or_default();
        let own = move |class| self.symbols.info(class).properties.get(&decl.name).copied();
        subtypes.into_iter().filter_map(own).filter(move |own| *own != property)
    }
}

impl Search<'_> {
    /// Follows what was put into properties, what callers gave for parameters, and what code gives back.
    fn add(&mut self, callable: &Callable) {
        if self.full() || self.seen.contains(callable) {
            return;
        }
        let model = self.model;
        match callable {
            Callable::None => {}
            Callable::Functions(functions) => self.extend(functions.iter().copied()),
            Callable::Object(class) => self.methods(*class),
            Callable::Either(parts) => parts.iter().for_each(|part| self.add(part)),
            Callable::Param(function, index) => {
                self.seen.push(callable.clone());
                let values = model.param_values.get(&(*function, *index));
                values.into_iter().flatten().for_each(|value| self.add(value));
            }
            Callable::Property(property) => {
                self.seen.push(callable.clone());
                for property in std::iter::once(*property).chain(model.overriding(*property)) {
                    let values = model.property_values.get(&property);
                    values.into_iter().flatten().for_each(|value| self.add(value));
                }
            }
            Callable::Result(code) => {
                self.seen.push(callable.clone());
                let mut inner = Search {
                    model,
                    method: Method::Code,
                    seen: std::mem::take(&mut self.seen),
                    found: SmallVec::new(),
                };
                inner.add(code);
                let (seen, makers) = (inner.seen, inner.found);
                self.seen = seen;
                for maker in makers {
                    if let Some(given) = model.code_given.get(&maker) {
                        self.add(given);
                    }
                }
            }
        }
    }

    fn full(&self) -> bool {
        self.found.len() >= MAX_STORED || self.seen.len() >= MAX_STORED
    }

    fn methods(&mut self, class: TypeId) {
        let model = self.model;
        let found = match self.method {
            Method::Named(name) => model.methods_named(class, name).into_iter().collect(),
            Method::Code | Method::Any => model.code_methods(class),
        };
        let any = match self.method {
            Method::Named(_) => false,
            // Which of its methods run says what takes it.
            Method::Code => model.lineage(model.symbols.info(class).qualified).callback,
            Method::Any => true,
        };
        if found.is_empty() && any {
            let mut all: SmallVec<[FnId; 2]> =
                model.symbols.info(class).methods.values().flatten().copied().collect();
            all.sort_unstable();
            return self.extend(all.into_iter());
        }
        self.extend(found.into_iter());
    }

    fn extend(&mut self, functions: impl Iterator<Item = FnId>) {
        for function in functions {
            if !self.found.contains(&function) {
                self.found.push(function);
            }
        }
    }
}
