//! What conditions prove about the thread in their branches: `if (Looper.myLooper() == Looper.getMainLooper())`.

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::base::Span;
use crate::facts::{ExprId, ExprKind, FileFacts, FunctionId};
use crate::findings::FileId;
use crate::model::{FnId, Model, Thread};

/// Places that only one thread gets to, by function.
#[derive(Default)]
pub struct Guards {
    threads: FxHashMap<FnId, Vec<(Span, bool)>>,
    levels: FxHashMap<FnId, Vec<LevelGuard>>,
    /// Branches that a test of `isDone` guards.
    done: FxHashMap<FnId, Vec<Span>>,
}

impl Guards {
    pub fn new(model: &Model) -> Guards {
        let files: Vec<FileId> =
            model.project.files().filter(|(_, file)| file.facts.is_some()).map(|(id, _)| id).collect();
        let found: Vec<(FnId, Vec<(Span, bool)>)> = files
            .par_iter()
            .flat_map_iter(|file| {
                let text = &model.project.file(*file).text.text;
                // Files that never mention a looper or thread check need no walk.
                if !(text.contains("Looper") || text.contains("MainThread") || text.contains("UiThread")) {
                    return Vec::new();
                }
                let facts = model.facts(*file);
                (0..facts.functions.len())
                    .filter_map(|at| {
                        let local = FunctionId(u32::try_from(at).unwrap_or(u32::MAX));
                        let body = facts[local].body?;
                        let mut places = Vec::new();
                        collect(facts, text, body, &mut places, 0);
                        (!places.is_empty()).then(|| (model.symbols.fn_id(*file, local), places))
                    })
                    .collect()
            })
            .collect();
        let levels = files
            .par_iter()
            .flat_map_iter(|file| {
                let text = &model.project.file(*file).text.text;
                if !text.contains("SDK_INT") {
                    return Vec::new();
                }
                let facts = model.facts(*file);
                (0..facts.functions.len())
                    .filter_map(|at| {
                        let local = FunctionId(u32::try_from(at).unwrap_or(u32::MAX));
                        let body = facts[local].body?;
                        let mut places = Vec::new();
                        collect_levels(facts, text, body, &mut places, 0);
                        (!places.is_empty()).then(|| (model.symbols.fn_id(*file, local), places))
                    })
                    .collect()
            })
            .collect::<Vec<(FnId, Vec<LevelGuard>)>>();
        let done = files
            .par_iter()
            .flat_map_iter(|file| {
                let text = &model.project.file(*file).text.text;
                if !(text.contains("isDone") || text.contains("isComplete")) {
                    return Vec::new();
                }
                let facts = model.facts(*file);
                let mut places = Vec::new();
                for expr in &facts.exprs {
                    if let ExprKind::If { condition, then: Some(then), .. } = &expr.kind
                        && asks_done(facts, text, *condition)
                    {
                        places.push(facts[*then].span);
                    }
                }
                let holds = |function: &FunctionId| {
                    let span = facts[*function].span;
                    places.iter().copied().filter(|place| span.contains(*place)).collect::<Vec<Span>>()
                };
                (0..facts.functions.len())
                    .map(|at| FunctionId(u32::try_from(at).unwrap_or(u32::MAX)))
                    .map(|local| (model.symbols.fn_id(*file, local), holds(&local)))
                    .filter(|(_, places)| !places.is_empty())
                    .collect()
            })
            .collect::<Vec<(FnId, Vec<Span>)>>();
        Guards {
            threads: found.into_iter().collect(),
            levels: levels.into_iter().collect(),
            done: done.into_iter().collect(),
        }
    }

    /// May code at this place of the function run on the thread?
    pub fn allows(&self, function: FnId, at: Span, thread: Thread) -> bool {
        let Some(places) = self.threads.get(&function) else { return true };
        places.iter().all(|(place, main)| !place.contains(at) || (thread == Thread::Main) == *main)
    }
}

/// `future.isDone`, not negated.
fn asks_done(facts: &FileFacts, text: &str, condition: ExprId) -> bool {
    let source = text.get(facts[condition].span.range()).unwrap_or("");
    !source.contains('!') && [".isDone", ".isComplete"].iter().any(|test| source.contains(test))
}

impl Guards {
    /// Is the place reached only when a future was seen to be done, so that asking it does not wait?
    pub fn is_done(&self, function: FnId, at: Span) -> bool {
        self.done.get(&function).is_some_and(|places| places.iter().any(|place| place.contains(at)))
    }

    /// Is the place reached only on devices below an API level (`if (SDK_INT < S)`, or the else of `>=`)?
    pub fn below_level(&self, function: FnId, at: Span, level: u32) -> bool {
        let Some(places) = self.levels.get(&function) else { return false };
        places.iter().any(|guard| guard.place.contains(at) && guard.below.is_some_and(|below| below <= level))
    }

    /// Is the place inside a try whose catch takes the exception of a forbidden start?
    pub fn catches_start(&self, model: &Model, function: FnId, at: Span) -> bool {
        const TAKES: [&str; 7] = [
            "ForegroundServiceStartNotAllowedException",
            "ServiceStartNotAllowedException",
            "IllegalStateException",
            "RuntimeException",
            "Exception",
            "Throwable",
            "BackgroundServiceStartNotAllowedException",
        ];
        self.catches(model, function, at, &TAKES)
    }

    /// Is the place inside a try that catches one of these exceptions (simple names)?
    pub fn catches(&self, model: &Model, function: FnId, at: Span, takes: &[&str]) -> bool {
        let facts = model.facts(model.symbols.fn_file(function));
        let mut outer = Some(function);
        // The try may stand around the lambda as well, when the lambda runs in place.
        while let Some(id) = outer {
            if let Some(body) = model.function(id).body
                && caught(facts, body, at, takes, 0)
            {
                return true;
            }
            outer = model.parent_function(id);
        }
        false
    }
}

/// A branch that a check of `Build.VERSION.SDK_INT` guards: runs only below, or from, a level.
struct LevelGuard {
    place: Span,
    below: Option<u32>,
}

fn caught(facts: &FileFacts, id: ExprId, at: Span, takes: &[&str], depth: u16) -> bool {
    if depth > 600 || !facts[id].span.contains(at) {
        return false;
    }
    if let ExprKind::Try(it) = &facts[id].kind
        && facts[it.body].span.contains(at)
        && it.catches.iter().flat_map(|catch| &catch.types).any(|ty| takes.contains(&ty.name.last()))
    {
        return true;
    }
    if let ExprKind::Call(call) = &facts[id].kind
        && call.name == "runCatching"
    {
        return true;
    }
    let mut found = false;
    facts[id].kind.each_child(|child| found = found || caught(facts, child, at, takes, depth + 1));
    found
}

/// Level names of `Build.VERSION_CODES`. Source: android.os.Build.VERSION_CODES.
fn level_of(word: &str) -> Option<u32> {
    Some(match word {
        "LOLLIPOP" => 21,
        "LOLLIPOP_MR1" => 22,
        "M" => 23,
        "N" => 24,
        "N_MR1" => 25,
        "O" => 26,
        "O_MR1" => 27,
        "P" => 28,
        "Q" => 29,
        "R" => 30,
        "S" => 31,
        "S_V2" => 32,
        "TIRAMISU" => 33,
        "UPSIDE_DOWN_CAKE" => 34,
        "VANILLA_ICE_CREAM" => 35,
        "BAKLAVA" => 36,
        number => number.parse().ok()?,
    })
}

/// `SDK_INT < X`: (first level of the else branch, the then branch is below).
fn level_test(facts: &FileFacts, text: &str, condition: ExprId) -> Option<(u32, bool)> {
    use crate::facts::BinaryOp;
    let ExprKind::Binary { op, left, right } = &facts[condition].kind else { return None };
    let source = |id: ExprId| text.get(facts[id].span.range()).unwrap_or("").trim();
    if !source(*left).ends_with("SDK_INT") {
        return None;
    }
    let level = level_of(source(*right).rsplit('.').next()?)?;
    match op {
        BinaryOp::Lt => Some((level, true)),
        BinaryOp::Le => Some((level + 1, true)),
        BinaryOp::Ge => Some((level, false)),
        BinaryOp::Gt => Some((level + 1, false)),
        _ => None,
    }
}

fn collect_levels(facts: &FileFacts, text: &str, id: ExprId, places: &mut Vec<LevelGuard>, depth: u16) {
    if depth > 600 {
        return;
    }
    let expr = &facts[id];
    if let ExprKind::Block(items) = &expr.kind {
        for item in items {
            let ExprKind::If { condition, then: Some(then), otherwise: None } = &facts[*item].kind else {
                continue;
            };
            if let Some((level, false)) = level_test(facts, text, *condition)
                && leaves(facts, *then)
            {
                let place = Span { start: facts[*item].span.end, end: expr.span.end };
                places.push(LevelGuard { place, below: Some(level) });
            }
        }
    }
    if let ExprKind::If { condition, then, otherwise } = &expr.kind
        && let Some((level, below)) = level_test(facts, text, *condition)
    {
        let guarded = if below { then } else { otherwise };
        places.extend(guarded.map(|branch| LevelGuard { place: facts[branch].span, below: Some(level) }));
    }
    expr.kind.each_child(|child| collect_levels(facts, text, child, places, depth + 1));
}

fn collect(facts: &FileFacts, text: &str, id: ExprId, places: &mut Vec<(Span, bool)>, depth: u16) {
    if depth > 600 {
        return;
    }
    let expr = &facts[id];
    if let ExprKind::Block(items) = &expr.kind {
        for item in items {
            let ExprKind::If { condition, then: Some(then), otherwise: None } = &facts[*item].kind else {
                continue;
            };
            let Some(main) = thread_test(facts, text, *condition) else { continue };
            if leaves(facts, *then) {
                let rest = Span { start: facts[*item].span.end, end: expr.span.end };
                places.push((rest, !main));
            }
        }
    }
    if let ExprKind::If { condition, then, otherwise } = &expr.kind
        && let Some(main) = thread_test(facts, text, *condition)
    {
        places.extend(then.map(|then| (facts[then].span, main)));
        places.extend(otherwise.map(|otherwise| (facts[otherwise].span, !main)));
    }
    expr.kind.each_child(|child| collect(facts, text, child, places, depth + 1));
}

fn leaves(facts: &FileFacts, id: ExprId) -> bool {
    match &facts[id].kind {
        ExprKind::Return { .. } | ExprKind::Throw(_) => true,
        ExprKind::Block(items) => items.last().is_some_and(|last| leaves(facts, *last)),
        _ => false,
    }
}

/// Does the condition test for the main thread (true), for another one (false), or for neither?
fn thread_test(facts: &FileFacts, text: &str, condition: ExprId) -> Option<bool> {
    if let ExprKind::Unary { op: crate::facts::UnaryOp::Not, operand } = &facts[condition].kind {
        return thread_test(facts, text, *operand).map(|main| !main);
    }
    let source: String =
        text.get(facts[condition].span.range())?.chars().filter(|letter| !letter.is_whitespace()).collect();
    if source.contains("&&") || source.contains("||") {
        return None;
    }
    let current = source.contains("myLooper()")
        || source.contains("currentThread()")
        || source.contains("Thread.currentThread");
    let main = source.contains("getMainLooper()") || source.contains("mainLooper");
    if current && main {
        return Some(!source.contains("!="));
    }
    let asks = ["isMainThread", "isOnMainThread", "isUiThread", "isOnUiThread", "isMainLooper"];
    let called = asks.iter().any(|name| source.ends_with(&format!("{name}()")) || source.ends_with(name));
    (called
        || (main && source.ends_with("isCurrentThread()"))
        || (main && source.ends_with("isCurrentThread")))
    .then_some(true)
}
