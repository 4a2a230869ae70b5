//! Services: which calls start which service and how, which calls bring which service to the foreground, which stop it.
//! Intents are followed into helpers that get them, services into helpers that they hand themselves to.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::base::Name;
use crate::facts::manifest::ComponentKind;
use crate::facts::{ExprId, ExprKind, Modifiers};
use crate::findings::Place;
use crate::model::objects::{Origin, RECEIVER};
use crate::model::{
    ArgValue, CallSite, Component, FnId, IntentValue, Model, Module, ObjectValue, PropId, SiteId, Type,
    TypeId,
};

use super::class_params::classes_given;
use super::given::{Given, same_action};
use super::graph::{Graph, Run};
use super::guards::Guards;
use super::uses::parameter;

/// Helpers of helpers that hand an Intent or a service on.
const MAX_HELPERS: usize = 4;

/// How a service is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// `startForegroundService`: it has to call `startForeground` soon.
    Foreground,
    /// `startService`.
    Plain,
    /// `PendingIntent.getForegroundService`.
    PendingForeground,
    /// `PendingIntent.getService`.
    PendingPlain,
}

/// A call that starts a service.
#[derive(Clone, Debug)]
pub struct Started {
    pub site: SiteId,
    pub how: How,
    pub service: Option<TypeId>,
    /// Calls that hand the Intent to the starting one, outermost first.
    pub helpers: Vec<SiteId>,
    pub given: Given,
}

/// A call that brings a service to the foreground.
#[derive(Clone, Debug)]
pub struct Going {
    pub site: SiteId,
    pub service: TypeId,
    /// Calls by which the service hands itself to the code that makes the call, outermost first.
    pub helpers: Vec<SiteId>,
}

/// Everything about the services of a project.
#[derive(Debug, Default)]
pub struct Services {
    /// In order of sites.
    pub starts: Vec<Started>,
    /// In order of sites; of base classes once for each service that can be made.
    pub going: Vec<Going>,
    /// Calls of `startForeground` for a service that is not known.
    pub unplaced: Vec<SiteId>,
    /// Calls of `stopSelf`, `stopForeground`, `stopService`, with the services they are made for.
    pub stops: Vec<(SiteId, Vec<TypeId>)>,
    /// The same of references to such functions: `handler.post(this::stopSelf)`.
    pub stop_references: Vec<(Place, Vec<TypeId>)>,
    /// `setForeground` and `setForegroundAsync` of workers.
    pub promotions: Vec<SiteId>,
}

impl Services {
    pub fn new(model: &Model, graph: &Graph, guards: &Guards) -> Services {
        let cx = &Cx { model, graph };
        let mut services = Services::default();
        for (id, site) in model.all_sites() {
            let Some(api) = site.api else { continue };
            if guards.never(model, site.function, site.span) {
                continue;
            }
            match api.member.as_str() {
                "startForegroundService" | "startService" => cx.start(id, site, &mut services.starts),
                "getForegroundService" | "getService"
                    if model.inherits(api.class, "android.app.PendingIntent") =>
                {
                    cx.start(id, site, &mut services.starts);
                }
                "startForeground" if is_start_foreground(model, site) => {
                    let going = cx.going(id, site);
                    if going.is_empty() {
                        services.unplaced.push(id);
                    }
                    services.going.extend(going);
                }
                "stopSelf" | "stopSelfResult" | "stopForeground" => {
                    services.stops.push((id, cx.services_of(site).into_iter().map(|(it, _)| it).collect()));
                }
                "stopService" => {
                    let class = site.args.iter().find_map(|arg| arg.intent()).and_then(|it| it.component);
                    let service = class.and_then(|class| model.symbols.type_named(class));
                    services.stops.push((id, service.into_iter().collect()));
                }
                "setForeground" | "setForegroundAsync"
                    if model.inherits(api.class, "androidx.work.ListenableWorker") =>
                {
                    services.promotions.push(id);
                }
                _ => {}
            }
        }
        services.stop_references = stop_references(model);
        services
    }

    /// Calls that bring a service to the foreground.
    pub fn going_of(&self, service: TypeId) -> impl Iterator<Item = &Going> {
        self.going.iter().filter(move |going| going.service == service)
    }

    /// Calls that start a service.
    pub fn starts_of(&self, service: TypeId) -> impl Iterator<Item = &Started> {
        self.starts.iter().filter(move |start| start.service == Some(service))
    }

    /// Services that go to the foreground, in order, with the first call.
    pub fn foreground(&self) -> Vec<(TypeId, &Going)> {
        let mut seen = FxHashSet::default();
        let mut found: Vec<(TypeId, &Going)> = Vec::new();
        for going in &self.going {
            if seen.insert(going.service) {
                found.push((going.service, going));
            }
        }
        found.sort_by_key(|(service, _)| *service);
        found
    }
}

/// `startForeground` of Service and ServiceCompat.
pub fn is_start_foreground(model: &Model, site: &CallSite) -> bool {
    site.api.is_some_and(|api| {
        api.member == "startForeground"
            && (model.inherits(api.class, "android.app.Service")
                || api.class == "androidx.core.app.ServiceCompat")
    })
}

/// The `<service>` elements of a class, with the module whose merged manifest has them: applications first.
pub fn service_entries(model: &Model, class: Name) -> Vec<(&Module, &Component)> {
    let of = |applications: bool| {
        let modules =
            model.project.modules.iter().filter(move |module| module.is_application == applications);
        modules.flat_map(move |module| {
            let own = module.manifest.components_of(class).filter(|it| it.kind == ComponentKind::Service);
            own.map(move |component| (module, component))
        })
    };
    let mut found: Vec<(&Module, &Component)> = of(true).collect();
    if found.is_empty() {
        found = of(false).collect();
    }
    found
}

struct Cx<'m> {
    model: &'m Model,
    graph: &'m Graph,
}

impl<'m> Cx<'m> {
    fn start(&self, id: SiteId, site: &CallSite, found: &mut Vec<Started>) {
        let model = self.model;
        let how = match (site.name.as_str(), site.api) {
            ("startForegroundService", Some(api))
                if model.inherits(api.class, "android.content.Context")
                    || api.class == "androidx.core.content.ContextCompat" =>
            {
                How::Foreground
            }
            ("startService", Some(api)) if model.inherits(api.class, "android.content.Context") => How::Plain,
            ("getForegroundService", _) => How::PendingForeground,
            ("getService", _) => How::PendingPlain,
            _ => return,
        };
        let Some(object) = site.args.iter().find_map(intent_object) else {
            found.push(Started {
                site: id,
                how,
                service: None,
                helpers: Vec::new(),
                given: Given::default(),
            });
            return;
        };
        let mut objects = Vec::new();
        self.intents(object, Vec::new(), &mut objects);
        for (object, helpers) in objects {
            let given = Given::of(model, object);
            let function = helpers.first().map_or(site.function, |call| model.site(*call).function);
            let named = classes_given(model, self.graph, function, object);
            if named.is_empty() {
                let service = self.service_named(object, site);
                found.push(Started { site: id, how, service, helpers, given });
                continue;
            }
            found.extend(named.into_iter().map(|(class, callers)| Started {
                site: id,
                how,
                service: model.symbols.type_named(class),
                helpers: callers.into_iter().chain(helpers.iter().copied()).collect(),
                given: given.clone(),
            }));
        }
    }

    /// The Intent itself, or those that callers of a helper hand over.
    fn intents(
        &self,
        object: &'m ObjectValue,
        helpers: Vec<SiteId>,
        found: &mut Vec<(&'m ObjectValue, Vec<SiteId>)>,
    ) {
        let named = IntentValue::of(object).is_some_and(|it| it.component.is_some() || it.action.is_some());
        let Origin::Param(function, index) = object.origin else {
            found.push((object, helpers));
            return;
        };
        if named || helpers.len() >= MAX_HELPERS {
            found.push((object, helpers));
            return;
        }
        let before = found.len();
        for edge in self.graph.to(function).filter(|edge| edge.run == Run::Here) {
            let caller = self.model.site(edge.site);
            if helpers.contains(&edge.site) {
                continue;
            }
            if let Some(given) = self.given(caller, function, index).and_then(intent_object) {
                let mut helpers = helpers.clone();
                helpers.insert(0, edge.site);
                self.intents(given, helpers, found);
            }
        }
        if found.len() == before {
            found.push((object, helpers));
        }
    }

    /// The argument that a call gives for a parameter.
    fn given(&self, caller: &'m CallSite, function: FnId, index: u16) -> Option<&'m ArgValue> {
        if index == RECEIVER {
            return None;
        }
        let name = self.model.function(function).params.get(usize::from(index))?.name;
        caller.arg(i32::from(index), Some(&name))
    }

    /// The class that the Intent names, or the only one whose filter has its action.
    fn service_named(&self, object: &ObjectValue, site: &CallSite) -> Option<TypeId> {
        let intent = IntentValue::of(object)?;
        if let Some(component) = intent.component {
            return self.model.symbols.type_named(component);
        }
        let action = intent.action?;
        let components = &self.model.project.module_of(site.file).manifest.components;
        let all = self.model.project.modules.iter().flat_map(|module| &module.manifest.components);
        let has = |component: &&Component| {
            component.kind == ComponentKind::Service
                && component
                    .filters
                    .iter()
                    .flat_map(|it| &it.actions)
                    .any(|it| same_action(&it.text, &action))
        };
        let mut classes: Vec<Name> =
            components.iter().chain(all).filter(has).filter_map(|it| it.class).collect();
        classes.sort();
        classes.dedup();
        match classes.as_slice() {
            [only] => self.model.symbols.type_named(*only),
            _ => None,
        }
    }

    fn going(&self, id: SiteId, site: &CallSite) -> Vec<Going> {
        self.services_of(site)
            .into_iter()
            .map(|(service, helpers)| Going { site: id, service, helpers })
            .collect()
    }

    /// The services that a call on a service is made for.
    fn services_of(&self, site: &CallSite) -> Vec<(TypeId, Vec<SiteId>)> {
        let on_argument = site.api.is_some_and(|api| api.class == "androidx.core.app.ServiceCompat");
        let (value, ty) = match on_argument {
            true => {
                (site.args.first().map(|arg| arg.value), site.args.first().and_then(|arg| arg.ty.as_ref()))
            }
            false => (site.receiver, site.receiver_type.as_ref()),
        };
        let class = ty.and_then(|ty| ty.upper()).map(|ty| ty.class);
        let mut found: FxHashMap<TypeId, Vec<SiteId>> = FxHashMap::default();
        self.made_for(site.function, value, class, Vec::new(), &mut found);
        let mut found: Vec<(TypeId, Vec<SiteId>)> = found.into_iter().collect();
        found.sort();
        found
    }

    fn made_for(
        &self,
        function: FnId,
        value: Option<ExprId>,
        class: Option<Name>,
        helpers: Vec<SiteId>,
        found: &mut FxHashMap<TypeId, Vec<SiteId>>,
    ) {
        let model = self.model;
        if let Some(id) = class.and_then(|class| model.symbols.type_named(class)) {
            for service in std::iter::once(id).chain(model.all_subtypes(id)) {
                let info = model.symbols.info(service);
                let made = !model.type_decl(service).modifiers.contains(Modifiers::ABSTRACT);
                if made && model.inherits(info.qualified, "android.app.Service") {
                    found.entry(service).or_insert_with(|| helpers.clone());
                }
            }
            return;
        }
        if helpers.len() >= MAX_HELPERS {
            return;
        }
        // A helper that gets the service: whoever calls it.
        let root = model.root_function(function);
        let facts = model.facts(model.symbols.fn_file(function));
        let position = value
            .and_then(|value| parameter(model, root, value).or_else(|| parameter(model, function, value)));
        let this = value.is_none_or(|value| matches!(facts[value].kind, ExprKind::This(_)));
        if let Some((around, value, class)) = self.subject(function, value, this) {
            return self.made_for(around, Some(value), class, helpers, found);
        }
        if position.is_none()
            && let Some(property) = value.and_then(|value| self.field(function, value))
        {
            return self.held(property, &helpers, found);
        }
        let extension = this && model.function(root).receiver.is_some();
        if position.is_none() && !extension {
            return;
        }
        for edge in self.graph.to(root).filter(|edge| edge.run == Run::Here) {
            if helpers.contains(&edge.site) {
                continue;
            }
            let caller = model.site(edge.site);
            let (value, ty) = match position {
                Some(position) => {
                    let arg = u16::try_from(position).ok().and_then(|at| self.given(caller, root, at));
                    (arg.map(|arg| arg.value), arg.and_then(|arg| arg.ty.as_ref()))
                }
                None => (caller.receiver, caller.receiver_type.as_ref()),
            };
            let class = ty.and_then(|ty| ty.upper()).map(|ty| ty.class);
            let mut helpers = helpers.clone();
            helpers.insert(0, edge.site);
            self.made_for(caller.function, value, class, helpers, found);
        }
    }

    /// `with(service) { startForeground(…) }`, `service.let { it.startForeground(…) }`: what the lambda around is given.
    fn subject(
        &self,
        function: FnId,
        value: Option<ExprId>,
        this: bool,
    ) -> Option<(FnId, ExprId, Option<Name>)> {
        let model = self.model;
        let lambda = Some(function).filter(|it| model.is_lambda(*it))?;
        let (taker, _) = model.taker(lambda)?;
        let taker = model.site(taker);
        let on_this = matches!(taker.name.as_str(), "with" | "run" | "apply");
        let on_it = matches!(taker.name.as_str(), "let" | "also");
        let facts = model.facts(taker.file);
        let named = value.is_some_and(|value| match &facts[value].kind {
            ExprKind::Name(name) => {
                let mut params = model.function(lambda).params.iter();
                *name == "it" || params.any(|param| param.name == *name)
            }
            _ => false,
        });
        if !(on_this && this || on_it && named) {
            return None;
        }
        let (value, ty) = match (taker.receiver, taker.name == "with") {
            (None, true) => taker.args.first().map(|arg| (arg.value, arg.ty.as_ref()))?,
            (Some(receiver), false) => (receiver, taker.receiver_type.as_ref()),
            _ => return None,
        };
        Some((taker.function, value, class_of(ty)))
    }

    /// The property of the project that a value is.
    fn field(&self, function: FnId, value: ExprId) -> Option<PropId> {
        let facts = self.model.facts(self.model.symbols.fn_file(function));
        match &facts[value].kind {
            ExprKind::Name(name) => self.model.visible_property(function, *name),
            ExprKind::Member { receiver, name, .. } if matches!(facts[*receiver].kind, ExprKind::This(_)) => {
                self.model.visible_property(function, *name)
            }
            _ => None,
        }
    }

    /// A helper object that keeps the service: whoever makes one gives it to the constructor.
    fn held(&self, property: PropId, helpers: &[SiteId], found: &mut FxHashMap<TypeId, Vec<SiteId>>) {
        let model = self.model;
        let file = model.symbols.prop_file(property);
        let Some(owner) = model.property(property).owner.map(|owner| model.symbols.type_id(file, owner))
        else {
            return;
        };
        for constructor in &model.symbols.info(owner).constructors {
            let Some(at) = self.kept_parameter(*constructor, property) else { continue };
            for edge in self.graph.to(*constructor) {
                if helpers.contains(&edge.site) {
                    continue;
                }
                let caller = model.site(edge.site);
                let Some(arg) = self.given(caller, *constructor, at) else { continue };
                let mut helpers = helpers.to_vec();
                helpers.insert(0, edge.site);
                self.made_for(caller.function, Some(arg.value), class_of(arg.ty.as_ref()), helpers, found);
            }
        }
    }

    /// The parameter of a constructor that a property is: `class A(val service: Service)`, `this.service = service`.
    fn kept_parameter(&self, constructor: FnId, property: PropId) -> Option<u16> {
        let model = self.model;
        let facts = model.facts(model.symbols.fn_file(constructor));
        let (own, decl) = (model.property(property), model.function(constructor));
        let at = |name: Name| decl.params.iter().position(|param| param.name == name);
        let position = if own.constructor_parameter {
            at(own.name)
        } else {
            let assigned = facts.exprs.iter().find_map(|expr| match &expr.kind {
                ExprKind::Assign { target, op: None, value } if decl.span.contains(expr.span) => {
                    let (ExprKind::Name(name) | ExprKind::Member { name, .. }) = &facts[*target].kind else {
                        return None;
                    };
                    (*name == own.name).then_some(*value)
                }
                _ => None,
            });
            match facts[assigned.or(own.initializer)?].kind {
                ExprKind::Name(name) => at(name),
                _ => None,
            }
        };
        position.and_then(|at| u16::try_from(at).ok())
    }
}

/// What an argument of a class is, if that is known.
fn class_of(ty: Option<&Type>) -> Option<Name> {
    ty.and_then(Type::upper).map(|ty| ty.class)
}

fn intent_object(arg: &ArgValue) -> Option<&ObjectValue> {
    arg.object().filter(|object| object.class == "android.content.Intent")
}

/// References to functions that stop a service, with the services they are of; none: it may be any.
fn stop_references(model: &Model) -> Vec<(Place, Vec<TypeId>)> {
    const STOPS: [&str; 3] = ["stopSelf", "stopSelfResult", "stopForeground"];
    let mut found = Vec::new();
    let files = model.project.files().filter_map(|(id, file)| Some((id, file.facts.as_ref()?)));
    for (file, facts) in files {
        for expr in &facts.exprs {
            let ExprKind::FunctionRef { receiver, name } = &expr.kind else { continue };
            if !STOPS.contains(&name.as_str()) {
                continue;
            }
            let place = Place { file, span: expr.span };
            let own = receiver.is_none_or(|receiver| matches!(facts[receiver].kind, ExprKind::This(_)));
            let owner = model.function_at(place).and_then(|function| model.owner_of(function));
            // Of an inner or anonymous class the service is around.
            let is_service =
                |class: &TypeId| model.inherits(model.symbols.info(*class).qualified, "android.app.Service");
            let around = std::iter::successors(owner, |class| model.symbols.info(*class).owner)
                .find(is_service)
                .filter(|_| own);
            let services =
                around.into_iter().flat_map(|class| std::iter::once(class).chain(model.all_subtypes(class)));
            found.push((place, services.collect()));
        }
    }
    found
}
