//! Callbacks whose thread is decided where they are registered, by an executor, a handler or a looper beside them:
//! `takePicture(executor, callback)`, `super(handler)`.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::base::Name;
use crate::catalog::Entry;
use crate::facts::ExprKind;
use crate::findings::Confidence;
use crate::model::{
    ArgValue, CallSite, Callable, FnId, Model, PropId, Thread, ThreadTarget, ThreadValue, Type, TypeId,
};

use super::entries::known_thread;
use super::handlers::constructed_thread;

/// What is an executor, or leads to one thread.
const DECIDE: [&str; 3] = ["java.util.concurrent.Executor", "android.os.Handler", "android.os.Looper"];

pub(super) type Threads = SmallVec<[(Thread, Confidence); 2]>;

/// One call that hands over a callback.
struct Registration {
    class: TypeId,
    member: Name,
    /// None: nothing that decides stands beside it.
    given: Option<ThreadValue>,
}

/// The registrations of a project's callback classes by calls that have something beside them that decides.
#[derive(Default)]
pub(super) struct Registered(FxHashMap<TypeId, Vec<Registration>>);

impl Registered {
    pub(super) fn new(model: &Model) -> Registered {
        let mut all: Vec<Registration> = Vec::new();
        for (_, site) in model.all_sites() {
            let Some(api) = site.api.filter(|_| site.declared.is_none()) else { continue };
            for at in 0..site.args.len() {
                for class in classes_of(model, &site.args[at]) {
                    let given = given_thread(model, site, at);
                    all.push(Registration { class, member: api.member, given });
                }
            }
        }
        let mut registered = Registered::default();
        for registration in all {
            registered.0.entry(registration.class).or_default().push(registration);
        }
        registered.0.retain(|_, all| all.iter().any(|it| it.given.is_some()));
        registered
    }

    /// Where the callbacks of an entry run in this class, seen from one of them.
    pub(super) fn threads(&self, model: &Model, class: TypeId, function: FnId, entry: &Entry) -> Threads {
        let own = known_thread(entry);
        let Some(all) = self.0.get(&class) else {
            let made = || constructed_thread(model, class, function);
            return own.or_else(made).into_iter().collect();
        };
        let deciding: Vec<Name> = all.iter().filter(|it| it.given.is_some()).map(|it| it.member).collect();
        let mut threads = Threads::new();
        for registration in all.iter().filter(|it| deciding.contains(&it.member)) {
            let thread = match registration.given {
                None => own,
                Some(ThreadValue { target: ThreadTarget::On(thread), likely, .. }) => {
                    Some((thread, if likely { Confidence::Medium } else { Confidence::High }))
                }
                Some(_) => None,
            };
            if let Some((thread, certainty)) = thread
                && threads.iter().all(|known| known.0 != thread)
            {
                threads.push((thread, certainty));
            }
        }
        threads
    }
}

/// The classes whose instance a value is: by the code that it is, else by its type or by what the field it is starts with.
fn classes_of(model: &Model, arg: &ArgValue) -> SmallVec<[TypeId; 1]> {
    if arg.callable.is_none() {
        let property = arg.facts.as_ref().and_then(|facts| facts.property);
        let made = property.and_then(|property| anonymous_of(model, property));
        return made.map_or_else(|| class_named(model, arg), |made| SmallVec::from_slice(&[made]));
    }
    let callable = &arg.callable;
    let object = |value: &Callable| if let Callable::Object(class) = value { Some(*class) } else { None };
    let held = callable.parts().iter().flat_map(|part| match part {
        Callable::Property(property) => {
            let values = model.property_values.get(property).into_iter().flatten();
            values.flat_map(|value| value.parts().iter().filter_map(object)).collect()
        }
        part => object(part).into_iter().collect::<SmallVec<[TypeId; 1]>>(),
    });
    let held: SmallVec<[TypeId; 1]> = held.collect();
    if held.is_empty() { class_named(model, arg) } else { held }
}

fn class_named(model: &Model, arg: &ArgValue) -> SmallVec<[TypeId; 1]> {
    let class = arg.ty.as_ref().and_then(Type::upper).and_then(|ty| model.symbols.type_named(ty.class));
    class.into_iter().collect()
}

/// The anonymous class of the object that a field holds for good.
fn anonymous_of(model: &Model, property: PropId) -> Option<TypeId> {
    let file = model.symbols.prop_file(property);
    let init = model.property(property).initializer.filter(|_| !model.is_reassigned(property))?;
    match model.facts(file)[init].kind {
        ExprKind::Object(local) => Some(model.symbols.type_id(file, local)),
        _ => None,
    }
}

/// The thread of what stands beside the callback at `code`: none if nothing that decides is given, an unknown one if it is
/// not known where that leads.
pub(super) fn given_thread(model: &Model, site: &CallSite, code: usize) -> Option<ThreadValue> {
    let beside = || site.args.iter().enumerate().filter(|(at, _)| *at != code).map(|(_, arg)| arg);
    if let Some(thread) = beside().find_map(|arg| arg.thread()) {
        return Some(thread);
    }
    let decides = |ty: &Type| DECIDE.iter().any(|class| model.inherits(ty.class, class));
    let unknown = beside().any(|arg| arg.ty.as_ref().and_then(Type::upper).is_some_and(decides));
    unknown.then(|| ThreadValue::on(ThreadTarget::Unknown))
}
