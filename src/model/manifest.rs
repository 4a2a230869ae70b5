//! Manifests merged as the Android Gradle plugin does, except that all variants are united: what any build type or
//! flavor declares is there, marked with its source sets. What external libraries bring is not known and not guessed.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::Name;
use crate::facts::manifest::{
    ComponentDecl, ComponentKind, IntentFilter, ManifestFacts, MergeNode, PermissionUse, Value,
};
use crate::findings::{FileId, Place};

use super::project::{Component, MergedManifest, Permission};

/// One manifest that takes part.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layer<'f> {
    pub(super) file: FileId,
    pub(super) source_set: Name,
    pub(super) facts: &'f ManifestFacts,
    /// Package that relative class names belong to.
    pub(super) package: Option<Name>,
    /// `main` or `androidMain`: what it removes is removed in every variant.
    pub(super) base: bool,
    /// Of a library that only one variant depends on.
    pub(super) variant: Option<Name>,
    /// `${name}` and what the module's build scripts put there, if that is one text.
    pub(super) placeholders: &'f BTreeMap<Name, Option<Name>>,
}

impl Layer<'_> {
    fn place(&self, span: crate::base::Span) -> Place {
        Place { file: self.file, span }
    }

    /// Source set of the merged module that brings this layer.
    fn origin(&self) -> Name {
        let set = if self.source_set == "androidMain" { Name::new("main") } else { self.source_set };
        self.variant.unwrap_or(set)
    }

    /// The value of an attribute, with a placeholder that is all of it put in.
    fn value(&self, value: &Value) -> Name {
        let key = value.text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
        let given = key.and_then(|key| self.placeholders.get(&Name::new(key)).copied().flatten());
        given.unwrap_or(value.text)
    }

    /// A class name as Android completes it; nested classes with a dot, as sources name them.
    fn class(&self, name: &Value) -> Option<Name> {
        let text = name.text.as_str();
        if text.is_empty() || name.is_placeholder() || text.starts_with('@') {
            return None;
        }
        let full = match text.strip_prefix('.') {
            Some(rest) => self.package?.join(Name::new(rest)),
            None if !text.contains('.') => self.package?.join(name.text),
            None => name.text,
        };
        Some(Name::new(&full.replace('$', ".")))
    }
}

/// An app's own start: an activity that launchers show.
pub(super) fn has_launcher(facts: &ManifestFacts) -> bool {
    facts.components.iter().any(|component| is_launcher(&component.filters))
}

/// Do launchers show a component with these filters?
pub fn is_launcher(filters: &[IntentFilter]) -> bool {
    let says = |values: &[Value], wanted: &str| values.iter().any(|value| value.text == wanted);
    filters.iter().any(|filter| {
        says(&filter.actions, "android.intent.action.MAIN")
            && (says(&filter.categories, "android.intent.category.LAUNCHER")
                || says(&filter.categories, "android.intent.category.LEANBACK_LAUNCHER"))
    })
}

type Key = (ComponentKind, Name);

/// Merges a module's own manifests (`main` first, then overlays) with those of its libraries, nearest first.
pub(super) fn merge(own: &[Layer<'_>], libraries: &[Layer<'_>]) -> MergedManifest {
    let mut merging = Merging::default();
    merging.merged.present = !own.is_empty();
    for layer in own.iter().chain(libraries) {
        merging.layer(layer);
    }
    merging.merged
}

#[derive(Default)]
struct Merging {
    merged: MergedManifest,
    components: BTreeMap<Key, Slot>,
    permissions: BTreeMap<Name, PermissionSlot>,
    removed: BTreeSet<Key>,
    removed_kinds: BTreeSet<ComponentKind>,
    removed_permissions: BTreeSet<Name>,
    all_permissions_removed: bool,
}

/// A component that later layers may add to.
struct Slot {
    index: usize,
    /// `tools:node="replace"`: nothing is added.
    closed: bool,
    /// `tools:node="merge-only-attributes"`: no children are added.
    attributes_only: bool,
    /// Attributes that must not come back.
    removed: Vec<Name>,
}

struct PermissionSlot {
    index: usize,
    closed: bool,
}

impl Merging {
    fn layer(&mut self, layer: &Layer<'_>) {
        let facts = layer.facts;
        self.merged.incomplete |= facts.broken;
        if self.merged.application.is_none() {
            self.merged.application = facts.application.map(|span| layer.place(span));
        }
        if self.merged.application_class.is_none() {
            self.merged.application_class =
                facts.application_name.as_ref().and_then(|name| layer.class(name));
        }
        for component in &facts.components {
            self.component(layer, component);
        }
        for permission in &facts.permissions {
            self.permission(layer, permission);
        }
    }

    fn component(&mut self, layer: &Layer<'_>, decl: &ComponentDecl) {
        // An alias is known by its own name, everything else by its class.
        let name = layer.class(&decl.name).unwrap_or(decl.name.text);
        let key = (decl.kind, name);
        match decl.node {
            MergeNode::Remove | MergeNode::RemoveAll => {
                self.merged.removed.push((name, layer.place(decl.tag)));
                // What one variant removes is there in the others.
                if !layer.base {
                    return;
                }
                if decl.node == MergeNode::RemoveAll {
                    self.removed_kinds.insert(decl.kind);
                } else {
                    self.removed.insert(key);
                }
                return;
            }
            _ => {}
        }
        if let Some(slot) = self.components.get_mut(&key) {
            let component = &mut self.merged.components[slot.index];
            add_to(component, slot, layer, decl);
            return;
        }
        if self.removed.contains(&key) || self.removed_kinds.contains(&decl.kind) {
            return;
        }
        let slot = Slot {
            index: self.merged.components.len(),
            closed: decl.node == MergeNode::Replace,
            attributes_only: decl.node == MergeNode::MergeOnlyAttributes,
            removed: decl.remove.clone(),
        };
        self.components.insert(key, slot);
        self.merged.components.push(component(layer, decl));
    }

    fn permission(&mut self, layer: &Layer<'_>, permission: &PermissionUse) {
        let name = permission.name.text;
        if matches!(permission.node, MergeNode::Remove | MergeNode::RemoveAll) {
            self.merged.removed.push((name, layer.place(permission.span)));
            if layer.base {
                self.all_permissions_removed |= permission.node == MergeNode::RemoveAll;
                self.removed_permissions.insert(name);
            }
            return;
        }
        let max_sdk = permission.max_sdk.as_ref().and_then(|value| value.text.parse().ok());
        if let Some(slot) = self.permissions.get(&name) {
            let known = &mut self.merged.permissions[slot.index];
            // A library's limit narrows the app's permission, too; a variant's does not narrow the others.
            if !slot.closed && layer.base && known.max_sdk.is_none() {
                known.max_sdk = max_sdk;
            }
            note(&mut known.source_sets, layer.origin());
            return;
        }
        if self.all_permissions_removed || self.removed_permissions.contains(&name) {
            return;
        }
        let limit_removed = permission.remove.iter().any(|it| *it == "android:maxSdkVersion");
        let closed = permission.node == MergeNode::Replace || limit_removed;
        self.permissions.insert(name, PermissionSlot { index: self.merged.permissions.len(), closed });
        let place = layer.place(permission.name.span);
        self.merged.permissions.push(Permission { name, max_sdk, place, source_sets: vec![layer.origin()] });
    }
}

fn note(sets: &mut Vec<Name>, set: Name) {
    if let Err(at) = sets.binary_search(&set) {
        sets.insert(at, set);
    }
}

fn attribute<'d>(decl: &'d ComponentDecl, name: &str) -> Option<&'d Value> {
    decl.attributes.iter().find(|(key, _)| *key == name).map(|(_, value)| value)
}

fn component(layer: &Layer<'_>, decl: &ComponentDecl) -> Component {
    let class = match decl.kind {
        ComponentKind::ActivityAlias => {
            attribute(decl, "android:targetActivity").and_then(|value| layer.class(value))
        }
        _ => layer.class(&decl.name),
    };
    let mut component = Component {
        kind: decl.kind,
        class,
        place: layer.place(decl.name.span),
        tag: layer.place(decl.tag),
        exported: None,
        enabled: Some(true),
        foreground_types: None,
        filters: decl.filters.clone(),
        properties: decl.properties.clone(),
        removed_properties: decl
            .removed_properties
            .iter()
            .map(|(name, span)| (*name, layer.place(*span)))
            .collect(),
        attributes: Vec::new(),
        source_sets: vec![layer.origin()],
    };
    for (name, value) in &decl.attributes {
        set_attribute(&mut component, layer, *name, value);
    }
    component
}

fn set_attribute(component: &mut Component, layer: &Layer<'_>, name: Name, value: &Value) {
    let flag = || match layer.value(value).as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    };
    match name.as_str() {
        "android:exported" => component.exported = flag(),
        "android:enabled" => component.enabled = flag(),
        "android:foregroundServiceType" => {
            let types =
                value.text.split('|').map(str::trim).filter(|it| !it.is_empty()).map(Name::new).collect();
            component.foreground_types = Some((types, layer.place(value.span)));
        }
        _ => {}
    }
    component.attributes.push((name, value.clone()));
}

/// What a weaker declaration of the same component adds: attributes and children that are not there yet.
fn add_to(component: &mut Component, slot: &mut Slot, layer: &Layer<'_>, decl: &ComponentDecl) {
    note(&mut component.source_sets, layer.origin());
    if slot.closed {
        return;
    }
    for (name, value) in &decl.attributes {
        let known = component.attributes.iter().any(|(key, _)| key == name);
        if !known && !slot.removed.contains(name) {
            set_attribute(component, layer, *name, value);
        }
    }
    slot.removed.extend(decl.remove.iter().copied());
    if slot.attributes_only {
        return;
    }
    for filter in &decl.filters {
        if !component.filters.iter().any(|known| same(known, filter)) {
            component.filters.push(filter.clone());
        }
    }
    for (name, value) in &decl.properties {
        let known = component.properties.iter().any(|(key, _)| key == name)
            || component.removed_properties.iter().any(|(key, _)| key == name);
        if !known {
            component.properties.push((*name, value.clone()));
        }
    }
    let removed = decl.removed_properties.iter().map(|(name, span)| (*name, layer.place(*span)));
    component.removed_properties.extend(removed);
}

fn same(a: &IntentFilter, b: &IntentFilter) -> bool {
    let texts = |values: &[Value]| values.iter().map(|value| value.text).collect::<BTreeSet<_>>();
    texts(&a.actions) == texts(&b.actions) && texts(&a.categories) == texts(&b.categories)
}
