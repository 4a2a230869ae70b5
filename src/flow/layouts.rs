//! Entry points that layouts name: methods for clicks, and what expressions of data binding call. All run on the main
//! thread. Source: developer.android.com/topic/libraries/data-binding/expressions

use crate::base::Name;
use crate::catalog::Background;
use crate::facts::layout::Handler;
use crate::findings::Confidence;
use crate::model::{FnId, Model, Thread, TypeId};

use super::entries::EntryPoint;

const ACTIVITY: &str = "android.app.Activity";

/// The entry points, in no order.
pub(super) fn layout_entries(model: &Model) -> Vec<EntryPoint> {
    let mut found = Vec::new();
    for (_, file) in model.project.files() {
        let Some(layout) = &file.layout else { continue };
        let namespace = model.project.module(file.module).namespace;
        let context = layout.context.and_then(|name| class_of(model, name, namespace));
        for handler in &layout.handlers {
            let functions = match handler.on {
                Some(on) => class_of(model, on, namespace)
                    .map(|class| members(model, class, handler))
                    .unwrap_or_default(),
                None => clicks(model, context, handler.member),
            };
            found.extend(functions.into_iter().map(|function| EntryPoint {
                function,
                thread: Thread::Main,
                background: Background::No,
                certainty: Confidence::High,
                class: Some(Name::new("android.view.View")),
                site: None,
            }));
        }
    }
    found
}

/// A class as layouts write it: qualified, or below the namespace.
fn class_of(model: &Model, written: Name, namespace: Option<Name>) -> Option<TypeId> {
    let full = match written.strip_prefix('.') {
        Some(rest) => namespace?.join(Name::new(rest)),
        None => Name::new(&written.replace('$', ".")),
    };
    model.symbols.type_named(full)
}

/// Methods of the name, and the getter of a property.
fn members(model: &Model, class: TypeId, handler: &Handler) -> Vec<FnId> {
    let info = model.symbols.info(class);
    let methods = model.all_methods_named(info.qualified, handler.member);
    let property = model.property_named(info.qualified, handler.member);
    let getter = property.and_then(|property| {
        let file = model.symbols.prop_file(property);
        model.property(property).getter.map(|getter| model.symbols.fn_id(file, getter))
    });
    methods.into_iter().chain(getter).filter(|id| model.function(*id).body.is_some()).collect()
}

/// The activity's methods that take the clicked view; of any activity, if the layout does not say whose it is.
fn clicks(model: &Model, context: Option<TypeId>, name: Name) -> Vec<FnId> {
    let is_view = |class: Name| model.inherits(class, "android.view.View");
    let takes_view = |id: &FnId| {
        let params = &model.function(*id).params;
        let [param] = params.as_slice() else { return false };
        let ty = param.ty.as_ref().map(|ty| model.resolve_type(model.scope_of(*id), ty));
        ty.is_some_and(|ty| is_view(ty.class)) && model.function(*id).body.is_some()
    };
    let of = |class: TypeId| {
        let qualified = model.symbols.info(class).qualified;
        let methods = model.all_methods_named(qualified, name);
        let shows = !methods.is_empty() && model.inherits(qualified, ACTIVITY);
        methods.into_iter().filter(|_| shows).filter(takes_view).collect::<Vec<_>>()
    };
    match context {
        Some(class) => of(class),
        None => (0..model.symbols.types.len()).map(TypeId::new).flat_map(of).collect(),
    }
}
