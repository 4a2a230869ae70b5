//! A worker around code, and the request that enqueues it.

use crate::facts::{FunctionKind, Language};
use crate::findings::Sketch;
use crate::flow::background::Forward;
use crate::rules::prelude::*;

use super::sketch;
use super::source::{capitalised, context, dashed, indented, language, statements};

/// Calls followed from the work to what it needs.
const DEPTH: u32 = 6;
const DAY: i64 = 24 * 60 * 60 * 1000;
const UNITS: [(i64, &str); 4] =
    [(DAY, "DAYS"), (60 * 60 * 1000, "HOURS"), (60 * 1000, "MINUTES"), (1000, "SECONDS")];
/// The shortest period WorkManager takes.
const SHORTEST: i64 = 15 * 60 * 1000;

/// When work runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::rules) enum When {
    Now,
    /// Now, as expedited work: somebody waits for it.
    Soon,
    /// After so many milliseconds.
    After(i64),
    /// Every so many milliseconds.
    Every(i64),
    /// Now, for longer than ten minutes.
    Long,
}

/// Work that WorkManager should do.
pub(in crate::rules) struct Job<'a> {
    /// What the work runs now.
    pub(in crate::rules) bodies: &'a [FnId],
    /// Where it is started now.
    pub(in crate::rules) site: &'a CallSite,
    pub(in crate::rules) when: When,
}

/// A worker around the code, and the request. None if nothing is known of the code.
pub(in crate::rules) fn worker(cx: &Context<'_>, job: &Job<'_>) -> Option<Sketch> {
    let body = *job.bodies.first()?;
    let language = language(cx, job.site.file);
    let name = name_of(cx, body);
    let network = needs_network(cx, job.bodies);
    let code = code_of(cx, body, language);
    let mut lines = match language {
        Language::Kotlin => kotlin_worker(&name, job.when, code),
        Language::Java => java_worker(&name, job.when, code),
    };
    lines.push(String::new());
    let context = context(cx, job.site.function);
    lines.extend(match language {
        Language::Kotlin => kotlin_request(&name, job.when, network, &context),
        Language::Java => java_request(&name, job.when, network, &context),
    });
    Some(sketch(language, lines))
}

fn kotlin_worker(name: &str, when: When, code: Vec<String>) -> Vec<String> {
    let mut lines = vec![
        format!(
            "class {name}Worker(context: Context, params: WorkerParameters) : CoroutineWorker(context, params) {{"
        ),
        "    override suspend fun doWork(): Result {".to_owned(),
    ];
    if when == When::Long {
        lines.push(
            "        setForeground(getForegroundInfo()) // override it: the notification and its type"
                .to_owned(),
        );
    }
    lines.extend(indented(code, 8));
    lines.extend(["        return Result.success()", "    }", "}"].map(str::to_owned));
    lines
}

fn java_worker(name: &str, when: When, code: Vec<String>) -> Vec<String> {
    let mut lines = vec![
        format!("public class {name}Worker extends Worker {{"),
        format!("    public {name}Worker(@NonNull Context context, @NonNull WorkerParameters params) {{"),
        "        super(context, params);".to_owned(),
        "    }".to_owned(),
        String::new(),
        "    @NonNull @Override".to_owned(),
        "    public Result doWork() {".to_owned(),
    ];
    if when == When::Long {
        lines.push(
            "        setForegroundAsync(getForegroundInfo()); // override it: the notification and its type"
                .to_owned(),
        );
    }
    lines.extend(indented(code, 8));
    lines.extend(["        return Result.success();", "    }", "}"].map(str::to_owned));
    lines
}

fn kotlin_request(name: &str, when: When, network: bool, context: &str) -> Vec<String> {
    let unique = dashed(name);
    let mut lines = Vec::new();
    let periodic = matches!(when, When::Every(_));
    match when {
        When::Every(period) => {
            let (count, unit) = in_units(period.max(SHORTEST));
            lines.push(format!(
                "val request = PeriodicWorkRequestBuilder<{name}Worker>({count}, TimeUnit.{unit})"
            ));
        }
        _ => lines.push(format!("val request = OneTimeWorkRequestBuilder<{name}Worker>()")),
    }
    lines.extend(options(when, network, ""));
    lines.push("    .build()".to_owned());
    lines.push(format!("WorkManager.getInstance({context})"));
    lines.push(match periodic {
        true => format!(
            "    .enqueueUniquePeriodicWork(\"{unique}\", ExistingPeriodicWorkPolicy.UPDATE, request)"
        ),
        false => format!("    .enqueueUniqueWork(\"{unique}\", ExistingWorkPolicy.KEEP, request)"),
    });
    lines
}

fn java_request(name: &str, when: When, network: bool, context: &str) -> Vec<String> {
    let unique = dashed(name);
    let mut lines = Vec::new();
    let periodic = matches!(when, When::Every(_));
    match when {
        When::Every(period) => {
            let (count, unit) = in_units(period.max(SHORTEST));
            lines.push("PeriodicWorkRequest request =".to_owned());
            lines.push(format!(
                "    new PeriodicWorkRequest.Builder({name}Worker.class, {count}, TimeUnit.{unit})"
            ));
        }
        _ => {
            lines.push("OneTimeWorkRequest request =".to_owned());
            lines.push(format!("    new OneTimeWorkRequest.Builder({name}Worker.class)"));
        }
    }
    lines.extend(options(when, network, "    "));
    lines.push("        .build();".to_owned());
    lines.push(format!("WorkManager.getInstance({context})"));
    lines.push(match periodic {
        true => format!(
            "    .enqueueUniquePeriodicWork(\"{unique}\", ExistingPeriodicWorkPolicy.UPDATE, request);"
        ),
        false => format!("    .enqueueUniqueWork(\"{unique}\", ExistingWorkPolicy.KEEP, request);"),
    });
    lines
}

fn options(when: When, network: bool, indent: &str) -> Vec<String> {
    let mut lines = Vec::new();
    match when {
        When::Soon => {
            lines.push(format!(
                "{indent}    .setExpedited(OutOfQuotaPolicy.RUN_AS_NON_EXPEDITED_WORK_REQUEST)"
            ));
        }
        When::After(delay) => {
            let (count, unit) = in_units(delay);
            lines.push(format!("{indent}    .setInitialDelay({count}, TimeUnit.{unit})"));
        }
        When::Now | When::Every(_) | When::Long => {}
    }
    if network {
        let new = if indent.is_empty() { "" } else { "new " };
        lines.push(format!(
            "{indent}    .setConstraints({new}Constraints.Builder().setRequiredNetworkType(NetworkType.CONNECTED).build())"
        ));
    }
    lines
}

/// The largest unit that leaves no rest.
fn in_units(millis: i64) -> (i64, &'static str) {
    let fits = UNITS.iter().find(|(size, _)| millis >= *size && millis % size == 0);
    fits.map_or((millis, "MILLISECONDS"), |(size, unit)| (millis / size, unit))
}

fn needs_network(cx: &Context<'_>, bodies: &[FnId]) -> bool {
    let forward = Forward::new(&cx.flow.graph, bodies, DEPTH);
    let reached = forward.functions();
    cx.flow.blocking.iter().any(|call| {
        call.kind == "network"
            && call.certainty > Confidence::Low
            && reached.contains(&cx.model.site(call.site).function)
    })
}

/// Names that say how code is called, not what it does.
const GENERIC: [&str; 18] = [
    "run",
    "call",
    "invoke",
    "doInBackground",
    "onReceive",
    "onStartCommand",
    "onHandleIntent",
    "onHandleWork",
    "onStart",
    "onStop",
    "onResume",
    "onPause",
    "onDestroy",
    "onCreate",
    "onBind",
    "handleMessage",
    "onStartJob",
    "doWork",
];
const SUFFIXES: [&str; 14] = [
    "BroadcastReceiver",
    "Receiver",
    "IntentService",
    "JobService",
    "Service",
    "AsyncTask",
    "Task",
    "Runnable",
    "Thread",
    "Activity",
    "Fragment",
    "ViewModel",
    "Application",
    "Manager",
];

/// A name for the worker without its ending, made of the function's or of the class's.
fn name_of(cx: &Context<'_>, body: FnId) -> String {
    let root = cx.model.root_function(body);
    let decl = cx.model.function(root);
    // A lambda that makes one call is that call.
    let only = match cx.model.sites_of[body.index()].as_slice() {
        [only] if cx.model.is_lambda(body) => cx.model.site(*only).declared,
        _ => None,
    };
    if let Some(callee) = only {
        return capitalised(cx.model.function(callee).name.trim_start_matches('_'));
    }
    if decl.kind == FunctionKind::Function && !GENERIC.contains(&decl.name.as_str()) {
        return capitalised(&decl.name);
    }
    let mut owner = cx.model.owner_of(root);
    while let Some(id) = owner {
        let info = cx.model.symbols.info(id);
        let name = info.qualified.last();
        if info.kind != crate::facts::TypeKind::Anonymous && info.kind != crate::facts::TypeKind::Companion {
            let short = SUFFIXES.iter().find_map(|suffix| name.strip_suffix(suffix)).unwrap_or(name);
            return if short.is_empty() { "App".to_owned() } else { capitalised(short) };
        }
        owner = info.owner;
    }
    "Background".to_owned()
}

/// What the worker does: the statements, or a call of the function.
fn code_of(cx: &Context<'_>, body: FnId, language: Language) -> Vec<String> {
    let file = cx.model.symbols.fn_file(body);
    let same = cx.model.facts(file).language == language;
    let name = cx.model.display(cx.model.root_function(body));
    match statements(cx, body).filter(|_| same) {
        Some(lines) => {
            let mut code = vec![format!("// from {name}; what it needs comes as input data")];
            code.extend(lines.into_iter().map(|line| returning(&line, language)));
            code
        }
        None => vec![format!("// what {name} does; what it needs comes as input data")],
    }
}

/// A bare `return` ends the worker.
fn returning(line: &str, language: Language) -> String {
    let trimmed = line.trim();
    let indent = &line[..line.len() - line.trim_start().len()];
    let end = if language == Language::Java { ";" } else { "" };
    let bare =
        matches!(trimmed, "return" | "return;") || (trimmed.starts_with("return@") && !trimmed.contains(' '));
    if bare {
        return format!("{indent}return Result.success(){end}");
    }
    // `if (…) return`, `value ?: return`.
    match line.strip_suffix(" return").or_else(|| line.strip_suffix(" return;")) {
        Some(before) => format!("{before} return Result.success(){end}"),
        None => line.to_owned(),
    }
}
