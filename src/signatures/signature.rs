//! What is known of a library class and its members: plain data.

use bitflags::bitflags;
use smallvec::SmallVec;

use crate::base::Name;

/// A type as a signature states it. Classes bear the names the model uses: Java's for what Kotlin maps (`java.util.List`),
/// Kotlin's for primitives and arrays. Wildcards and projections stand as their bound.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Ty {
    Class(Name, Box<[Ty]>),
    /// A type parameter of the class or the member.
    Variable(Name),
    Function(Box<FunctionTy>),
    /// An unbounded wildcard.
    Star,
}

impl Ty {
    pub fn class(name: Name) -> Ty {
        Ty::Class(name, Box::default())
    }

    /// The class, if it is one.
    pub fn class_name(&self) -> Option<Name> {
        match self {
            Ty::Class(name, _) => Some(*name),
            _ => None,
        }
    }
}

/// A Kotlin function type.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FunctionTy {
    pub receiver: Option<Ty>,
    pub params: Vec<Ty>,
    pub result: Ty,
    pub suspend: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClassKind {
    Class,
    Interface,
    Enum,
    Annotation,
    Object,
    /// The JVM class that holds top-level declarations of a Kotlin file; its package is what an import names.
    Facade,
}

impl ClassKind {
    pub const ALL: [(ClassKind, &'static str); 6] = [
        (ClassKind::Class, "class"),
        (ClassKind::Interface, "interface"),
        (ClassKind::Enum, "enum"),
        (ClassKind::Annotation, "annotation"),
        (ClassKind::Object, "object"),
        (ClassKind::Facade, "facade"),
    ];
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeParam {
    pub name: Name,
    pub bounds: SmallVec<[Ty; 1]>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassSignature {
    pub name: Name,
    pub kind: ClassKind,
    pub is_abstract: bool,
    pub is_final: bool,
    pub params: Vec<TypeParam>,
    /// Direct supertypes; `java.lang.Object` goes without saying.
    pub supertypes: Vec<Ty>,
    /// Simple name of the companion object.
    pub companion: Option<Name>,
    /// API level that brought the class; 0 where it is not known or older than the sources tell.
    pub since: u8,
    pub deprecated: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MemberKind {
    Function,
    Constructor,
    /// A final field or a read-only property.
    Value,
    Variable,
}

impl MemberKind {
    pub const ALL: [(MemberKind, &'static str); 4] = [
        (MemberKind::Function, "fun"),
        (MemberKind::Constructor, "constructor"),
        (MemberKind::Value, "val"),
        (MemberKind::Variable, "var"),
    ];
}

bitflags! {
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct MemberFlags: u8 {
        const STATIC = 1;
        const ABSTRACT = 2;
        const SUSPEND = 4;
        const INLINE = 8;
        const DEPRECATED = 16;
    }
}

/// A function, constructor (named `<init>`), field or property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberSignature {
    pub name: Name,
    pub kind: MemberKind,
    pub flags: MemberFlags,
    pub type_params: Vec<TypeParam>,
    /// Of an extension.
    pub receiver: Option<Ty>,
    pub params: Vec<Parameter>,
    /// `kotlin.Unit` for none, and for constructors.
    pub result: Ty,
    /// API level, as [`ClassSignature::since`].
    pub since: u8,
}

impl MemberSignature {
    pub fn is_property(&self) -> bool {
        matches!(self.kind, MemberKind::Value | MemberKind::Variable)
    }

    pub fn is_static(&self) -> bool {
        self.flags.contains(MemberFlags::STATIC)
    }

    /// Can it be called with so many arguments?
    pub fn takes(&self, arguments: usize) -> bool {
        let needed = self.params.iter().filter(|param| !param.default && !param.vararg).count();
        arguments >= needed
            && (arguments <= self.params.len() || self.params.iter().any(|param| param.vararg))
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Known where Kotlin code may name it.
    pub name: Option<Name>,
    /// Of a vararg: the element.
    pub ty: Ty,
    pub vararg: bool,
    pub default: bool,
}

/// A class with all its members, as files give it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    pub class: ClassSignature,
    pub members: Vec<MemberSignature>,
}

/// What one text file gives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Declarations {
    /// Lines of the head: sources and versions.
    pub sources: Vec<String>,
    /// Other names of classes.
    pub aliases: Vec<(Name, Name)>,
    pub classes: Vec<Declared>,
}
