//! What an Intent says when it is sent, as far as code sets it: its action and its extras.

use crate::base::Name;
use crate::model::{ArgValue, Model, ObjectValue};

use super::super::given::{Known, action_set};
use super::held::{Held, Key, Part};
use super::params::{held_by, key_of};

pub(super) const INTENT: &str = "android.content.Intent";

/// An Intent that is sent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sent {
    parts: Vec<(Part, Option<Held>)>,
    /// An extra that is not in `parts` is not there.
    whole: bool,
    /// No Intent comes.
    absent: bool,
}

impl Sent {
    /// The Intent of an object, of a PendingIntent the one inside.
    pub fn of(model: &Model, object: &ObjectValue) -> Sent {
        if object.class != INTENT {
            let inner = object.made.iter().flat_map(|made| &made.args).filter_map(|arg| arg.object());
            let inner = inner.into_iter().find(|object| object.class == INTENT);
            return inner.map(|inner| Sent::of(model, inner)).unwrap_or_default();
        }
        let mut sent = Sent { whole: object.is_whole(), ..Sent::default() };
        match action_set(object) {
            Known::Is(Some(arg)) => sent.parts.push((Part::Action, held_by(model, arg))),
            Known::Is(None) => sent.parts.push((Part::Action, Some(Held::Null))),
            Known::Unknown => {
                let set = object.calls.iter().any(|call| call.member == "setAction");
                sent.parts.extend(set.then_some((Part::Action, None)));
            }
        }
        // The latest first: it counts.
        for call in object.all_calls() {
            match call.member.as_str() {
                "putExtra" => match call.args.first().and_then(|arg| label(model, arg)) {
                    Some(name) => {
                        let held = call.args.get(1).filter(|_| !call.conditional);
                        sent.put(Part::Extra(name), held.and_then(|value| held_by(model, value)));
                    }
                    None => sent.whole = false,
                },
                "removeExtra" => match call.args.first().and_then(|arg| label(model, arg)) {
                    Some(name) => sent.put(Part::Extra(name), Some(Held::Null).filter(|_| !call.conditional)),
                    None => sent.whole = false,
                },
                "putExtras" | "replaceExtras" | "fillIn" => sent.whole = false,
                "<init>" if call.args.iter().any(|arg| arg.intent().is_some()) => sent.whole = false,
                _ => {}
            }
        }
        sent
    }

    /// None: the system makes a service anew.
    pub fn none() -> Sent {
        Sent { absent: true, ..Sent::default() }
    }

    /// Any of these actions, and whatever else.
    pub fn with_actions(actions: &[Name]) -> Sent {
        let held = Held::among(actions.iter().map(|action| Key::Text(*action)).collect());
        Sent { parts: held.map(|held| (Part::Action, Some(held))).into_iter().collect(), ..Sent::default() }
    }

    fn put(&mut self, part: Part, held: Option<Held>) {
        if !self.changes(part) {
            self.parts.push((part, held));
        }
    }

    /// Does it set the part, to whatever?
    pub(super) fn changes(&self, part: Part) -> bool {
        self.parts.iter().any(|(set, _)| *set == part)
    }

    /// Is the extra certainly none of those that are put?
    fn lacks(&self, part: Part) -> bool {
        let Part::Extra(asked) = part else { return false };
        self.parts.iter().all(|(put, _)| match put {
            Part::Extra(put) => {
                let alike = put.ends_with(asked.as_str()) || asked.ends_with(put.as_str());
                !alike && is_name(put) == is_name(&asked)
            }
            _ => true,
        })
    }

    pub(super) fn held(&self, part: Part) -> Option<Held> {
        if part == Part::Whole {
            return Some(if self.absent { Held::Null } else { Held::NotNull })
                .filter(|_| self.absent || self.whole);
        }
        match self.parts.iter().find(|(set, _)| *set == part) {
            Some((_, held)) => held.clone(),
            None => (self.whole && self.lacks(part)).then_some(Held::Null),
        }
    }
}

/// Is it a name instead of a text?
fn is_name(label: &str) -> bool {
    label.chars().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_')
}

/// What an extra is known by: the text of its key, or the name of what holds it.
fn label(model: &Model, key: &ArgValue) -> Option<Name> {
    match key_of(model, key)? {
        Key::Text(name) | Key::Ending(name) | Key::Symbol(name) => Some(name),
        Key::Int(_) | Key::Bool(_) => None,
    }
}
