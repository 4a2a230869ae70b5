"""TypeScript declarations of Java packages (`*.d.ts`), as generated from class files for JavaScript runtimes.

They tell interfaces from classes, abstract classes, and in comments the API level that brought or deprecated a thing.
Method type parameters are lost, and all numbers are one type.
"""

import re

from model import Class, Member, Param, array_of, canonical

MODULE = re.compile(r"\s*(?:declare|export) module ([\w.]+) ?\{")
CLASS = re.compile(r"\s*export (abstract )?class (\w+)(<.*?>)?\s+(?:extends (.*?) )?(?:implements (.*?) )?\{$")
METHOD = re.compile(r"\s*(?:public|protected) (static )?(\w+)\((.*)\): (.*);$")
CONSTRUCTOR = re.compile(r"\s*(?:public|protected) constructor\((.*)\);$")
FIELD = re.compile(r"\s*(?:public|protected) (static )?(\w+): (.*);$")
SINCE = re.compile(r"@since (\d+)")
NAMES = {"string": "java.lang.String", "number": "?Int", "boolean": "kotlin.Boolean", "void": "kotlin.Unit",
         "any": "java.lang.Object", "null": "", "undefined": ""}


def split(text, separator=","):
    parts, depth, start = [], 0, 0
    for at, letter in enumerate(text):
        if letter in "<({":
            depth += 1
        elif letter in ">)}":
            depth -= 1
        elif letter == separator and depth == 0:
            parts.append(text[start:at].strip())
            start = at + 1
    parts.append(text[start:].strip())
    return [part for part in parts if part]


def type_of(text):
    parts = [part for part in split(text, "|") if part not in ("null", "undefined")]
    text = parts[0] if parts else "any"
    if text.startswith('"'):
        return "java.lang.String"
    if text in ("true", "false"):
        return "kotlin.Boolean"
    if re.fullmatch(r"-?[\d.]+(e[-+]?\d+)?", text):
        # A constant's value in place of its type.
        return "?Int" if text.lstrip("-").isdigit() else "?Float"
    if text in NAMES:
        return NAMES[text]
    if text.startswith("androidNative.Array<"):
        inner = type_of(text[len("androidNative.Array<"):-1])
        return array_of("kotlin.Int" if inner == "?Int" else inner)
    name, bracket, inner = text.partition("<")
    name = canonical(name.replace("globalAndroid.", "android."))
    if not re.fullmatch(r"[\w.]+", name):
        return "java.lang.Object"
    args = [type_of(arg) for arg in split(inner[:-1])] if bracket else []
    args = ["java.lang.Integer" if arg == "?Int" else arg or "java.lang.Object" for arg in args]
    return f"{name}<{', '.join(args)}>" if args else name


def params_of(text):
    found = []
    for param in split(text):
        name, _, ty = param.partition(": ")
        vararg = name.startswith("...")
        ty = ty[:-2] if vararg and ty.endswith("[]") else ty
        found.append(Param(type_of(ty), name.lstrip(".").rstrip("?"), vararg))
    return found


def nameless(params):
    return bool(params) and all(re.fullmatch(r"param\d+", param.name) for param in params)


def read(lines):
    """Classes by name."""
    classes = {}
    stack = []  # module names, or classes
    since, deprecated = 0, False
    for line in lines:
        text = line.strip()
        if text.startswith(("/**", "*")):
            if match := SINCE.search(text):
                since = int(match.group(1))
            deprecated |= "@deprecated" in text
            if "interface with the provided implementation" in text and stack and isinstance(stack[-1], Class):
                stack[-1].kind = "interface"
            continue
        if match := MODULE.match(line):
            stack.append(match.group(1))
        elif match := CLASS.match(line):
            module = ".".join(part for part in stack if isinstance(part, str))
            cls = Class(canonical(f"{module}.{match.group(2)}"), since=since, deprecated=deprecated)
            if match.group(1):
                cls.flags.add("abstract")
            cls.tparams = [(name.strip(), []) for name in split((match.group(3) or "<>")[1:-1])]
            bases = split(match.group(4) or "") + split(match.group(5) or "")
            cls.supers = [ty for ty in map(type_of, bases) if ty != "java.lang.Object"]
            cls = classes.setdefault(cls.name, cls)
            stack.append(cls)
            if text.endswith("}") and text != "{":
                stack.pop()
        elif text.startswith("}"):
            if text == "});" and stack and stack[-1] == "{":
                stack.pop()
            elif stack and text == "}":
                stack.pop()
        elif stack and isinstance(stack[-1], Class):
            cls = stack[-1]
            if text.startswith("public constructor(implementation: {"):
                cls.kind = "interface"
                if not text.endswith("});"):
                    stack.append("{")
            elif match := CONSTRUCTOR.match(line):
                if cls.kind != "interface":
                    cls.members.append(Member("constructor", params=params_of(match.group(1)), since=since, deprecated=deprecated))
            elif match := METHOD.match(line):
                params = params_of(match.group(3))
                flags = {"static"} if match.group(1) else {"nameless"} if nameless(params) else set()
                cls.members.append(Member("fun", match.group(2), type_of(match.group(4)), params, flags, since=since, deprecated=deprecated))
            elif (match := FIELD.match(line)) and match.group(2) != "class":
                flags = {"static"} if match.group(1) else set()
                cls.members.append(Member("val" if flags else "var", match.group(2), type_of(match.group(3)), flags=flags, since=since, deprecated=deprecated))
        since, deprecated = 0, False
    return {name: cls for name, cls in classes.items()}
