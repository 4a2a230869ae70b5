//! Intents and PendingIntents: which component they name. Followed through locals, `apply { }`, helper results.

use std::sync::Arc;

use crate::base::Name;
use crate::facts::{ExprId, ExprKind};

use super::super::ty::Type;
use super::super::value::{Const, IntentValue, PendingKind, Value};
use super::Walker;
use super::draft::SiteDraft;

const INTENT: &str = "android.content.Intent";
const PENDING: [&str; 3] = [
    "android.app.PendingIntent",
    "androidx.core.app.PendingIntentCompat",
    "android.app.PendingIntent.Companion",
];

impl<'c> Walker<'c> {
    /// Adds what an Intent or PendingIntent call says to its result.
    pub(super) fn intent_call(&mut self, draft: &SiteDraft, value: &mut Value) {
        let Some(api) = draft.api else { return };
        let class = api.class.as_str();
        if draft.created.is_some() && (class == INTENT || class == "android.content.ComponentName") {
            value.intent = Some(Arc::new(created_intent(draft)));
            return;
        }
        if PENDING.contains(&class) {
            let pending = match draft.name.as_str() {
                "getActivity" | "getActivities" => PendingKind::Activity,
                "getBroadcast" => PendingKind::Broadcast,
                "getService" => PendingKind::Service,
                "getForegroundService" => PendingKind::ForegroundService,
                _ => return,
            };
            let inner = draft.values.iter().find_map(|value| value.intent.clone());
            let mut intent = inner.map(|inner| (*inner).clone()).unwrap_or_default();
            intent.pending = Some(pending);
            value.intent = Some(Arc::new(intent));
            value.ty = Some(Type::of("android.app.PendingIntent"));
            return;
        }
        if draft.receiver.class().is_some_and(|class| class == INTENT) {
            self.intent_setter(draft, value);
        }
    }

    /// `intent.setClass(…)` and the like change the receiver and return it.
    fn intent_setter(&mut self, draft: &SiteDraft, value: &mut Value) {
        let mut intent = draft.receiver.intent.as_deref().cloned().unwrap_or_default();
        let known = draft.receiver.intent.is_some();
        let text = |value: &Value| match value.constant {
            Some(Const::Str(text)) => Some(text),
            _ => None,
        };
        match draft.name.as_str() {
            "setClass" => intent.component = draft.values.iter().find_map(class_of),
            "setClassName" => intent.component = draft.values.last().and_then(text),
            "setComponent" => {
                intent.component = draft.values.first().and_then(|value| value.intent.as_ref()?.component);
            }
            "setAction" => {
                intent.action = draft.values.first().and_then(|value| text(value).or(value.symbol))
            }
            _ => {
                if known && value.class().is_some_and(|class| class == INTENT) {
                    value.intent.clone_from(&draft.receiver.intent);
                }
                return;
            }
        }
        let intent = Arc::new(intent);
        if let Some(receiver) = draft.receiver_expr {
            self.store_intent(receiver, Arc::clone(&intent));
        } else if let Some(receiver) = self.receivers.last_mut() {
            receiver.value.intent = Some(Arc::clone(&intent));
        }
        value.ty = Some(Type::of(INTENT));
        value.intent = Some(intent);
    }

    /// `intent.action = …`, `intent.component = …`.
    pub(super) fn update_intent(&mut self, receiver: ExprId, name: Name, given: &Value) {
        let known = match self.facts[receiver].kind {
            ExprKind::Name(name) => self.local(name).map(|local| local.value.clone()),
            _ => None,
        };
        let Some(known) = known.filter(|value| value.class().is_some_and(|class| class == INTENT)) else {
            return;
        };
        let mut intent = known.intent.as_deref().cloned().unwrap_or_default();
        match name.as_str() {
            "action" => {
                intent.action = match given.constant {
                    Some(Const::Str(text)) => Some(text),
                    _ => given.symbol,
                };
            }
            "component" => intent.component = given.intent.as_ref().and_then(|intent| intent.component),
            _ => return,
        }
        self.store_intent(receiver, Arc::new(intent));
    }

    fn store_intent(&mut self, receiver: ExprId, intent: Arc<IntentValue>) {
        match self.facts[receiver].kind {
            ExprKind::Name(name) => {
                if let Some(local) = self.locals.iter_mut().rev().find(|local| local.name == name) {
                    local.value.intent = Some(intent);
                }
            }
            ExprKind::This(_) => {
                if let Some(receiver) = self.receivers.last_mut() {
                    receiver.value.intent = Some(intent);
                }
            }
            _ => {}
        }
    }
}

fn created_intent(draft: &SiteDraft) -> IntentValue {
    let component = draft.values.iter().find_map(class_of);
    let action = match draft.values.first() {
        Some(value) if component.is_none() => match value.constant {
            Some(Const::Str(text)) => Some(text),
            _ => value.symbol.filter(|symbol| symbol.contains("ACTION")),
        },
        _ => None,
    };
    // A copy of another intent: `Intent(original)`.
    let copied = draft.values.first().and_then(|value| value.intent.as_deref());
    match copied {
        Some(copied) if component.is_none() => copied.clone(),
        _ => IntentValue { component, action, pending: None },
    }
}

fn class_of(value: &Value) -> Option<Name> {
    let ty = value.ty.as_ref().filter(|ty| ty.class == "java.lang.Class")?;
    let class = ty.args.first()?.upper()?;
    (!class.is_unresolved()).then_some(class.class)
}
