//! All facts joined with the catalogue: symbols, class hierarchy, expression types, call sites.
//!
//! `Core` answers for declarations and types and can evaluate any expression; `Model` adds the recorded call sites.

mod assemble;
pub mod broadcasts;
pub mod calls;
pub mod core;
pub mod coroutines;
mod delegation;
pub mod evaluate;
mod flavors;
mod generated;
pub mod held;
mod hierarchy;
pub mod ids;
mod injection;
pub mod intents;
mod launches;
mod library;
mod locals;
pub mod manifest;
pub mod objects;
pub mod project;
pub mod scope;
pub mod sdk;
mod service_locators;
pub mod service_types;
pub mod symbols;
pub mod ty;
pub mod value;

pub use assemble::{ReadFile, assemble, assemble_with};
pub use calls::{Api, ArgValue, CallSite, SiteKind, Target};
pub use core::{Core, Model};
pub use coroutines::LambdaRole;
pub use ids::{FnId, PropId, SiteId, TypeId};
pub use intents::{IntentValue, PendingKind};
pub use launches::{Launch, LaunchScope};
pub use locals::Declared;
pub use objects::{ObjectCall, ObjectValue, RECEIVER};
pub use project::{
    Component, MergedManifest, Module, ModuleId, NEWEST_SDK, OLDEST_SDK, Permission, Project, ProjectFile,
    SdkLevel,
};
pub use ty::Type;
pub use value::{Callable, Const, Thread, ThreadTarget, ThreadValue, Value};
