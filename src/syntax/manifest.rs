//! AndroidManifest.xml as written: components, permissions, suppressions, with spans. Merging is the model's work.

use crate::base::problem::ProblemKind;
use crate::base::{Name, Problem, Span};
use crate::facts::manifest::{
    ComponentDecl, ComponentKind, IntentFilter, ManifestFacts, MergeNode, PermissionUse, Value,
};
use crate::facts::{Suppression, SuppressionForm};

use super::problem_at;
use super::xml::{self, Tag, Visitor};

/// Reads a manifest; of a broken one everything before the error.
pub fn parse(text: &str, path: &str) -> (ManifestFacts, Vec<Problem>) {
    let mut reader = Manifest::default();
    let broken = xml::read(text, &mut reader);
    let mut problems: Vec<Problem> = reader
        .nameless
        .iter()
        .map(|(span, name)| {
            let message = format!("<{name}> without android:name");
            problem_at(ProblemKind::Syntax, path, text, Some(*span), message)
        })
        .collect();
    if let Some(broken) = broken {
        reader.facts.broken = true;
        let message = format!("broken XML: {}", broken.message);
        problems.push(problem_at(ProblemKind::Syntax, path, text, Some(broken.span), message));
    } else if !reader.rooted {
        reader.facts.broken = true;
        let message = "broken XML: there is no <manifest> element".to_owned();
        problems.push(problem_at(ProblemKind::Syntax, path, text, Some(Span::new(0, 0)), message));
    }
    (reader.facts, problems)
}

/// Splits a list attribute such as `tools:replace`.
pub(super) fn list(value: &Value) -> Vec<Name> {
    value.text.split(',').map(str::trim).filter(|id| !id.is_empty()).map(Name::new).collect()
}

/// What the open element is.
#[derive(Clone, Copy, Debug)]
enum Open {
    Manifest,
    Application,
    Component(usize),
    Filter(usize),
    Permission(usize),
    Other,
}

#[derive(Debug, Default)]
struct Manifest {
    facts: ManifestFacts,
    open: Vec<(Open, Vec<usize>)>,
    /// Suppressions of comments that wait for their element.
    pending: Vec<usize>,
    nameless: Vec<(Span, String)>,
    /// The root element was there.
    rooted: bool,
}

impl Visitor for Manifest {
    fn start(&mut self, tag: &Tag<'_>) {
        let mut suppressions = std::mem::take(&mut self.pending);
        if let Some(ids) = tag.attribute("tools:ignore") {
            suppressions.push(self.facts.suppressions.len());
            self.suppress("tools:ignore", list(ids), ids.span, tag.span);
        }
        let parent = self.open.last().map(|(open, _)| *open);
        let open = match (parent, tag.name) {
            (None, "manifest") => {
                self.rooted = true;
                self.facts.package = tag.attribute("package").cloned();
                Open::Manifest
            }
            (Some(Open::Manifest), "uses-sdk") => {
                self.facts.min_sdk = tag.attribute("android:minSdkVersion").cloned();
                self.facts.target_sdk = tag.attribute("android:targetSdkVersion").cloned();
                Open::Other
            }
            (
                Some(Open::Manifest),
                "uses-permission" | "uses-permission-sdk-23" | "uses-permission-sdk-m",
            ) => self.permission(tag),
            (Some(Open::Manifest), "application") => {
                self.facts.application = Some(tag.span);
                self.facts.application_name = tag.attribute("android:name").cloned();
                Open::Application
            }
            (Some(Open::Application), name) => {
                component_kind(name).map_or(Open::Other, |kind| self.component(kind, tag))
            }
            (Some(Open::Component(owner)), "intent-filter") => {
                self.facts.components[owner]
                    .filters
                    .push(IntentFilter { span: tag.span, ..IntentFilter::default() });
                Open::Filter(owner)
            }
            (Some(Open::Component(owner)), "nav-graph") => {
                self.facts.components[owner].nav_graph = true;
                Open::Other
            }
            (Some(Open::Component(owner)), "meta-data" | "property") => {
                self.property(owner, tag);
                Open::Other
            }
            (Some(Open::Filter(owner)), "action" | "category") => {
                let filter = self.facts.components[owner].filters.last_mut();
                if let (Some(filter), Some(name)) = (filter, tag.attribute("android:name")) {
                    let list =
                        if tag.name == "action" { &mut filter.actions } else { &mut filter.categories };
                    list.push(name.clone());
                }
                Open::Other
            }
            _ => Open::Other,
        };
        self.open.push((open, suppressions));
    }

    fn end(&mut self, element: Span) {
        let Some((open, suppressions)) = self.open.pop() else { return };
        for at in suppressions {
            self.facts.suppressions[at].scope = element;
        }
        match open {
            Open::Application => self.facts.application = Some(element),
            Open::Component(at) => self.facts.components[at].span = element,
            Open::Permission(at) => self.facts.permissions[at].span = element,
            Open::Filter(owner) => {
                if let Some(filter) = self.facts.components[owner].filters.last_mut() {
                    filter.span = element;
                }
            }
            Open::Manifest | Open::Other => {}
        }
    }

    /// Android Studio's `<!--suppress Id -->` covers the next element.
    fn comment(&mut self, text: &str, span: Span) {
        let Some(rest) = text.trim_start().strip_prefix("suppress ") else { return };
        let ids =
            rest.split([',', ' ', '\n', '\t', '\r']).filter(|id| !id.is_empty()).map(Name::new).collect();
        self.pending.push(self.facts.suppressions.len());
        self.suppress("suppress", ids, span, span);
    }
}

impl Manifest {
    fn suppress(&mut self, word: &str, ids: Vec<Name>, span: Span, scope: Span) {
        let (form, word) = (SuppressionForm::Xml, Name::new(word));
        let constants = Vec::new();
        self.facts.suppressions.push(Suppression { form, word, ids, constants, scope, span, reason: None });
    }

    /// The element's `android:name`; `tools:node="removeAll"` needs none.
    fn name(&mut self, tag: &Tag<'_>, node: MergeNode) -> Option<Value> {
        let name = tag.attribute("android:name").cloned();
        if name.is_none() && node == MergeNode::RemoveAll {
            return Some(Value { text: Name::default(), span: tag.span });
        }
        if name.is_none() {
            self.nameless.push((tag.span, tag.name.to_owned()));
        }
        name
    }

    fn permission(&mut self, tag: &Tag<'_>) -> Open {
        let node = merge_node(tag);
        let Some(name) = self.name(tag, node) else { return Open::Other };
        let max_sdk = tag.attribute("android:maxSdkVersion").cloned();
        let remove = tag.attribute("tools:remove").map(list).unwrap_or_default();
        self.facts.permissions.push(PermissionUse { name, max_sdk, node, remove, span: tag.span });
        Open::Permission(self.facts.permissions.len() - 1)
    }

    fn component(&mut self, kind: ComponentKind, tag: &Tag<'_>) -> Open {
        let node = merge_node(tag);
        let Some(name) = self.name(tag, node) else { return Open::Other };
        let attributes =
            tag.attributes.iter().filter(|(key, _)| !key.starts_with("tools:")).cloned().collect();
        self.facts.components.push(ComponentDecl {
            kind,
            name,
            attributes,
            filters: Vec::new(),
            nav_graph: false,
            properties: Vec::new(),
            removed_properties: Vec::new(),
            node,
            replace: tag.attribute("tools:replace").map(list).unwrap_or_default(),
            remove: tag.attribute("tools:remove").map(list).unwrap_or_default(),
            tag: tag.span,
            span: tag.span,
        });
        Open::Component(self.facts.components.len() - 1)
    }

    fn property(&mut self, owner: usize, tag: &Tag<'_>) {
        let Some(name) = tag.attribute("android:name") else { return };
        let value = tag.attribute("android:value").or_else(|| tag.attribute("android:resource")).cloned();
        let component = &mut self.facts.components[owner];
        match merge_node(tag) {
            MergeNode::Remove | MergeNode::RemoveAll => {
                component.removed_properties.push((name.text, tag.span))
            }
            _ => component.properties.push((name.text, value)),
        }
    }
}

fn component_kind(name: &str) -> Option<ComponentKind> {
    Some(match name {
        "activity" => ComponentKind::Activity,
        "activity-alias" => ComponentKind::ActivityAlias,
        "service" => ComponentKind::Service,
        "receiver" => ComponentKind::Receiver,
        "provider" => ComponentKind::Provider,
        _ => return None,
    })
}

fn merge_node(tag: &Tag<'_>) -> MergeNode {
    match tag.attribute("tools:node").map(|node| node.text.as_str()) {
        Some("remove") => MergeNode::Remove,
        Some("removeAll") => MergeNode::RemoveAll,
        Some("replace") => MergeNode::Replace,
        Some("strict") => MergeNode::Strict,
        Some("merge-only-attributes" | "mergeOnlyAttributes") => MergeNode::MergeOnlyAttributes,
        _ => MergeNode::Merge,
    }
}
