//! Small projects in temporary directories, and the shortest way from them to a tree and a project.

use std::path::PathBuf;

use tempfile::TempDir;
use worklint::base::{Problem, SourceText};
use worklint::discover::{Options, Tree, discover};
use worklint::model::{Module, Project, ReadFile, assemble};
use worklint::syntax::parse_file;

/// A directory with files.
pub(crate) struct Files {
    pub(crate) dir: TempDir,
}

impl Files {
    pub(crate) fn new(files: &[(&str, &str)]) -> Files {
        let made = Files { dir: TempDir::new().expect("a temporary directory") };
        for (path, text) in files {
            made.write(path, text.as_bytes());
        }
        made
    }

    pub(crate) fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        std::fs::write(path, bytes).expect("a file");
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        if path.is_empty() { self.dir.path().to_path_buf() } else { self.dir.path().join(path) }
    }

    pub(crate) fn tree(&self) -> Tree {
        self.tree_with(&Options::default())
    }

    pub(crate) fn tree_with(&self, options: &Options) -> Tree {
        discover(&[self.path("")], options)
    }

    pub(crate) fn project(&self) -> (Project, Vec<Problem>) {
        read(self.tree())
    }
}

/// Reads what is no Kotlin or Java and joins it, as the pipeline does; problems of all steps.
pub(crate) fn read(tree: Tree) -> (Project, Vec<Problem>) {
    let mut problems = tree.problems.clone();
    let mut files = Vec::new();
    for (at, file) in tree.files.iter().enumerate() {
        if file.build.is_some() {
            continue;
        }
        match tree.read(file) {
            Ok(decoded) => {
                let (parsed, found) = parse_file(file.kind, &decoded.text, &file.path);
                problems.extend(found);
                problems.extend(decoded.doubt(&file.path));
                files.push(ReadFile { file: at, text: SourceText::new(decoded.text), parsed });
            }
            Err(problem) => problems.push(problem),
        }
    }
    let (project, found) = assemble(tree, files);
    problems.extend(found);
    (project, problems)
}

/// `path [module source set]` of every Kotlin and Java file.
pub(crate) fn sources(tree: &Tree) -> Vec<String> {
    let files = tree.files.iter().filter(|file| file.kind.is_source() && file.in_scope);
    files.map(|it| format!("{} [{} {}]", it.path, tree.modules[it.module].path, it.source_set)).collect()
}

pub(crate) fn module<'p>(project: &'p Project, path: &str) -> &'p Module {
    project.modules.iter().find(|module| module.path == path).unwrap_or_else(|| panic!("no module {path}"))
}

/// `path:line message` of every problem.
pub(crate) fn told(problems: &[Problem]) -> Vec<String> {
    let place = |it: &Problem| it.line.map_or(it.path.clone(), |line| format!("{}:{line}", it.path));
    problems.iter().map(|it| format!("{} {}", place(it), it.message)).collect()
}
