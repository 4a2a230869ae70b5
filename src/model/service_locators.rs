//! Bindings of service locators that code registers itself: Koin's `single<Api> { RealApi(get()) }`,
//! `singleOf(::RealApi) { bind<Api>() }`, `single { RealApi() } bind Api::class`, Injekt's
//! `addSingletonFactory<Api> { RealApi(get()) }`.

use crate::base::Name;
use crate::facts::{Call, ExprId, ExprKind, FileFacts};
use crate::findings::FileId;

use super::core::Core;
use super::scope::TypeScope;

/// Registers what a lambda makes, under its type argument.
const REGISTERS: [&str; 8] = [
    "single",
    "factory",
    "scoped",
    "viewModel",
    "worker",
    "addSingletonFactory",
    "addFactory",
    "addPerThreadFactory",
];
/// Registers what a constructor makes.
const REGISTERS_CONSTRUCTOR: [&str; 5] = ["singleOf", "factoryOf", "scopedOf", "viewModelOf", "workerOf"];

impl Core {
    /// Interfaces with the classes that modules of a service locator put behind them.
    pub(super) fn located(&self) -> Vec<(Name, Name)> {
        let mut found = Vec::new();
        for (file, project_file) in self.project.files() {
            let Some(facts) = &project_file.facts else { continue };
            let uses = |path: &Name| path.starts_with("org.koin.") || path.starts_with("uy.kohesive.injekt");
            if facts.imports.iter().any(|import| uses(&import.path)) {
                self.located_in(file, facts, &mut found);
            }
        }
        found
    }

    fn located_in(&self, file: FileId, facts: &FileFacts, found: &mut Vec<(Name, Name)>) {
        let scope = TypeScope { file, owner: None, function: None };
        for expr in &facts.exprs {
            let ExprKind::Call(call) = &expr.kind else { continue };
            match call.name.as_str() {
                "bind" | "binds" => {
                    let Some(made) = call.receiver.and_then(|receiver| self.made_by(file, facts, receiver))
                    else {
                        continue;
                    };
                    for arg in &call.args {
                        collect_literals(facts, arg.value, 0, &mut |ty| {
                            found.push((self.resolve_type(scope, ty).class, made));
                        });
                    }
                }
                name if REGISTERS.contains(&name) => {
                    let made = self.made_in_lambda(file, facts, call);
                    if let (Some(interface), Some(made)) = (call.type_args.first(), made) {
                        found.push((self.resolve_type(scope, interface).class, made));
                    }
                }
                name if REGISTERS_CONSTRUCTOR.contains(&name) => {
                    let Some(made) = self.constructor(file, facts, call) else { continue };
                    let options = call.args.last().and_then(|arg| match facts[arg.value].kind {
                        ExprKind::Lambda(lambda) => Some(facts[lambda].span),
                        _ => None,
                    });
                    let Some(options) = options else { continue };
                    let binds = facts.exprs.iter().filter(|it| options.contains(it.span));
                    for inner in binds {
                        if let ExprKind::Call(inner) = &inner.kind
                            && inner.name == "bind"
                            && let Some(interface) = inner.type_args.first()
                        {
                            found.push((self.resolve_type(scope, interface).class, made));
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// The class that a registration makes.
    fn made_by(&self, file: FileId, facts: &FileFacts, expr: ExprId) -> Option<Name> {
        let ExprKind::Call(call) = &facts[expr].kind else { return None };
        match call.name.as_str() {
            "bind" | "binds" => self.made_by(file, facts, call.receiver?),
            name if REGISTERS.contains(&name) => self.made_in_lambda(file, facts, call),
            name if REGISTERS_CONSTRUCTOR.contains(&name) => self.constructor(file, facts, call),
            _ => None,
        }
    }

    fn made_in_lambda(&self, file: FileId, facts: &FileFacts, call: &Call) -> Option<Name> {
        let ExprKind::Lambda(lambda) = facts[call.args.last()?.value].kind else { return None };
        let body = facts[lambda].body?;
        let last = match &facts[body].kind {
            ExprKind::Block(items) => *items.last()?,
            _ => body,
        };
        let ExprKind::Call(made) = &facts[last].kind else { return None };
        self.class_named(file, made.name).filter(|_| made.receiver.is_none())
    }

    fn constructor(&self, file: FileId, facts: &FileFacts, call: &Call) -> Option<Name> {
        match &facts[call.args.first()?.value].kind {
            ExprKind::FunctionRef { name, .. } => self.class_named(file, *name),
            _ => None,
        }
    }

    fn class_named(&self, file: FileId, name: Name) -> Option<Name> {
        let class = self.resolve_class(file, None, name)?;
        self.symbols.type_named(class).map(|_| class)
    }
}

fn collect_literals(
    facts: &FileFacts,
    expr: ExprId,
    depth: u8,
    found: &mut impl FnMut(&crate::facts::TypeRef),
) {
    if let ExprKind::ClassLiteral(ty) = &facts[expr].kind {
        found(ty);
    }
    if depth < 4 {
        let mut children = Vec::new();
        facts[expr].kind.each_child(|child| children.push(child));
        children.into_iter().for_each(|child| collect_literals(facts, child, depth + 1, found));
    }
}
