//! Streams of a database: whether a value is what a DAO's query gives, through properties, functions and interfaces.

use crate::base::Name;
use crate::facts::{ExprId, ExprKind};
use crate::model::{CallSite, Declared, FnId, Model, PropId};

/// Names and functions that a value is followed through.
const DEPTH: u8 = 8;

/// Is the value of an expression what a query gives that goes on: `@Query("…") fun observe(): Flow<…>`?
pub fn is_query(model: &Model, function: FnId, value: ExprId) -> bool {
    from_query(model, function, value, 0)
}

fn from_query(model: &Model, function: FnId, value: ExprId, depth: u8) -> bool {
    if depth > DEPTH {
        return false;
    }
    let file = model.symbols.fn_file(function);
    let facts = model.facts(file);
    match &facts[value].kind {
        ExprKind::NotNull(inner) | ExprKind::Cast { value: inner, .. } => {
            from_query(model, function, *inner, depth + 1)
        }
        ExprKind::Return { value: Some(inner), .. } => from_query(model, function, *inner, depth + 1),
        ExprKind::Block(items) => match items.as_slice() {
            [only] => from_query(model, function, *only, depth + 1),
            _ => false,
        },
        ExprKind::Call(_) => {
            model.site_at(file, value).is_some_and(|id| called(model, model.site(id), depth + 1))
        }
        ExprKind::Name(name) => match model.declared(function, facts[value].span, *name) {
            Declared::Local { function, local, .. } => {
                local.init.is_some_and(|init| from_query(model, function, init, depth + 1))
            }
            Declared::Other | Declared::Outside => {
                let property = model.visible_property(function, *name);
                property.is_some_and(|property| held(model, property, depth + 1))
            }
        },
        ExprKind::Member { receiver, name, .. } => {
            let class = class_of(model, function, *receiver, 0);
            let property = class.and_then(|class| model.property_of(class, *name));
            property.is_some_and(|property| held(model, property, depth + 1))
        }
        _ => false,
    }
}

fn called(model: &Model, site: &CallSite, depth: u8) -> bool {
    let Some(declared) = site.declared else { return false };
    if is_dao_query(model, declared) || given_by(model, declared, depth) {
        return true;
    }
    model.function(declared).body.is_none()
        && site
            .targets
            .iter()
            .any(|target| is_dao_query(model, target.function) || given_by(model, target.function, depth))
}

/// Does a function give a query's stream on?
fn given_by(model: &Model, function: FnId, depth: u8) -> bool {
    let body = model.function(function).body;
    body.is_some_and(|body| from_query(model, function, body, depth + 1))
}

/// `@Query` of a DAO: Room runs it again whenever its tables change.
fn is_dao_query(model: &Model, function: FnId) -> bool {
    let of_dao = model.owner_of(function).is_some_and(|owner| {
        let annotations = &model.type_decl(owner).annotations;
        annotations.iter().any(|it| it.name.last() == "Dao")
    });
    of_dao && ["Query", "RawQuery"].iter().any(|query| model.annotated(function, query))
}

/// Does a property hold or give one? Of an interface those that implement it tell.
fn held(model: &Model, property: PropId, depth: u8) -> bool {
    if depth > DEPTH {
        return false;
    }
    let decl = model.property(property);
    let file = model.symbols.prop_file(property);
    if let Some(getter) = decl.getter {
        let getter = model.symbols.fn_id(file, getter);
        if model.function(getter).body.is_some() {
            return given_by(model, getter, depth);
        }
    }
    let Some(owner) = decl.owner.map(|owner| model.symbols.type_id(file, owner)) else { return false };
    if let Some(value) = decl.initializer {
        let there = model.symbols.info(owner).initializer;
        return there.is_some_and(|there| from_query(model, there, value, depth + 1));
    }
    model.all_subtypes(owner).into_iter().any(|class| {
        let own = model.property_of(model.symbols.info(class).qualified, decl.name);
        own.filter(|own| *own != property).is_some_and(|own| held(model, own, depth + 1))
    })
}

/// The class of a receiver, by what is declared.
fn class_of(model: &Model, function: FnId, value: ExprId, depth: u8) -> Option<Name> {
    let facts = model.facts(model.symbols.fn_file(function));
    let written = |function: FnId, ty| Some(model.resolve_type(model.scope_of(function), ty).class);
    match &facts[value].kind {
        ExprKind::This(None) => model.owner_of(function).map(|owner| model.symbols.info(owner).qualified),
        ExprKind::Name(name) => match model.declared(function, facts[value].span, *name) {
            Declared::Local { function, local, .. } => written(function, local.ty.as_ref()?),
            Declared::Other | Declared::Outside => {
                let around = std::iter::successors(Some(function), |id| model.parent_function(*id));
                let mut params =
                    around.flat_map(|id| model.function(id).params.iter().map(move |it| (id, it)));
                match params.find(|(_, param)| param.name == *name) {
                    Some((function, param)) => written(function, param.ty.as_ref()?),
                    None => property_class(model, model.visible_property(function, *name)?),
                }
            }
        },
        ExprKind::Member { receiver, name, .. } if depth < DEPTH => {
            let class = class_of(model, function, *receiver, depth + 1)?;
            property_class(model, model.property_of(class, *name)?)
        }
        _ => None,
    }
}

fn property_class(model: &Model, property: PropId) -> Option<Name> {
    let decl = model.property(property);
    let file = model.symbols.prop_file(property);
    let owner = decl.owner.map(|owner| model.symbols.type_id(file, owner))?;
    let scope = model.scope_of(model.symbols.info(owner).initializer?);
    Some(model.resolve_type(scope, decl.ty.as_ref()?).class)
}
