"""Budgets: what each program may cost on a target, and the sizes of functions at that time.

    {"compiler": ..., "goals": {"attention": {"flash": 12288, "stack": 1024}},   goals are kept
     "programs": {"attention": {"flash": ..., "stack": {"attend": ...}, "arenas": {"scratch": ...},
                                "functions": {"name": bytes}}}}

A budget is a little more than what was measured, so that a few instructions more do not matter;
arenas are exact. Functions are no budgets: they name what grew.
"""
import json

FLASH_STEP, STACK_STEP = 64, 16
LOW = 0.95         # a figure below this part of its budget, ...
FAR = 64           # ... and by that many bytes: the budget may come down
RECORDED = 256     # the smallest function that is written down


def rounded(figure, step):
    """One percent more, in whole steps."""
    return -(-(figure + figure // 100) // step) * step


def read(file):
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


def write(file, compiler, figures):
    """A budget that keeps a goal is the goal at most."""
    goals = read(file).get("goals", {})
    programs = {}
    for program, m in figures.items():
        goal = goals.get(program, {})

        def within(what, figure, step, goal=goal):
            limit = goal.get(what)
            new = rounded(figure, step)
            return limit if limit is not None and figure <= limit < new else new

        programs[program] = {
            "flash": within("flash", m["flash"], FLASH_STEP),
            "stack": {n: within("stack", s, STACK_STEP) for n, s in sorted(m["stack"].items())},
            "arenas": dict(sorted(m["arenas"].items())),
            "functions": {n: s for n, s in sorted(m["functions"].items()) if s >= RECORDED}}
    file.parent.mkdir(exist_ok=True)
    text = json.dumps({"compiler": compiler, "goals": goals, "programs": programs}, indent=1)
    file.write_text(text + "\n", encoding="utf-8")
    print(f"\nwritten: {file.name}")


def hint(what, figure, limit):
    if figure < LOW * limit and limit - figure >= FAR:
        print(f"note: {what} {figure:,}, budget {limit:,}: lower it (--update)")


def growth(before, now):
    """The functions that grew most, for people."""
    grown = {n: now.get(n, 0) - before.get(n, 0) for n in now
             if now[n] >= RECORDED and now[n] > before.get(n, 0)}
    largest = sorted(grown.items(), key=lambda g: -g[1])[:5]
    lines = [f"{name} {before.get(name, 0):,} -> {now[name]:,}" for name, _ in largest]
    return "; ".join(lines) or "none recorded"


def compare_stack(program, allowed, m):
    for name in sorted(set(allowed) | set(m["stack"])):
        figure, limit = m["stack"].get(name), allowed.get(name)
        if figure is None or limit is None:
            state = "new" if limit is None else "gone"
            yield f"{program}: entry point {name} is {state}: renew the budgets"
        elif figure > limit:
            way = " > ".join(f"{n} {b}" for n, b in m["ways"][name])
            yield f"{program}: stack of {name} {figure:,} bytes, budget {limit:,}: {way}"
        else:
            hint(f"{program}: stack of {name}", figure, limit)


def compare(file, compiler, figures):
    """What exceeds its budget."""
    known = read(file)
    if not known:
        return [f"no budgets: {file.name} is missing (--update)"]
    problems = []
    for program, m in figures.items():
        allowed = known["programs"].get(program)
        if allowed is None:
            problems.append(f"{program}: no budget (--update)")
            continue
        over = m["flash"] - allowed["flash"]
        if over > 0:
            problems.append(f"{program}: flash {m['flash']:,} bytes, budget {allowed['flash']:,}: "
                            f"{over:,} over; grown: {growth(allowed['functions'], m['functions'])}")
        hint(f"{program}: flash", m["flash"], allowed["flash"])
        problems += compare_stack(program, allowed["stack"], m)
        if allowed["arenas"] != m["arenas"]:
            problems.append(f"{program}: arenas {m['arenas']}, budget {allowed['arenas']}")
        for what, goal in known["goals"].get(program, {}).items():
            figure = m["flash"] if what == "flash" else max(m["stack"].values())
            state = "reached" if figure <= goal else f"{figure - goal:,} to go"
            print(f"goal: {program}: {what} {figure:,} of {goal:,}: {state}")
    if problems and compiler != known["compiler"]:
        problems.append(f"the budgets are {known['compiler']}'s, this is {compiler}")
    return problems
