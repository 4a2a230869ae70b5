"""JNI bindings in Rust of an older android.jar: the exact descriptor and access flags of each method.

Only what the type stubs lack is taken: the width of numeric results, and which methods of interfaces are abstract.
"""

import re

from model import PRIMITIVES

METHOD = re.compile(r'// class\.path == "([^"]+)", java\.flags == ([A-Z_ |]+), \.name == "([^"]+)", \.descriptor == "\(([^)]*)\)([^"]+)"')
PARAM = re.compile(r"\[*(?:[BCDFIJSZ]|L[^;]+;)")


def read(directory):
    """(class, method) to (parameters' descriptors, primitive result or "", abstract)."""
    found = {}
    for path in sorted(directory.rglob("*.rs")):
        for line in path.read_text("utf-8").splitlines():
            if "java.flags ==" not in line or not (match := METHOD.search(line)):
                continue
            name, flags, method, params, result = match.groups()
            known = (tuple(PARAM.findall(params)), PRIMITIVES.get(result, ""), "ABSTRACT" in flags)
            found.setdefault((name.replace("/", ".").replace("$", "."), method), set()).add(known)
    return found


LETTERS = {name: letter for letter, name in PRIMITIVES.items()}


def erased(ty, bounds):
    """The descriptor of a type, with dots between all names."""
    name = ty.split("<")[0]
    if name in bounds:
        bound = bounds[name]
        return erased(bound[0], {}) if bound else "Ljava.lang.Object;"
    if name == "kotlin.Array":
        return "[" + erased(ty[len("kotlin.Array<"):-1], bounds)
    if name.endswith("Array") and name[:-5] in LETTERS:
        return "[" + LETTERS[name[:-5]]
    return LETTERS.get(name, f"L{name};")


def matching(exact, cls, member):
    """What is known of the member: the sets of its results (of all with as many parameters, if none has the very ones)
    and of its abstractness."""
    known = exact.get((cls.name, member.name), set())
    known = [it for it in known if len(it[0]) == len(member.params)]
    bounds = dict(cls.tparams) | dict(member.tparams)
    params = [("[" if param.vararg else "") + erased(param.type, bounds) for param in member.params]
    same = [it for it in known if [one.replace("/", ".").replace("$", ".") for one in it[0]] == params]
    return {result for _, result, _ in same or known}, {abstract for _, _, abstract in same}
