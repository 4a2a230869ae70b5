//! Values that are never null, by what is declared of them and how they are made.

use crate::base::Name;
use crate::facts::{
    Annotation, BinaryOp, ExprId, ExprKind, FileFacts, FunctionKind, Language, Literal, Modifiers, TypeRef,
};
use crate::findings::FileId;
use crate::model::{Declared, FnId, Model, PropId, SiteKind, TypeId};

use super::conditions::Conditions;

/// Initialisers and helpers that a value is followed through.
const MAX_DEPTH: u8 = 6;

/// Is the value of an expression in the function certainly not null?
pub(super) fn never_null(model: &Model, function: FnId, value: ExprId) -> bool {
    Asked::of(model, function).never_null(value, 0)
}

/// Does a property never hold null?
pub(super) fn holds_value(model: &Model, property: PropId) -> bool {
    property_is_set(model, property, 0)
}

struct Asked<'m> {
    model: &'m Model,
    function: FnId,
    file: FileId,
    facts: &'m FileFacts,
}

impl<'m> Asked<'m> {
    fn of(model: &'m Model, function: FnId) -> Asked<'m> {
        let file = model.symbols.fn_file(function);
        Asked { model, function, file, facts: model.facts(file) }
    }

    fn never_null(&self, value: ExprId, depth: u8) -> bool {
        if depth > MAX_DEPTH {
            return false;
        }
        let of = |id: ExprId| self.never_null(id, depth + 1);
        match &self.facts[value].kind {
            ExprKind::Literal(literal) => *literal != Literal::Null,
            ExprKind::This(_)
            | ExprKind::Lambda(_)
            | ExprKind::Object(_)
            | ExprKind::Template(_)
            | ExprKind::FunctionRef { .. }
            | ExprKind::ClassLiteral(_)
            | ExprKind::Array(_)
            | ExprKind::NotNull(_) => true,
            ExprKind::Binary { op: BinaryOp::Elvis, right, .. } => {
                Conditions::of(self.model, self.function).leaves(*right) || of(*right)
            }
            ExprKind::If { then: Some(then), otherwise: Some(otherwise), .. } => of(*then) && of(*otherwise),
            ExprKind::Cast { value, ty, safe } => match self.facts.language {
                Language::Kotlin => !safe && self.is_set(ty),
                _ => of(*value),
            },
            ExprKind::Name(name) => self.name(value, *name, depth),
            ExprKind::Call(call) if !call.safe => self.call(value, depth),
            _ => false,
        }
    }

    /// Does a type written here leave null out?
    fn is_set(&self, ty: &TypeRef) -> bool {
        self.facts.language == Language::Kotlin && !ty.nullable && !self.is_variable(ty)
    }

    /// A type parameter may stand for a type with null.
    fn is_variable(&self, ty: &TypeRef) -> bool {
        let of_function = |id: FnId| self.model.function(id).type_params.iter().any(|it| it.name == ty.name);
        let mut around = Some(self.function);
        while let Some(id) = around {
            if of_function(id) {
                return true;
            }
            around = self.model.parent_function(id);
        }
        self.model.owner_of(self.function).is_some_and(|owner| declares_variable(self.model, owner, ty.name))
    }

    fn name(&self, at: ExprId, name: Name, depth: u8) -> bool {
        match self.model.declared(self.function, self.facts[at].span, name) {
            Declared::Local { function, local, .. } => {
                if let Some(ty) = local.ty.as_ref().filter(|_| self.facts.language == Language::Kotlin) {
                    return self.is_set(ty);
                }
                let around = self.model.function(function).span;
                let fixed = self.facts.language == Language::Kotlin
                    || self.model.assignments(self.file, name, around).next().is_none();
                fixed
                    && local
                        .init
                        .is_some_and(|init| Asked::of(self.model, function).never_null(init, depth + 1))
            }
            Declared::Other => self.parameter(name),
            Declared::Outside => {
                let property = self.model.visible_property(self.function, name);
                property.is_some_and(|property| property_is_set(self.model, property, depth + 1))
            }
        }
    }

    fn parameter(&self, name: Name) -> bool {
        let mut around = Some(self.function);
        while let Some(id) = around {
            if let Some(param) = self.model.function(id).params.iter().find(|param| param.name == name) {
                let assigned =
                    self.model.assignments(self.file, name, self.model.function(id).span).next().is_some();
                return param.ty.as_ref().is_some_and(|ty| self.is_set(ty))
                    || !assigned && is_marked(&param.annotations);
            }
            around = self.model.parent_function(id);
        }
        false
    }

    /// An object made here; the result of a project function that never gives null.
    fn call(&self, call: ExprId, depth: u8) -> bool {
        let Some(id) = self.model.site_at(self.file, call) else { return false };
        let site = self.model.site(id);
        if site.kind == SiteKind::Create {
            return true;
        }
        let Some(declared) = site.declared else { return false };
        let decl = self.model.function(declared);
        let there = Asked::of(self.model, declared);
        match (&decl.result, decl.body) {
            _ if decl.kind == FunctionKind::Constructor => true,
            (Some(ty), _) => there.is_set(ty) || is_marked(&decl.annotations),
            (None, Some(body)) => decl.expression_body && there.never_null(body, depth + 1),
            (None, None) => false,
        }
    }
}

fn declares_variable(model: &Model, class: TypeId, name: Name) -> bool {
    let info = model.symbols.info(class);
    info.params.contains(&name) || info.owner.is_some_and(|owner| declares_variable(model, owner, name))
}

fn property_is_set(model: &Model, property: PropId, depth: u8) -> bool {
    let decl = model.property(property);
    let file = model.symbols.prop_file(property);
    let facts = model.facts(file);
    let owner = decl.owner.map(|owner| model.symbols.type_id(file, owner));
    if let Some(ty) = decl.ty.as_ref().filter(|_| facts.language == Language::Kotlin) {
        return !ty.nullable && !owner.is_some_and(|owner| declares_variable(model, owner, ty.name));
    }
    if is_marked(&decl.annotations) {
        return true;
    }
    let fixed = facts.language == Language::Kotlin || !decl.modifiers.contains(Modifiers::MUTABLE);
    let there = owner.and_then(|owner| model.symbols.info(owner).initializer);
    match (decl.initializer.filter(|_| fixed), there) {
        (Some(init), Some(there)) => Asked::of(model, there).never_null(init, depth + 1),
        _ => false,
    }
}

/// `@NonNull`, `@NotNull`, `@Nonnull` of whichever library.
fn is_marked(annotations: &[Annotation]) -> bool {
    annotations.iter().any(|it| matches!(it.name.last(), "NonNull" | "NotNull" | "Nonnull"))
}
