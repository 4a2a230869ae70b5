//! The class that `this` is on a way: a method of a base class called by one subclass calls no method of another one.

use crate::base::Name;
use crate::facts::ExprKind;
use crate::model::{CallSite, FnId, Model, SiteKind, TypeId};

use super::held::{Bound, Bounds, Held, Key, Part};

/// Stands in [`Bound::param`] for the object itself.
const THIS: u16 = u16::MAX;

/// `this` is known to be of the class in the function.
pub(super) fn of_class(model: &Model, function: FnId, class: TypeId) -> Bounds {
    let held = Held::Is(Key::Symbol(model.symbols.info(class).qualified));
    Bounds::from_iter([Bound {
        function: model.root_function(function),
        param: THIS,
        part: Part::Whole,
        held,
    }])
}

/// Adds what is known of `this` in a function that the site leads to.
pub(super) fn bind(model: &Model, site: &CallSite, to: FnId, known: &[Bound], bounds: &mut Bounds) {
    let Some(owner) = model.owner_of(to) else { return };
    // Only a method that subclasses share has calls that lead to several of them.
    if model.is_lambda(to) || !model.subtypes.contains_key(&owner) {
        return;
    }
    let Some(class) = receiver_class(model, site, known).filter(|class| *class != owner) else { return };
    if !model.inherits(model.symbols.info(class).qualified, &model.symbols.info(owner).qualified) {
        return;
    }
    let held = Held::Is(Key::Symbol(model.symbols.info(class).qualified));
    bounds.push(Bound { function: to, param: THIS, part: Part::Whole, held });
}

/// Is the function one that the call does not lead to, `this` being what is known?
pub(super) fn misses(model: &Model, site: &CallSite, to: FnId, known: &[Bound]) -> bool {
    if known.is_empty() || model.is_lambda(to) || !on_this(model, site) {
        return false;
    }
    let (Some(class), Some(owner)) = (known_class(model, site.function, known), model.owner_of(to)) else {
        return false;
    };
    let class = model.symbols.info(class).qualified;
    let decl = model.function(to);
    let own = model.all_methods_named(class, decl.name);
    let same = |id: &FnId| model.function(*id).params.len() == decl.params.len();
    match own.into_iter().find(same) {
        Some(first) => first != to && !model.inherits(class, &model.symbols.info(owner).qualified),
        None => false,
    }
}

/// Without what is known of `this`.
pub(super) fn forget(bounds: &mut Bounds) {
    bounds.retain(|bound| bound.param != THIS);
}

/// The exact class of the object that a method is called on.
fn receiver_class(model: &Model, site: &CallSite, known: &[Bound]) -> Option<TypeId> {
    // Constructors and initialisers of base classes run for the class that is made.
    if site.kind == SiteKind::Create {
        return model.symbols.type_named(site.result.as_ref()?.upper()?.class);
    }
    if on_this(model, site) {
        return known_class(model, site.function, known).or_else(|| {
            let owner = model.owner_of(model.root_function(site.function))?;
            (!model.subtypes.contains_key(&owner)).then_some(owner)
        });
    }
    let class = site.receiver_type.as_ref()?.upper()?.class;
    let id = model.symbols.type_named(class)?;
    (!model.subtypes.contains_key(&id)).then_some(id)
}

fn known_class(model: &Model, function: FnId, known: &[Bound]) -> Option<TypeId> {
    let root = model.root_function(function);
    let bound = known.iter().find(|bound| bound.function == root && bound.param == THIS)?;
    match &bound.held {
        Held::Is(Key::Symbol(class)) => model.symbols.type_named(*class),
        _ => None,
    }
}

/// Is it a call on the object that the function belongs to?
fn on_this(model: &Model, site: &CallSite) -> bool {
    let owner = || model.owner_of(model.root_function(site.function));
    let is_own = |class: Name| {
        owner().is_some_and(|owner| model.inherits(model.symbols.info(owner).qualified, &class))
    };
    match site.receiver {
        Some(receiver) => {
            matches!(model.facts(site.file)[receiver].kind, ExprKind::This(None) | ExprKind::Super(None))
        }
        None if site.kind == SiteKind::SuperConstructor => true,
        None => site.receiver_type.as_ref().and_then(|ty| ty.upper()).is_some_and(|ty| is_own(ty.class)),
    }
}
