#!/usr/bin/env python3
"""Writes the public API of the platform and of common libraries as one sorted text. See README.md."""

import argparse
import copy
import re
import sys
import zipfile
from pathlib import Path

import descriptors
import kotlin_metadata
import pystubs
import typescript
from classfile import ClassFile, dotted
from model import Class, Member, Param, function_type

# Packages that no app has business in, or that only tests and tools use.
LEFT_OUT = re.compile(
    r"\.internal\.|\.debug\.|^(android\.(test|icu|R|Manifest)\b|junit\.|dalvik\.annotation|libcore\.|sun\.|jdk\.|java\.awt\.|"
    r"javax\.(sql|xml\.(catalog|stream))|java\.beans\.beancontext|android\.(adservices|health|renderscript|app\.ondeviceintelligence|app\.sdksandbox)\.|"
    r"com\.android\.|org\.(chromium|apache\.http|xmlpull\.v1\.sax2)|android\.support\.(?!v4\.media)|androidx\.(test|constraintlayout\.(core|motion|solver))|"
    r"com\.fasterxml\.jackson\.(core|databind)\.(async|base|filter|format|io|json|sym|util|cfg|deser|ext|introspect|jsonFormatVisitors|jsonschema|jsontype|ser|type|exc|node)\.impl|"
    r"com\.fasterxml\.jackson\.databind\.(deser|ser|introspect|ext|jsonFormatVisitors|jsonschema|jsontype|util|cfg|jdk14)\.|"
    r"com\.fasterxml\.jackson\.core\.(base|sym|util|async|filter|format|io|json|exc)\.|"
    r"com\.google\.common\.(graph|html|xml|escape|reflect|math|eventbus)\.|org\.jsoup\.helper|"
    r"org\.slf4j\.(helpers|spi|event)|retrofit2\.BuiltIn|kotlin\.(js|native|wasm|experimental|contracts|script|internal|jvm\.internal)\.|"
    r"org\.apache\.commons\.(lang3\.(compare|concurrent|event|function|math|mutable|reflect|stream|text|tuple|util)|httpclient\.(contrib|util)))"
)


def wanted(name):
    return not LEFT_OUT.search(name)


class Collection:
    def __init__(self):
        self.classes, self.aliases = {}, {}
        # Classes that nobody names, but that others inherit from.
        self.hidden = {}

    def add(self, cls):
        (self.classes if wanted(cls.name) else self.hidden).setdefault(cls.name, cls)

    # Class files.

    def jar(self, path, only=None):
        with zipfile.ZipFile(path) as jar:
            names = sorted(name for name in jar.namelist() if name.endswith(".class") and not name.startswith("META-INF/"))
            files = [ClassFile(jar.read(name)) for name in names if "module-info" not in name]
            builtins = [jar.read(name) for name in sorted(jar.namelist()) if name.endswith(".kotlin_builtins")]
        facades, outer_tparams = {}, {}
        for file in files:
            if not file.is_visible() and not file.metadata:
                self.hidden.setdefault(dotted(file.name), file.declared())
        visible = [it for it in files if it.is_visible() or (it.metadata and it.metadata.get("k") == 5)]
        for file in sorted(visible, key=lambda it: it.name):
            if only and not only(dotted(file.name)):
                continue
            if not file.metadata:
                self.add(file.declared())
                continue
            kind, message, names = kotlin_metadata.read(file.metadata)
            if kind == 1:
                self.kotlin_class(file, message, names, outer_tparams)
            elif kind in (2, 5) and message:
                facade = dotted(file.metadata["xs"].decode()) if kind == 5 and file.metadata.get("xs") else dotted(file.name)
                if file.metadata.get("pn"):
                    # Compiled into another package than the one that source code imports.
                    facade = f"{file.metadata['pn'].decode()}.{facade.rpartition('.')[2]}"
                facades.setdefault(facade, []).append((message, names))
        for facade, parts in sorted(facades.items()):
            cls = Class(facade, "facade")
            for message, names in parts:
                cls.members += kotlin_metadata.Declarations(message, names).members(3, 4)[0]
                package = facade.rpartition(".")[0]
                for name, target in kotlin_metadata.type_aliases(message, names):
                    self.aliases[f"{package}.{name}"] = target
            if cls.members:
                self.add(cls)
        for data in builtins:
            classes, package, members = kotlin_metadata.builtins(data)
            for raw, cls in classes:
                self.builtin(raw, cls)
            if members:
                self.add(Class(f"{package}.LibraryKt", "facade", members=members))

    def kotlin_class(self, file, message, names, outer_tparams):
        outer = file.name.rpartition("$")[0]
        decoded = kotlin_metadata.class_of(message, names, outer_tparams.get(outer))
        if not decoded or cls_is_hidden(file.name):
            return
        cls, jvm, declarations = decoded
        outer_tparams[file.name] = declarations.tparams
        for member in cls.members:
            if member.kind in ("val", "var"):
                cap = member.name[:1].upper() + member.name[1:]
                jvm |= {f"get{cap}", f"set{cap}", member.name if member.name.startswith("is") else f"is{cap}"}
        # What Java sees besides: @JvmStatic, @JvmName and what the compiler adds.
        for member in file.declared().members:
            plain = "-" not in member.name and "$" not in member.name
            if member.kind == "fun" and plain and member.name not in jvm:
                cls.members.append(member)
        self.add(cls)

    def builtin(self, raw, cls):
        """Kotlin's view of a Java class adds what Java does not have: `size`, `keys`, `length`."""
        known = self.classes.get(cls.name)
        if known is None or not cls.name.startswith("java."):
            self.add(cls)
            return
        rename = {mine[0]: theirs[0] for mine, theirs in zip(cls.tparams, known.tparams) if mine[0] != theirs[0]}
        names = {(member.kind == "fun", member.name) for member in known.members}
        for member in cls.members:
            if (member.kind == "fun", member.name) not in names and member.kind != "constructor":
                for old, new in rename.items():
                    member.type = re.sub(rf"\b{old}\b", new, member.type)
                    for param in member.params:
                        param.type = re.sub(rf"\b{old}\b", new, param.type)
                # Java's methods are the abstract ones.
                member.flags.discard("abstract")
                known.members.append(member)

    # The platform.

    def platform(self, stubs, declarations, exact, jdk):
        java = {dotted(str(path.relative_to(module))[:-6]): path for module in sorted(jdk.iterdir()) for path in module.rglob("*.class")}
        for name in sorted(set(stubs) | set(declarations)):
            if not wanted(name):
                continue
            stub, declared = stubs.get(name), declarations.get(name)
            if name in java and name.startswith(("java.", "javax.", "org.")):
                file = ClassFile(java[name].read_bytes())
                if file.is_visible():
                    cls = spliced(file.declared(), lambda hidden: self.hidden_of_jdk(hidden, java))
                    there = {(it.kind, it.name, len(it.params)) for it in (stub.members if stub else []) + (declared.members if declared else [])}
                    fields = {it.name for it in (stub.members if stub else []) + (declared.members if declared else []) if it.kind in ("val", "var")}
                    cls.members = [it for it in cls.members if (it.kind, it.name, len(it.params)) in there or it.kind in ("val", "var") and it.name in fields]
                    dates(cls, declared)
                    self.add(cls)
            else:
                self.add(merged(stub, declared, exact))


    def hidden_of_jdk(self, name, java):
        file = ClassFile(java[name].read_bytes()) if name in java else None
        return file.declared() if file and not file.is_visible() else None


def spliced(cls, hidden):
    """The class with what it inherits from classes that nobody names."""
    for at, ty in enumerate(list(cls.supers)):
        name, _, args = ty.partition("<")
        parent = hidden(name)
        if parent is None or parent is cls:
            continue
        parent = copy.deepcopy(spliced(parent, hidden))
        args = typescript.split(args[:-1]) if args else []
        swap = dict(zip((name for name, _ in parent.tparams), args))

        def put(ty):
            return re.sub(r"(?<![\w.])\w+(?![\w.])", lambda m: swap.get(m.group(), m.group()), ty)

        cls.supers[at:at + 1] = [put(ty) for ty in parent.supers]
        own = {member.key()[:2] + (len(member.params),) for member in cls.members}
        for member in parent.members:
            if member.kind == "constructor" or member.key()[:2] + (len(member.params),) in own:
                continue
            member.type, member.receiver = put(member.type), put(member.receiver)
            for param in member.params:
                param.type = put(param.type)
            member.flags.discard("abstract")
            cls.members.append(member)
    cls.supers = list(dict.fromkeys(cls.supers))
    return cls


def cls_is_hidden(name):
    return name.endswith("$DefaultImpls")


def dates(cls, declared):
    if not declared:
        return
    cls.since, cls.deprecated = declared.since, declared.deprecated
    known = {}
    for member in declared.members:
        known.setdefault((member.kind in ("val", "var"), member.name, len(member.params)), []).append(member)
    for member in cls.members:
        same = known.get((member.kind in ("val", "var"), member.name, len(member.params)), [])
        if same:
            member.since = min(it.since for it in same)
            member.deprecated = all(it.deprecated for it in same)


LONG = re.compile(r"(Millis|Nanos|Micros|Millisec|Timestamp|TimestampNs|Bytes|Time|TimeMs|Ms|Us|Ns)$")


def sharpen(cls, exact):
    """Widths of numeric results."""
    for member in cls.members:
        for at, param in enumerate(member.params):
            if param.type.startswith("?"):
                param.type = "kotlin." + param.type[1:]
        if not member.type.startswith("?"):
            continue
        results = descriptors.matching(exact, cls, member)[0] - {"", "kotlin.Unit"}
        if member.kind == "fun" and len(results) == 1:
            member.type = next(iter(results))
        elif member.type == "?Int" and member.kind == "fun" and LONG.search(member.name):
            member.type = "kotlin.Long"
        else:
            member.type = "kotlin." + member.type[1:]


def merged(stub, declared, exact):
    """A class of the type stubs with what the TypeScript declarations and the descriptors add."""
    cls = stub or declared
    if stub and declared:
        names = {(it.kind in ("val", "var"), it.name, len(it.params)) for it in stub.members}
        extra = [it for it in declared.members if (it.kind in ("val", "var"), it.name, len(it.params)) not in names]
        # Declarations list inherited members of interfaces, too; only new ones of the class itself are wanted.
        cls.members += [it for it in extra if it.since >= 36]
        dates(cls, declared)
        cls.flags |= declared.flags
        if declared.supers:
            # Stubs list supertypes by name; the superclass comes first.
            cls.supers.sort(key=lambda ty: ty.split("<")[0] != declared.supers[0].split("<")[0])
    kind = declared.kind if declared else guessed(cls)
    supers = {name.split("<")[0] for name in cls.supers}
    if "java.lang.Enum" in supers:
        kind = "enum"
    elif "java.lang.annotation.Annotation" in supers:
        kind = "annotation"
    cls.supers = [name for name in cls.supers if name != "java.lang.annotation.Annotation"]
    cls.kind = kind
    sharpen(cls, exact)
    for member in cls.members:
        if member.kind != "fun" or "static" in member.flags:
            continue
        known = descriptors.matching(exact, cls, member)[1]
        nameless = "nameless" in member.flags
        # A method that got a body since then has names for its parameters now.
        if kind == "interface" and (nameless if member.params else known != {False}):
            member.flags.add("abstract")
        elif kind == "class" and "abstract" in cls.flags and (nameless and known != {False} if member.params else known == {True}):
            member.flags.add("abstract")
    kotlin_shape(cls)
    return cls


def guessed(cls):
    """Without declarations: nobody constructs it, nothing is stored in it."""
    constructed = any(it.kind == "constructor" for it in cls.members)
    stored = any(it.kind in ("val", "var") and "static" not in it.flags for it in cls.members)
    object_like = any(it.name == "INSTANCE" for it in cls.members)
    static_only = cls.members and all("static" in it.flags for it in cls.members)
    return "class" if constructed or stored or object_like or static_only or not cls.members else "interface"


CONTINUATION = re.compile(r"kotlin\.coroutines\.Continuation<(.*)>$")
SUSPENDING = re.compile(r"\((?:(.*), )?kotlin\.coroutines\.Continuation<(.*?)>\) -> java\.lang\.Object$")


def kotlin_shape(cls):
    """Kotlin's facades, extensions, suspend functions, companions and objects, as far as their bytecode tells."""
    for member in list(cls.members):
        if member.name == "Companion" and "static" in member.flags:
            cls.companion = "Companion"
            cls.members.remove(member)
        elif member.name == "INSTANCE" and member.type == cls.name:
            cls.kind = "object"
            cls.members.remove(member)
    functions = [it for it in cls.members if it.kind == "fun"]
    if cls.name.endswith("Kt") and functions and all("static" in it.flags for it in cls.members):
        cls.kind = "facade"
        for member in functions:
            member.flags.discard("static")
    for member in functions:
        if member.params and (match := CONTINUATION.fullmatch(member.params[-1].type)) and member.type == "java.lang.Object":
            member.params.pop()
            member.type = match.group(1)
            member.flags.add("suspend")
        for param in member.params:
            if match := SUSPENDING.fullmatch(param.type):
                param.type = function_type([match.group(1)] if match.group(1) else [], match.group(2), suspend=True)
        if "extension" in member.flags and cls.kind == "facade":
            receiver = member.params.pop(0)
            member.receiver = receiver.type
            prop = receiver.name[len("this_"):]
            if not member.params and member.name == f"get{prop[:1].upper()}{prop[1:]}":
                member.kind, member.name = "val", prop
        member.flags -= {"nameless", "extension"}
    for member in cls.members:
        if cls.kind != "facade":
            for param in member.params:
                param.name = ""


# What subclasses only repeat.

def without_repetition(classes):
    def ancestors(name, seen):
        cls = classes.get(name)
        for ty in cls.supers if cls else []:
            parent = ty.split("<")[0]
            if parent not in seen:
                seen.append(parent)
                ancestors(parent, seen)
        return seen

    inherited = {name: {(it.name, len(it.params)): [] for it in cls.members} for name, cls in classes.items()}
    for name, cls in classes.items():
        for member in cls.members:
            inherited[name][(member.name, len(member.params))].append(member)
    root = inherited.get("java.lang.Object", {})
    for name, cls in classes.items():
        if name == "java.lang.Object":
            continue
        above = [inherited[parent] for parent in ancestors(name, []) if parent in inherited] + [root]

        def repeats(member):
            if member.kind != "fun" or member.flags & {"static", "suspend"} or member.receiver:
                return False
            for members in above:
                for other in members.get((member.name, len(member.params)), []):
                    if other.kind == "fun" and other.text() == member.text():
                        return True
                    same = [p.type for p in other.params] == [p.type for p in member.params]
                    if same and other.type == member.type and (cls.kind != "interface" or not ({"abstract"} & (other.flags ^ member.flags))):
                        return True
            return False

        kept = [it for it in cls.members if not repeats(it)]
        cls.members = kept


BARE = re.compile(r"(?<![\w.])([A-Za-z_]\w*)(?![\w.])")


def in_scope(classes):
    """Type parameters of outer classes and of outer functions are gone: what they stood for is anything."""
    def clean(ty, scope):
        if not ty or "." not in ty and ty in scope:
            return ty
        return BARE.sub(lambda m: m.group(1) if m.group(1) in scope or m.group(1) == "suspend" else "java.lang.Object", ty)

    def params(tparams, scope):
        return [(name, [clean(bound, scope) for bound in bounds]) for name, bounds in tparams]

    for cls in classes.values():
        own = {name for name, _ in cls.tparams}
        cls.tparams = params(cls.tparams, own)
        cls.supers = [clean(ty, own) for ty in cls.supers]
        for member in cls.members:
            scope = own | {name for name, _ in member.tparams}
            member.tparams = params(member.tparams, scope)
            member.type, member.receiver = clean(member.type, scope), clean(member.receiver, scope)
            for param in member.params:
                param.type = clean(param.type, scope)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("inputs", type=Path, help="the directory that fetch.sh filled")
    parser.add_argument("output", type=Path)
    options = parser.parse_args()
    root = options.inputs
    sources = (root / "SOURCES").read_text("utf-8").splitlines()

    collection = Collection()
    for jar in sorted((root / "jars").glob("*.jar")):
        if not jar.name.startswith("kotlin-stdlib"):
            collection.jar(jar)
    stubs, androidx = {}, {}
    for wheel in sorted((root / "stubs").glob("*.whl")):
        with zipfile.ZipFile(wheel) as archive:
            found = pystubs.read(archive)
        target = stubs if "stubs_android-" in wheel.name else androidx
        for name, cls in found.items():
            target.setdefault(name, cls)
    package = root / "types-android/package/lib/android"
    platform = typescript.read((package / "android-platform-21-37-merged.d.ts").open(encoding="utf-8"))
    newest = typescript.read((package / "android-platform-37.d.ts").open(encoding="utf-8"))
    for name, cls in newest.items():
        platform.setdefault(name, cls)
    libraries = typescript.read((package / "androidx-32.d.ts").open(encoding="utf-8"))
    exact = descriptors.read(root / "descriptors")
    collection.platform(stubs, platform, exact, root / "jdk")
    for name in sorted(set(androidx) | set(libraries)):
        stub, declared = androidx.get(name), libraries.get(name)
        if not name.startswith(("kotlin.", "kotlinx.")):
            collection.add(merged(stub, declared, {}))
    for jar in sorted((root / "jars").glob("kotlin-stdlib*.jar")):
        collection.jar(jar)

    classes = collection.classes
    for cls in classes.values():
        spliced(cls, lambda name: collection.hidden.get(name) if name not in classes else None)
    in_scope(classes)
    without_repetition(classes)
    with options.output.open("w", encoding="utf-8", newline="\n") as out:
        for line in sources:
            out.write(f"# {line}\n")
        for name, target in sorted(collection.aliases.items()):
            if name not in classes and wanted(name) and not target.startswith("kotlin.Function") and name != target:
                out.write(f"typealias {name} = {target}\n")
        for name in sorted(classes):
            out.write(classes[name].text())
    members = sum(len(cls.members) for cls in classes.values())
    print(f"{len(classes)} classes, {members} members, {len(collection.aliases)} aliases", file=sys.stderr)


if __name__ == "__main__":
    main()
