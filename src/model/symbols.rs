//! Every declaration of the project under a project-wide id, and tables by qualified name.

use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;

use crate::base::Name;
use crate::facts::{
    FileFacts, FunctionDecl, FunctionId, FunctionKind, Language, PropertyDecl, PropertyId, TypeDecl,
    TypeDeclId, TypeKind,
};
use crate::findings::FileId;

use super::ids::{FnId, PropId, TypeId};
use super::project::Project;
use super::ty::Type;

/// A project type with its members.
#[derive(Debug)]
pub struct TypeInfo {
    pub file: FileId,
    pub local: TypeDeclId,
    /// Qualified name; local and anonymous types have a unique made-up one.
    pub qualified: Name,
    pub kind: TypeKind,
    pub owner: Option<TypeId>,
    pub methods: FxHashMap<Name, SmallVec<[FnId; 1]>>,
    pub constructors: SmallVec<[FnId; 1]>,
    /// Instance initialiser.
    pub initializer: Option<FnId>,
    pub static_initializer: Option<FnId>,
    pub properties: FxHashMap<Name, PropId>,
    pub nested: FxHashMap<Name, TypeId>,
    pub companion: Option<TypeId>,
    pub params: Vec<Name>,
    /// Resolved in a second pass.
    pub supertypes: Vec<Type>,
}

/// Id ranges of one file.
#[derive(Clone, Copy, Debug, Default)]
struct Bases {
    functions: u32,
    types: u32,
    properties: u32,
}

/// The project's declarations.
#[derive(Debug, Default)]
pub struct Symbols {
    bases: Vec<Bases>,
    function_files: Vec<FileId>,
    property_files: Vec<FileId>,
    pub types: Vec<TypeInfo>,
    pub types_by_name: FxHashMap<Name, SmallVec<[TypeId; 1]>>,
    pub functions_by_name: FxHashMap<Name, SmallVec<[FnId; 2]>>,
    pub properties_by_name: FxHashMap<Name, SmallVec<[PropId; 1]>>,
    /// Kotlin files with top-level declarations, by the class that Java knows them by.
    pub facades: FxHashMap<Name, SmallVec<[FileId; 1]>>,
    /// Types declared in bodies of functions, by their simple names.
    pub local_types: FxHashMap<(FileId, Name), SmallVec<[TypeId; 1]>>,
    /// Simple names of all named functions, members too.
    pub function_names: FxHashSet<Name>,
    /// Simple names of top-level properties.
    pub top_level_names: FxHashSet<Name>,
    /// Extension properties that are members of a class or object, by simple name.
    pub member_extensions: FxHashMap<Name, SmallVec<[(TypeId, PropId); 1]>>,
    /// Type aliases: file and index there.
    pub aliases: FxHashMap<Name, (FileId, usize)>,
    pub packages: FxHashSet<Name>,
    file_initializers: FxHashMap<FileId, FnId>,
}

fn facts(project: &Project, file: FileId) -> Option<&FileFacts> {
    project.file(file).facts.as_ref()
}

impl Symbols {
    pub fn new(project: &Project) -> Symbols {
        let mut symbols = Symbols::default();
        let mut next = Bases::default();
        for (file, entry) in project.files() {
            symbols.bases.push(next);
            let Some(facts) = &entry.facts else { continue };
            symbols.function_files.extend(facts.functions.iter().map(|_| file));
            symbols.property_files.extend(facts.properties.iter().map(|_| file));
            let grow = |base: &mut u32, by: usize| *base += u32::try_from(by).unwrap_or(0);
            grow(&mut next.functions, facts.functions.len());
            grow(&mut next.types, facts.types.len());
            grow(&mut next.properties, facts.properties.len());
        }
        for (file, entry) in project.files() {
            if let Some(facts) = &entry.facts {
                symbols.add_file(file, facts);
                symbols.add_facade(file, &entry.path, facts);
            }
        }
        symbols
    }

    fn add_file(&mut self, file: FileId, facts: &FileFacts) {
        self.packages.insert(facts.package);
        for (at, decl) in facts.types.iter().enumerate() {
            let local = TypeDeclId(u32::try_from(at).unwrap_or(u32::MAX));
            self.add_type(file, local, decl, facts);
        }
        for (at, decl) in facts.functions.iter().enumerate() {
            let id = self.fn_id(file, FunctionId(u32::try_from(at).unwrap_or(u32::MAX)));
            self.add_function(file, id, decl, facts.package);
        }
        for (at, decl) in facts.properties.iter().enumerate() {
            let id = self.prop_id(file, PropertyId(u32::try_from(at).unwrap_or(u32::MAX)));
            match decl.owner.map(|owner| self.type_id(file, owner)) {
                Some(owner) if decl.receiver.is_some() => {
                    self.member_extensions.entry(decl.name).or_default().push((owner, id));
                }
                Some(owner) => {
                    self.types[owner.index()].properties.entry(decl.name).or_insert(id);
                }
                None => {
                    self.top_level_names.insert(decl.name);
                    self.properties_by_name.entry(facts.package.join(decl.name)).or_default().push(id);
                }
            }
        }
        for (at, alias) in facts.aliases.iter().enumerate() {
            self.aliases.entry(facts.package.join(alias.name)).or_insert((file, at));
        }
    }

    /// `Strings.kt` is `StringsKt` to Java. Source: kotlinlang.org/docs/java-to-kotlin-interop.html
    fn add_facade(&mut self, file: FileId, path: &str, facts: &FileFacts) {
        let free = facts.functions.iter().any(|it| it.owner.is_none() && it.kind == FunctionKind::Function)
            || facts.properties.iter().any(|it| it.owner.is_none());
        if facts.language != Language::Kotlin || !free {
            return;
        }
        let name = facts.facade.or_else(|| {
            let stem = path.rsplit('/').next()?.strip_suffix(".kt")?;
            let mut letters = stem.chars();
            let first: String = letters.next()?.to_uppercase().collect();
            Some(Name::new(&format!("{first}{}Kt", letters.as_str())))
        });
        if let Some(name) = name {
            self.facades.entry(facts.package.join(name)).or_default().push(file);
        }
    }

    fn add_type(&mut self, file: FileId, local: TypeDeclId, decl: &TypeDecl, facts: &FileFacts) {
        let id = self.type_id(file, local);
        let owner = decl.owner.filter(|owner| owner.0 < local.0).map(|owner| self.type_id(file, owner));
        let prefix = owner.map_or(facts.package, |owner| self.types[owner.index()].qualified);
        let qualified = if decl.kind == TypeKind::Anonymous || decl.name.is_empty() {
            prefix.join(Name::new(&format!("<anonymous {}:{}>", file.0, local.0)))
        } else if decl.function.is_some() {
            prefix.join(Name::new(&format!("<local {}:{}>.{}", file.0, local.0, decl.name)))
        } else {
            prefix.join(decl.name)
        };
        self.types.push(TypeInfo {
            file,
            local,
            qualified,
            kind: decl.kind,
            owner,
            methods: FxHashMap::default(),
            constructors: SmallVec::new(),
            initializer: None,
            static_initializer: None,
            properties: FxHashMap::default(),
            nested: FxHashMap::default(),
            companion: None,
            params: decl.params.iter().map(|param| param.name).collect(),
            supertypes: Vec::new(),
        });
        self.types_by_name.entry(qualified).or_default().push(id);
        if decl.function.is_some() && !decl.name.is_empty() {
            self.local_types.entry((file, decl.name)).or_default().push(id);
        }
        if let Some(owner) = owner
            && decl.function.is_none()
            && decl.kind != TypeKind::Anonymous
        {
            let owner = &mut self.types[owner.index()];
            owner.nested.entry(decl.name).or_insert(id);
            if decl.kind == TypeKind::Companion {
                owner.companion = Some(id);
            }
        }
    }

    fn add_function(&mut self, file: FileId, id: FnId, decl: &FunctionDecl, package: Name) {
        let owner = decl.owner.map(|owner| self.type_id(file, owner));
        if decl.kind == FunctionKind::Function {
            self.function_names.insert(decl.name);
        }
        match (decl.kind, owner) {
            (FunctionKind::Function, Some(owner)) if decl.parent.is_none() => {
                self.types[owner.index()].methods.entry(decl.name).or_default().push(id);
            }
            (FunctionKind::Function, None) if decl.parent.is_none() => {
                self.functions_by_name.entry(package.join(decl.name)).or_default().push(id);
            }
            (FunctionKind::Constructor, Some(owner)) => self.types[owner.index()].constructors.push(id),
            (FunctionKind::Initializer, Some(owner)) => self.types[owner.index()].initializer = Some(id),
            (FunctionKind::StaticInitializer, Some(owner)) => {
                self.types[owner.index()].static_initializer = Some(id)
            }
            (FunctionKind::StaticInitializer, None) => {
                self.file_initializers.insert(file, id);
            }
            _ => {}
        }
    }

    /// The extension property of this name that a class declares.
    pub fn member_extension(&self, class: TypeId, name: Name) -> Option<PropId> {
        let all = self.member_extensions.get(&name)?;
        all.iter().find(|(owner, _)| *owner == class).map(|(_, property)| *property)
    }

    /// What sets the top-level properties of a file.
    pub fn file_initializer(&self, file: FileId) -> Option<FnId> {
        self.file_initializers.get(&file).copied()
    }

    pub fn fn_id(&self, file: FileId, local: FunctionId) -> FnId {
        FnId(self.bases[file.0 as usize].functions + local.0)
    }

    pub fn type_id(&self, file: FileId, local: TypeDeclId) -> TypeId {
        TypeId(self.bases[file.0 as usize].types + local.0)
    }

    pub fn prop_id(&self, file: FileId, local: PropertyId) -> PropId {
        PropId(self.bases[file.0 as usize].properties + local.0)
    }

    pub fn fn_file(&self, id: FnId) -> FileId {
        self.function_files[id.index()]
    }

    pub fn prop_file(&self, id: PropId) -> FileId {
        self.property_files[id.index()]
    }

    pub fn fn_local(&self, id: FnId) -> FunctionId {
        FunctionId(id.0 - self.bases[self.fn_file(id).0 as usize].functions)
    }

    pub fn prop_local(&self, id: PropId) -> PropertyId {
        PropertyId(id.0 - self.bases[self.prop_file(id).0 as usize].properties)
    }

    pub fn function_count(&self) -> usize {
        self.function_files.len()
    }

    pub fn property_count(&self) -> usize {
        self.property_files.len()
    }

    pub fn info(&self, id: TypeId) -> &TypeInfo {
        &self.types[id.index()]
    }

    /// The first declaration of a qualified class name (flavours may declare it several times).
    pub fn type_named(&self, name: Name) -> Option<TypeId> {
        self.types_by_name.get(&name).and_then(|ids| ids.first().copied())
    }

    pub fn function<'p>(&self, project: &'p Project, id: FnId) -> &'p FunctionDecl {
        let facts = facts(project, self.fn_file(id)).expect("functions come from files with facts");
        &facts[self.fn_local(id)]
    }

    pub fn property<'p>(&self, project: &'p Project, id: PropId) -> &'p PropertyDecl {
        let facts = facts(project, self.prop_file(id)).expect("properties come from files with facts");
        &facts[self.prop_local(id)]
    }

    pub fn declaration<'p>(&self, project: &'p Project, id: TypeId) -> &'p TypeDecl {
        let info = self.info(id);
        let facts = facts(project, info.file).expect("types come from files with facts");
        &facts[info.local]
    }
}
