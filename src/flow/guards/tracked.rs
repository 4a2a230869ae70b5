//! Flags that tell whether the app is visible: an observer of a lifecycle sets them in one callback and takes them back in the
//! other.

use crate::base::Name;
use crate::facts::{ExprKind, Literal};
use crate::model::{Model, PropId, TypeId};

const OBSERVERS: [&str; 3] = [
    "androidx.lifecycle.DefaultLifecycleObserver",
    "androidx.lifecycle.LifecycleObserver",
    "android.app.Application.ActivityLifecycleCallbacks",
];
const SHOWN: [&str; 4] = ["onStart", "onResume", "onActivityStarted", "onActivityResumed"];
const HIDDEN: [&str; 4] = ["onStop", "onPause", "onActivityStopped", "onActivityPaused"];

/// The value that the flag has while the app is visible, if it is such a flag of an observer.
pub(super) fn while_visible(model: &Model, flag: PropId) -> Option<bool> {
    let decl = model.property(flag);
    let owner = model.symbols.type_id(model.symbols.prop_file(flag), decl.owner?);
    let observes = |class: TypeId| {
        let class = model.symbols.info(class).qualified;
        OBSERVERS.iter().any(|observer| model.inherits(class, observer))
    };
    // Of a companion the class around observes.
    let observer =
        [Some(owner), model.symbols.info(owner).owner].into_iter().flatten().find(|it| observes(*it))?;
    let shown = set_in(model, observer, &SHOWN, decl.name)?;
    (set_in(model, observer, &HIDDEN, decl.name) == Some(!shown)).then_some(shown)
}

/// The constant that the callbacks of a class assign to the flag.
fn set_in(model: &Model, class: TypeId, callbacks: &[&str], flag: Name) -> Option<bool> {
    let info = model.symbols.info(class);
    let facts = model.facts(info.file);
    let functions = callbacks.iter().filter_map(|name| info.methods.get(&Name::new(name))).flatten();
    functions.map(|function| model.function(*function).span).find_map(|span| {
        facts.exprs.iter().filter(|expr| span.contains(expr.span)).find_map(|expr| {
            let ExprKind::Assign { op: None, target, value } = &expr.kind else { return None };
            let named = match &facts[*target].kind {
                ExprKind::Name(name) => *name == flag,
                ExprKind::Member { receiver, name, .. } => {
                    *name == flag && matches!(facts[*receiver].kind, ExprKind::This(_))
                }
                _ => false,
            };
            match facts[*value].kind {
                ExprKind::Literal(Literal::Bool(value)) if named => Some(value),
                _ => None,
            }
        })
    })
}
