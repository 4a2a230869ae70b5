//! Look-ups over all files: hand-written declarations first, then the generated ones.

use std::cell::RefCell;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::base::Name;

use super::container::{Ancestor, Container, Loaded};
use super::signature::*;

static HANDWRITTEN: &[u8] = include_bytes!("../../rules/signatures/handwritten.bin");
static PLATFORM: &[u8] = include_bytes!("../../rules/signatures/platform.bin");

/// Superinterfaces are followed no deeper.
const MAX_DEPTH: u8 = 16;

/// Longest chain of supertypes; more is a cycle or a mistake.
const MAX_ANCESTORS: usize = 128;

/// Where a class stands: its file and number there, in the order of files.
type Places = SmallVec<[(usize, usize); 2]>;

thread_local! {
    /// Places by class, of the signatures with this number: the same few names are asked for again and again, and a
    /// name's hash is its address here, but its text in the files.
    static PLACES: RefCell<(usize, FxHashMap<Name, Places>)> = RefCell::default();
}

/// All signatures. A class of several files is the first file's; members that it does not have are looked for in the
/// next.
pub struct Signatures {
    files: Vec<Container>,
    /// Tells several of them apart.
    number: usize,
}

/// Members of one name that one class declares.
#[derive(Clone, Copy, Debug)]
pub struct Members<'s> {
    /// The class, or its companion object.
    pub owner: &'s ClassSignature,
    pub members: &'s [MemberSignature],
}

/// Top-level declarations of one name in one Kotlin file.
#[derive(Clone, Copy, Debug)]
pub struct TopLevel<'s> {
    /// JVM class of a Kotlin file, whose package is what an import names; or an object with extensions, which an import
    /// names itself.
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
        static NUMBER: AtomicUsize = AtomicUsize::new(1);
        let files = files.iter().map(|bytes| Container::read(bytes)).collect::<Option<_>>()?;
        Some(Signatures { files, number: NUMBER.fetch_add(1, Ordering::Relaxed) })
    }

    fn places(&self, class: Name) -> Places {
        self.with_places(class, Places::clone)
    }

    fn with_places<T>(&self, class: Name, use_them: impl FnOnce(&Places) -> T) -> T {
        PLACES.with_borrow_mut(|(number, places)| {
            if *number != self.number {
                *number = self.number;
                places.clear();
            }
            let find = || {
                let place = |(at, file): (usize, &Container)| Some((at, file.number(class)?));
                self.files.iter().enumerate().filter_map(place).collect()
            };
            use_them(places.entry(class).or_insert_with(find))
        })
    }

    fn at(&self, (file, number): (usize, usize)) -> Option<(&Container, &Loaded)> {
        let file = self.files.get(file)?;
        Some((file, file.loaded(number)?))
    }

    fn loaded(&self, class: Name) -> Option<&Loaded> {
        let place = self.with_places(class, |places| places.first().copied())?;
        self.at(place).map(|(_, loaded)| loaded)
    }

    /// The class and its supertypes, nearest first; the same class once for each file that has it.
    fn lineage(&self, class: Name) -> &[Ancestor] {
        let Some(loaded) = self.loaded(class) else { return &[] };
        loaded.lineage.get_or_init(|| {
            let mut names = vec![class];
            let mut all = Vec::new();
            let mut at = 0;
            while at < names.len() && names.len() < MAX_ANCESTORS {
                let name = names[at];
                at += 1;
                let places = self.places(name);
                if places.is_empty() {
                    all.push(Ancestor { name, class: None, companion: None });
                }
                for place in places {
                    let Some((_, loaded)) = self.at(place) else { continue };
                    let companion = loaded.signature.companion.map(|it| name.join(it));
                    let companion = companion.and_then(|it| self.places(it).first().copied());
                    all.push(Ancestor { name, class: Some(place), companion });
                    for supertype in loaded.signature.supertypes.iter().filter_map(Ty::class_name) {
                        if !names.contains(&supertype) {
                            names.push(supertype);
                        }
                    }
                }
            }
            all.into()
        })
    }

    /// Names of the class and of its supertypes, nearest first; nothing for a class that is not covered.
    pub fn ancestors(&self, class: Name) -> impl Iterator<Item = Name> + '_ {
        let mut before = None;
        self.lineage(class).iter().map(|it| it.name).filter(move |name| before.replace(*name) != Some(*name))
    }

    /// Members of this name of which one is wanted: of the class, its companion, or the nearest supertype that has one.
    pub fn find_members(
        &self,
        class: Name,
        name: &str,
        wanted: impl Fn(&MemberSignature) -> bool,
    ) -> Option<Members<'_>> {
        let places = self.lineage(class).iter().flat_map(|it| [it.class, it.companion]).flatten();
        places.filter_map(|place| self.at(place)).find_map(|(file, loaded)| {
            let members = file.members(loaded, name);
            members.iter().any(&wanted).then_some(Members { owner: &loaded.signature, members })
        })
    }

    /// Sources and versions, as the files' heads say.
    pub fn sources(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.files.iter().flat_map(|file| file.sources.lines())
    }

    /// Is it a class of the platform or a covered library? Facades are none for source code, but are found, too.
    pub fn exists(&self, class: Name) -> bool {
        self.with_places(class, |places| !places.is_empty())
    }

    pub fn class(&self, name: Name) -> Option<&ClassSignature> {
        self.loaded(name).map(|loaded| &loaded.signature)
    }

    /// What a type alias of a library stands for.
    pub fn alias(&self, name: Name) -> Option<Name> {
        self.files.iter().find_map(|file| file.alias(&name))
    }

    /// Members of this name that the class itself declares; constructors are `<init>`.
    pub fn members(&self, class: Name, name: Name) -> &[MemberSignature] {
        let places = self.places(class);
        let mut found = places.into_iter().filter_map(|place| self.at(place));
        found
            .find_map(|(file, class)| Some(file.members(class, &name)).filter(|it| !it.is_empty()))
            .unwrap_or_default()
    }

    /// All members that the class itself declares.
    pub fn all_members(&self, class: Name) -> impl Iterator<Item = &MemberSignature> {
        let loaded = self.files.iter().filter_map(move |file| Some((file, file.class(class)?)));
        loaded.flat_map(|(file, class)| file.all_members(class))
    }

    pub fn constructors(&self, class: Name) -> &[MemberSignature] {
        self.members(class, Name::new("<init>"))
    }

    /// Top-level functions and properties of this simple name, extensions among them; extensions in objects, too.
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
    pub fn nested(&self, class: Name, name: Name) -> Option<Name> {
        let nested = self.loaded(class)?.nested.get_or_init(|| {
            let mut all = FxHashMap::default();
            for (file, number) in self.lineage(class).iter().filter_map(|it| it.class) {
                for nested in self.files[file].nested(number) {
                    all.entry(Name::new(nested.last())).or_insert(nested);
                }
            }
            all
        });
        nested.get(&name).copied()
    }

    /// The one abstract method of an interface, its own or inherited.
    pub fn single_abstract_method(&self, interface: Name) -> Option<SingleMethod<'_>> {
        let loaded = self.loaded(interface)?;
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
