//! Workers that WorkManager cannot create by reflection.

use super::workers::{calls_anywhere, concrete, name_place};
use crate::facts::{FunctionDecl, Language, Modifiers, TypeKind};
use crate::model::TypeId;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    group: "work-manager",
    doc: include_str!("../../../rules/work-manager/WorkerHasAPublicModifier.md"),
    check,
};

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    // A factory may make some of the workers, in ways of its own.
    let factory = calls_anywhere(cx, "androidx.work.Configuration.Builder", "setWorkerFactory")
        || !concrete(cx, "androidx.work.WorkerFactory").is_empty();
    for worker in concrete(cx, "androidx.work.ListenableWorker") {
        let Some((problem, help)) = problem(cx, worker, factory) else { continue };
        let name = cx.model.display_type(worker);
        acc.report(name_place(cx, worker))
            .message(format!("WorkManager cannot create {name}: {problem}"))
            .label(problem)
            .help(help)
            .symbol(cx.model.symbols.info(worker).qualified.as_str())
            .key(format!("{name} {problem}"));
    }
}

fn problem(cx: &Context<'_>, worker: TypeId, factory: bool) -> Option<(&'static str, &'static str)> {
    let info = cx.model.symbols.info(worker);
    let decl = cx.model.type_decl(worker);
    if info.kind == TypeKind::Anonymous || decl.function.is_some() {
        // Such a worker is made where it stands (by a factory, in a test), or not at all.
        return None;
    }
    if is_injected(cx, worker) || factory && is_created(cx, worker) {
        return None;
    }
    let public = match cx.model.facts(info.file).language {
        // Kotlin's internal classes are public in byte code.
        Language::Kotlin => !decl.modifiers.intersects(Modifiers::PRIVATE | Modifiers::PROTECTED),
        Language::Java => decl.modifiers.contains(Modifiers::PUBLIC),
    };
    if !public {
        return Some(("the class is not public", "make the class public"));
    }
    if info.owner.is_some() && decl.modifiers.contains(Modifiers::INNER) {
        return Some((
            "an inner class needs its outer instance",
            "make it a top-level or static nested class (Kotlin: without `inner`)",
        ));
    }
    if factory || info.constructors.is_empty() {
        return None;
    }
    let fits = |id: &FnId| is_default_constructor(cx.model.function(*id));
    if !info.constructors.iter().any(fits) {
        return Some((
            "no public constructor takes just (Context, WorkerParameters)",
            "give it that constructor, or register a WorkerFactory with Configuration.Builder.setWorkerFactory()",
        ));
    }
    None
}

/// Does dependency injection bring a factory for the worker?
fn is_injected(cx: &Context<'_>, worker: TypeId) -> bool {
    const INJECTED: [&str; 6] =
        ["HiltWorker", "AssistedInject", "Inject", "ContributesWorker", "KoinWorker", "ContributesBinding"];
    let says = |annotations: &[crate::facts::Annotation]| {
        annotations.iter().any(|it| INJECTED.contains(&it.name.last()))
    };
    let constructors = &cx.model.symbols.info(worker).constructors;
    says(&cx.model.type_decl(worker).annotations)
        || constructors.iter().any(|id| says(&cx.model.function(*id).annotations))
}

/// Does code of the project create the worker?
fn is_created(cx: &Context<'_>, worker: TypeId) -> bool {
    let class = cx.model.symbols.info(worker).qualified;
    cx.model.all_sites().any(|(_, site)| {
        // `UploadWorker(…)`, `workerOf(::UploadWorker)`, `worker<UploadWorker> { … }`.
        site.kind == crate::model::SiteKind::Create
            && site.result.as_ref().is_some_and(|ty| ty.class == class)
    })
}

fn is_default_constructor(decl: &FunctionDecl) -> bool {
    let overloads = decl.annotations.iter().any(|it| it.name.last() == "JvmOverloads");
    let needed = decl.params.iter().filter(|param| !overloads || param.default.is_none()).count();
    let hidden = decl.modifiers.intersects(Modifiers::PRIVATE | Modifiers::PROTECTED);
    let named = |at: usize, name: &str| {
        decl.params.get(at).and_then(|param| param.ty.as_ref()).is_none_or(|ty| {
            // A type alias or an unusual import may rename the types.
            ty.name.last() == name || !matches!(ty.name.last(), "Context" | "WorkerParameters")
        })
    };
    !hidden && needed == 2 && named(0, "Context") && named(1, "WorkerParameters")
}
