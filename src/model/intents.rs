//! Intents and PendingIntents as objects: which component they name.

use crate::base::Name;

use super::calls::ArgValue;
use super::objects::{ObjectCall, ObjectValue};
use super::value::Const;

const INTENT: &str = "android.content.Intent";
const COMPONENT: &str = "android.content.ComponentName";
const PENDING: &str = "android.app.PendingIntent";

/// What an Intent or PendingIntent names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IntentValue {
    /// Qualified class of the component.
    pub component: Option<Name>,
    pub action: Option<Name>,
    /// Only for one app, as `setPackage` says.
    pub packaged: bool,
    /// Set for a PendingIntent.
    pub pending: Option<PendingKind>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PendingKind {
    Activity,
    Broadcast,
    Service,
    ForegroundService,
}

impl IntentValue {
    /// None for objects of other classes.
    pub fn of(object: &ObjectValue) -> Option<IntentValue> {
        match object.class.as_str() {
            PENDING => Some(pending(object)),
            COMPONENT => Some(IntentValue { component: component_of(object), ..IntentValue::default() }),
            INTENT => Some(intent(object)),
            _ => None,
        }
    }
}

fn pending(object: &ObjectValue) -> IntentValue {
    let Some(made) = &object.made else { return IntentValue::default() };
    let kind = match made.member.as_str() {
        "getActivity" | "getActivities" => Some(PendingKind::Activity),
        "getBroadcast" => Some(PendingKind::Broadcast),
        "getService" => Some(PendingKind::Service),
        "getForegroundService" => Some(PendingKind::ForegroundService),
        // `TaskStackBuilder.getPendingIntent`.
        "getPendingIntent" => Some(PendingKind::Activity),
        _ => None,
    };
    let inner = made.args.iter().find_map(ArgValue::intent).unwrap_or_default();
    IntentValue { pending: kind, ..inner }
}

fn component_of(object: &ObjectValue) -> Option<Name> {
    let made = object.made.as_ref()?;
    made.args.iter().find_map(ArgValue::class_literal).or_else(|| made.args.last().and_then(text))
}

fn intent(object: &ObjectValue) -> IntentValue {
    let mut intent = object.made.as_ref().map(created).unwrap_or_default();
    for call in &object.calls {
        match call.member.as_str() {
            "setClass" => intent.component = call.args.iter().find_map(ArgValue::class_literal),
            "setClassName" => intent.component = call.args.last().and_then(text),
            "setComponent" => {
                intent.component = call.args.first().and_then(ArgValue::intent).and_then(|it| it.component);
            }
            "setPackage" => intent.packaged = true,
            "setAction" => intent.action = call.args.first().and_then(action),
            _ => {}
        }
    }
    intent
}

fn created(made: &ObjectCall) -> IntentValue {
    let component = made.args.iter().find_map(ArgValue::class_literal);
    // A copy of another intent: `Intent(original)`.
    if component.is_none()
        && let Some(copied) = made.args.first().and_then(ArgValue::intent)
    {
        return copied;
    }
    IntentValue { component, action: made.args.first().and_then(action), ..IntentValue::default() }
}

fn text(arg: &ArgValue) -> Option<Name> {
    match arg.constant() {
        Some(Const::Str(text)) => Some(text),
        _ => None,
    }
}

/// The text, or a constant of a library by its name.
fn action(arg: &ArgValue) -> Option<Name> {
    text(arg).or_else(|| arg.symbol().filter(|symbol| symbol.contains("ACTION")))
}
