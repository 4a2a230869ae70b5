//! Jobs whose service the system cannot or may not start.

use crate::base::Name;
use crate::base::Span;
use crate::facts::manifest::ComponentKind;
use crate::findings::Fix;
use crate::model::{ArgValue, IntentValue};
use crate::rules::fixes::replace;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    group: "work-manager",
    doc: include_str!("../../../rules/work-manager/JobSchedulerService.md"),
    check,
};

const UNGUARDED: &str = "lacks the permission BIND_JOB_SERVICE in the manifest";
const BIND: &str = "android.permission.BIND_JOB_SERVICE";

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    for (_, site) in cx.model.all_sites() {
        let builder = site
            .api
            .is_some_and(|api| api.member == "<init>" && api.class == "android.app.job.JobInfo.Builder");
        let component = site.arg(1, None).filter(|_| builder).and_then(|arg| component(cx, arg));
        let Some(class) = component else { continue };
        let Some((problem, help)) = problem(cx, site, class) else { continue };
        let draft = acc
            .report(site.point())
            .message(format!("the job never runs: {} {problem}", class.last()))
            .label(problem)
            .help(help)
            .symbol(cx.model.symbol(site.function))
            .key(format!("{class} {problem}"));
        if problem == UNGUARDED
            && let Some(fix) = guarded(cx, site, class)
        {
            draft.fix(fix);
        }
    }
}

/// The class that a `ComponentName` names: given here, or assigned once to the field that is given.
fn component(cx: &Context<'_>, arg: &ArgValue) -> Option<Name> {
    if let Some(class) = arg.intent().and_then(|it| it.component) {
        return Some(class);
    }
    let property = arg.facts.as_ref()?.property?;
    match cx.model.property_objects.get(&property)?.as_slice() {
        [only] => IntentValue::of(only)?.component,
        _ => None,
    }
}

/// The permission as an attribute of the service's element.
fn guarded(cx: &Context<'_>, site: &CallSite, class: Name) -> Option<Fix> {
    let module = cx.model.project.module_of(site.file);
    let apps = module.applications.iter().map(|app| cx.model.project.module(*app)).chain([module]);
    let mut services = apps.flat_map(|it| it.manifest.components_of(class));
    let tag = services.find(|it| {
        it.kind == ComponentKind::Service
            && !it.attributes.iter().any(|(name, _)| *name == "android:permission")
    })?;
    let start = tag.tag.span.start as usize;
    let text = &cx.model.project.file(tag.tag.file).text.text;
    let at = start + text.get(start..)?.find("<service")? + "<service".len();
    let place = Place { file: tag.tag.file, span: Span::new(at, at) };
    Some(replace("let only the system start it", place, format!(" android:permission=\"{BIND}\"")))
}

fn problem(cx: &Context<'_>, site: &CallSite, class: Name) -> Option<(&'static str, String)> {
    let known = cx.model.symbols.type_named(class).is_some();
    if known && !cx.model.inherits(class, "android.app.job.JobService") {
        return Some(("is no JobService", format!("extend android.app.job.JobService in {}", class.last())));
    }
    let module = cx.model.project.module_of(site.file);
    let apps = module.applications.iter().map(|app| cx.model.project.module(*app)).chain([module]);
    let manifests: Vec<_> = apps.map(|module| &module.manifest).collect();
    if manifests.iter().any(|it| it.incomplete) || !manifests.iter().any(|it| it.present) {
        return None;
    }
    let mut entries = manifests
        .iter()
        .flat_map(|it| it.components_of(class))
        .filter(|it| it.kind == ComponentKind::Service)
        .peekable();
    if entries.peek().is_none() {
        // A service of a library comes with the library's manifest.
        return known.then(|| {
            (
                "is not in the manifest",
                format!("declare <service android:name=\"{class}\" android:permission=\"{BIND}\"/>"),
            )
        });
    }
    let guarded = entries.any(|it| {
        it.attributes.iter().any(|(name, value)| *name == "android:permission" && value.text == BIND)
    });
    (!guarded).then(|| (UNGUARDED, format!("add android:permission=\"{BIND}\" to its <service>")))
}
