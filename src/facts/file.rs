//! One source file: package, imports, declarations, the expression arena, suppressions.

use std::ops::Index;

use crate::base::{Name, Problem, Span};

use super::body::{Expr, ExprId, ExprKind};
use super::decl::{FunctionDecl, FunctionId, PropertyDecl, PropertyId, TypeAlias, TypeDecl, TypeDeclId};

/// The language a file is written in. Only for wording suggestions in the user's language; no rule decides by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    Kotlin,
    Java,
}

/// Everything one Kotlin or Java file says. Ids index the vectors and are valid in this file only.
#[derive(Clone, Debug)]
pub struct FileFacts {
    pub language: Language,
    pub package: Name,
    /// The class that Java knows a Kotlin file's functions by, where `@file:JvmName` says it.
    pub facade: Option<Name>,
    pub imports: Vec<Import>,
    /// All type declarations: nested, local and anonymous ones too, outer before inner.
    pub types: Vec<TypeDecl>,
    /// All functions: members, constructors, accessors, initialisers, lambdas, local functions.
    pub functions: Vec<FunctionDecl>,
    /// All fields and properties: members, top level, constructor properties, enum constants.
    pub properties: Vec<PropertyDecl>,
    pub aliases: Vec<TypeAlias>,
    pub exprs: Vec<Expr>,
    pub suppressions: Vec<Suppression>,
    /// Syntax problems left after mending.
    pub problems: Vec<Problem>,
    /// The file had syntax errors before mending.
    pub broken: bool,
}

impl FileFacts {
    pub fn new(language: Language) -> FileFacts {
        FileFacts {
            language,
            package: Name::default(),
            facade: None,
            imports: Vec::new(),
            types: Vec::new(),
            functions: Vec::new(),
            properties: Vec::new(),
            aliases: Vec::new(),
            exprs: Vec::new(),
            suppressions: Vec::new(),
            problems: Vec::new(),
            broken: false,
        }
    }
}

impl FileFacts {
    /// Does control never get past this statement?
    pub fn leaves(&self, id: ExprId) -> bool {
        match &self[id].kind {
            ExprKind::Return { .. } | ExprKind::Throw(_) | ExprKind::Break | ExprKind::Continue => true,
            ExprKind::Block(items) => items.last().is_some_and(|last| self.leaves(*last)),
            ExprKind::If { then: Some(then), otherwise: Some(otherwise), .. } => {
                self.leaves(*then) && self.leaves(*otherwise)
            }
            _ => false,
        }
    }

    /// Gives back what the lists have reserved in vain: all files are kept to the end.
    pub fn shrink(&mut self) {
        self.types.shrink_to_fit();
        self.functions.shrink_to_fit();
        self.properties.shrink_to_fit();
        self.exprs.shrink_to_fit();
    }
}

impl Index<ExprId> for FileFacts {
    type Output = Expr;

    fn index(&self, id: ExprId) -> &Expr {
        &self.exprs[id.0 as usize]
    }
}

impl Index<FunctionId> for FileFacts {
    type Output = FunctionDecl;

    fn index(&self, id: FunctionId) -> &FunctionDecl {
        &self.functions[id.0 as usize]
    }
}

impl Index<TypeDeclId> for FileFacts {
    type Output = TypeDecl;

    fn index(&self, id: TypeDeclId) -> &TypeDecl {
        &self.types[id.0 as usize]
    }
}

impl Index<PropertyId> for FileFacts {
    type Output = PropertyDecl;

    fn index(&self, id: PropertyId) -> &PropertyDecl {
        &self.properties[id.0 as usize]
    }
}

/// `import a.b.C`, `import a.b.*`, `import a.b.c as d`, `import static a.B.c`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// The imported qualified name; for a star import the package or class before `.*`.
    pub path: Name,
    /// The name it has in this file; the last segment unless renamed. Empty for a star import.
    pub alias: Name,
    pub star: bool,
    /// Java's `import static`. Kotlin's imports are never static.
    pub is_static: bool,
    pub span: Span,
}

/// A suppression written in the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    pub form: SuppressionForm,
    /// What says so: `SuppressLint`, `Suppress`, `SuppressWarnings`, `noinspection`, `tools:ignore`, `suppress`.
    pub word: Name,
    /// Ids as written, without quotes.
    pub ids: Vec<Name>,
    /// Names in the place of ids whose value this file does not tell.
    pub constants: Vec<Name>,
    /// What it covers: the annotated declaration, the next statement, or the file.
    pub scope: Span,
    /// The annotation or comment itself.
    pub span: Span,
    /// Text after the ids of a comment, or a comment on the line of an annotation.
    pub reason: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SuppressionForm {
    /// `@SuppressLint`, `@Suppress`, `@SuppressWarnings`, `@file:Suppress`.
    Annotation,
    /// `//noinspection Id`.
    Comment,
    /// `tools:ignore` or `<!--suppress Id -->`.
    Xml,
}
