//! Types of a worker's ForegroundInfo against WorkManager's own service in the manifest.

use rustc_hash::FxHashSet;

use super::services::Passed;
use crate::base::{Name, Span};
use crate::facts::ExprKind;
use crate::findings::{Edit, Fix};
use crate::flow::graph::Run;
use crate::model::service_types::{bits_of, types_in, words};
use crate::model::{Component, Module, ObjectCall, ObjectValue, SiteKind};
use crate::rules::fixes::{arg_place, attribute, fix_unsafely, import, into_application};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    group: "foreground-service",
    doc: include_str!("../../../rules/foreground-service/SpecifyForegroundServiceType.md"),
    check,
};

const SERVICE: &str = "androidx.work.impl.foreground.SystemForegroundService";
const INFO: &str = "androidx.work.ForegroundInfo";

fn check(cx: &Context<'_>, acc: &mut Findings<'_>) {
    let typeless = used_without_type(cx);
    for (_, site) in cx.model.all_sites() {
        let creates = site.kind == SiteKind::Create && site.api.is_some_and(|api| api.class == INFO);
        if !creates {
            continue;
        }
        let passed = Passed::of(site.arg(2, Some("foregroundServiceType")));
        let none = match passed {
            Passed::Manifest => site.args.len() == 2,
            Passed::Exactly(bits) => bits == 0,
            _ => false,
        };
        for module in applications(cx, site) {
            if module.manifest.incomplete || !module.manifest.present {
                continue;
            }
            let declared = declared(module);
            if none {
                if module.target_sdk.level >= 34
                    && typeless.contains(&site.point())
                    && !cx.flow.guards.below_level(cx.model, site.function, site.span, 34)
                {
                    without_type(cx, acc, site, declared);
                    break;
                }
                continue;
            }
            let Some(declared) = declared else { continue };
            let lacking = match passed {
                Passed::Exactly(bits) if bits > 0 => bits & !declared,
                Passed::OneOf(bits) if bits & declared == 0 => bits,
                _ => 0,
            };
            if lacking != 0 {
                lacks(cx, acc, site, module, lacking);
                break;
            }
        }
    }
}

/// The applications whose manifest counts for code in this file.
fn applications<'c>(cx: &'c Context<'_>, site: &CallSite) -> Vec<&'c Module> {
    let module = cx.model.project.module_of(site.file);
    let found: Vec<&Module> = module.applications.iter().map(|id| cx.model.project.module(*id)).collect();
    if found.is_empty() { vec![module] } else { found }
}

/// The types that the manifest gives WorkManager's service. None where a placeholder decides.
fn declared(module: &Module) -> Option<i64> {
    let component = module.manifest.components_of(Name::new(SERVICE)).next();
    match component.and_then(|component| component.foreground_types.as_ref()) {
        Some((names, _)) => bits_of(names),
        None => Some(0),
    }
}

fn lacks(cx: &Context<'_>, acc: &mut Findings<'_>, site: &CallSite, module: &Module, lacking: i64) {
    let component = module.manifest.components_of(Name::new(SERVICE)).next();
    let steps = component.map(|component| Step {
        role: StepRole::Declaration,
        place: component.place,
        message: "WorkManager's service in the manifest".to_owned(),
        symbol: format!("service {SERVICE}"),
    });
    let types: Vec<&str> = types_in(lacking).map(|ty| ty.name).collect();
    let draft = acc
        .report(site.point())
        .message(format!(
            "the worker goes to the foreground as {}, but the manifest does not give WorkManager's SystemForegroundService this \
             type: IllegalArgumentException",
            words(lacking)
        ))
        .label("type missing in the manifest")
        .help(format!(
            "declare <service android:name=\"{SERVICE}\" android:foregroundServiceType=\"{}\" tools:node=\"merge\"/> and the \
             permission of the type",
            types.join("|")
        ))
        .symbol(cx.model.symbol(site.function))
        .key(format!("ForegroundInfo {}", words(lacking)))
        .steps(steps);
    if let Some(edits) = declaring(cx, module, component, &types.join("|")) {
        draft.fix(fix_unsafely("declare the type in the manifest", edits));
    }
}

/// The types added to WorkManager's element, or that element.
fn declaring(
    cx: &Context<'_>,
    module: &Module,
    component: Option<&Component>,
    types: &str,
) -> Option<Vec<Edit>> {
    let Some(component) = component else {
        let element = format!(
            "<service\n    android:name=\"{SERVICE}\"\n    android:foregroundServiceType=\"{types}\"\n    tools:node=\"merge\" />"
        );
        return into_application(cx.model, &module.manifest, &element);
    };
    let Some((declared, place)) = &component.foreground_types else {
        return Some(vec![attribute(component, &format!("android:foregroundServiceType=\"{types}\""))]);
    };
    let all = declared.iter().map(|it| it.as_str()).chain([types]).collect::<Vec<_>>().join("|");
    Some(vec![Edit { place: *place, text: all }])
}

fn without_type(cx: &Context<'_>, acc: &mut Findings<'_>, site: &CallSite, declared: Option<i64>) {
    let help = match declared {
        Some(0) | None => format!(
            "pass a type (ServiceInfo.FOREGROUND_SERVICE_TYPE_…) as third argument and declare it for {SERVICE} with \
             tools:node=\"merge\""
        ),
        Some(bits) => format!("pass the type as third argument; the manifest declares {}", words(bits)),
    };
    let draft = acc
        .report(site.point())
        .message(
            "ForegroundInfo without a type brings the worker to the foreground: InvalidForegroundServiceTypeException on \
             Android 14",
        )
        .label("no foreground service type")
        .help(help)
        .symbol(cx.model.symbol(site.function))
        .key("ForegroundInfo without type");
    if let Some(fix) = passing(cx, site, declared) {
        draft.fix(fix);
    }
}

/// The only type that the manifest declares, as third argument.
fn passing(cx: &Context<'_>, site: &CallSite, declared: Option<i64>) -> Option<Fix> {
    let mut types = types_in(declared.filter(|bits| *bits > 0)?);
    let ty = types.next().filter(|_| types.next().is_none())?;
    let last = arg_place(cx.model, site, 1).filter(|_| site.args.len() == 2)?;
    let constant = format!(", ServiceInfo.{}", ty.constant);
    let at = last.span.end;
    let insert = Edit { place: Place { file: site.file, span: Span { start: at, end: at } }, text: constant };
    let import = import(cx.model, site.file, "android.content.pm.ServiceInfo");
    Some(fix_unsafely("pass the type", [insert].into_iter().chain(import).collect()))
}

/// Places that make a ForegroundInfo without type which reaches `setForeground`. What only `getForegroundInfo` gives back
/// is for devices before Android 12, where expedited work is a service.
fn used_without_type(cx: &Context<'_>) -> FxHashSet<Place> {
    let mut found = FxHashSet::default();
    let mut asking: Vec<FnId> = Vec::new();
    for id in &cx.flow.services.promotions {
        let site = cx.model.site(*id);
        let Some(arg) = site.args.first() else { continue };
        if let Some(object) = arg.object() {
            makers(object, &mut |made| {
                found.insert(point(cx, made));
            });
        }
        let facts = cx.model.facts(site.file);
        if let ExprKind::Call(call) = &facts[arg.value].kind
            && matches!(call.name.as_str(), "getForegroundInfo" | "getForegroundInfoAsync")
        {
            asking.push(site.function);
        }
    }
    let askers = callers(cx, asking);
    let names = ["getForegroundInfo", "getForegroundInfoAsync"].map(Name::new);
    for (_, site) in cx.model.all_sites() {
        let creates = site.kind == SiteKind::Create && site.api.is_some_and(|api| api.class == INFO);
        if !creates || found.contains(&site.point()) {
            continue;
        }
        let used = callers(cx, vec![site.function]).iter().any(|function| {
            let gives = names.contains(&cx.model.function(*function).name);
            let owner = cx.model.owner_of(*function).filter(|_| gives);
            owner.is_some_and(|owner| {
                cx.model.symbols.info(owner).methods.values().flatten().any(|method| {
                    !names.contains(&cx.model.function(*method).name) && askers.contains(method)
                })
            })
        });
        if used {
            found.insert(site.point());
        }
    }
    found
}

/// The constructor calls of an object's history.
fn makers(object: &ObjectValue, found: &mut impl FnMut(&ObjectCall)) {
    object.history().filter_map(|it| it.made.as_ref()).filter(|made| made.member == "<init>").for_each(found);
}

fn point(cx: &Context<'_>, made: &ObjectCall) -> Place {
    match cx.model.site_at(made.file, made.expr) {
        Some(site) => cx.model.site(site).point(),
        None => made.place(),
    }
}

/// The functions themselves and those that run them in place, a few calls back.
fn callers(cx: &Context<'_>, functions: Vec<FnId>) -> FxHashSet<FnId> {
    let mut seen = FxHashSet::default();
    let mut open: Vec<(FnId, u8)> = functions.into_iter().map(|function| (function, 0)).collect();
    while let Some((at, depth)) = open.pop() {
        if depth > 6 || !seen.insert(at) {
            continue;
        }
        let edges = cx.flow.graph.to(at).filter(|edge| edge.run != Run::Somewhere);
        open.extend(edges.map(|edge| (edge.from, depth + 1)));
        open.extend(cx.model.parent_function(at).map(|parent| (parent, depth + 1)));
    }
    seen
}
