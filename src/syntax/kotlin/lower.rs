//! The state of lowering one tree: where we are (type, function, depth) and what has been built so far.

use smallvec::SmallVec;
use tree_sitter::{Node, Tree, TreeCursor};

use crate::base::{Name, Span};
use crate::facts::{
    Expr, ExprId, ExprKind, FileFacts, FunctionDecl, FunctionId, FunctionKind, Language, Modifiers,
    TypeDeclId,
};

use super::kinds::Kind;
use super::soft::Lost;

/// Nesting beyond which nothing is lowered; real code stays below 60.
const MAX_DEPTH: u32 = 500;

/// The children of a node, comments left out, tokens included.
pub(super) type Kids<'t> = SmallVec<[(Kind, Node<'t>); 8]>;

pub(super) struct Lower<'t> {
    pub(super) text: &'t str,
    /// The text before mending; the same offsets.
    pub(super) original: &'t str,
    pub(super) facts: FileFacts,
    /// The innermost type around the current node.
    pub(super) owner: Option<TypeDeclId>,
    /// The function the current node runs in; none directly in a type or file.
    pub(super) function: Option<FunctionId>,
    /// `Initializer` and `StaticInitializer` of the current type or file, made when first needed.
    pub(super) initializer: Option<FunctionId>,
    pub(super) static_initializer: Option<FunctionId>,
    /// What error recovery left inside the current statement; becomes a statement of its own after it.
    pub(super) strays: Vec<ExprId>,
    /// The first place that was nested too deep.
    pub(super) too_deep: Option<Span>,
    pub(super) depth: u32,
    /// What the tree does not have.
    pub(super) lost: &'t [Lost],
    cursor: TreeCursor<'t>,
}

impl<'t> Lower<'t> {
    pub(super) fn new(text: &'t str, original: &'t str, tree: &'t Tree) -> Lower<'t> {
        Lower {
            text,
            original,
            facts: FileFacts::new(Language::Kotlin),
            owner: None,
            function: None,
            initializer: None,
            static_initializer: None,
            strays: Vec::new(),
            too_deep: None,
            depth: 0,
            lost: &[],
            cursor: tree.walk(),
        }
    }

    pub(super) fn kids(&mut self, node: Node<'t>) -> Kids<'t> {
        let mut kids = Kids::new();
        let count = node.child_count();
        if count == 0 {
            return kids;
        }
        self.cursor.reset(node);
        // Stepping beyond the last child costs more than counting.
        for child in 0..count {
            let found =
                if child == 0 { self.cursor.goto_first_child() } else { self.cursor.goto_next_sibling() };
            if !found {
                break;
            }
            let child = self.cursor.node();
            let kind = Kind::of(child);
            if !kind.is_comment() {
                kids.push((kind, child));
            }
        }
        kids
    }

    pub(super) fn text_of(&self, node: Node<'t>) -> &'t str {
        self.text.get(node.byte_range()).unwrap_or("")
    }

    /// An identifier without its backticks.
    pub(super) fn name_of(&self, node: Node<'t>) -> Name {
        // The original text: mending respells some names.
        Name::new(self.original.get(node.byte_range()).unwrap_or("").trim_matches('`'))
    }

    pub(super) fn push(&mut self, kind: ExprKind, span: Span) -> ExprId {
        let id = ExprId(index(self.facts.exprs.len()));
        self.facts.exprs.push(Expr { kind, span });
        id
    }

    pub(super) fn span_of(&self, id: ExprId) -> Span {
        self.facts.exprs.get(id.0 as usize).map(|expr| expr.span).unwrap_or_default()
    }

    /// Runs `lower` one level deeper, unless that is too deep.
    pub(super) fn deeper<R>(&mut self, node: Node<'t>, lower: impl FnOnce(&mut Self) -> R) -> Option<R> {
        if self.depth >= MAX_DEPTH {
            self.too_deep.get_or_insert(span(node));
            return None;
        }
        self.depth += 1;
        let result = lower(self);
        self.depth -= 1;
        Some(result)
    }

    /// A new function in the current type, filled in by the caller through `function_mut`.
    pub(super) fn new_function(
        &mut self,
        kind: FunctionKind,
        name: Name,
        span: Span,
        name_span: Span,
    ) -> FunctionId {
        let id = FunctionId(index(self.facts.functions.len()));
        self.facts.functions.push(FunctionDecl {
            name,
            kind,
            owner: self.owner,
            parent: None,
            property: None,
            modifiers: Modifiers::empty(),
            annotations: Vec::new(),
            type_params: Vec::new(),
            receiver: None,
            params: Vec::new(),
            result: None,
            body: None,
            expression_body: false,
            span,
            name_span,
        });
        id
    }

    /// Changes a function made before.
    pub(super) fn edit_function(&mut self, id: FunctionId, edit: impl FnOnce(&mut FunctionDecl)) {
        if let Some(function) = self.facts.functions.get_mut(id.0 as usize) {
            edit(function);
        }
    }

    /// Runs `lower` as part of a function's body.
    pub(super) fn inside<R>(&mut self, function: FunctionId, lower: impl FnOnce(&mut Self) -> R) -> R {
        let outer = self.function.replace(function);
        let result = lower(self);
        self.function = outer;
        result
    }

    /// Runs `lower` as members of a type: no function, initialisers of its own.
    pub(super) fn inside_type<R>(&mut self, owner: TypeDeclId, lower: impl FnOnce(&mut Self) -> R) -> R {
        let outer = (self.owner.replace(owner), self.function.take());
        let initializers = (self.initializer.take(), self.static_initializer.take());
        let result = lower(self);
        (self.owner, self.function) = outer;
        (self.initializer, self.static_initializer) = initializers;
        result
    }

    /// What runs the current expression: the function, or the initialiser when we are directly in a type or file.
    pub(super) fn runner(&mut self) -> FunctionId {
        match self.function {
            Some(function) => function,
            None => self.initializer(),
        }
    }

    /// The initialiser of the current type, the static one of the file outside of types.
    pub(super) fn initializer(&mut self) -> FunctionId {
        let Some(owner) = self.owner else { return self.static_initializer() };
        if let Some(id) = self.initializer {
            return id;
        }
        let id = self.new_initializer(FunctionKind::Initializer, "<init>", Some(owner));
        self.initializer = Some(id);
        id
    }

    pub(super) fn static_initializer(&mut self) -> FunctionId {
        if let Some(id) = self.static_initializer {
            return id;
        }
        let id = self.new_initializer(FunctionKind::StaticInitializer, "<clinit>", self.owner);
        self.static_initializer = Some(id);
        id
    }

    fn new_initializer(&mut self, kind: FunctionKind, name: &str, owner: Option<TypeDeclId>) -> FunctionId {
        let file = Span::new(0, self.text.len());
        let owner = owner.and_then(|owner| self.facts.types.get(owner.0 as usize));
        let (span, name_span) = owner.map_or((file, Span::default()), |owner| (owner.span, owner.name_span));
        let id = self.new_function(kind, Name::new(name), span, name_span);
        let body = self.push(ExprKind::Block(Vec::new()), span);
        self.edit_function(id, |function| function.body = Some(body));
        id
    }

    /// Adds a statement to an initialiser.
    pub(super) fn add_to(&mut self, initializer: FunctionId, statement: ExprId) {
        let body = self.facts.functions.get(initializer.0 as usize).and_then(|function| function.body);
        if let Some(body) = body
            && let Some(Expr { kind: ExprKind::Block(statements), .. }) =
                self.facts.exprs.get_mut(body.0 as usize)
        {
            statements.push(statement);
        }
    }
}

pub(super) fn span(node: Node<'_>) -> Span {
    Span::new(node.start_byte(), node.end_byte())
}

/// The next id of an arena. Files have fewer than 2³² of anything.
pub(super) fn index(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}
