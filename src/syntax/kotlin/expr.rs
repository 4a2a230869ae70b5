//! Expressions and statements that are neither chains (`chain.rs`) nor control flow (`control.rs`).

use tree_sitter::Node;

use crate::base::{Name, Span};
use crate::facts::{
    Arg, BinaryOp, ExprId, ExprKind, FunctionKind, Literal, Local, Modifiers, Param, TypeRef,
};

use super::function::new_param;
use super::kinds::Kind;
use super::lower::{Kids, Lower, span};

impl<'t> Lower<'t> {
    /// Lowers any expression or statement.
    pub(super) fn expr(&mut self, node: Node<'t>) -> ExprId {
        match self.deeper(node, |lower| lower.expr_here(node)) {
            Some(id) => id,
            None => self.push(ExprKind::Missing(Vec::new()), span(node)),
        }
    }

    fn expr_here(&mut self, node: Node<'t>) -> ExprId {
        match Kind::of(node) {
            Kind::Identifier => self.identifier(node),
            Kind::String => self.string(node, false),
            Kind::RawString => self.string(node, true),
            Kind::Number => self.number(node),
            Kind::Float => self.float(node),
            Kind::Character => self.character(node),
            Kind::Parenthesized => self.parenthesized(node),
            Kind::Navigation
            | Kind::Call
            | Kind::Index
            | Kind::Unary
            | Kind::Binary
            | Kind::Infix
            | Kind::In
            | Kind::Is
            | Kind::As
            | Kind::Range => self.chain(node),
            Kind::This | Kind::Super => self.this_or_super(node),
            Kind::Object => self.object_literal(node),
            Kind::CallableReference => self.callable_reference(node),
            Kind::Collection => {
                let parts = self.operands(node);
                self.push(ExprKind::Array(parts), span(node))
            }
            Kind::Lambda => self.lambda(node, None),
            Kind::AnonymousFunction => self.anonymous_function(node),
            Kind::AnnotatedExpression => self.annotated(node),
            Kind::Labeled => self.labeled(node),
            Kind::Spread => self.only_operand(node),
            Kind::Assignment => self.assignment(node),
            Kind::Block => self.block(node),
            Kind::PropertyDeclaration => self.local(node),
            Kind::FunctionDeclaration => {
                let runner = self.runner();
                let id = self.inside(runner, |lower| lower.function_decl(node));
                self.push(ExprKind::LocalFunction(id), span(node))
            }
            kind @ (Kind::ClassDeclaration | Kind::ObjectDeclaration | Kind::CompanionObject) => {
                match self.type_decl(node, kind) {
                    Some(id) => self.push(ExprKind::LocalType(id), span(node)),
                    None => self.push(ExprKind::Missing(Vec::new()), span(node)),
                }
            }
            Kind::TypeAlias => {
                self.type_alias(node);
                self.push(ExprKind::Missing(Vec::new()), span(node))
            }
            _ => self.control(node),
        }
    }

    /// Names, and the words the grammar takes for names.
    fn identifier(&mut self, node: Node<'t>) -> ExprId {
        let kind = match self.text_of(node) {
            "true" => ExprKind::Literal(Literal::Bool(true)),
            "false" => ExprKind::Literal(Literal::Bool(false)),
            "null" => ExprKind::Literal(Literal::Null),
            "break" => ExprKind::Break,
            "continue" => ExprKind::Continue,
            "return" => ExprKind::Return { value: None, label: None },
            "this" => ExprKind::This(None),
            "super" => ExprKind::Super(None),
            _ => ExprKind::Name(self.name_of(node)),
        };
        self.push(kind, span(node))
    }

    /// The children without what error recovery left between them; that is lowered as a stray.
    pub(super) fn parts(&mut self, node: Node<'t>) -> Kids<'t> {
        let mut kids = self.kids(node);
        if kids.iter().any(|(kind, _)| *kind == Kind::Error) {
            for (kind, child) in &kids {
                if *kind == Kind::Error {
                    let stray = self.expr(*child);
                    self.strays.push(stray);
                }
            }
            kids.retain(|(kind, _)| *kind != Kind::Error);
        }
        kids
    }

    /// All children that are expressions.
    pub(super) fn operands(&mut self, node: Node<'t>) -> Vec<ExprId> {
        let mut operands = Vec::new();
        for (kind, child) in self.kids(node) {
            if kind.is_expression() {
                operands.push(self.expr(child));
            }
        }
        operands
    }

    /// The one child that is an expression, in place of the node.
    pub(super) fn only_operand(&mut self, node: Node<'t>) -> ExprId {
        let parts = self.parts(node);
        match parts.iter().rev().find(|(kind, _)| kind.is_expression()) {
            Some((_, operand)) => self.expr(*operand),
            None => self.push(ExprKind::Missing(Vec::new()), span(node)),
        }
    }

    /// Parentheses leave no trace; thousands of them nest without recursion.
    fn parenthesized(&mut self, node: Node<'t>) -> ExprId {
        let mut inner = node;
        while Kind::of(inner) == Kind::Parenthesized {
            let parts = self.parts(inner);
            let Some((_, next)) = parts.iter().find(|(kind, _)| kind.is_expression()) else { break };
            inner = *next;
        }
        if Kind::of(inner) == Kind::Parenthesized {
            return self.push(ExprKind::Missing(Vec::new()), span(node));
        }
        self.expr(inner)
    }

    fn this_or_super(&mut self, node: Node<'t>) -> ExprId {
        let is_this = Kind::of(node) == Kind::This;
        let mut label = None;
        for (kind, child) in self.kids(node) {
            match kind {
                Kind::Identifier => label = Some(self.name_of(child)),
                kind if kind.is_type() => label = Some(self.type_ref(child).name),
                _ => {}
            }
        }
        self.push(if is_this { ExprKind::This(label) } else { ExprKind::Super(label) }, span(node))
    }

    /// `::f`, `T::f`, `T::class`.
    fn callable_reference(&mut self, node: Node<'t>) -> ExprId {
        let mut ty = None;
        let mut name = None;
        let mut is_class = false;
        for (kind, child) in self.kids(node) {
            match kind {
                Kind::ClassWord => is_class = true,
                Kind::Identifier => name = Some(self.name_of(child)),
                kind if kind.is_type() => ty = Some(self.type_ref(child)),
                _ => {}
            }
        }
        let kind = match (is_class, ty, name) {
            (true, Some(ty), _) if is_type_name(&ty) => ExprKind::ClassLiteral(Box::new(ty)),
            (true, Some(ty), _) => {
                let receiver = self.path(&ty);
                let at = node.end_byte();
                let name_span = Span::new(at.saturating_sub("class".len()), at);
                ExprKind::Member { receiver, name: Name::new("class"), name_span, safe: false }
            }
            (_, ty, name) => {
                let receiver = ty.map(|ty| self.path(&ty));
                ExprKind::FunctionRef { receiver, name: name.unwrap_or_default() }
            }
        };
        self.push(kind, span(node))
    }

    /// A type's dotted name as an expression.
    fn path(&mut self, ty: &TypeRef) -> ExprId {
        let mut segments = ty.name.as_str().split('.');
        let first = segments.next().unwrap_or("");
        let first = if first == "this" { ExprKind::This(None) } else { ExprKind::Name(Name::new(first)) };
        let mut path = self.push(first, ty.span);
        for segment in segments {
            let name = Name::new(segment);
            path = self
                .push(ExprKind::Member { receiver: path, name, name_span: ty.span, safe: false }, ty.span);
        }
        path
    }

    fn annotated(&mut self, node: Node<'t>) -> ExprId {
        let mut annotations = Vec::new();
        for (kind, child) in self.kids(node) {
            if kind == Kind::Annotation {
                self.add_annotation(child, span(node), &mut annotations);
            }
        }
        let operand = self.only_operand(node);
        if let Some(ExprKind::Lambda(lambda)) = self.facts.exprs.get(operand.0 as usize).map(|it| &it.kind) {
            let lambda = *lambda;
            self.edit_function(lambda, |function| function.annotations = annotations);
        }
        operand
    }

    /// `name@ expression`; the grammar takes `break@name` for one as well.
    fn labeled(&mut self, node: Node<'t>) -> ExprId {
        let label = self.kids(node).first().map_or("", |(_, label)| self.text_of(*label));
        match label {
            "break@" => self.push(ExprKind::Break, span(node)),
            "continue@" => self.push(ExprKind::Continue, span(node)),
            _ => self.only_operand(node),
        }
    }

    fn assignment(&mut self, node: Node<'t>) -> ExprId {
        let parts = self.parts(node);
        let [(_, target), (_, word), (_, value), ..] = parts.as_slice() else {
            return self.missing(node);
        };
        let op = match self.text_of(*word) {
            "+=" => Some(BinaryOp::Add),
            "-=" => Some(BinaryOp::Sub),
            "*=" => Some(BinaryOp::Mul),
            "/=" => Some(BinaryOp::Div),
            "%=" => Some(BinaryOp::Rem),
            _ => None,
        };
        let target = self.expr(*target);
        let value = self.expr(*value);
        self.push(ExprKind::Assign { target, op, value }, span(node))
    }

    /// Something that was not understood, with what can be understood inside.
    pub(super) fn missing(&mut self, node: Node<'t>) -> ExprId {
        let parts = self.operands(node);
        self.push(ExprKind::Missing(parts), span(node))
    }

    /// Arguments in parentheses.
    pub(super) fn args(&mut self, node: Node<'t>) -> Vec<Arg> {
        let mut args = Vec::new();
        for (kind, child) in self.parts(node) {
            if kind == Kind::ValueArgument {
                args.push(self.arg(child));
            }
        }
        args
    }

    fn arg(&mut self, node: Node<'t>) -> Arg {
        let parts = self.parts(node);
        let name = match parts.as_slice() {
            [(Kind::Identifier, name), (Kind::Equals, _), ..] => Some(self.name_of(*name)),
            _ => None,
        };
        let value = match parts.last() {
            Some((kind, value)) if kind.is_expression() => self.expr(*value),
            _ => self.push(ExprKind::Missing(Vec::new()), span(node)),
        };
        Arg { name, value, trailing: false }
    }

    /// `{ a, (b, c) -> … }`; `whole` is a wider span when annotations or labels belong to it.
    pub(super) fn lambda(&mut self, node: Node<'t>, whole: Option<Span>) -> ExprId {
        let parent = self.runner();
        let whole = whole.unwrap_or(span(node));
        let at = Span::new(node.start_byte(), node.start_byte() + 1);
        let id = self.new_function(FunctionKind::Lambda, Name::new("<lambda>"), whole, at);
        let mut params = Vec::new();
        let mut statements = Vec::new();
        let outer_strays = std::mem::take(&mut self.strays);
        self.inside(id, |lower| {
            for (kind, child) in lower.kids(node) {
                match kind {
                    Kind::LambdaParameters => lower.lambda_params(child, &mut params, &mut statements),
                    kind if kind.is_expression() => lower.statement(child, &mut statements),
                    _ => {}
                }
            }
        });
        self.strays = outer_strays;
        let body = self.push(ExprKind::Block(statements), span(node));
        let suspend = self.follows_blanked(node.start_byte(), "suspend");
        self.edit_function(id, |function| {
            function.parent = Some(parent);
            function.params = params;
            function.body = Some(body);
            if suspend {
                function.modifiers |= Modifiers::SUSPEND;
            }
        });
        self.push(ExprKind::Lambda(id), whole)
    }

    /// Mending removed `word` right before this offset.
    fn follows_blanked(&self, offset: usize, word: &str) -> bool {
        let before =
            |text: &'t str| text.get(..offset).map(str::trim_end).is_some_and(|text| text.ends_with(word));
        // The same text is the common case: nothing was mended.
        !std::ptr::eq(self.text, self.original) && before(self.original) && !before(self.text)
    }

    fn lambda_params(&mut self, node: Node<'t>, params: &mut Vec<Param>, statements: &mut Vec<ExprId>) {
        for (kind, child) in self.kids(node) {
            let mut param = new_param(span(child));
            match kind {
                Kind::VariableDeclaration => {
                    for (kind, part) in self.kids(child) {
                        match kind {
                            Kind::Identifier => param.name = self.name_of(part),
                            Kind::Annotation => {
                                self.add_annotation(part, span(child), &mut param.annotations)
                            }
                            kind if kind.is_type() => param.ty = Some(self.type_ref(part)),
                            _ => {}
                        }
                    }
                }
                Kind::MultiVariable => {
                    param.name = Name::new("<destructured>");
                    let names = self.variable_names(child);
                    statements.push(
                        self.push(ExprKind::Destructure { names: names.into(), value: None }, span(child)),
                    );
                }
                _ => continue,
            }
            params.push(param);
        }
    }

    /// The names of `(a, b: T, _)`.
    pub(super) fn variable_names(&mut self, node: Node<'t>) -> Vec<Name> {
        let mut names = Vec::new();
        for (kind, child) in self.kids(node) {
            if kind == Kind::VariableDeclaration {
                let kids = self.kids(child);
                let name = kids.iter().find(|(kind, _)| *kind == Kind::Identifier);
                names.extend(name.map(|(_, name)| self.name_of(*name)));
            }
        }
        names
    }

    fn anonymous_function(&mut self, node: Node<'t>) -> ExprId {
        let parent = self.runner();
        let at = Span::new(node.start_byte(), node.start_byte() + "fun".len());
        let id = self.new_function(FunctionKind::AnonymousFunction, Name::new("<anonymous>"), span(node), at);
        let suspend = self.follows_blanked(node.start_byte(), "suspend");
        self.edit_function(id, |function| {
            function.parent = Some(parent);
            if suspend {
                function.modifiers |= Modifiers::SUSPEND;
            }
        });
        let kids = self.kids(node);
        self.signature_and_body(id, kids);
        self.push(ExprKind::Lambda(id), span(node))
    }

    /// `{ … }` as the body of something.
    pub(super) fn block(&mut self, node: Node<'t>) -> ExprId {
        let mut statements = Vec::new();
        let outer_strays = std::mem::take(&mut self.strays);
        for (kind, child) in self.kids(node) {
            if kind.is_expression() {
                self.statement(child, &mut statements);
            }
        }
        self.strays = outer_strays;
        self.push(ExprKind::Block(statements), span(node))
    }

    pub(super) fn statement(&mut self, node: Node<'t>, statements: &mut Vec<ExprId>) {
        statements.push(self.expr(node));
        statements.append(&mut self.strays);
    }

    /// A local variable or destructuring.
    pub(super) fn local(&mut self, node: Node<'t>) -> ExprId {
        let mut local = Local {
            name: Name::default(),
            name_span: span(node),
            ty: None,
            init: None,
            delegate: None,
            mutable: false,
        };
        let mut names = None;
        for (kind, child) in self.parts(node) {
            match kind {
                Kind::Modifiers => {
                    self.modifiers(child, span(node));
                }
                Kind::Var => local.mutable = true,
                Kind::VariableDeclaration => {
                    for (kind, part) in self.kids(child) {
                        match kind {
                            Kind::Identifier => {
                                (local.name, local.name_span) = (self.name_of(part), span(part));
                            }
                            Kind::Annotation => self.add_annotation(part, span(node), &mut Vec::new()),
                            kind if kind.is_type() => local.ty = Some(self.type_ref(part)),
                            _ => {}
                        }
                    }
                }
                Kind::MultiVariable => names = Some(self.variable_names(child)),
                Kind::PropertyDelegate => {
                    local.delegate = self.child_expr(child).map(|delegate| self.expr(delegate));
                }
                kind if kind.is_expression() => local.init = Some(self.expr(child)),
                _ => {}
            }
        }
        match names {
            Some(names) => {
                self.push(ExprKind::Destructure { names: names.into(), value: local.init }, span(node))
            }
            None => self.push(ExprKind::Local(Box::new(local)), span(node)),
        }
    }
}

/// Kotlin's style tells `Type::class` from `value::class`: types start with a capital letter.
fn is_type_name(ty: &TypeRef) -> bool {
    ty.name.last().chars().next().is_some_and(char::is_uppercase)
}
