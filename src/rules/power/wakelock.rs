//! Wake locks that are not released, or not on every path.

use crate::base::{Name, Span};
use crate::facts::{ExprId, ExprKind, FileFacts, Literal};
use crate::flow::uses::{Use, captured, mentions_at, parent, use_of};
use crate::model::{Declared, PropId};
use crate::rules::prelude::*;

pub(super) static RULE: Rule =
    Rule { group: "power", doc: include_str!("../../../rules/power/Wakelock.md"), check };

/// Lambdas in lambdas through which a lock is followed.
const MAX_LAMBDAS: u8 = 4;

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    let mut acquires = Vec::new();
    let mut releases = Vec::new();
    for (_, site) in cx.model.all_sites() {
        if super::on_wake_lock(cx, site, "acquire") {
            acquires.push(site);
        } else if super::on_wake_lock(cx, site, "release") {
            releases.push(site);
        } else if super::makes_wake_lock(cx, site) {
            wakes_screen(cx, acc, site);
        }
    }
    for site in &releases {
        in_on_destroy(cx, acc, site);
    }
    for site in acquires.into_iter().filter(|site| site.args.is_empty()) {
        let lock = Lock::of(cx, site);
        if lock.is_handed_on(cx, site) {
            continue;
        }
        let stays = lock.stays_here(cx, site);
        let own: Vec<&CallSite> =
            releases.iter().copied().filter(|release| lock.may_be(&Lock::of(cx, release), stays)).collect();
        if own.is_empty() {
            never(cx, acc, site);
        } else if lock.is_known()
            && own.iter().all(|release| release.function == site.function)
            && let Some(release) = own.iter().find(|release| !always_reached(cx, site, &own, release))
        {
            acc.report(release.point())
                .message("release() is not reached on every path: an exception or return before it leaves the device awake")
                .label("may be skipped")
                .help("acquire the lock, then work in try { … } finally { release() }; or give acquire() a timeout")
                .symbol(cx.model.symbol(release.function))
                .key("WakeLock.release")
                .steps(vec![Step {
                    role: StepRole::Cause,
                    place: site.point(),
                    message: "acquired here without a timeout".to_owned(),
                    symbol: cx.model.symbol(site.function),
                }]);
        }
    }
}

/// Which lock a call is made on.
#[derive(PartialEq, Eq)]
enum Lock {
    Property(PropId),
    /// A local or parameter of the outermost function around.
    Local(FnId, Name),
    /// Made for this call alone.
    Nobody,
    Unknown,
}

impl Lock {
    fn of(cx: &Context<'_>, site: &CallSite) -> Lock {
        if let Some(property) = site.receiver_facts.as_ref().and_then(|facts| facts.property) {
            return Lock::Property(property);
        }
        let facts = cx.model.facts(site.file);
        match site.receiver.map(|receiver| &facts[receiver].kind) {
            None => Lock::around(cx, site.function, &["apply", "run", "with"], 0),
            Some(ExprKind::Name(name)) => Lock::called(cx, site.function, site.span, *name, 0),
            Some(ExprKind::Call(call)) if call.name == "newWakeLock" => Lock::Nobody,
            _ => Lock::Unknown,
        }
    }

    /// The lock that a name on which a method is called stands for.
    fn called(cx: &Context<'_>, function: FnId, at: Span, name: Name, depth: u8) -> Lock {
        let root = cx.model.root_function(function);
        let declared = cx.model.declared(function, at, name);
        if let Declared::Local { .. } = declared {
            return Lock::Local(root, name);
        }
        let mut around = Some(function);
        while let Some(id) = around {
            let params = &cx.model.function(id).params;
            let is_it = name == "it" && params.is_empty() && cx.model.is_lambda(id);
            if is_it || params.iter().any(|param| param.name == name) {
                return Lock::around(cx, id, &["also", "let"], depth);
            }
            around = cx.model.parent_function(id);
        }
        // The variable of a loop and its like.
        if let Declared::Other = declared { Lock::Unknown } else { Lock::Local(root, name) }
    }

    /// `newWakeLock(…).apply { acquire() }`, `lock.run { release() }`: the lock that a lambda of one of these functions
    /// gets, as `this` or as its parameter.
    fn around(cx: &Context<'_>, lambda: FnId, scopes: &[&str], depth: u8) -> Lock {
        let (Some((taker, at)), true) = (cx.model.taker(lambda), depth < MAX_LAMBDAS) else {
            return Lock::Unknown;
        };
        let site = cx.model.site(taker);
        let facts = cx.model.facts(site.file);
        let given = match site.name.as_str() {
            name if !scopes.contains(&name) => None,
            "with" => site.args.first().filter(|_| at == 1).map(|arg| arg.value),
            _ => site.receiver,
        };
        let Some(given) = given else { return Lock::Unknown };
        match &facts[given].kind {
            ExprKind::Call(call) if call.name == "newWakeLock" => match site.name.as_str() {
                "apply" | "also" => Lock::kept(cx, site.function, site.expr, depth),
                _ => Lock::kept_inside(cx, lambda),
            },
            ExprKind::Name(name) => match cx.model.declared(site.function, site.span, *name) {
                Declared::Outside if *name != "it" => Lock::named(cx, site.function, *name),
                _ => Lock::called(cx, site.function, site.span, *name, depth + 1),
            },
            _ => Lock::stored(cx, site.function, given),
        }
    }

    /// `newWakeLock(…).let { wakeLock = it; it.acquire() }`: the lambda keeps what it gets.
    fn kept_inside(cx: &Context<'_>, lambda: FnId) -> Lock {
        let facts = cx.model.facts(cx.model.symbols.fn_file(lambda));
        let decl = cx.model.function(lambda);
        let given = decl.params.first().map_or_else(|| Name::new("it"), |param| param.name);
        let kept = facts.exprs.iter().filter(|expr| decl.span.contains(expr.span)).find_map(|expr| {
            let ExprKind::Assign { op: None, target, value } = expr.kind else { return None };
            (facts[value].kind == ExprKind::Name(given)).then_some(target)
        });
        kept.map_or(Lock::Unknown, |target| Lock::stored(cx, lambda, target))
    }

    /// Where the value of an expression is kept.
    fn kept(cx: &Context<'_>, function: FnId, value: ExprId, depth: u8) -> Lock {
        let facts = cx.model.facts(cx.model.symbols.fn_file(function));
        let around = cx.model.function(function).body.and_then(|body| parent(facts, body, value));
        match (use_of(cx.model, function, value), around.map(|it| &facts[it].kind)) {
            (Use::Dropped, _) => Lock::Nobody,
            (Use::Local(name), _) => Lock::Local(cx.model.root_function(function), name),
            (_, Some(ExprKind::Assign { target, value: assigned, .. })) if *assigned == value => {
                Lock::stored(cx, function, *target)
            }
            // The last expression of `run { }` is its value.
            (_, Some(ExprKind::Block(items))) if items.last() == Some(&value) => {
                match cx.model.taker(function).map(|(taker, _)| cx.model.site(taker)) {
                    Some(taker)
                        if depth < MAX_LAMBDAS && ["run", "with", "let"].contains(&taker.name.as_str()) =>
                    {
                        Lock::kept(cx, taker.function, taker.expr, depth + 1)
                    }
                    _ => Lock::Unknown,
                }
            }
            _ => Lock::Unknown,
        }
    }

    /// The local or property that an expression names: `lock`, `this.lock`.
    fn stored(cx: &Context<'_>, function: FnId, place: ExprId) -> Lock {
        let facts = cx.model.facts(cx.model.symbols.fn_file(function));
        match &facts[place].kind {
            ExprKind::Name(name) => Lock::named(cx, function, *name),
            ExprKind::Member { receiver, name, .. } if facts[*receiver].kind == ExprKind::This(None) => {
                Lock::named(cx, function, *name)
            }
            _ => Lock::Unknown,
        }
    }

    fn named(cx: &Context<'_>, function: FnId, name: Name) -> Lock {
        let at = cx.model.function(function).span;
        let root = cx.model.root_function(function);
        if let Declared::Local { .. } = cx.model.declared(function, at, name) {
            return Lock::Local(root, name);
        }
        if cx.model.function(root).params.iter().any(|param| param.name == name) {
            return Lock::Unknown;
        }
        cx.model.visible_property(function, name).map_or(Lock::Unknown, Lock::Property)
    }

    /// Does other code get the lock, or its `release`, and may let it go?
    fn is_handed_on(&self, cx: &Context<'_>, site: &CallSite) -> bool {
        let facts = cx.model.facts(site.file);
        let (name, around) = match self {
            Lock::Property(property) => {
                let decl = cx.model.property(*property);
                let file = cx.model.symbols.prop_file(*property);
                let owner = decl.owner.map(|owner| cx.model.symbols.type_id(file, owner));
                (decl.name, owner.map_or(decl.span, |owner| cx.model.type_decl(owner).span))
            }
            Lock::Local(function, name) => {
                let body = cx.model.function(*function).body;
                let given = |(at, _): &(ExprId, Use)| {
                    let around = body.and_then(|body| parent(facts, body, *at)).map(|it| &facts[it].kind);
                    match around {
                        Some(ExprKind::Return { .. }) => true,
                        Some(ExprKind::Assign { value, .. }) => value == at,
                        Some(ExprKind::Call(call)) => call.args.iter().any(|arg| arg.value == *at),
                        _ => false,
                    }
                };
                if mentions_at(cx.model, *function, *name).iter().any(given) {
                    return true;
                }
                (*name, cx.model.function(*function).span)
            }
            Lock::Nobody | Lock::Unknown => return false,
        };
        // `lock::release`
        facts.exprs.iter().any(|expr| match &expr.kind {
            ExprKind::FunctionRef { receiver: Some(receiver), name: method } => {
                *method == "release"
                    && around.contains(expr.span)
                    && facts[*receiver].kind == ExprKind::Name(name)
            }
            _ => false,
        })
    }

    fn is_known(&self) -> bool {
        !matches!(self, Lock::Unknown | Lock::Nobody)
    }

    /// A local that was made here and on which nothing but the lock's own methods is called: no other code has it.
    fn stays_here(&self, cx: &Context<'_>, site: &CallSite) -> bool {
        const OWN: [&str; 5] = ["acquire", "release", "isHeld", "setReferenceCounted", "setWorkSource"];
        let (Lock::Local(function, name), true) = (self, site.receiver.is_some()) else { return false };
        let facts = cx.model.facts(site.file);
        let Declared::Local { local, .. } = cx.model.declared(site.function, site.span, *name) else {
            return false;
        };
        let made = local.init.is_some_and(
            |init| matches!(&facts[init].kind, ExprKind::Call(call) if call.name == "newWakeLock"),
        );
        let own = |(at, used): &(ExprId, Use)| match used {
            Use::Receiver(call) => {
                matches!(&facts[*call].kind, ExprKind::Call(call) if OWN.contains(&call.name.as_str()))
            }
            _ => cx.model.function(*function).body.and_then(|body| parent(facts, body, *at)).is_some_and(
                |it| matches!(&facts[it].kind, ExprKind::Member { name, .. } if OWN.contains(&name.as_str())),
            ),
        };
        made && !captured(cx.model, *function, *name)
            && mentions_at(cx.model, *function, *name).iter().all(own)
    }

    /// `stays`: this one is known to be nobody else's.
    fn may_be(&self, other: &Lock, stays: bool) -> bool {
        let nobodys = *self == Lock::Nobody || *other == Lock::Nobody;
        let unknown = *self == Lock::Unknown || *other == Lock::Unknown && !stays;
        !nobodys && (self == other || unknown)
    }
}

fn never(cx: &Context<'_>, acc: &mut Findings<'_>, site: &CallSite) {
    acc.report(site.point())
        .message("this wake lock is acquired and never released: the device stays awake until the app dies")
        .label("no release() for it")
        .help("call release() in finally, or give acquire() a timeout")
        .symbol(cx.model.symbol(site.function))
        .key("WakeLock.acquire");
}

fn in_on_destroy(cx: &Context<'_>, acc: &mut Findings<'_>, site: &CallSite) {
    let root = cx.model.root_function(site.function);
    let owner = cx.model.owner_of(root).map(|owner| cx.model.symbols.info(owner).qualified);
    let destroys = cx.model.function(root).name == "onDestroy"
        && owner.is_some_and(|owner| cx.model.inherits(owner, "android.app.Activity"));
    if !destroys {
        return;
    }
    acc.report(site.point())
        .message("a wake lock released in onDestroy() is held while the activity is hidden")
        .label("too late")
        .help("release it in onPause() and acquire it again in onResume()")
        .symbol(cx.model.symbol(site.function))
        .key("release in onDestroy");
}

/// `PARTIAL_WAKE_LOCK or ACQUIRE_CAUSES_WAKEUP`: the second is ignored.
fn wakes_screen(cx: &Context<'_>, acc: &mut Findings<'_>, site: &CallSite) {
    const PARTIAL: i64 = 1;
    const LEVEL: i64 = 0xffff;
    const CAUSES_WAKEUP: i64 = 0x1000_0000;
    let Some(flags) = site.args.first() else { return };
    let facts = cx.model.facts(site.file);
    let both = match flags.constant() {
        Some(Const::Int(flags)) => flags & LEVEL == PARTIAL && flags & CAUSES_WAKEUP != 0,
        _ => {
            mentions(facts, flags.value, "PARTIAL_WAKE_LOCK", 0)
                && mentions(facts, flags.value, "ACQUIRE_CAUSES_WAKEUP", 0)
        }
    };
    if !both {
        return;
    }
    acc.report(site.point())
        .message("ACQUIRE_CAUSES_WAKEUP does nothing for a partial wake lock: it keeps the screen off")
        .label("these flags do not go together")
        .help("drop ACQUIRE_CAUSES_WAKEUP, or show a full-screen notification to wake the screen")
        .symbol(cx.model.symbol(site.function))
        .key("ACQUIRE_CAUSES_WAKEUP");
}

fn mentions(facts: &FileFacts, expr: ExprId, wanted: &str, depth: u16) -> bool {
    match &facts[expr].kind {
        ExprKind::Name(name) | ExprKind::Member { name, .. } if *name == wanted => true,
        ExprKind::Call(call) if call.name == *wanted => true,
        kind if depth < 32 => {
            let mut found = false;
            kind.each_child(|child| found = found || mentions(facts, child, wanted, depth + 1));
            found
        }
        _ => false,
    }
}

/// Is some release of the lock reached whatever happens after it was acquired?
fn always_reached(cx: &Context<'_>, acquire: &CallSite, all: &[&CallSite], release: &CallSite) -> bool {
    let facts = cx.model.facts(acquire.file);
    let Some(body) = cx.model.function(acquire.function).body else { return true };
    let in_finally = |site: &CallSite| finally_around(facts, body, acquire.span, site.span, 0);
    if all.iter().any(|site| in_finally(site)) {
        return true;
    }
    if release.span.start < acquire.span.end {
        return true;
    }
    // Nothing in between may throw or leave, and both stand in the same block.
    let between = Span { start: acquire.span.end, end: release.span.start };
    let calls = cx.model.sites_of[acquire.function.index()].iter().any(|id| {
        let site = cx.model.site(*id);
        between.contains(site.name_span)
            && matches!(site.kind, crate::model::SiteKind::Call | crate::model::SiteKind::Create)
    });
    let leaves = facts.exprs.iter().any(|expr| {
        between.contains(expr.span)
            && (matches!(expr.kind, ExprKind::Return { .. } | ExprKind::Throw(_))
                // Calls that nothing is known of may throw as well.
                || matches!(expr.kind, ExprKind::Call(_)))
    });
    !calls && !leaves && same_block(facts, body, acquire.span, release.span, 0)
}

/// Is the place in the `finally` of a `try` that begins right at, or after, the acquiring call?
fn finally_around(facts: &FileFacts, expr: ExprId, acquire: Span, release: Span, depth: u16) -> bool {
    if depth > 600 || !facts[expr].span.contains(release) {
        return false;
    }
    if let ExprKind::Try(it) = &facts[expr].kind
        && it.finally.is_some_and(|finally| unconditional(facts, finally, release, 0))
        && facts[expr].span.end > acquire.end
    {
        return true;
    }
    let mut found = false;
    facts[expr].kind.each_child(|child| {
        found = found || finally_around(facts, child, acquire, release, depth + 1);
    });
    found
}

/// Is the place reached whenever the expression is, apart from a check that the lock is held?
fn unconditional(facts: &FileFacts, expr: ExprId, at: Span, depth: u16) -> bool {
    if depth > 600 || !facts[expr].span.contains(at) {
        return false;
    }
    match &facts[expr].kind {
        ExprKind::Block(items) => {
            items.iter().any(|item| facts[*item].span == at || unconditional(facts, *item, at, depth + 1))
        }
        ExprKind::If { condition, then: Some(then), .. } => {
            let asks = mentions(facts, *condition, "isHeld", 0);
            (asks || compares_null(facts, *condition)) && unconditional(facts, *then, at, depth + 1)
        }
        // One arm of several.
        ExprKind::When { .. } => false,
        _ => facts[expr].span.contains(at),
    }
}

fn compares_null(facts: &FileFacts, condition: ExprId) -> bool {
    match &facts[condition].kind {
        ExprKind::Binary { left, right, .. } => {
            [left, right].iter().any(|side| matches!(facts[**side].kind, ExprKind::Literal(Literal::Null)))
        }
        _ => false,
    }
}

/// Is the second place in the block of the first, so that it follows whatever conditions hold?
fn same_block(facts: &FileFacts, expr: ExprId, first: Span, second: Span, depth: u16) -> bool {
    if depth > 600 {
        return false;
    }
    if let ExprKind::Block(items) = &facts[expr].kind {
        let holds = |place: Span| items.iter().position(|item| facts[*item].span.contains(place));
        if let (Some(a), Some(b)) = (holds(first), holds(second))
            && a != b
        {
            return matches!(facts[items[a]].kind, ExprKind::Call(_))
                && unconditional(facts, items[b], second, 0);
        }
    }
    let mut found = false;
    facts[expr].kind.each_child(|child| {
        let around = facts[child].span.contains(first) && facts[child].span.contains(second);
        found = found || around && same_block(facts, child, first, second, depth + 1);
    });
    found
}
