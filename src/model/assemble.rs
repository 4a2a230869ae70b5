//! From a tree and its files' facts to a `Project`: modules, who depends on whom, what each app is made of.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::base::{Name, Problem, SourceText};
use crate::discover::{ModuleKind, Tree, TreeModule, source_sets};
use crate::facts::gradle::{LintSetting, ProjectDependency};
use crate::findings::FileId;
use crate::findings::lint::GradleLint;
use crate::syntax::{FileKind, Parsed};

use super::generated;
use super::manifest::{Layer, has_launcher, merge};
use super::project::{MergedManifest, Module, ModuleId, Project, ProjectFile};
use super::sdk::{Fallback, Levels};

/// A file of the tree with what it says. Build files need none: the tree has read them.
#[derive(Debug)]
pub struct ReadFile {
    /// Index in `Tree::files`.
    pub file: usize,
    pub text: SourceText,
    pub parsed: Parsed,
}

/// A dependency on a module, with the source set that only has it (`debug` of `debugImplementation`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Edge {
    target: usize,
    variant: Option<Name>,
}

/// Joins the files that were read. Files of the tree that are missing in `read` could not be read; those that are only
/// listed take no part.
pub fn assemble(tree: Tree, read: Vec<ReadFile>) -> (Project, Vec<Problem>) {
    assemble_with(tree, read, Fallback::default())
}

/// The same, with SDK levels for modules that do not say theirs.
pub fn assemble_with(mut tree: Tree, read: Vec<ReadFile>, fallback: Fallback) -> (Project, Vec<Problem>) {
    let mut problems = Vec::new();
    let mut contents: BTreeMap<usize, (SourceText, Parsed)> =
        read.into_iter().map(|file| (file.file, (file.text, file.parsed))).collect();
    let unread: BTreeSet<usize> = (0..tree.files.len())
        .filter(|at| tree.files[*at].kind == FileKind::Manifest && !contents.contains_key(at))
        .map(|at| tree.files[at].module)
        .collect();
    // Build files keep their facts in the tree, where levels are looked up; texts move to the project.
    for (at, file) in tree.files.iter_mut().enumerate() {
        if let Some(build) = &mut file.build {
            contents.insert(at, (SourceText::new(std::mem::take(&mut build.text)), Parsed::None));
        }
    }
    let numbers: BTreeMap<usize, FileId> =
        contents.keys().zip(0..).map(|(at, id)| (*at, FileId(id))).collect();
    let mut files = Vec::with_capacity(contents.len());
    for (at, (text, parsed)) in contents {
        let file = &tree.files[at];
        let module = ModuleId(u32::try_from(file.module).unwrap_or(u32::MAX));
        let mut entry = ProjectFile {
            path: file.path.clone(),
            text,
            module,
            source_set: file.source_set,
            facts: None,
            manifest: None,
            lint: None,
            generated: false,
            layout: None,
            in_scope: file.in_scope,
        };
        match parsed {
            Parsed::Source(facts) => entry.facts = Some(*facts),
            Parsed::Generated(facts) => {
                entry.facts = Some(*facts);
                entry.generated = true;
            }
            Parsed::Layout(facts) => {
                let (binding, layout) = *facts;
                entry.facts = Some(binding);
                entry.layout = Some(layout);
                entry.generated = true;
            }
            Parsed::Manifest(facts) => entry.manifest = Some(*facts),
            Parsed::Lint(facts) => entry.lint = Some(facts),
            _ => {}
        }
        files.push(entry);
    }
    let levels = Levels::new(&tree, &numbers, fallback);
    let namespaces: Vec<Option<Name>> = tree.modules.iter().map(|module| levels.namespace(module)).collect();
    let (edges, dangling) = dependencies(&tree);
    let placeholders: Vec<_> = tree.modules.iter().map(|module| levels.placeholders(module)).collect();
    let layers = own_layers(&files, &namespaces, &placeholders);
    let reached: Vec<Vec<Edge>> = (0..tree.modules.len()).map(|module| reach(module, &edges)).collect();
    let is_application: Vec<bool> = tree
        .modules
        .iter()
        .enumerate()
        .map(|(at, module)| match module.kind {
            ModuleKind::Application => true,
            ModuleKind::Unknown => {
                levels.has_application_id(module) || layers[at].iter().any(|it| has_launcher(it.facts))
            }
            _ => false,
        })
        .collect();
    let shipped_with: Vec<BTreeSet<usize>> =
        reached.iter().map(|edges| edges.iter().map(|edge| edge.target).collect()).collect();
    let mut modules: Vec<Module> = Vec::with_capacity(tree.modules.len());
    for (at, module) in tree.modules.iter().enumerate() {
        let includes = |app: &usize| is_application[*app] && (*app == at || shipped_with[*app].contains(&at));
        let applications = (0..tree.modules.len()).filter(includes).map(module_id).collect();
        let manifest = merged(at, &layers, &reached[at], &dangling, &unread);
        let own = levels.own(module, layers[at].iter().map(|layer| (layer.file, layer.facts)));
        modules.push(Module {
            path: module.path.clone(),
            dir: module.dir.clone(),
            is_application: is_application[at],
            namespace: namespaces[at].or_else(|| layers[at].iter().find_map(|layer| layer.package)),
            min_sdk: own.min,
            target_sdk: own.target,
            depends_on: edges[at]
                .iter()
                .map(|edge| module_id(edge.target))
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect(),
            manifest,
            lint: levels.lint(module).into_iter().map(|(file, it)| lint(&files, file, it)).collect(),
            applications,
        });
    }
    drop(layers);
    levels.inherit(&mut modules, &mut problems);
    for (at, module) in tree.modules.iter().enumerate() {
        // SQLDelight 1 had other packages.
        let old = levels.has_plugin(module, "com.squareup.sqldelight");
        let databases = levels.databases(module);
        generated::name_queries(&mut files, module_id(at), &databases, old);
    }
    generated::name_bindings(&mut files, &modules);
    (Project { files, modules }, problems)
}

fn module_id(at: usize) -> ModuleId {
    ModuleId(u32::try_from(at).unwrap_or(u32::MAX))
}

fn lint(files: &[ProjectFile], file: FileId, setting: &LintSetting) -> GradleLint {
    let (path, line) = files
        .get(file.0 as usize)
        .map_or((String::new(), 1), |it| (it.path.clone(), it.text.line(setting.span.start)));
    GradleLint { word: setting.word, ids: setting.ids.clone(), path, line }
}

/// Manifests of every module, those that count first in front: `main`, then overlays.
fn own_layers<'f>(
    files: &'f [ProjectFile],
    namespaces: &[Option<Name>],
    placeholders: &'f [BTreeMap<Name, Option<Name>>],
) -> Vec<Vec<Layer<'f>>> {
    let mut layers: Vec<Vec<Layer<'f>>> = namespaces.iter().map(|_| Vec::new()).collect();
    for (file, id) in files.iter().zip(0..) {
        let Some(facts) = &file.manifest else { continue };
        let at = file.module.0 as usize;
        let package = facts.package.as_ref().filter(|it| !it.is_placeholder()).map(|it| it.text);
        let base = file.is_shared();
        let package = namespaces[at].or(package);
        layers[at].push(Layer {
            file: FileId(id),
            source_set: file.source_set,
            facts,
            package,
            base,
            variant: None,
            placeholders: &placeholders[at],
        });
    }
    for own in &mut layers {
        own.sort_by_key(|layer| !layer.base);
        // Overlays of old projects have no package of their own.
        let package = own.iter().find_map(|layer| layer.package);
        for layer in own.iter_mut() {
            layer.package = layer.package.or(package);
        }
    }
    layers
}

fn merged(
    at: usize,
    layers: &[Vec<Layer<'_>>],
    reached: &[Edge],
    dangling: &BTreeSet<usize>,
    unread: &BTreeSet<usize>,
) -> MergedManifest {
    let own = layers[at].clone();
    let mut libraries = Vec::new();
    for edge in reached {
        let of_library = layers[edge.target].iter().map(|layer| Layer { variant: edge.variant, ..*layer });
        libraries.extend(of_library);
    }
    let mut manifest = merge(&own, &libraries);
    let all = || reached.iter().map(|edge| edge.target).chain([at]);
    manifest.incomplete |= all().any(|module| dangling.contains(&module) || unread.contains(&module));
    manifest
}

/// Modules reached through dependencies, nearest first, each once; a way without a variant wins.
fn reach(start: usize, edges: &[Vec<Edge>]) -> Vec<Edge> {
    let mut order: Vec<Edge> = Vec::new();
    let mut at: BTreeMap<usize, usize> = BTreeMap::new();
    let mut queue: VecDeque<Edge> = edges[start].iter().copied().collect();
    while let Some(edge) = queue.pop_front() {
        if edge.target == start {
            continue;
        }
        match at.get(&edge.target) {
            Some(known) if order[*known].variant.is_none() || edge.variant.is_some() => continue,
            Some(known) => order[*known].variant = None,
            None => {
                at.insert(edge.target, order.len());
                order.push(edge);
            }
        }
        let variant = edge.variant;
        queue.extend(
            edges[edge.target]
                .iter()
                .map(|next| Edge { target: next.target, variant: variant.or(next.variant) }),
        );
    }
    order
}

/// Direct dependencies that are part of what the module ships, and the modules some of whose are not in the tree.
fn dependencies(tree: &Tree) -> (Vec<Vec<Edge>>, BTreeSet<usize>) {
    let mut by_path: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut by_accessor: BTreeMap<(&str, String), usize> = BTreeMap::new();
    for (at, module) in tree.modules.iter().enumerate() {
        by_path.insert((&module.build, &module.gradle_path), at);
        by_accessor.insert((&module.build, accessor(&module.gradle_path)), at);
    }
    let mut edges = Vec::with_capacity(tree.modules.len());
    let mut dangling = BTreeSet::new();
    for (at, module) in tree.modules.iter().enumerate() {
        let scripts = module.scripts.iter().filter_map(|script| tree.script(*script));
        let mut own = BTreeSet::new();
        for dependency in scripts.flat_map(|script| &script.project_dependencies) {
            let Some(variant) = shipped(dependency, module) else { continue };
            let target = dependency.target;
            let found = match target.strip_prefix("projects.") {
                Some(path) => {
                    let path = path.trim_end_matches(".dependencyProject").trim_end_matches(".path");
                    by_accessor.get(&(module.build.as_str(), path.to_owned())).copied()
                }
                None => {
                    let path =
                        if target.starts_with(':') { target.to_string() } else { format!(":{target}") };
                    by_path.get(&(module.build.as_str(), path.as_str())).copied()
                }
            };
            match found {
                Some(target) if target != at => {
                    own.insert(Edge { target, variant });
                }
                Some(_) => {}
                None => {
                    dangling.insert(at);
                }
            }
        }
        edges.push(own.into_iter().collect());
    }
    (edges, dangling)
}

/// `:core:data-test` as type-safe accessors write it: `core.dataTest`.
fn accessor(path: &str) -> String {
    let mut accessor = String::new();
    let mut raise = false;
    for letter in path.trim_start_matches(':').chars() {
        match letter {
            ':' => accessor.push('.'),
            '-' | '_' => raise = true,
            _ if std::mem::take(&mut raise) => accessor.extend(letter.to_uppercase()),
            _ => accessor.push(letter),
        }
    }
    accessor
}

/// None: the dependency is of tests, of the compiler or of the build. Otherwise the variant that has it, if only one.
fn shipped(dependency: &ProjectDependency, module: &TreeModule) -> Option<Option<Name>> {
    let written = dependency.configuration.as_str();
    let (set, configuration) = written.split_once('.').unwrap_or(("", written));
    if source_sets::is_test(set, &[]) || source_sets::is_elsewhere(set, &[], false) {
        return None;
    }
    let processors = [
        "ksp",
        "kapt",
        "annotationProcessor",
        "lintChecks",
        "lintPublish",
        "baselineProfile",
        "detekt",
        "compileOnly",
        "coreLibraryDesugaring",
        "androidTestUtil",
        "spotbugs",
        "ktlint",
        "classpath",
        "benchmark",
    ];
    if processors.iter().any(|prefix| configuration.starts_with(prefix)) {
        return None;
    }
    let role = ["Implementation", "Api", "RuntimeOnly", "CompileOnly", "AnnotationProcessor"];
    let Some(prefix) = role.iter().find_map(|role| configuration.strip_suffix(role)) else {
        return Some(None);
    };
    let variants: Vec<&str> = module.variants.iter().map(Name::as_str).collect();
    if source_sets::is_test(prefix, &variants) || configuration.ends_with("CompileOnly") {
        return None;
    }
    Some(if matches!(prefix, "commonMain" | "androidMain") { None } else { Some(Name::new(prefix)) })
}
