//! The stable text form of one file's facts: declarations and bodies, without spans. Tests compare it, and a
//! Kotlin file and its Java twin are the same program when their dumps are equal.
//!
//! Expressions are written on one line where they nest, one line per statement in blocks. Functions, types and
//! lambdas stand where they occur; nothing is referred to by number.

use std::fmt::Write;

use crate::base::Name;

use super::body::{Arg, Arm, BinaryOp, Call, ExprId, ExprKind, Literal, Local, Loop, LoopKind, Try, UnaryOp};
use super::decl::{
    Annotation, FunctionDecl, FunctionId, FunctionKind, Modifiers, Param, PropertyDecl, TypeDecl, TypeDeclId,
    TypeKind, TypeParam, TypeRef,
};
use super::file::FileFacts;

/// Expressions nested deeper than this are cut off with `…`.
const MAX_DEPTH: usize = 700;

/// All of a file: package, imports, aliases, declarations with bodies, suppressions, problems.
pub fn dump(facts: &FileFacts) -> String {
    let mut dump = Dump { facts, out: String::new(), indent: 0, depth: 0 };
    dump.file();
    dump.out
}

/// A type as one would write it in Kotlin.
pub fn type_text(ty: &TypeRef) -> String {
    let mut out = String::new();
    for annotation in &ty.annotations {
        let _ = write!(out, "@{annotation} ");
    }
    if let Some(function) = &ty.function {
        if ty.nullable {
            out.push('(');
        }
        if function.suspend {
            out.push_str("suspend ");
        }
        if let Some(receiver) = &function.receiver {
            let _ = write!(out, "{}.", type_text(receiver));
        }
        let _ = write!(out, "({}) -> {}", types_text(&function.params), type_text(&function.result));
        if ty.nullable {
            out.push(')');
        }
    } else {
        out.push_str(&ty.name);
        if !ty.args.is_empty() {
            let _ = write!(out, "<{}>", types_text(&ty.args));
        }
    }
    if ty.nullable {
        out.push('?');
    }
    out
}

fn types_text(types: &[TypeRef]) -> String {
    types.iter().map(type_text).collect::<Vec<_>>().join(", ")
}

struct Dump<'f> {
    facts: &'f FileFacts,
    out: String,
    indent: usize,
    depth: usize,
}

impl Dump<'_> {
    fn file(&mut self) {
        let facts = self.facts;
        if !facts.package.is_empty() {
            self.line(&format!("package {}", facts.package));
        }
        for import in &facts.imports {
            let word = if import.is_static { "import static" } else { "import" };
            if import.star {
                self.line(&format!("{word} {}.*", import.path));
            } else if import.alias == import.path.last() {
                self.line(&format!("{word} {}", import.path));
            } else {
                self.line(&format!("{word} {} as {}", import.path, import.alias));
            }
        }
        for alias in &facts.aliases {
            let params = type_params(&alias.params);
            self.line(&format!("typealias {}{params} = {}", alias.name, type_text(&alias.target)));
        }
        self.members(None);
        for suppression in &facts.suppressions {
            let ids = suppression.ids.iter().map(|id| id.as_str()).collect::<Vec<_>>().join(", ");
            let reason = suppression.reason.as_ref().map_or(String::new(), |text| format!(" because {text}"));
            self.line(&format!("suppress {:?} {ids}{reason}", suppression.form));
        }
        for problem in &facts.problems {
            self.line(&format!("problem {:?} {}", problem.kind, problem.message));
        }
    }

    /// Properties, functions and types of one owner, in this order; lambdas and local ones stand in their bodies.
    fn members(&mut self, owner: Option<TypeDeclId>) {
        let facts = self.facts;
        for property in facts.properties.iter().filter(|property| property.owner == owner) {
            self.property(property);
        }
        for function in facts.functions.iter().filter(|function| function.owner == owner) {
            if function.parent.is_none() && function.property.is_none() {
                self.function(function);
            }
        }
        for (index, decl) in facts.types.iter().enumerate() {
            let nested = decl.owner == owner && decl.function.is_none() && decl.kind != TypeKind::Anonymous;
            if nested && let Ok(index) = u32::try_from(index) {
                self.type_decl(TypeDeclId(index), decl);
            }
        }
    }

    fn type_decl(&mut self, id: TypeDeclId, decl: &TypeDecl) {
        if self.depth > MAX_DEPTH {
            return self.line("…");
        }
        self.depth += 1;
        self.annotations(&decl.annotations);
        let kind = match decl.kind {
            TypeKind::Class => "class",
            TypeKind::Interface => "interface",
            TypeKind::Object => "object",
            TypeKind::Companion => "companion",
            TypeKind::Enum => "enum",
            TypeKind::Annotation => "annotation",
            TypeKind::Record => "record",
            TypeKind::Anonymous => "anonymous",
        };
        let mut head =
            format!("{}{kind} {}{}", modifiers(decl.modifiers), decl.name, type_params(&decl.params));
        for (index, supertype) in decl.supertypes.iter().enumerate() {
            head.push_str(if index == 0 { ": " } else { ", " });
            head.push_str(&type_text(&supertype.ty));
            if let Some(args) = &supertype.args {
                head.push_str(&self.args_text(args));
            }
            if let Some(delegate) = supertype.delegate {
                let _ = write!(head, " by {}", self.expr_text(delegate));
            }
        }
        self.line(head.trim_end());
        self.indent += 1;
        self.members(Some(id));
        self.indent -= 1;
        self.depth -= 1;
    }

    fn property(&mut self, property: &PropertyDecl) {
        self.annotations(&property.annotations);
        let mut head = modifiers(property.modifiers);
        head.push_str(if property.enum_constant { "constant " } else { "property " });
        if let Some(receiver) = &property.receiver {
            let _ = write!(head, "{}.", type_text(receiver));
        }
        head.push_str(&property.name);
        if let Some(ty) = &property.ty {
            let _ = write!(head, ": {}", type_text(ty));
        }
        if property.constructor_parameter {
            head.push_str(" (constructor)");
        }
        if let Some(initializer) = property.initializer {
            let _ = write!(head, " = {}", self.expr_text(initializer));
        }
        if let Some(delegate) = property.delegate {
            let _ = write!(head, " by {}", self.expr_text(delegate));
        }
        self.line(&head);
        self.indent += 1;
        for accessor in property.getter.iter().chain(&property.setter) {
            self.function_id(*accessor);
        }
        self.indent -= 1;
    }

    fn function_id(&mut self, id: FunctionId) {
        if let Some(function) = self.facts.functions.get(id.0 as usize) {
            self.function(function);
        }
    }

    fn function(&mut self, function: &FunctionDecl) {
        self.annotations(&function.annotations);
        let kind = match function.kind {
            FunctionKind::Function => "fun",
            FunctionKind::Constructor => "constructor",
            FunctionKind::Initializer => "initializer",
            FunctionKind::StaticInitializer => "static initializer",
            FunctionKind::Getter => "getter",
            FunctionKind::Setter => "setter",
            FunctionKind::Lambda => "lambda",
            FunctionKind::AnonymousFunction => "anonymous fun",
        };
        let mut head = format!("{}{kind} ", modifiers(function.modifiers));
        if !function.type_params.is_empty() {
            let _ = write!(head, "{} ", type_params(&function.type_params));
        }
        if let Some(receiver) = &function.receiver {
            let _ = write!(head, "{}.", type_text(receiver));
        }
        let params =
            function.params.iter().map(|param| self.param_text(param)).collect::<Vec<_>>().join(", ");
        let _ = write!(head, "{}({params})", function.name);
        if let Some(result) = &function.result {
            let _ = write!(head, ": {}", type_text(result));
        }
        if function.expression_body {
            head.push_str(" =");
        }
        self.line(&head);
        if let Some(body) = function.body {
            self.indent += 1;
            self.statements(body);
            self.indent -= 1;
        }
    }

    fn param_text(&mut self, param: &Param) -> String {
        let mut text = String::new();
        for annotation in &param.annotations {
            let _ = write!(text, "{} ", self.annotation_text(annotation));
        }
        text.push_str(&modifiers(param.modifiers));
        text.push_str(&param.name);
        if let Some(ty) = &param.ty {
            let _ = write!(text, ": {}", type_text(ty));
        }
        if let Some(default) = param.default {
            let _ = write!(text, " = {}", self.expr_text(default));
        }
        text
    }

    fn annotations(&mut self, annotations: &[Annotation]) {
        for annotation in annotations {
            let text = self.annotation_text(annotation);
            self.line(&text);
        }
    }

    fn annotation_text(&mut self, annotation: &Annotation) -> String {
        let colon = if annotation.target.is_empty() { "" } else { ":" };
        let args = if annotation.args.is_empty() { String::new() } else { self.args_text(&annotation.args) };
        format!("@{}{colon}{}{args}", annotation.target, annotation.name)
    }

    /// The statements of a block, or one statement, each on its own line.
    fn statements(&mut self, body: ExprId) {
        match self.facts.exprs.get(body.0 as usize).map(|expr| &expr.kind) {
            Some(ExprKind::Block(statements)) => {
                for statement in statements {
                    let text = self.expr_text(*statement);
                    self.line(&text);
                }
            }
            _ => {
                let text = self.expr_text(body);
                self.line(&text);
            }
        }
    }

    /// Writes `text` indented; further lines of it are indented already.
    fn line(&mut self, text: &str) {
        for _ in 0..self.indent {
            self.out.push_str("  ");
        }
        self.out.push_str(text);
        self.out.push('\n');
    }

    /// What `write` writes as lines, one level deeper, in braces, as part of an expression.
    fn braces(&mut self, write: impl FnOnce(&mut Self)) -> String {
        let outer = std::mem::take(&mut self.out);
        self.indent += 1;
        write(self);
        self.indent -= 1;
        let inner = std::mem::replace(&mut self.out, outer);
        if inner.is_empty() { "{ }".to_owned() } else { format!("{{\n{inner}{}}}", "  ".repeat(self.indent)) }
    }

    fn expr_text(&mut self, id: ExprId) -> String {
        let facts = self.facts;
        let Some(expr) = facts.exprs.get(id.0 as usize) else { return "<no such expression>".to_owned() };
        if self.depth > MAX_DEPTH {
            return "…".to_owned();
        }
        self.depth += 1;
        let text = self.kind_text(&expr.kind);
        self.depth -= 1;
        text
    }

    fn kind_text(&mut self, kind: &ExprKind) -> String {
        match kind {
            ExprKind::Missing(parts) => format!("missing({})", self.list_text(parts)),
            ExprKind::Literal(literal) => literal_text(literal),
            ExprKind::Template(parts) => format!("template({})", self.list_text(parts)),
            ExprKind::Name(name) => name.to_string(),
            ExprKind::This(label) => labelled("this", *label),
            ExprKind::Super(label) => labelled("super", *label),
            ExprKind::Member { receiver, name, safe, .. } => {
                format!("{}{}{name}", self.operand_text(*receiver), dot(*safe))
            }
            ExprKind::Call(call) => self.call_text(call),
            ExprKind::Invoke { callee, args } => {
                format!("({}).invoke{}", self.expr_text(*callee), self.args_text(args))
            }
            ExprKind::Lambda(function) => self.braces(|dump| dump.function_id(*function)),
            ExprKind::FunctionRef { receiver, name } => {
                let receiver = receiver.map_or(String::new(), |receiver| self.operand_text(receiver));
                format!("{receiver}::{name}")
            }
            ExprKind::ClassLiteral(ty) => format!("{}::class", type_text(ty)),
            ExprKind::Object(decl) => format!("object {}", self.braces(|dump| dump.type_id(*decl))),
            ExprKind::LocalFunction(function) => {
                format!("local {}", self.braces(|dump| dump.function_id(*function)))
            }
            ExprKind::LocalType(decl) => format!("local {}", self.braces(|dump| dump.type_id(*decl))),
            ExprKind::Binary { op, left, right } => {
                format!("({} {} {})", self.expr_text(*left), binary(*op), self.expr_text(*right))
            }
            ExprKind::Unary { op, operand } => format!("{}{}", unary(*op), self.operand_text(*operand)),
            ExprKind::Assign { target, op, value } => {
                let op = op.map_or("", binary);
                format!("{} {op}= {}", self.expr_text(*target), self.expr_text(*value))
            }
            ExprKind::Cast { value, ty, safe } => {
                let word = if *safe { "as?" } else { "as" };
                format!("({} {word} {})", self.expr_text(*value), type_text(ty))
            }
            ExprKind::TypeTest { value, ty, negated, binding } => {
                let word = if *negated { "!is" } else { "is" };
                let binding = binding.map_or(String::new(), |name| format!(" {name}"));
                format!("({} {word} {}{binding})", self.expr_text(*value), type_text(ty))
            }
            ExprKind::NotNull(value) => format!("{}!!", self.operand_text(*value)),
            ExprKind::Index { receiver, args } => {
                format!("{}[{}]", self.operand_text(*receiver), self.list_text(args))
            }
            ExprKind::Return { value, label } => {
                let value = value.map_or(String::new(), |value| format!(" {}", self.expr_text(value)));
                format!("{}{value}", labelled("return", *label))
            }
            ExprKind::Throw(value) => format!("throw {}", self.expr_text(*value)),
            ExprKind::Break => "break".to_owned(),
            ExprKind::Continue => "continue".to_owned(),
            ExprKind::Array(parts) => format!("[{}]", self.list_text(parts)),
            ExprKind::Local(local) => self.local_text(local),
            ExprKind::Destructure { names, value } => {
                let names = names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
                let value = value.map_or(String::new(), |value| format!(" = {}", self.expr_text(value)));
                format!("val ({names}){value}")
            }
            ExprKind::PropertyInit(property) => {
                let property = self.facts.properties.get(property.0 as usize);
                format!("init {}", property.map_or("?", |property| property.name.as_str()))
            }
            ExprKind::If { .. }
            | ExprKind::When { .. }
            | ExprKind::Loop(_)
            | ExprKind::Try(_)
            | ExprKind::Synchronized { .. }
            | ExprKind::Block(_) => self.control_text(kind),
        }
    }

    fn control_text(&mut self, kind: &ExprKind) -> String {
        match kind {
            ExprKind::If { condition, then, otherwise } => {
                let mut text = format!("if ({})", self.expr_text(*condition));
                if let Some(then) = then {
                    let _ = write!(text, " {}", self.expr_text(*then));
                }
                if let Some(otherwise) = otherwise {
                    let _ = write!(text, " else {}", self.expr_text(*otherwise));
                }
                text
            }
            ExprKind::When { subject, binding, arms } => {
                let binding = binding.map_or(String::new(), |name| format!("{name} = "));
                let subject = subject.map_or(String::new(), |subject| self.expr_text(subject));
                let arms = self.braces(|dump| arms.iter().for_each(|arm| dump.arm(arm)));
                format!("when ({binding}{subject}) {arms}")
            }
            ExprKind::Loop(it) => self.loop_text(it),
            ExprKind::Try(it) => self.try_text(it),
            ExprKind::Synchronized { lock, body } => {
                format!("synchronized ({}) {}", self.expr_text(*lock), self.expr_text(*body))
            }
            ExprKind::Block(statements) => self.braces(|dump| {
                for statement in statements {
                    let text = dump.expr_text(*statement);
                    dump.line(&text);
                }
            }),
            _ => String::new(),
        }
    }

    fn type_id(&mut self, id: TypeDeclId) {
        let facts = self.facts;
        if let Some(decl) = facts.types.get(id.0 as usize) {
            self.type_decl(id, decl);
        }
    }

    /// An expression where something follows it: parenthesised when it would read wrongly.
    fn operand_text(&mut self, id: ExprId) -> String {
        let loose = matches!(
            self.facts.exprs.get(id.0 as usize).map(|expr| &expr.kind),
            Some(
                ExprKind::Unary { .. }
                    | ExprKind::If { .. }
                    | ExprKind::Assign { .. }
                    | ExprKind::Return { .. }
            )
        );
        let text = self.expr_text(id);
        if loose { format!("({text})") } else { text }
    }

    fn call_text(&mut self, call: &Call) -> String {
        let mut text = String::new();
        if let Some(receiver) = call.receiver {
            text = self.operand_text(receiver);
            text.push_str(dot(call.safe));
        }
        text.push_str(&call.name);
        if !call.type_args.is_empty() {
            let _ = write!(text, "<{}>", types_text(&call.type_args));
        }
        text.push_str(&self.args_text(&call.args));
        text
    }

    fn args_text(&mut self, args: &[Arg]) -> String {
        let mut parts = Vec::with_capacity(args.len());
        for arg in args {
            let name = arg.name.map_or(String::new(), |name| format!("{name} = "));
            let trailing = if arg.trailing { "trailing " } else { "" };
            parts.push(format!("{trailing}{name}{}", self.expr_text(arg.value)));
        }
        format!("({})", parts.join(", "))
    }

    fn list_text(&mut self, parts: &[ExprId]) -> String {
        parts.iter().map(|part| self.expr_text(*part)).collect::<Vec<_>>().join(", ")
    }

    fn arm(&mut self, arm: &Arm) {
        let mut text =
            if arm.conditions.is_empty() { "else".to_owned() } else { self.list_text(&arm.conditions) };
        if let Some(guard) = arm.guard {
            let _ = write!(text, " if {}", self.expr_text(guard));
        }
        let _ = write!(text, " -> {}", self.expr_text(arm.body));
        self.line(&text);
    }

    fn loop_text(&mut self, it: &Loop) -> String {
        let condition = it.condition.map_or(String::new(), |condition| self.expr_text(condition));
        let head = match it.kind {
            LoopKind::While => format!("while ({condition})"),
            LoopKind::DoWhile => format!("do while ({condition})"),
            LoopKind::For => {
                format!("for ({}; {condition}; {})", self.list_text(&it.init), self.list_text(&it.update))
            }
            LoopKind::ForEach => {
                let ty = it.variable_type.as_ref().map_or(String::new(), |ty| format!(": {}", type_text(ty)));
                format!("for ({}{ty} in {condition})", it.variable.unwrap_or_default())
            }
        };
        let body = it.body.map_or(String::new(), |body| format!(" {}", self.expr_text(body)));
        format!("{head}{body}")
    }

    fn try_text(&mut self, it: &Try) -> String {
        let mut text = "try ".to_owned();
        if !it.resources.is_empty() {
            let _ = write!(text, "({}) ", self.list_text(&it.resources));
        }
        text.push_str(&self.expr_text(it.body));
        for catch in &it.catches {
            let types = catch.types.iter().map(type_text).collect::<Vec<_>>().join(" | ");
            let _ = write!(text, " catch ({}: {types}) {}", catch.name, self.expr_text(catch.body));
        }
        if let Some(finally) = it.finally {
            let _ = write!(text, " finally {}", self.expr_text(finally));
        }
        text
    }

    fn local_text(&mut self, local: &Local) -> String {
        let word = if local.mutable { "var" } else { "val" };
        let mut text = format!("{word} {}", local.name);
        if let Some(ty) = &local.ty {
            let _ = write!(text, ": {}", type_text(ty));
        }
        if let Some(init) = local.init {
            let _ = write!(text, " = {}", self.expr_text(init));
        }
        if let Some(delegate) = local.delegate {
            let _ = write!(text, " by {}", self.expr_text(delegate));
        }
        text
    }
}

/// Names of the set flags in a fixed order, each followed by a space.
fn modifiers(modifiers: Modifiers) -> String {
    modifiers.iter_names().fold(String::new(), |text, (name, _)| text + &name.to_lowercase() + " ")
}

fn type_params(params: &[TypeParam]) -> String {
    if params.is_empty() {
        return String::new();
    }
    let mut parts = Vec::with_capacity(params.len());
    for param in params {
        let reified = if param.reified { "reified " } else { "" };
        let bound = param.bound.as_ref().map_or(String::new(), |bound| format!(": {}", type_text(bound)));
        parts.push(format!("{reified}{}{bound}", param.name));
    }
    format!("<{}>", parts.join(", "))
}

fn literal_text(literal: &Literal) -> String {
    match literal {
        Literal::Int(value) => value.to_string(),
        Literal::Float(value) => format!("{value:?}"),
        Literal::Char(value) => format!("{value:?}"),
        Literal::String(value) => format!("{:?}", value.as_str()),
        Literal::Bool(value) => value.to_string(),
        Literal::Null => "null".to_owned(),
    }
}

fn labelled(word: &str, label: Option<Name>) -> String {
    label.map_or_else(|| word.to_owned(), |label| format!("{word}@{label}"))
}

fn dot(safe: bool) -> &'static str {
    if safe { "?." } else { "." }
}

fn binary(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Add => "+",
        BinaryOp::Sub => "-",
        BinaryOp::Mul => "*",
        BinaryOp::Div => "/",
        BinaryOp::Rem => "%",
        BinaryOp::And => "&&",
        BinaryOp::Or => "||",
        BinaryOp::Eq => "==",
        BinaryOp::Ne => "!=",
        BinaryOp::Same => "===",
        BinaryOp::NotSame => "!==",
        BinaryOp::Lt => "<",
        BinaryOp::Le => "<=",
        BinaryOp::Gt => ">",
        BinaryOp::Ge => ">=",
        BinaryOp::Elvis => "?:",
        BinaryOp::In => "in",
        BinaryOp::NotIn => "!in",
        BinaryOp::Range => "..",
        BinaryOp::BitAnd => "&",
        BinaryOp::BitOr => "|",
        BinaryOp::BitXor => "^",
        BinaryOp::Shl => "<<",
        BinaryOp::Shr => ">>",
        BinaryOp::Ushr => ">>>",
    }
}

fn unary(op: UnaryOp) -> &'static str {
    match op {
        UnaryOp::Not => "!",
        UnaryOp::Minus => "-",
        UnaryOp::Plus => "+",
        UnaryOp::BitNot => "~",
        UnaryOp::Increment => "++",
        UnaryOp::Decrement => "--",
    }
}
