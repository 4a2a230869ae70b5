//! Java source to facts. Knows tree-sitter-java's nodes; knows nothing of other files and judges nothing.
//!
//! One walk over the tree: declarations (`decl`, `member`), bodies (`stmt`, `switch`, `expr`, `call`), what is written
//! inside them (`types`, `modifiers`, `literal`), then comments that suppress (`directives`). What error recovery
//! took apart is put together again in `recover`.

mod call;
mod decl;
mod directives;
mod expr;
mod kinds;
mod literal;
mod member;
mod modifiers;
mod recover;
mod stmt;
mod switch;
mod types;

use std::cell::RefCell;

use rustc_hash::FxHashSet;
use smallvec::SmallVec;
use tree_sitter::{Node, Parser, Tree, TreeCursor};

use crate::base::problem::ProblemKind;
use crate::base::{Name, Problem, Span};
use crate::facts::{Expr, ExprId, ExprKind, FileFacts, FunctionId, Language, TypeDeclId};
use crate::syntax::suppressions::resolve_constants;

use kinds::{Field, Kind};

/// Expressions, statements and types nested deeper than this are left out: no human wrote them, and whoever walks
/// the facts recursively can rely on the bound. Chains that only grow to the left (`a + b + …`, `x.a().b()…`) do
/// not count as nesting here.
const MAX_DEPTH: u32 = 500;

/// A file with more syntax errors than this is no Java; the first ones tell enough.
const MAX_PROBLEMS: usize = 50;

thread_local! {
    static PARSER: RefCell<Option<Parser>> = const { RefCell::new(None) };
}

/// Lowers one Java file. `path` is only repeated in problems.
pub fn parse(text: &str, path: &str) -> FileFacts {
    match tree(text) {
        Some(tree) => lower(&tree, text, path),
        None => unparsed(text, path),
    }
}

/// The bare parse, which benches and tests compare lowering with.
pub fn tree(text: &str) -> Option<Tree> {
    PARSER.with_borrow_mut(|slot| {
        if slot.is_none() {
            let mut parser = Parser::new();
            parser.set_language(&tree_sitter_java::LANGUAGE.into()).ok()?;
            *slot = Some(parser);
        }
        slot.as_mut()?.parse(text, None)
    })
}

/// Lowers a tree of `text`.
pub fn lower(tree: &Tree, text: &str, path: &str) -> FileFacts {
    let root = tree.root_node();
    let mut lower = Lower {
        text,
        path,
        cursor: tree.walk(),
        facts: FileFacts::new(Language::Java),
        owner: None,
        function: None,
        depth: 0,
        too_deep: None,
        recovered: FxHashSet::default(),
    };
    lower.facts.broken = root.has_error();
    // Java has about one expression for 22 bytes of text; growing in steps would copy them all again.
    lower.facts.exprs.reserve(text.len() / 22);
    lower.file(root);
    if lower.facts.broken {
        lower.leftovers(root);
    }
    lower.directives(root);
    resolve_constants(&mut lower.facts);
    lower.problems(root);
    lower.facts.shrink();
    lower.facts
}

/// Only an incompatible grammar or a cancelled parse ends here.
fn unparsed(text: &str, path: &str) -> FileFacts {
    let mut facts = FileFacts::new(Language::Java);
    facts.broken = true;
    facts.problems.push(Problem {
        kind: ProblemKind::Syntax,
        path: path.to_owned(),
        span: Some(Span::new(0, text.len())),
        line: Some(1),
        message: "the parser gave up on this file".to_owned(),
    });
    facts
}

/// A child with what is asked about it most.
#[derive(Clone, Copy)]
struct Kid<'t> {
    node: Node<'t>,
    kind: Kind,
    field: Field,
}

type Kids<'t> = SmallVec<[Kid<'t>; 6]>;

/// The walk: the facts so far, and where in them it is.
struct Lower<'t> {
    text: &'t str,
    path: &'t str,
    cursor: TreeCursor<'t>,
    facts: FileFacts,
    /// The innermost type, and the innermost function of that type.
    owner: Option<TypeDeclId>,
    function: Option<FunctionId>,
    depth: u32,
    /// The first place that was nested too deeply.
    too_deep: Option<Span>,
    /// ERROR nodes whose declarations were taken care of where they stand.
    recovered: FxHashSet<usize>,
}

impl<'t> Lower<'t> {
    /// All children but comments, tokens included.
    fn kids(&mut self, node: Node<'t>) -> Kids<'t> {
        let mut kids = Kids::new();
        let count = node.child_count();
        if count == 0 {
            return kids;
        }
        let fields = kinds::kind(node).has_fields();
        self.cursor.reset(node);
        // Stepping beyond the last child costs more than counting.
        for child in 0..count {
            let found =
                if child == 0 { self.cursor.goto_first_child() } else { self.cursor.goto_next_sibling() };
            if !found {
                break;
            }
            let node = self.cursor.node();
            let kind = kinds::kind(node);
            if !kind.is_comment() {
                let field = if fields { kinds::field(self.cursor.field_id()) } else { Field::Other };
                kids.push(Kid { node, kind, field });
            }
        }
        kids
    }

    /// The child at `position` of a node that has `count` of them, none of which is a comment or an error: the
    /// short way into wrappers.
    fn only_kid(&self, node: Node<'t>, position: u32, count: u32) -> Option<Node<'t>> {
        if node.child_count() != count {
            return None;
        }
        let kid = node.child(position)?;
        let kind = kinds::kind(kid);
        if kind.is_expression() { Some(kid) } else { None }
    }

    fn slice(&self, node: Node) -> &'t str {
        self.text.get(node.byte_range()).unwrap_or("")
    }

    fn name(&self, node: Node) -> Name {
        Name::new(self.slice(node))
    }

    /// A dotted name as written, without white space and comments around the dots.
    fn dotted(&mut self, node: Node<'t>) -> Name {
        let text = self.slice(node);
        if !text.contains(|c: char| c.is_whitespace() || c == '/' || c == '@') {
            return Name::new(text);
        }
        let mut clean = String::with_capacity(text.len());
        let mut pending = vec![node];
        while let Some(node) = pending.pop() {
            let kids = self.kids(node);
            if kids.is_empty() {
                clean.push_str(self.slice(node));
            } else {
                pending.extend(kids.iter().rev().filter(|kid| !kid.kind.is_annotation()).map(|kid| kid.node));
            }
        }
        Name::new(&clean)
    }

    fn push(&mut self, kind: ExprKind, span: Span) -> ExprId {
        let id = ExprId(index(self.facts.exprs.len()));
        self.facts.exprs.push(Expr { kind, span });
        id
    }

    fn span_of(&self, id: ExprId) -> Span {
        self.facts[id].span
    }

    /// Runs `lower` one level deeper, or not at all when that is too deep.
    fn deeper<T>(&mut self, at: Node, lower: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.depth >= MAX_DEPTH {
            self.too_deep.get_or_insert(span(at));
            return None;
        }
        self.depth += 1;
        let result = lower(self);
        self.depth -= 1;
        Some(result)
    }

    /// Runs `lower` with another type and function as the innermost ones.
    fn within<T>(
        &mut self,
        owner: Option<TypeDeclId>,
        function: Option<FunctionId>,
        lower: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let outer = (self.owner, self.function);
        (self.owner, self.function) = (owner, function);
        let result = lower(self);
        (self.owner, self.function) = outer;
        result
    }

    /// Syntax errors left in the tree, and nesting that was cut off.
    fn problems(&mut self, root: Node<'t>) {
        if let Some(at) = self.too_deep {
            self.problem(at, format!("nested more than {MAX_DEPTH} levels deep, inner code is not analysed"));
        }
        let mut pending = if root.has_error() { vec![root] } else { Vec::new() };
        while let Some(node) = pending.pop() {
            if self.facts.problems.len() >= MAX_PROBLEMS {
                break;
            }
            if node.is_error() {
                self.problem(span(node), "syntax error".to_owned());
            } else if node.is_missing() {
                self.problem(span(node), format!("`{}` is missing", node.kind()));
            } else {
                pending.extend(self.kids(node).iter().rev().map(|kid| kid.node).filter(Node::has_error));
            }
        }
    }

    fn problem(&mut self, at: Span, message: String) {
        let before = self.text.get(..at.start as usize).unwrap_or("");
        let line = index(before.bytes().filter(|byte| *byte == b'\n').count() + 1);
        self.facts.problems.push(Problem {
            kind: ProblemKind::Syntax,
            path: self.path.to_owned(),
            span: Some(at),
            line: Some(line),
            message,
        });
    }
}

fn span(node: Node) -> Span {
    Span::new(node.start_byte(), node.end_byte())
}

fn index(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// The first child in a field.
fn at<'t>(kids: &Kids<'t>, field: Field) -> Option<Kid<'t>> {
    kids.iter().find(|kid| kid.field == field).copied()
}

/// The first child of a kind.
fn of<'t>(kids: &Kids<'t>, kind: Kind) -> Option<Kid<'t>> {
    kids.iter().find(|kid| kid.kind == kind).copied()
}
