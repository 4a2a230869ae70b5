//! The one file that names every layer: roots in, outcome out; threads, timings, panic isolation.

use std::any::Any;
use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::mem::take;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rayon::prelude::*;
use rustc_hash::FxHashSet;
use serde::Serialize;

use crate::base::problem::ProblemKind;
use crate::base::{Name, Problem, SourceText};
use crate::catalog::{Catalog, TableSet};
use crate::discover::{self, SkipReason, Tree, TreeFile, discover};
use crate::facts::{ExprId, ExprKind, Suppression};
use crate::findings::levels::{Levels, Spot};
use crate::findings::lint::{LintConfig, LintFile};
use crate::findings::suppress::{Accepted, SuppressedFile, Suppressions};
use crate::findings::{Confidence, Ground, Judged, Place, RuleMeta, Selection, Step, order};
use crate::flow::stated::Stated;
use crate::flow::{Flow, inventory, why};
use crate::model::sdk::Fallback;
use crate::model::{
    CallSite, Core, FnId, Model, Project, ProjectFile, ReadFile, Thread, Type, assemble_with,
};
use crate::report::SourceView;
use crate::report::inventory::{Inventory, Row};
use crate::rules::{self, Context};
use crate::syntax::suppressions::in_plain_text;
use crate::syntax::{FileKind, parse_file};

/// Deeply nested expressions are walked recursively; address space is cheap.
const STACK: usize = 64 * 1024 * 1024;

/// What to analyse and what to look for.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Globs relative to the analysed root.
    pub exclude: Vec<String>,
    /// Globs relative to directories.
    pub exclude_in: Vec<(PathBuf, Vec<String>)>,
    pub no_ignore: bool,
    pub include_tests: bool,
    pub include_generated: bool,
    /// 0: all cores.
    pub threads: usize,
    pub selection: Selection,
    /// What counts as a suppression.
    pub accepted: Accepted,
    /// Severities and switches that depend on paths.
    pub levels: Levels,
    /// SDK levels of modules that do not say theirs.
    pub sdk: Fallback,
    /// Kinds of work that the project states itself.
    pub stated: Stated,
    /// Count what was read and resolved.
    pub stats: bool,
    /// The built-in catalogue unless a project has entries of its own.
    pub catalog: Option<&'static Catalog>,
}

/// Everything that the analysis gives, owned: the model is gone when this is there.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Absolute directory that paths are relative to.
    pub root: PathBuf,
    /// `FileId` indexes it.
    pub files: Vec<SourceView>,
    /// Files that count as analysed: sources and manifests in scope, no context.
    pub analysed: usize,
    pub modules: usize,
    /// Merged and in order; suppressed ones included.
    pub findings: Vec<Judged>,
    /// Sorted by path and line.
    pub problems: Vec<Problem>,
    /// For `--stats`: what was counted, in words.
    pub stats: Vec<(String, usize)>,
    /// For `--timings`: phases in order.
    pub phases: Vec<(&'static str, Duration)>,
    pub rule_times: Vec<(&'static str, Duration)>,
}

/// What `worklint files` shows.
#[derive(Debug, Default)]
pub struct Listing {
    /// Absolute directory that paths are relative to.
    pub root: PathBuf,
    /// Sorted by path.
    pub files: Vec<Listed>,
    /// What was left out and why, as far as it leaves a trace.
    pub skipped: Vec<(String, SkipReason)>,
    pub problems: Vec<Problem>,
}

/// A file that would be analysed.
#[derive(Debug)]
pub struct Listed {
    /// Relative to the root, with `/`.
    pub path: String,
    /// `:feature:sync`.
    pub module: String,
    /// `main`, `debug`.
    pub source_set: Name,
}

/// Analyses everything below `roots`. Never fails: what could not be done is a problem of the outcome.
pub fn run(roots: &[PathBuf], options: &Options) -> Outcome {
    in_pool(options.threads, || analyse(roots, options))
}

/// The files that `run` would analyse.
pub fn list(roots: &[PathBuf], options: &Options) -> Listing {
    in_pool(options.threads, || {
        let tree = discover(roots, &discover_options(options));
        let files = tree.files.iter().filter(|it| counts(it)).map(|it| Listed {
            path: it.path.clone(),
            module: tree.modules.get(it.module).map(|module| module.path.clone()).unwrap_or_default(),
            source_set: it.source_set,
        });
        let files = files.collect();
        Listing { root: tree.base, files, skipped: tree.skipped, problems: tree.problems }
    })
}

/// One step of an answer, or one line of its lists.
#[derive(Debug, Serialize)]
pub struct WhyStep {
    pub path: String,
    pub line: u32,
    pub message: String,
}

/// A thread that a function may run on.
#[derive(Debug, Serialize)]
pub struct WhyThread {
    /// `main` or `worker`.
    pub thread: &'static str,
    pub certainty: &'static str,
    /// The shortest of the most certain ways, entry point first.
    pub steps: Vec<WhyStep>,
}

/// What `worklint why` tells of a function.
#[derive(Debug, Serialize)]
pub struct WhyFunction {
    /// Qualified name of the declaration it is or stands in.
    pub symbol: String,
    pub path: String,
    pub line: u32,
    pub threads: Vec<WhyThread>,
    /// The way from an entry point in the background, if there is one.
    pub background: Option<Vec<WhyStep>>,
    pub callers: Vec<WhyStep>,
    pub blocking: Vec<WhyStep>,
    pub calls: Vec<WhyStep>,
}

/// Where the functions that a question names may run. Empty: the question names none.
pub fn why(roots: &[PathBuf], options: &Options, question: &str) -> Vec<WhyFunction> {
    in_pool(options.threads, || {
        let mut clock = Clock::default();
        let (model, _) = join(discover(roots, &discover_options(options)), options, &mut clock);
        let flow = Flow::new(&model).stating(options.stated.clone());
        let functions = why::functions(&model, question);
        functions.into_iter().map(|id| told(&model, &why::answer(&model, &flow, id))).collect()
    })
}

/// Every piece of background work below `roots`, with what could not be read.
pub fn inventory(roots: &[PathBuf], options: &Options) -> (Inventory, Vec<Problem>) {
    in_pool(options.threads, || {
        let mut clock = Clock::default();
        let tree = discover(roots, &discover_options(options));
        let root = tree.base.file_name().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default();
        let files = tree.files.iter().filter(|it| counts(it)).count();
        let (model, problems) = join(tree, options, &mut clock);
        let flow = Flow::new(&model).stating(options.stated.clone());
        let rows = inventory::inventory(&model, &flow).into_iter().map(|item| row(&model, item)).collect();
        let modules = model.project.modules.len();
        (Inventory { root, files, modules, rows }, problems)
    })
}

fn row(model: &Model, item: inventory::Item) -> Row {
    let file = model.project.file(item.place.file);
    Row {
        module: model.project.module(file.module).path.clone(),
        path: file.path.clone(),
        line: file.text.line(item.place.span.start),
        symbol: item.symbol,
        what: item.what,
        api: item.api,
        persistence: item.persistence.word(),
        urgency: item.urgency.word(),
        certainty: item.certainty.word(),
        reasons: item.reasons,
        recommended: item.recommended,
        change: item.change,
    }
}

fn told(model: &Model, answer: &why::Answer) -> WhyFunction {
    let step = |place: Place, message: String| {
        let file = model.project.file(place.file);
        WhyStep { path: file.path.clone(), line: file.text.line(place.span.start), message }
    };
    let steps = |steps: &[Step]| steps.iter().map(|it| step(it.place, it.message.clone())).collect();
    let here = step(model.fn_place(answer.function), String::new());
    let sure = |certainty: Confidence| if certainty == Confidence::High { "" } else { certainty.word() };
    WhyFunction {
        symbol: model.display(answer.function),
        path: here.path,
        line: here.line,
        threads: answer
            .threads
            .iter()
            .map(|it| WhyThread {
                thread: if it.thread == Thread::Main { "main" } else { "worker" },
                certainty: it.certainty.word(),
                steps: steps(&it.steps),
            })
            .collect(),
        background: answer.background.as_deref().map(steps),
        callers: answer
            .callers
            .iter()
            .map(|it| match sure(it.certainty) {
                "" => step(it.place, it.how.clone()),
                word => step(it.place, format!("{}, {word} certainty", it.how)),
            })
            .collect(),
        blocking: answer
            .blocking
            .iter()
            .map(|it| match it.silent {
                None => step(it.place, it.what.clone()),
                Some(why) => step(it.place, format!("{}; no finding: {why}", it.what)),
            })
            .collect(),
        calls: answer
            .calls
            .iter()
            .map(|it| step(it.place, format!("{} is {}", it.name, it.meaning)))
            .collect(),
    }
}

/// Reads what a tree holds and joins it.
fn join(tree: Tree, options: &Options, clock: &mut Clock) -> (Model, Vec<Problem>) {
    let (read, mut problems) = clock.time("read and parse", || read_files(&tree));
    let (mut project, assumed) = clock.time("assemble", || assemble_with(tree, read, options.sdk));
    problems.extend(assumed);
    problems.extend(take_problems(&mut project));
    let catalog = clock.time("catalog", || options.catalog.unwrap_or_else(Catalog::embedded));
    let core = clock.time("symbols", || Core::new(project, catalog));
    (clock.time("model", || Model::new(core)), problems)
}

fn analyse(roots: &[PathBuf], options: &Options) -> Outcome {
    let mut clock = Clock::default();
    let mut tree = clock.time("discover", || discover(roots, &discover_options(options)));
    let (root, whole) = (tree.base.clone(), tree.whole);
    let mut problems = take(&mut tree.problems);
    let analysed = tree.files.iter().filter(|it| counts(it)).count();
    let modules: BTreeSet<usize> = tree.files.iter().filter(|it| counts(it)).map(|it| it.module).collect();
    let (mut model, unread) = join(tree, options, &mut clock);
    problems.extend(unread);
    let flow = clock.time("flow", || Flow::new(&model).stating(options.stated.clone()));
    let quiet = suppressions(&model.project, whole, &problems, &options.accepted);
    let cx = Context { model: &model, flow: &flow };
    let ran = clock.time("rules", || rules::run(&cx, &options.selection, &options.levels, &quiet));
    let stats = if options.stats { stats(&model, &flow) } else { Vec::new() };
    let (lint, bad) = lint_config(&model.project);
    let place = || placed(&model.project, &root, ran.findings, &options.levels, &lint);
    let (findings, ()) = rayon::join(place, || drop(flow));
    problems.extend(ran.problems.into_iter().chain(bad));
    problems.sort_by(|a, b| (&a.path, a.line, &a.message).cmp(&(&b.path, b.line, &b.message)));
    problems.dedup();
    let modules = modules.len();
    let files = views(&mut model.core.project);
    // Nobody waits for millions of small pieces to be given back.
    rayon::spawn(move || drop(model));
    let (phases, rule_times) = (clock.phases, ran.times);
    Outcome { root, files, analysed, modules, findings, problems, stats, phases, rule_times }
}

/// Calls with the name of a blocking one of the catalogue, and those of which it is known what they are called on.
fn blocking_candidates(model: &Model) -> (usize, usize) {
    let known = |site: &CallSite| {
        let receiver = site.receiver_type.as_ref().and_then(Type::upper);
        let library = site.api.is_some_and(|api| !api.class.starts_with('?'));
        site.declared.is_some() || library || receiver.is_some_and(|ty| !ty.is_unresolved())
    };
    let (mut all, mut typed) = (0, 0);
    for (id, file) in model.project.files() {
        for (at, expr) in file.facts.iter().flat_map(|facts| facts.exprs.iter().enumerate()) {
            let ExprKind::Call(call) = &expr.kind else { continue };
            if !model.catalog.tables_naming(call.name).intersects(TableSet::BLOCKING) {
                continue;
            }
            let site = model.site_at(id, ExprId(u32::try_from(at).unwrap_or(u32::MAX)));
            all += 1;
            typed += usize::from(site.is_some_and(|site| known(model.site(site))));
        }
    }
    (all, typed)
}

/// For `--stats`: what was read and resolved.
fn stats(model: &Model, flow: &Flow) -> Vec<(String, usize)> {
    let written = model.project.files.iter().filter(|file| !file.generated);
    let sources = || written.clone().filter_map(|file| Some((&file.text, file.facts.as_ref()?)));
    let functions = model.symbols.function_count();
    let (named, typed) = blocking_candidates(model);
    [
        ("Kotlin and Java files", sources().count()),
        ("lines", sources().map(|(text, _)| text.lines()).sum()),
        ("files with syntax errors before mending", sources().filter(|(_, facts)| facts.broken).count()),
        ("calls", model.calls_total),
        ("calls resolved", model.calls_resolved),
        ("calls with the name of a blocking one", named),
        ("of these, on a receiver whose type is known", typed),
        ("of these, in per cent", (typed * 100).checked_div(named).unwrap_or(100)),
        ("functions", functions),
        ("edges of the call graph", flow.graph.edges.len()),
        (
            "functions that may run on the main thread",
            (0..functions).filter(|at| flow.main.contains(FnId::new(*at))).count(),
        ),
    ]
    .map(|(what, count)| (what.to_owned(), count))
    .to_vec()
}

fn discover_options(options: &Options) -> discover::Options {
    discover::Options {
        include_tests: options.include_tests,
        include_generated: options.include_generated,
        no_ignore: options.no_ignore,
        exclude: options.exclude.clone(),
        exclude_in: options.exclude_in.clone(),
        threads: options.threads,
    }
}

/// Analysed for its own sake, not as context.
fn counts(file: &TreeFile) -> bool {
    file.in_scope && (file.kind.is_source() || file.kind == FileKind::Manifest)
}

/// Reads and parses what the tree has not read itself. A file that fails is a problem, not the end.
fn read_files(tree: &Tree) -> (Vec<ReadFile>, Vec<Problem>) {
    let wanted = |file: &TreeFile| file.build.is_none() && !file.kind.is_build();
    let files: Vec<(usize, &TreeFile)> = tree.files.iter().enumerate().filter(|(_, it)| wanted(it)).collect();
    let results: Vec<_> = files
        .into_par_iter()
        .map(|(at, file)| {
            let decoded = tree.read(file)?;
            guard(&file.path, || {
                let doubt = decoded.doubt(&file.path);
                let text = decoded.text;
                let (parsed, mut problems) = parse_file(file.kind, &text, &file.path);
                problems.extend(doubt);
                (ReadFile { file: at, text: SourceText::new(text), parsed }, problems)
            })
        })
        .collect();
    let (mut read, mut problems) = (Vec::new(), Vec::new());
    for result in results {
        match result {
            Ok((file, more)) => {
                read.push(file);
                problems.extend(more);
            }
            Err(problem) => problems.push(problem),
        }
    }
    (read, problems)
}

fn take_problems(project: &mut Project) -> Vec<Problem> {
    let facts = project.files.iter_mut().filter_map(|it| it.facts.as_mut());
    facts.flat_map(|it| take(&mut it.problems)).collect()
}

/// The suppressions of all files. `whole`: all sources of the projects are there, so that what hides nothing is idle.
fn suppressions(project: &Project, whole: bool, problems: &[Problem], accepted: &Accepted) -> Suppressions {
    let partly: FxHashSet<&str> = problems.iter().map(|it| it.path.as_str()).collect();
    let written: Vec<Cow<'_, [Suppression]>> = project.files.iter().map(written).collect();
    let files = project.files.iter().zip(&written).map(|(file, suppressions)| SuppressedFile {
        path: &file.path,
        text: &file.text,
        suppressions,
        whole: whole && file.in_scope && !partly.contains(file.path.as_str()),
    });
    Suppressions::new(files, rules::metas(), accepted)
}

/// Where the levels stand that gate a rule.
fn grounds(project: &Project, file: &ProjectFile, rule: &RuleMeta) -> Vec<Ground> {
    let module = project.module(file.module);
    let levels = [("target-sdk", "targetSdk", module.target_sdk), ("min-sdk", "minSdk", module.min_sdk)];
    let gating = levels.into_iter().filter(|(gate, ..)| rule.gates.contains(gate));
    gating
        .filter_map(|(_, name, level)| {
            Some(Ground { place: level.place?, message: format!("{name} is {}", level.level) })
        })
        .collect()
}

fn lint_config(project: &Project) -> (LintConfig, Vec<Problem>) {
    let files = project.files.iter().filter_map(|file| {
        let facts = file.lint.as_ref()?;
        Some(LintFile { path: &file.path, text: &file.text, facts })
    });
    LintConfig::new(files, project.modules.iter().map(|module| module.lint.clone()).collect())
}

/// Findings of files that were asked for, with the severity that they have where they are.
fn placed(
    project: &Project,
    root: &Path,
    findings: Vec<Judged>,
    levels: &Levels,
    lint: &LintConfig,
) -> Vec<Judged> {
    let metas = rules::metas();
    let mut found: Vec<Judged> = findings
        .into_iter()
        .filter_map(|mut judged| {
            let file = project.files.get(judged.finding.place.file.0 as usize).filter(|it| it.in_scope)?;
            let rule = metas.iter().find(|rule| rule.id == judged.finding.rule)?;
            judged.grounds = grounds(project, file, rule);
            let spot = Spot { root, path: &file.path, module: file.module.0 as usize };
            levels.apply(&mut judged, rule, spot, lint).then_some(judged)
        })
        .collect();
    order::sort(&mut found);
    found
}

fn written(file: &ProjectFile) -> Cow<'_, [Suppression]> {
    match (&file.facts, &file.manifest) {
        (Some(facts), _) if !file.generated => Cow::Borrowed(&facts.suppressions),
        (_, Some(manifest)) => Cow::Borrowed(&manifest.suppressions),
        // Files of the build: what they say otherwise is told elsewhere.
        _ => Cow::Owned(in_plain_text(&file.text.text)),
    }
}

/// Takes what reports need out of a project that nobody asks any more.
fn views(project: &mut Project) -> Vec<SourceView> {
    let modules = &project.modules;
    let view = |file: &mut ProjectFile| SourceView {
        path: take(&mut file.path),
        module: modules.get(file.module.0 as usize).map(|it| it.path.clone()).unwrap_or_default(),
        text: take(&mut file.text),
    };
    project.files.iter_mut().map(view).collect()
}

/// Runs `work` on a pool with big stacks. If the system gives no threads, the current one has to do.
fn in_pool<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    let name = |at| format!("worklint-{at}");
    match rayon::ThreadPoolBuilder::new().num_threads(threads).stack_size(STACK).thread_name(name).build() {
        Ok(pool) => pool.install(work),
        Err(_) => work(),
    }
}

/// Time per phase.
#[derive(Debug, Default)]
pub struct Clock {
    pub phases: Vec<(&'static str, Duration)>,
}

impl Clock {
    pub fn time<T>(&mut self, phase: &'static str, work: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let result = work();
        self.phases.push((phase, start.elapsed()));
        result
    }
}

/// Does the work of one file; a panic becomes that file's problem.
pub fn guard<T>(path: &str, work: impl FnOnce() -> T) -> Result<T, Problem> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|payload| Problem {
        kind: ProblemKind::Panic,
        path: path.to_owned(),
        span: None,
        line: None,
        message: format!(
            "the analysis of this file stopped at an internal error: {}",
            panic_message(&*payload)
        ),
    })
}

thread_local! {
    static PANIC_PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Keeps panics off stderr and remembers where they were; `panic_message` says it.
pub fn quiet_panics() {
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map(|at| format!("{}:{}", at.file(), at.line()));
        PANIC_PLACE.with(|it| it.replace(place));
    }));
}

/// What a caught panic said, and where.
pub fn panic_message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message");
    let text = text.lines().next().unwrap_or("");
    match PANIC_PLACE.with(RefCell::take) {
        Some(place) => format!("{text} ({place})"),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_the_files_problem() {
        assert_eq!(guard("a.kt", || 1), Ok(1));
        let problem = guard("a.kt", || -> u32 { panic!("{} is odd", 3) }).unwrap_err();
        assert_eq!((problem.kind, problem.path.as_str()), (ProblemKind::Panic, "a.kt"));
        assert!(problem.message.contains("3 is odd"), "{}", problem.message);
    }

    #[test]
    fn the_pool_has_big_stacks() {
        fn deep(level: u32) -> u32 {
            let frame = std::hint::black_box([level; 256]);
            if level == 0 { 0 } else { deep(level - 1) + frame[0] - level + 1 }
        }
        assert_eq!(in_pool(2, || deep(20_000)), 20_000);
    }

    #[test]
    fn phases_are_in_order() {
        let mut clock = Clock::default();
        assert_eq!(clock.time("one", || 1) + clock.time("two", || 2), 3);
        assert_eq!(clock.phases.iter().map(|it| it.0).collect::<Vec<_>>(), ["one", "two"]);
    }
}
