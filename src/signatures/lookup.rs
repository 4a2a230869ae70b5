//! Look-ups over all files: hand-written declarations first, then the generated ones.

use std::sync::OnceLock;

use smallvec::SmallVec;

use crate::base::Name;

use super::container::{Container, Loaded};
use super::signature::*;

static HANDWRITTEN: &[u8] = include_bytes!("../../rules/signatures/handwritten.bin");
static PLATFORM: &[u8] = include_bytes!("../../rules/signatures/platform.bin");

/// Superinterfaces are followed no deeper.
const MAX_DEPTH: u8 = 16;

/// All signatures. A class of several files is the first file's; members that it does not have are looked for in the
/// next.
pub struct Signatures {
    files: Vec<Container>,
}

/// Top-level declarations of one name in one Kotlin file.
#[derive(Clone, Copy, Debug)]
pub struct TopLevel<'s> {
    /// JVM class; its package is what an import names.
    pub facade: Name,
    pub members: &'s [MemberSignature],
}

/// The method that a lambda given for an interface implements.
#[derive(Clone, Copy, Debug)]
pub struct SingleMethod<'s> {
    /// The interface that declares it: the same or a supertype.
    pub owner: &'s ClassSignature,
    pub method: &'s MemberSignature,
}

impl Signatures {
    /// The built-in signatures. Costs nothing: each class is read when it is asked for.
    pub fn embedded() -> &'static Signatures {
        static EMBEDDED: OnceLock<Signatures> = OnceLock::new();
        EMBEDDED.get_or_init(|| {
            Signatures::new(&[HANDWRITTEN, PLATFORM]).expect("a test keeps the compact files readable")
        })
    }

    /// Signatures of compact files; `None` when one is not of this form.
    pub fn new(files: &[&'static [u8]]) -> Option<Signatures> {
        let files = files.iter().map(|bytes| Container::read(bytes)).collect::<Option<_>>()?;
        Some(Signatures { files })
    }

    /// Sources and versions, as the files' heads say.
    pub fn sources(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.files.iter().flat_map(|file| file.sources.lines())
    }

    /// Is it a class of the platform or a covered library? Facades are none for source code, but are found, too.
    pub fn exists(&self, class: Name) -> bool {
        self.files.iter().any(|file| file.exists(class))
    }

    pub fn class(&self, name: Name) -> Option<&ClassSignature> {
        self.files.iter().find_map(|file| file.class(name)).map(|loaded| &loaded.signature)
    }

    /// What a type alias of a library stands for.
    pub fn alias(&self, name: Name) -> Option<Name> {
        self.files.iter().find_map(|file| file.alias(&name))
    }

    /// Members of this name that the class itself declares; constructors are `<init>`.
    pub fn members(&self, class: Name, name: Name) -> &[MemberSignature] {
        let mut found = self.files.iter().filter_map(|file| Some(file.members(file.class(class)?, &name)));
        found.find(|members| !members.is_empty()).unwrap_or_default()
    }

    /// All members that the class itself declares.
    pub fn all_members(&self, class: Name) -> impl Iterator<Item = &MemberSignature> {
        let loaded = self.files.iter().filter_map(move |file| Some((file, file.class(class)?)));
        loaded.flat_map(|(file, class)| file.all_members(class))
    }

    pub fn constructors(&self, class: Name) -> &[MemberSignature] {
        self.members(class, Name::new("<init>"))
    }

    /// Top-level functions and properties of this simple name, extensions among them.
    pub fn top_level(&self, name: Name) -> SmallVec<[TopLevel<'_>; 4]> {
        let of_file = |file| {
            let file: &Container = file;
            file.facades(&name).filter_map(move |facade| {
                let members = file.members(file.class(facade)?, &name);
                (!members.is_empty()).then_some(TopLevel { facade, members })
            })
        };
        self.files.iter().flat_map(of_file).collect()
    }

    /// A class nested in the class or in a supertype.
    pub fn nested(&self, class: Name, name: &str) -> Option<Name> {
        self.nested_at(class, name, 0)
    }

    fn nested_at(&self, class: Name, name: &str, depth: u8) -> Option<Name> {
        let nested = class.join(Name::new(name));
        if self.exists(nested) {
            return Some(nested);
        }
        if depth > MAX_DEPTH {
            return None;
        }
        let supertypes = self.class(class)?.supertypes.iter().filter_map(Ty::class_name);
        supertypes.into_iter().find_map(|class| self.nested_at(class, name, depth + 1))
    }

    /// The one abstract method of an interface, its own or inherited.
    pub fn single_abstract_method(&self, interface: Name) -> Option<SingleMethod<'_>> {
        let loaded: &Loaded = self.files.iter().find_map(|file| file.class(interface))?;
        let found = *loaded.sam.get_or_init(|| self.find_single_abstract_method(interface));
        let (owner, method) = found?;
        let is_abstract = |it: &&MemberSignature| it.flags.contains(MemberFlags::ABSTRACT);
        let method = self.members(owner, method).iter().find(is_abstract)?;
        Some(SingleMethod { owner: self.class(owner)?, method })
    }

    fn find_single_abstract_method(&self, interface: Name) -> Option<(Name, Name)> {
        let mut all = Vec::new();
        self.collect_methods(interface, 0, &mut all)?;
        let mut open = all.iter().filter(|(_, method)| method.flags.contains(MemberFlags::ABSTRACT));
        let (owner, method) = *open.next()?;
        let same =
            |other: &MemberSignature| other.name == method.name && other.params.len() == method.params.len();
        open.all(|(_, other)| same(other)).then_some((owner, method.name))
    }

    /// Methods of an interface and its superinterfaces without those that a subinterface overrides.
    fn collect_methods<'s>(
        &'s self,
        interface: Name,
        depth: u8,
        all: &mut Vec<(Name, &'s MemberSignature)>,
    ) -> Option<()> {
        let class = self.class(interface).filter(|class| class.kind == ClassKind::Interface)?;
        if depth > MAX_DEPTH {
            return None;
        }
        for method in self.all_members(interface) {
            let of_object = matches!(
                (method.name.as_str(), method.params.len()),
                ("equals", 1) | ("hashCode" | "toString", 0)
            );
            let overridden = all.iter().any(|(owner, below)| {
                *owner != interface
                    && below.name == method.name
                    && below.params.len() == method.params.len()
                    && below.params.iter().zip(&method.params).all(|(a, b)| overrides(&a.ty, &b.ty))
            });
            if !method.is_static() && !of_object && !overridden {
                all.push((interface, method));
            }
        }
        for supertype in class.supertypes.iter().filter_map(Ty::class_name) {
            self.collect_methods(supertype, depth + 1, all)?;
        }
        Some(())
    }

    /// Every class, in the order of names (for tests and tools; reads nothing but names).
    pub fn all(&self) -> Vec<Name> {
        let mut all: Vec<Name> = self.files.iter().flat_map(Container::all).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Everything, as text would give it (for tests).
    pub fn declarations(&self) -> Declarations {
        let mut found =
            Declarations { sources: self.sources().map(str::to_owned).collect(), ..Default::default() };
        found.aliases = self.files.iter().flat_map(Container::all_aliases).collect();
        for name in self.all() {
            if let Some(class) = self.class(name) {
                let members = self.all_members(name).cloned().collect();
                found.classes.push(Declared { class: class.clone(), members });
            }
        }
        found
    }
}

/// May the parameter of an overriding method have this type? Type arguments may have been filled in.
fn overrides(below: &Ty, above: &Ty) -> bool {
    match (below, above) {
        (Ty::Class(below, _), Ty::Class(above, _)) => below == above,
        (_, Ty::Variable(_)) => true,
        _ => std::mem::discriminant(below) == std::mem::discriminant(above),
    }
}
