//! Reactive chains that run where they are subscribed to: waiting for them is calling them.

use crate::facts::{ExprId, ExprKind};
use crate::model::{CallSite, Callable, FnId, Model, ObjectCall, ObjectValue, Thread, ThreadTarget};

use super::uses::results;

/// Sources without a scheduler. Source: reactivex.io/RxJava/3.x/javadoc
const SOURCES: [&str; 11] = [
    "just",
    "empty",
    "error",
    "fromCallable",
    "fromSupplier",
    "fromAction",
    "fromRunnable",
    "fromIterable",
    "fromArray",
    "fromOptional",
    "range",
];
/// Sources and operators whose code gives another source.
const OF_CODE: [&str; 5] = ["defer", "flatMap", "concatMap", "flatMapSingle", "flatMapMaybe"];
/// Operators that keep the thread and take no other source.
const OPERATORS: [&str; 32] = [
    "map",
    "filter",
    "cast",
    "ofType",
    "toList",
    "toSortedList",
    "toMap",
    "toSingle",
    "toMaybe",
    "toObservable",
    "toFlowable",
    "first",
    "firstElement",
    "firstOrError",
    "lastElement",
    "defaultIfEmpty",
    "doOnNext",
    "doOnSuccess",
    "doOnError",
    "doOnComplete",
    "doOnSubscribe",
    "doFinally",
    "ignoreElement",
    "ignoreElements",
    "onErrorReturn",
    "onErrorReturnItem",
    "onErrorComplete",
    "distinct",
    "take",
    "skip",
    "count",
    "isEmpty",
];

/// Is everything known of the chain, and nothing of it runs on another thread?
pub(super) fn runs_in_place(model: &Model, stream: &ObjectValue) -> bool {
    stream.is_whole()
        && stream.root().made.as_ref().is_some_and(|made| {
            SOURCES.contains(&made.member.as_str()) || OF_CODE.contains(&made.member.as_str())
        })
        && stream.history().filter_map(|link| link.made.as_ref()).all(|made| keeps(model, made))
}

/// A subscription to something that happens once and that `subscribeOn` has moved off the caller's thread: nobody waits for
/// it. What goes on giving values belongs to whoever observes it.
pub fn subscribes_elsewhere(site: &CallSite) -> bool {
    const ONCE: [&str; 3] = ["Completable", "Single", "Maybe"];
    let once = site.api.is_some_and(|api| {
        let reactive = api.class.starts_with("io.reactivex.") || api.class.starts_with("rx.");
        api.member == "subscribe" && reactive && ONCE.contains(&api.class.last())
    });
    let main = |made: &ObjectCall| {
        let thread = made.args.first().and_then(|arg| arg.thread());
        thread.is_some_and(|it| it.target == ThreadTarget::On(Thread::Main))
    };
    once && site.receiver_object().is_some_and(|stream| {
        let mut links = stream.history().filter_map(|link| link.made.as_ref());
        links.any(|made| made.member == "subscribeOn" && !main(made))
    })
}

fn keeps(model: &Model, made: &ObjectCall) -> bool {
    let member = made.member.as_str();
    if OF_CODE.contains(&member) {
        let Some(Callable::Functions(functions)) = made.args.last().map(|arg| &arg.callable) else {
            return false;
        };
        return !functions.is_empty() && functions.iter().all(|code| gives_in_place(model, *code));
    }
    SOURCES.contains(&member) || OPERATORS.contains(&member)
}

/// Does the code give nothing but plain sources: `return Maybe.just(info)`?
fn gives_in_place(model: &Model, code: FnId) -> bool {
    let file = model.symbols.fn_file(code);
    let facts = model.facts(file);
    let plain = |value: &ExprId| match &facts[*value].kind {
        ExprKind::Call(_) => {
            model.site_at(file, *value).and_then(|id| model.site(id).api).is_some_and(|api| {
                api.class.starts_with("io.reactivex") && SOURCES.contains(&api.member.as_str())
            })
        }
        _ => false,
    };
    let results = results(model, code);
    !results.is_empty() && results.iter().all(plain)
}
