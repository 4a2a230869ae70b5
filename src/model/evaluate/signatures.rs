//! Calls and properties of library classes in the light of their signatures: which overload, its parameters, its result.

use crate::base::Name;
use crate::facts::{Arg, ExprKind};
use crate::signatures::{ClassKind, ClassSignature, MemberFlags, MemberSignature, Ty};

use super::super::coroutines::LambdaRole;
use super::super::library::{Bindings, unknown};
use super::super::scope::KOTLIN_DEFAULTS;
use super::super::ty::Type;
use super::super::value::Value;
use super::Walker;
use super::draft::SiteDraft;

/// A library function that a call means.
#[derive(Clone, Copy)]
pub(super) struct LibraryCallee {
    /// Absent for top-level functions.
    owner: Option<&'static ClassSignature>,
    member: &'static MemberSignature,
}

/// How well an argument suits a parameter.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    Never,
    /// Nothing speaks against it.
    Perhaps,
    Subtype,
    Exact,
}

impl<'c> Walker<'c> {
    /// Does a library class among the receiver's have a function of this name that takes so many arguments?
    pub(super) fn has_library_member(&self, class: Name, draft: &SiteDraft) -> bool {
        let arguments = draft.args.len();
        let fits = |it: &MemberSignature| {
            !it.is_property() && it.receiver.is_none() && it.takes(arguments) && self.suits_lambdas(it, draft)
        };
        self.core.library_members(class, &draft.name, fits).is_some()
    }

    /// The signature of a call whose API is known.
    pub(super) fn library_callee(&self, draft: &SiteDraft) -> Option<LibraryCallee> {
        let callee = self.find_library_callee(draft);
        if let Some(callee) = callee {
            // An extension found for a class that nobody knows may be hidden by a member of that class.
            let known = callee.member.receiver.is_none()
                || draft.receiver.class().is_some_and(|class| self.core.is_class(class));
            let suspends = callee.member.flags.contains(MemberFlags::SUSPEND);
            draft.suspends.set((known || suspends).then_some(suspends));
        }
        callee
    }

    fn find_library_callee(&self, draft: &SiteDraft) -> Option<LibraryCallee> {
        let api = draft.api?;
        let arguments = draft.args.len();
        let fits =
            |it: &MemberSignature| !it.is_property() && it.takes(arguments) && self.suits_lambdas(it, draft);
        if let Some(found) = self.core.library_members(api.class, &api.member, fits)
            && found.owner.kind != ClassKind::Facade
        {
            let candidates: Vec<_> = found.members.iter().filter(|it| fits(it)).collect();
            return self
                .best(candidates, draft)
                .map(|member| LibraryCallee { owner: Some(found.owner), member });
        }
        // A top-level function, filed under its facade, its package, or the class that it extends.
        let package = api.class.qualifier();
        let extends = !api.is_static;
        let all = self.core.signatures.top_level(api.member);
        let here = all.into_iter().filter(|it| {
            let own = it.facade.qualifier();
            it.facade == api.class
                || own == package
                || own == api.class.as_str()
                || (extends && self.sees_library(it.facade, api.member))
        });
        let receiver = draft.receiver.ty.as_ref();
        let candidates: Vec<_> = here
            .flat_map(|it| it.members)
            .filter(|it| fits(it) && self.suits_receiver(it, receiver) >= Fit::Perhaps)
            .collect();
        self.best(candidates, draft).map(|member| LibraryCallee { owner: None, member })
    }

    /// The candidate whose receiver and parameters fit best; none when equally good ones differ in their result.
    fn best(
        &self,
        candidates: Vec<&'static MemberSignature>,
        draft: &SiteDraft,
    ) -> Option<&'static MemberSignature> {
        let suspends = |it: &&MemberSignature| it.flags.contains(MemberFlags::SUSPEND);
        if let Some(first) = candidates.first().map(suspends)
            && candidates.iter().all(|it| suspends(it) == first)
        {
            draft.suspends.set(Some(first));
        }
        if let [only] = candidates[..] {
            return Some(only);
        }
        let rate = |member: &&'static MemberSignature| {
            let mut rating = self.suits_receiver(member, draft.receiver.ty.as_ref()) as u32;
            for at in 0..draft.args.len() {
                let param = parameter_of(member, &draft.args, at)?;
                let fit = self.suits(&member.params[param].ty, draft, at);
                if fit == Fit::Never {
                    return None;
                }
                rating += fit as u32;
            }
            Some(rating)
        };
        let rated: Vec<_> = candidates.into_iter().filter_map(|it| Some((rate(&it)?, it))).collect();
        let best = rated.iter().map(|(rating, _)| *rating).max()?;
        let mut best = rated.into_iter().filter(|(rating, _)| *rating == best).map(|(_, member)| member);
        let first = best.next()?;
        best.all(|other| other.result == first.result && other.params.len() == first.params.len())
            .then_some(first)
    }

    fn suits_receiver(&self, member: &MemberSignature, given: Option<&Type>) -> Fit {
        match (&member.receiver, given) {
            (Some(declared), Some(given)) => self.suits_type(declared, given, member),
            _ => Fit::Perhaps,
        }
    }

    /// Could the lambdas of a call be given to these parameters?
    fn suits_lambdas(&self, member: &MemberSignature, draft: &SiteDraft) -> bool {
        (0..draft.args.len()).all(|at| {
            let lambda = matches!(self.facts[draft.args[at].value].kind, ExprKind::Lambda(_));
            let param = if lambda { parameter_of(member, &draft.args, at) } else { None };
            param.is_none_or(|param| self.suits(&member.params[param].ty, draft, at) > Fit::Never)
        })
    }

    fn suits(&self, declared: &Ty, draft: &SiteDraft, at: usize) -> Fit {
        let Some(arg) = draft.args.get(at) else { return Fit::Perhaps };
        if let ExprKind::Lambda(lambda) = self.facts[arg.value].kind {
            // A lambda that names no parameter has none, or one.
            let named = self.facts[lambda].params.len();
            let takes = |count: usize| if named > 0 { named == count } else { count <= 1 };
            return match declared {
                Ty::Function(function) if takes(function.params.len()) => Fit::Exact,
                Ty::Function(_) => Fit::Never,
                Ty::Class(name, _) => match self.core.signatures.single_abstract_method(*name) {
                    Some(sam) if takes(sam.method.params.len()) => Fit::Subtype,
                    Some(_) => Fit::Never,
                    None if *name == "java.lang.Object" => Fit::Perhaps,
                    None => Fit::Never,
                },
                _ => Fit::Perhaps,
            };
        }
        match draft.values.get(at).and_then(|value| value.ty.as_ref()) {
            Some(given) => self.suits_class(declared, given),
            None => Fit::Perhaps,
        }
    }

    fn suits_type(&self, declared: &Ty, given: &Type, member: &MemberSignature) -> Fit {
        let Ty::Variable(name) = declared else { return self.suits_class(declared, given) };
        let param = member.type_params.iter().find(|param| param.name == *name);
        let bounds = param.map(|param| param.bounds.as_slice()).unwrap_or_default();
        bounds.iter().map(|bound| self.suits_class(bound, given)).min().unwrap_or(Fit::Perhaps)
    }

    fn suits_class(&self, declared: &Ty, given: &Type) -> Fit {
        let Some(given) = given.upper().filter(|ty| !ty.is_unresolved()) else { return Fit::Perhaps };
        match declared {
            Ty::Class(name, _) if *name == "java.lang.Object" => Fit::Perhaps,
            Ty::Class(name, _) if *name == given.class => Fit::Exact,
            Ty::Class(name, _) if given.is_function() => {
                let sam = self.core.signatures.single_abstract_method(*name).is_some();
                if sam { Fit::Subtype } else { Fit::Never }
            }
            // Numbers widen, and literals have no type of their own.
            Ty::Class(name, _) if is_number(*name) && is_number(given.class) => Fit::Perhaps,
            Ty::Class(name, _) if boxes(*name, given) => Fit::Exact,
            Ty::Class(name, _) if self.core.inherits(given.class, name) => Fit::Subtype,
            // Nothing is known of the supertypes of an unknown class.
            Ty::Class(..) if !self.core.is_class(given.class) => Fit::Perhaps,
            Ty::Class(..) => Fit::Never,
            Ty::Function(_) => {
                if given.is_function() {
                    Fit::Exact
                } else {
                    Fit::Never
                }
            }
            Ty::Variable(_) | Ty::Star => Fit::Perhaps,
        }
    }

    /// What the type parameters of a callee and of its class are at a call. `lambda` is what the last lambda gives.
    fn library_call_bindings(
        &self,
        callee: LibraryCallee,
        draft: &SiteDraft,
        lambda: Option<&Value>,
    ) -> Bindings {
        let member = callee.member;
        let receiver = draft.receiver.ty.as_ref();
        let mut bindings =
            callee.owner.map(|owner| self.core.library_bindings(receiver, owner)).unwrap_or_default();
        let explicit = member.type_params.iter().map(|param| param.name);
        bindings.extend(explicit.zip(draft.type_args.iter().cloned()));
        if let (Some(declared), Some(given)) = (&member.receiver, receiver) {
            self.unify_library(declared, given, &mut bindings);
        }
        // `<R, T : R> Result<T>.getOrElse(…): R`: what the receiver is, the result may be.
        for param in &member.type_params {
            let known = bindings.iter().find(|(name, _)| *name == param.name).map(|(_, ty)| ty.clone());
            if let (Some(known), [Ty::Variable(above)]) = (known, param.bounds.as_slice())
                && !bindings.iter().any(|(name, _)| name == above)
            {
                bindings.push((*above, known));
            }
        }
        for (at, value) in draft.values.iter().enumerate() {
            let Some(param) = parameter_of(member, &draft.args, at) else { continue };
            let declared = &member.params[param].ty;
            let is_lambda = draft
                .args
                .get(at)
                .is_some_and(|arg| matches!(self.facts[arg.value].kind, ExprKind::Lambda(_)));
            if is_lambda && matches!(declared, Ty::Class(..)) {
                if let Some(result) = lambda.and_then(|value| value.ty.as_ref()) {
                    self.unify_sam_result(declared, result, &mut bindings);
                }
            } else if let Some(given) = &value.ty {
                if member.params[param].vararg && at > param {
                    self.widen_library(declared, given, &mut bindings);
                } else {
                    self.unify_library(declared, given, &mut bindings);
                }
            }
        }
        // `val order: Comparator<File> = compareBy { … }`: what is wanted says what nothing given does.
        if let Some(expected) = draft.expected.as_ref().filter(|_| member.name != "<init>") {
            self.unify_library(&member.result, expected, &mut bindings);
        }
        bindings
    }

    /// One more argument of a vararg: its types are what all of them have in common.
    fn widen_library(&self, declared: &Ty, given: &Type, bindings: &mut Bindings) {
        let mut own = Bindings::new();
        self.unify_library(declared, given, &mut own);
        for (name, ty) in own {
            match bindings.iter_mut().find(|(known, _)| *known == name) {
                Some((_, known)) => *known = self.in_common([&*known, &ty].into_iter()).unwrap_or(ty),
                None => bindings.push((name, ty)),
            }
        }
    }

    /// Binds type parameters in `declared` so that it becomes `given`.
    fn unify_library(&self, declared: &Ty, given: &Type, bindings: &mut Bindings) {
        if given.is_unresolved() {
            return;
        }
        match declared {
            Ty::Variable(name) => {
                if !bindings.iter().any(|(known, _)| known == name) {
                    bindings.push((*name, given.clone()));
                }
            }
            Ty::Function(function) => {
                if let Some(result) = given.result() {
                    self.unify_library(&function.result, result, bindings);
                }
            }
            Ty::Class(name, args) if !args.is_empty() => {
                let Some(seen) = given.upper().and_then(|ty| self.core.as_super(ty, *name)) else { return };
                for (declared, given) in args.iter().zip(&seen.args) {
                    self.unify_library(declared, given, bindings);
                }
            }
            Ty::Class(..) | Ty::Star => {}
        }
    }

    /// A lambda stands for a functional interface: what it results in is what the interface's method returns.
    fn unify_sam_result(&self, declared: &Ty, result: &Type, bindings: &mut Bindings) {
        let Ty::Class(name, args) = declared else { return };
        let Some(sam) = self.core.signatures.single_abstract_method(*name) else { return };
        let Ty::Variable(variable) = &sam.method.result else { return };
        let owner = sam.owner;
        if owner.name != *name {
            return;
        }
        if let Some(at) = owner.params.iter().position(|param| param.name == *variable)
            && let Some(argument) = args.get(at)
        {
            self.unify_library(argument, result, bindings);
        }
    }

    /// The result of a call, as its signature says.
    pub(super) fn library_call_type(&self, draft: &SiteDraft, lambda: Option<&Value>) -> Option<Type> {
        let callee = self.library_callee(draft)?;
        if callee.member.name == "<init>" {
            return None;
        }
        let mut bindings = self.library_call_bindings(callee, draft, lambda);
        // `<T extends View> T findViewById(int)`: it is a View at least.
        if let Ty::Variable(name) = &callee.member.result
            && !bindings.iter().any(|(bound, _)| bound == name)
            && let Some(param) = callee.member.type_params.iter().find(|param| param.name == *name)
            && let Some(bound @ Ty::Class(..)) = param.bounds.first()
        {
            bindings.push((*name, self.core.library_type(bound, &[])));
        }
        Some(self.core.library_type(&callee.member.result, &bindings)).filter(is_known)
    }

    /// Type arguments of a library class that a constructor call leaves out.
    pub(super) fn created_library_type(&self, draft: &SiteDraft, lambda: Option<&Value>) -> Option<Type> {
        let class = self.core.signatures.class(draft.created?)?;
        if class.params.is_empty() || draft.result.as_ref().is_some_and(|ty| !ty.args.is_empty()) {
            return None;
        }
        let mut bindings = Bindings::new();
        if class.kind == ClassKind::Interface {
            // A functional interface made from a lambda.
            let args = class.params.iter().map(|param| Ty::Variable(param.name)).collect();
            if let Some(result) = lambda.and_then(|value| value.ty.as_ref()) {
                self.unify_sam_result(&Ty::Class(class.name, args), result, &mut bindings);
            }
            if bindings.is_empty() {
                return self.factory_type(class.name, draft, lambda);
            }
        } else {
            let callee = self.library_callee(draft)?;
            bindings = self.library_call_bindings(LibraryCallee { owner: None, ..callee }, draft, lambda);
        }
        if bindings.is_empty() {
            return None;
        }
        let arg = |name: Name| self.core.library_type(&Ty::Variable(name), &bindings);
        Some(Type::with(class.name, class.params.iter().map(|param| arg(param.name)).collect()))
    }

    /// `MutableStateFlow(State())`: a function with the name of the interface that it gives.
    fn factory_type(&self, class: Name, draft: &SiteDraft, lambda: Option<&Value>) -> Option<Type> {
        let all = self.core.signatures.top_level(Name::new(class.last()));
        let here = all.into_iter().filter(|it| it.facade.qualifier() == class.qualifier());
        let fits = |it: &&MemberSignature| !it.is_property() && it.takes(draft.args.len());
        let candidates: Vec<_> = here.flat_map(|it| it.members).filter(fits).collect();
        let member = self.best(candidates, draft)?;
        let bindings = self.library_call_bindings(LibraryCallee { owner: None, member }, draft, lambda);
        let ty = self.core.library_type(&member.result, &bindings);
        (ty.class == class && is_known(&ty)).then_some(ty)
    }

    /// The type of the parameter that gets an argument.
    pub(super) fn library_parameter_type(&self, draft: &SiteDraft, at: usize) -> Option<Type> {
        let callee = self.library_callee(draft)?;
        let param = parameter_of(callee.member, &draft.args, at)?;
        let bindings = self.library_call_bindings(callee, draft, None);
        Some(self.core.library_type(&callee.member.params[param].ty, &bindings)).filter(is_known)
    }

    /// What a lambda given to a library function is part of, as the signature says.
    pub(super) fn library_role(&self, draft: &SiteDraft, at: usize) -> LambdaRole {
        let Some(callee) = self.library_callee(draft) else { return LambdaRole::Unknown };
        let Some(param) = parameter_of(callee.member, &draft.args, at) else { return LambdaRole::Unknown };
        match &callee.member.params[param].ty {
            Ty::Function(function) if function.suspend => LambdaRole::Suspending,
            Ty::Function(_) if callee.member.flags.contains(MemberFlags::INLINE) => LambdaRole::InPlace,
            Ty::Function(_) => LambdaRole::Plain,
            Ty::Class(name, _) => match self.core.signatures.single_abstract_method(*name) {
                Some(sam) if sam.method.flags.contains(MemberFlags::SUSPEND) => LambdaRole::Suspending,
                Some(_) => LambdaRole::Plain,
                None => LambdaRole::Unknown,
            },
            _ => LambdaRole::Unknown,
        }
    }

    /// A field or property of a library class, or Kotlin's property for a getter.
    pub(super) fn library_property_type(
        &self,
        receiver: Option<&Type>,
        class: Name,
        name: Name,
    ) -> Option<Type> {
        let is_property = |it: &MemberSignature| it.is_property() && it.receiver.is_none();
        let is_getter = |it: &MemberSignature| !it.is_property() && it.params.is_empty() && !it.is_static();
        let found = self.core.library_members(class, &name, is_property).map(|it| (it, true));
        let found = found.or_else(|| {
            let getter = if name.starts_with("is") { name.to_string() } else { getter(&name) };
            self.core.library_members(class, &getter, is_getter).map(|it| (it, false))
        });
        let (members, property) = found?;
        let member =
            members.members.iter().find(|it| if property { is_property(it) } else { is_getter(it) })?;
        let bindings = self.core.library_bindings(receiver, members.owner);
        Some(self.core.library_type(&member.result, &bindings)).filter(is_known)
    }

    /// An extension property of a library that is visible here, or a top-level property without receiver.
    pub(super) fn library_extension_property(&self, receiver: Option<&Type>, name: Name) -> Option<Type> {
        let all = self.core.signatures.top_level(name);
        let visible = all.into_iter().filter(|it| self.sees_library(it.facade, name));
        let fits = |it: &&MemberSignature| {
            it.is_property()
                && it.receiver.is_some() == receiver.is_some()
                && self.suits_receiver(it, receiver) > Fit::Never
        };
        let member = visible.flat_map(|it| it.members).find(fits)?;
        let mut bindings = Bindings::new();
        if let (Some(declared), Some(given)) = (&member.receiver, receiver) {
            self.unify_library(declared, given, &mut bindings);
        }
        Some(self.core.library_type(&member.result, &bindings)).filter(is_known)
    }

    /// The facade of a visible library function of this name that fits the receiver, or has none.
    pub(super) fn library_facade(&self, draft: &SiteDraft, receiver: Option<&Type>) -> Option<Name> {
        let all = self.core.signatures.top_level(draft.name);
        let arguments = draft.args.len();
        let fits = |it: &MemberSignature| {
            !it.is_property()
                && it.receiver.is_some() == receiver.is_some()
                && it.takes(arguments)
                && self.suits_receiver(it, receiver) > Fit::Never
        };
        let mut fitting = all.into_iter().filter(|it| it.members.iter().any(fits));
        fitting.find(|it| self.sees_library(it.facade, draft.name)).map(|it| it.facade)
    }

    /// Is a declaration of this facade or object imported here, explicitly, by star, or by default?
    fn sees_library(&self, facade: Name, name: Name) -> bool {
        let imports = &self.core.imports[self.file.0 as usize];
        let package = facade.qualifier();
        let named = |path: &Name| {
            let owner = path.qualifier();
            path.last() == name.as_str() && (owner == package || owner == facade.as_str())
        };
        KOTLIN_DEFAULTS.contains(&package)
            || imports.named.get(&name).is_some_and(|paths| paths.iter().any(named))
            || imports.stars.iter().any(|star| *star == *package || *star == facade)
    }
}

/// `name` → `getName`, without interning it.
fn getter(name: &str) -> String {
    let mut letters = name.chars();
    let first: String = letters.next().map(|first| first.to_uppercase().collect()).unwrap_or_default();
    format!("get{first}{}", letters.as_str())
}

/// The parameter that takes an argument: by name, the last for a trailing lambda, else by position.
fn parameter_of(member: &MemberSignature, args: &[Arg], at: usize) -> Option<usize> {
    let last = member.params.len().checked_sub(1)?;
    // A read property or an operator has values without arguments.
    let Some(arg) = args.get(at) else { return (at <= last).then_some(at) };
    if let Some(name) = arg.name {
        let named = member.params.iter().position(|param| param.name == Some(name));
        return named.or_else(|| (at <= last).then_some(at));
    }
    if arg.trailing || at <= last {
        return Some(if arg.trailing { last } else { at });
    }
    member.params.iter().position(|param| param.vararg)
}

/// The signature's type, unless something in it is unknown and the catalogue has one.
pub(super) fn more_exact(signature: Option<Type>, catalogued: Option<Type>) -> Option<Type> {
    match signature {
        Some(ty) if is_complete(&ty) => Some(ty),
        partial => catalogued.or(partial),
    }
}

pub(super) fn is_complete(ty: &Type) -> bool {
    !ty.is_unresolved() && ty.args.iter().all(is_complete)
}

/// Nothing is told by an unknown type, nor by the type of everything.
fn is_known(ty: &Type) -> bool {
    !ty.is_unresolved() && ty.class != "java.lang.Object" && *ty != unknown()
}

fn is_number(class: Name) -> bool {
    matches!(
        class.as_str(),
        "kotlin.Int"
            | "kotlin.Long"
            | "kotlin.Double"
            | "kotlin.Float"
            | "kotlin.Short"
            | "kotlin.Byte"
            | "kotlin.Char"
    )
}

/// A primitive and the Java class that wraps it; a Java array of primitives and Kotlin's class for it.
fn boxes(one: Name, given: &Type) -> bool {
    let other = given.class;
    const PAIRS: [(&str, &str); 8] = [
        ("kotlin.Int", "java.lang.Integer"),
        ("kotlin.Long", "java.lang.Long"),
        ("kotlin.Boolean", "java.lang.Boolean"),
        ("kotlin.Char", "java.lang.Character"),
        ("kotlin.Double", "java.lang.Double"),
        ("kotlin.Float", "java.lang.Float"),
        ("kotlin.Short", "java.lang.Short"),
        ("kotlin.Byte", "java.lang.Byte"),
    ];
    let array = || {
        let element = given.args.first().map(|element| element.class)?;
        Some(other == "kotlin.Array" && one.strip_suffix("Array") == Some(element.as_str()))
    };
    PAIRS.iter().any(|(kotlin, java)| one == *kotlin && other == *java || one == *java && other == *kotlin)
        || array().unwrap_or(false)
}
