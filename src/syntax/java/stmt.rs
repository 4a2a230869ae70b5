//! Statements. Several of them may come of one node (`int a, b;`), or none (`;`), so they are added to a list.

use tree_sitter::Node;

use crate::base::Name;
use crate::facts::{Arg, Call, Catch, ExprId, ExprKind, Local, Loop, LoopKind, Modifiers, Try, TypeRef};

use super::kinds::{Field, Kind, kind};
use super::{Kid, Kids, Lower, at, of, span};

impl<'t> Lower<'t> {
    /// `{ … }`, also a constructor's.
    pub(super) fn block(&mut self, node: Node<'t>) -> ExprId {
        let statements = self.deeper(node, |lower| {
            let kids = lower.kids(node);
            lower.statements(node, kids)
        });
        self.push(ExprKind::Block(statements.unwrap_or_default()), span(node))
    }

    /// The children of a block, or of a group in a switch.
    pub(super) fn statements(&mut self, node: Node<'t>, kids: Kids<'t>) -> Vec<ExprId> {
        if node.has_error() && kids.iter().any(|kid| kid.kind == Kind::Error) {
            return self.recover_statements(kids);
        }
        let mut out = Vec::with_capacity(kids.len());
        for kid in kids {
            self.statement(kid, &mut out);
        }
        out
    }

    pub(super) fn statement(&mut self, kid: Kid<'t>, out: &mut Vec<ExprId>) {
        let lowered = self.deeper(kid.node, |lower| lower.statement_here(kid, out));
        if lowered.is_none() {
            let missing = self.push(ExprKind::Missing(Vec::new()), span(kid.node));
            out.push(missing);
        }
    }

    fn statement_here(&mut self, kid: Kid<'t>, out: &mut Vec<ExprId>) {
        let node = kid.node;
        let statement = match kid.kind {
            Kind::ExpressionStatement | Kind::Yield => {
                if kid.kind == Kind::ExpressionStatement
                    && let Some(only) = self.only_kid(node, 0, 2)
                {
                    return out.push(self.expr(only));
                }
                // The value of an arm is its last expression, as in Kotlin.
                let kids = self.kids(node);
                return out.extend(self.exprs(&kids));
            }
            Kind::LocalVariable => return self.locals(node, out),
            Kind::Labeled => {
                let kids = self.kids(node);
                if let Some(inner) = kids.iter().skip(1).find(|kid| is_statement(kid.kind)) {
                    self.statement(*inner, out);
                }
                return;
            }
            Kind::Block => self.block(node),
            Kind::If => self.if_statement(node),
            Kind::While | Kind::Do => self.while_loop(node, kid.kind),
            Kind::For => self.for_loop(node),
            Kind::ForEach => self.for_each(node),
            Kind::Assert => self.assert(node),
            Kind::Break => self.push(ExprKind::Break, span(node)),
            Kind::Continue => self.push(ExprKind::Continue, span(node)),
            Kind::Return => {
                let kids = self.kids(node);
                let value = self.exprs(&kids).into_iter().next();
                self.push(ExprKind::Return { value, label: None }, span(node))
            }
            Kind::Throw => {
                let kids = self.kids(node);
                let value = self.exprs(&kids).into_iter().next();
                let kind = value.map_or_else(|| ExprKind::Missing(Vec::new()), ExprKind::Throw);
                self.push(kind, span(node))
            }
            Kind::Synchronized => self.synchronized(node),
            Kind::Try | Kind::TryWithResources => self.try_statement(node),
            Kind::ConstructorCall => self.constructor_call(node),
            _ if kid.kind.is_type_declaration() => match self.type_decl(node, None) {
                Some(id) => self.push(ExprKind::LocalType(id), span(node)),
                None => return,
            },
            _ if kid.kind.is_expression() => self.expr(node),
            Kind::Error => self.fragments(node),
            _ => return,
        };
        out.push(statement);
    }

    /// The body of a loop or a branch: a block or one statement.
    pub(super) fn body(&mut self, kid: Option<Kid<'t>>) -> Option<ExprId> {
        let kid = kid?;
        let mut statements = Vec::new();
        self.statement(kid, &mut statements);
        match statements.as_slice() {
            [] => None,
            [only] => Some(*only),
            _ => Some(self.push(ExprKind::Block(statements), span(kid.node))),
        }
    }

    fn locals(&mut self, node: Node<'t>, out: &mut Vec<ExprId>) {
        let kids = self.kids(node);
        let modifiers = self.marks(&kids, span(node)).modifiers;
        let ty = at(&kids, Field::Type).and_then(|kid| self.variable_type(kid.node));
        let single = kids.iter().filter(|kid| kid.kind == Kind::Declarator).count() == 1;
        for declarator in kids.iter().filter(|kid| kid.kind == Kind::Declarator) {
            let parts = self.kids(declarator.node);
            let whole = if single { node } else { declarator.node };
            if let Some(local) = self.local(&parts, ty.clone(), modifiers, whole) {
                out.push(local);
            }
        }
    }

    /// One variable: `parts` has its name, extra dimensions and value.
    fn local(
        &mut self,
        parts: &Kids<'t>,
        ty: Option<TypeRef>,
        modifiers: Modifiers,
        whole: Node<'t>,
    ) -> Option<ExprId> {
        let name = at(parts, Field::Name)?;
        let local = Local {
            name: self.name(name.node),
            name_span: span(name.node),
            ty: ty.map(|ty| self.with_dimensions(ty, parts)),
            init: at(parts, Field::Value).map(|kid| self.expr(kid.node)),
            delegate: None,
            mutable: !modifiers.contains(Modifiers::FINAL),
        };
        Some(self.push(ExprKind::Local(Box::new(local)), span(whole)))
    }

    /// None for `var`.
    fn variable_type(&mut self, node: Node<'t>) -> Option<TypeRef> {
        let inferred = kind(node) == Kind::TypeIdentifier && self.slice(node) == "var";
        if inferred { None } else { Some(self.type_ref(node)) }
    }

    /// A ladder of `else if` is climbed down in a loop: generated code has long ones.
    fn if_statement(&mut self, node: Node<'t>) -> ExprId {
        let mut steps = Vec::new();
        let mut next = Some(node);
        let mut otherwise = None;
        while let Some(node) = next.take() {
            let kids = self.kids(node);
            let condition = self.condition(&kids, node);
            let then = self.body(at(&kids, Field::Consequence));
            steps.push((node, condition, then));
            match at(&kids, Field::Alternative) {
                Some(kid) if kid.kind == Kind::If => next = Some(kid.node),
                other => otherwise = self.body(other),
            }
        }
        while let Some((node, condition, then)) = steps.pop() {
            otherwise = Some(self.push(ExprKind::If { condition, then, otherwise }, span(node)));
        }
        otherwise.unwrap_or_else(|| self.push(ExprKind::Missing(Vec::new()), span(node)))
    }

    fn condition(&mut self, kids: &Kids<'t>, whole: Node<'t>) -> ExprId {
        match at(kids, Field::Condition) {
            Some(kid) => self.expr(kid.node),
            None => self.push(ExprKind::Missing(Vec::new()), span(whole)),
        }
    }

    fn while_loop(&mut self, node: Node<'t>, kind: Kind) -> ExprId {
        let kids = self.kids(node);
        let kind = if kind == Kind::Do { LoopKind::DoWhile } else { LoopKind::While };
        let condition = Some(self.condition(&kids, node));
        let body = self.body(at(&kids, Field::Body));
        self.push(ExprKind::Loop(Box::new(Loop { condition, body, ..empty_loop(kind) })), span(node))
    }

    fn for_loop(&mut self, node: Node<'t>) -> ExprId {
        let kids = self.kids(node);
        let mut init = Vec::new();
        for kid in kids.iter().filter(|kid| kid.field == Field::Init) {
            self.statement(*kid, &mut init);
        }
        let condition = at(&kids, Field::Condition).map(|kid| self.expr(kid.node));
        let update =
            kids.iter().filter(|kid| kid.field == Field::Update).map(|kid| self.expr(kid.node)).collect();
        let body = self.body(at(&kids, Field::Body));
        let it = Loop { init, condition, update, body, ..empty_loop(LoopKind::For) };
        self.push(ExprKind::Loop(Box::new(it)), span(node))
    }

    fn for_each(&mut self, node: Node<'t>) -> ExprId {
        let kids = self.kids(node);
        let ty = at(&kids, Field::Type).and_then(|kid| self.variable_type(kid.node));
        let it = Loop {
            condition: at(&kids, Field::Value).map(|kid| self.expr(kid.node)),
            variable: at(&kids, Field::Name).map(|kid| self.name(kid.node)),
            variable_type: ty.map(|ty| self.with_dimensions(ty, &kids)),
            body: self.body(at(&kids, Field::Body)),
            ..empty_loop(LoopKind::ForEach)
        };
        self.push(ExprKind::Loop(Box::new(it)), span(node))
    }

    /// Kotlin's `assert` is a function.
    fn assert(&mut self, node: Node<'t>) -> ExprId {
        let kids = self.kids(node);
        let args = self.exprs(&kids).into_iter().map(|value| Arg { name: None, value, trailing: false });
        let call = Call {
            receiver: None,
            name: Name::new("assert"),
            name_span: kids.first().map_or(span(node), |kid| span(kid.node)),
            type_args: Vec::new(),
            args: args.collect(),
            safe: false,
        };
        self.push(ExprKind::Call(Box::new(call)), span(node))
    }

    fn synchronized(&mut self, node: Node<'t>) -> ExprId {
        let kids = self.kids(node);
        let lock = self.exprs(&kids).into_iter().next();
        let lock = lock.unwrap_or_else(|| self.push(ExprKind::Missing(Vec::new()), span(node)));
        let body = self.required_block(at(&kids, Field::Body), node);
        self.push(ExprKind::Synchronized { lock, body }, span(node))
    }

    fn required_block(&mut self, kid: Option<Kid<'t>>, whole: Node<'t>) -> ExprId {
        match kid {
            Some(kid) => self.block(kid.node),
            None => self.push(ExprKind::Block(Vec::new()), span(whole)),
        }
    }

    fn try_statement(&mut self, node: Node<'t>) -> ExprId {
        let kids = self.kids(node);
        let mut it = Try {
            resources: at(&kids, Field::Resources).map(|kid| self.resources(kid.node)).unwrap_or_default(),
            body: self.required_block(at(&kids, Field::Body), node),
            catches: Vec::new(),
            finally: None,
        };
        for kid in &kids {
            match kid.kind {
                Kind::Catch => {
                    let catch = self.catch(kid.node);
                    it.catches.push(catch);
                }
                Kind::Finally => {
                    let inner = self.kids(kid.node);
                    it.finally = Some(self.required_block(of(&inner, Kind::Block), kid.node));
                }
                _ => {}
            }
        }
        self.push(ExprKind::Try(Box::new(it)), span(node))
    }

    fn resources(&mut self, node: Node<'t>) -> Vec<ExprId> {
        let mut out = Vec::new();
        for resource in self.kids(node).into_iter().filter(|kid| kid.kind == Kind::Resource) {
            let kids = self.kids(resource.node);
            let Some(ty) = at(&kids, Field::Type) else {
                out.extend(self.exprs(&kids));
                continue;
            };
            let ty = self.variable_type(ty.node);
            // Resources are final, said or not.
            out.extend(self.local(&kids, ty, Modifiers::FINAL, resource.node));
        }
        out
    }

    fn catch(&mut self, node: Node<'t>) -> Catch {
        let kids = self.kids(node);
        let mut catch = Catch { name: Name::default(), types: Vec::new(), body: ExprId(0) };
        if let Some(param) = of(&kids, Kind::CatchParameter) {
            let param = self.kids(param.node);
            if let Some(name) = at(&param, Field::Name) {
                catch.name = self.name(name.node);
            }
            if let Some(types) = of(&param, Kind::CatchType) {
                self.type_list(types.node, &mut catch.types);
            }
        }
        catch.body = self.required_block(at(&kids, Field::Body), node);
        catch
    }
}

pub(super) fn is_statement(kind: Kind) -> bool {
    kind.is_statement() || kind.is_expression()
}

fn empty_loop(kind: LoopKind) -> Loop {
    Loop {
        kind,
        init: Vec::new(),
        condition: None,
        update: Vec::new(),
        variable: None,
        variable_type: None,
        body: None,
    }
}
