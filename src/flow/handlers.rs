//! Handlers of the project's own: the thread of their looper.

use crate::base::Name;
use crate::facts::{Arg, FunctionId};
use crate::findings::Confidence;
use crate::model::{FnId, Model, SiteKind, Thread, ThreadTarget, ThreadValue, TypeId};

pub(super) const HANDLER: &str = "android.os.Handler";

/// The thread that gets the messages of a subclass of `Handler`, by the looper that its constructor hands up (seen from
/// `handler`, its method), else by
/// those that it is made with. Without a looper it is the creating thread's, as a rule the main thread.
pub(super) fn looper_thread(model: &Model, class: TypeId, handler: FnId) -> Option<(Thread, Confidence)> {
    match model.base_arguments(class) {
        None if made_behind_prepare(model, class) => Some((Thread::Worker, Confidence::High)),
        None => Some((Thread::Main, Confidence::Medium)),
        Some(args) => told_thread(model, class, handler, args),
    }
}

/// `Looper.prepare(); handler = new Handler() { … }`
fn made_behind_prepare(model: &Model, class: TypeId) -> bool {
    let file = model.symbols.info(class).file;
    let span = model.type_decl(class).span;
    let functions = (0u32..).map(FunctionId).zip(&model.facts(file).functions);
    let around = functions.filter(|(_, it)| it.span.contains(span) && it.span != span);
    let innermost = around.min_by_key(|(_, it)| it.span.end - it.span.start);
    innermost.is_some_and(|(at, _)| model.prepares_looper(model.symbols.fn_id(file, at), span))
}

/// The thread of the callbacks of a class whose base class is told it by its constructor: `ContentObserver(handler)`.
pub(super) fn constructed_thread(
    model: &Model,
    class: TypeId,
    callback: FnId,
) -> Option<(Thread, Confidence)> {
    told_thread(model, class, callback, model.base_arguments(class)?)
}

fn told_thread(model: &Model, class: TypeId, method: FnId, args: &[Arg]) -> Option<(Thread, Confidence)> {
    let told = args.iter().find_map(|arg| model.thread_beside(method, arg.value));
    match told {
        Some(ThreadValue { target: ThreadTarget::On(thread), likely, .. }) => {
            Some((thread, if likely { Confidence::Medium } else { Confidence::High }))
        }
        _ => made_with(model, model.symbols.info(class).qualified),
    }
}

/// What the loopers agree on that instances are made with.
fn made_with(model: &Model, class: Name) -> Option<(Thread, Confidence)> {
    let mut agreed = None;
    for (_, site) in model.all_sites() {
        let makes = site.kind == SiteKind::Create
            && site.result.as_ref().and_then(|ty| ty.upper()).is_some_and(|ty| ty.class == class);
        if !makes {
            continue;
        }
        let looper = site.args.iter().find_map(|arg| arg.thread());
        let ThreadTarget::On(thread) = looper?.target else { return None };
        if agreed.is_some_and(|other| other != thread) {
            return None;
        }
        agreed = Some(thread);
    }
    agreed.map(|thread| (thread, Confidence::Medium))
}
