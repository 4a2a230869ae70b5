//! One AndroidManifest.xml as written, before any merging. Every element and value has its span.

use crate::base::{Name, Span};

use super::file::Suppression;

/// A value of an attribute with its place. Values with `${…}` keep the placeholder in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    pub text: Name,
    /// The text between the quotes.
    pub span: Span,
}

impl Value {
    /// The value depends on a `${placeholder}`, so it is not known here.
    pub fn is_placeholder(&self) -> bool {
        self.text.contains("${")
    }
}

#[derive(Clone, Debug, Default)]
pub struct ManifestFacts {
    /// `package` of `<manifest>`.
    pub package: Option<Value>,
    /// `<uses-sdk>`; old projects have levels here.
    pub min_sdk: Option<Value>,
    pub target_sdk: Option<Value>,
    pub permissions: Vec<PermissionUse>,
    /// `<application>`, none in many library manifests.
    pub application: Option<Span>,
    /// `android:name` of `<application>`.
    pub application_name: Option<Value>,
    pub components: Vec<ComponentDecl>,
    pub suppressions: Vec<Suppression>,
    /// The XML is broken: what comes after the error is not here.
    pub broken: bool,
}

/// `<uses-permission>`, `<uses-permission-sdk-23>`.
#[derive(Clone, Debug)]
pub struct PermissionUse {
    pub name: Value,
    pub max_sdk: Option<Value>,
    pub node: MergeNode,
    /// `tools:remove` as written, split at commas.
    pub remove: Vec<Name>,
    pub span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ComponentKind {
    Activity,
    ActivityAlias,
    Service,
    Receiver,
    Provider,
}

/// `<activity>`, `<service>`, `<receiver>`, `<provider>`, `<activity-alias>`.
#[derive(Clone, Debug)]
pub struct ComponentDecl {
    pub kind: ComponentKind,
    pub name: Value,
    /// Every attribute with its prefix as usual (`android:exported`), whatever prefix the file binds.
    pub attributes: Vec<(Name, Value)>,
    pub filters: Vec<IntentFilter>,
    /// `<nav-graph>`: stands for the intent filters of its deep links.
    pub nav_graph: bool,
    /// `<meta-data>` and `<property>`: name and value.
    pub properties: Vec<(Name, Option<Value>)>,
    /// `<meta-data tools:node="remove">`: names, with the element.
    pub removed_properties: Vec<(Name, Span)>,
    pub node: MergeNode,
    /// `tools:replace`, `tools:remove` as written, split at commas.
    pub replace: Vec<Name>,
    pub remove: Vec<Name>,
    /// The start tag.
    pub tag: Span,
    /// The whole element.
    pub span: Span,
}

/// `tools:node`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MergeNode {
    #[default]
    Merge,
    MergeOnlyAttributes,
    Replace,
    Strict,
    Remove,
    RemoveAll,
}

#[derive(Clone, Debug, Default)]
pub struct IntentFilter {
    pub actions: Vec<Value>,
    pub categories: Vec<Value>,
    pub span: Span,
}
