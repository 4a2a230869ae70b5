//! Work requests of WorkManager: the worker, the constraints and the other settings of each, followed through
//! builders, helper functions and chains.

use crate::base::Name;
use crate::model::{Const, Model, ObjectCall, ObjectValue, SiteId};

const REQUEST: &str = "androidx.work.WorkRequest";
const BUILDER: &str = "androidx.work.WorkRequest.Builder";

/// A `WorkRequest` or its builder, as it is known at one place.
#[derive(Clone, Copy, Debug)]
pub struct Request<'m> {
    pub object: &'m ObjectValue,
    pub periodic: bool,
}

/// Something a request asks for.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'m> {
    pub call: &'m ObjectCall,
    /// On every way and with a constant.
    pub sure: bool,
}

impl<'m> Request<'m> {
    /// None for objects of other classes.
    pub fn of(model: &Model, object: &'m ObjectValue) -> Option<Request<'m>> {
        let class = object.class;
        if !model.inherits(class, REQUEST) && !model.inherits(class, BUILDER) {
            return None;
        }
        let periodic = object.history().any(|it| it.class.starts_with("androidx.work.PeriodicWorkRequest"));
        Some(Request { object, periodic })
    }

    /// The worker's class.
    pub fn worker(&self) -> Option<Name> {
        let made = self.object.root().made.as_ref()?;
        let literal = made.args.iter().find_map(|arg| arg.class_literal());
        literal.or_else(|| made.type_args.first().and_then(|ty| ty.upper()).map(|ty| ty.class))
    }

    /// The `setExpedited` call.
    pub fn expedited(&self) -> Option<&'m ObjectCall> {
        self.object.call("setExpedited")
    }

    /// An initial delay that is not zero.
    pub fn delay(&self) -> Option<Asked<'m>> {
        let call = self.object.call("setInitialDelay")?;
        match call.args.first().and_then(|arg| arg.constant()) {
            Some(Const::Int(0) | Const::Duration(0)) => None,
            Some(_) => Some(Asked { call, sure: !call.conditional }),
            None => Some(Asked { call, sure: false }),
        }
    }

    /// A constraint by the end of its name: `Charging`, `DeviceIdle`, `BatteryNotLow`, `StorageNotLow`.
    pub fn constraint(&self, what: &str) -> Option<Asked<'m>> {
        let set = self.object.call("setConstraints")?;
        let asked = constraint(set.args.first()?.object()?, what)?;
        Some(Asked { sure: asked.sure && !set.conditional, ..asked })
    }

    /// Does the work wait for a network that costs nothing?
    pub fn unmetered(&self) -> bool {
        let set = self.object.call("setConstraints").and_then(|set| set.args.first()?.object());
        let Some(constraints) = set else { return false };
        let by_call = constraints.call("setRequiredNetworkType").and_then(|call| call.args.first());
        let made = constraints.root().made.as_ref().filter(|made| made.member == "<init>");
        let given = by_call.or_else(|| made.and_then(|made| made.arg(0, "requiredNetworkType")));
        given.and_then(|arg| arg.symbol()).is_some_and(|symbol| symbol.last() == "UNMETERED")
    }

    /// Is the work started by changes below a content URI?
    pub fn content_trigger(&self) -> Option<Asked<'m>> {
        let set = self.object.call("setConstraints")?;
        let call = set.args.first()?.object()?.call("addContentUriTrigger")?;
        Some(Asked { call, sure: !set.conditional && !call.conditional })
    }
}

/// Constructor parameters of `Constraints`, in order. Source: androidx.work.Constraints.
const PARAMETERS: [(&str, usize); 4] =
    [("Charging", 1), ("DeviceIdle", 2), ("BatteryNotLow", 3), ("StorageNotLow", 4)];

/// What `Constraints` or their builder ask for, by the end of the name (`Charging`).
pub fn constraint<'m>(constraints: &'m ObjectValue, what: &str) -> Option<Asked<'m>> {
    let asked = |call: &'m ObjectCall, value: Option<Const>| match value {
        Some(Const::Bool(false)) => None,
        value => Some(Asked { call, sure: value == Some(Const::Bool(true)) && !call.conditional }),
    };
    if let Some(call) = constraints.call(&format!("setRequires{what}")) {
        return asked(call, call.args.first().and_then(|arg| arg.constant()));
    }
    let position = PARAMETERS.iter().find(|(name, _)| *name == what)?.1;
    let made = constraints.root().made.as_ref().filter(|made| made.member == "<init>")?;
    if !made.class.ends_with("Constraints") {
        return None;
    }
    let arg = made.arg(position, &format!("requires{what}"))?;
    asked(made, arg.constant())
}

/// Objects of a class (or below it) as receivers and arguments, with the site where each is seen.
pub fn objects<'m>(
    model: &'m Model,
    class: &'static str,
) -> impl Iterator<Item = (SiteId, &'m ObjectValue)> + 'm {
    model.sites_with_objects().flat_map(move |(id, site)| {
        let given = site.args.iter().filter_map(|arg| arg.object());
        let all = site.receiver_object().into_iter().chain(given);
        all.filter(move |object| model.inherits(object.class, class)).map(move |object| (id, object))
    })
}

/// Every state of every request, as receivers and arguments show them.
pub fn requests(model: &Model) -> impl Iterator<Item = (SiteId, Request<'_>)> {
    let seen = model.sites_with_objects().flat_map(|(id, site)| {
        let given = site.args.iter().filter_map(|arg| arg.object());
        site.receiver_object().into_iter().chain(given).map(move |object| (id, object))
    });
    seen.filter_map(|(id, object)| Some((id, Request::of(model, object)?)))
}
