# Runs a candidate's program and answers calls of its function, in a sandbox that holds nothing else. It decides nothing: whatever the
# program does to this process, all that leaves is plain data for the judge.
import ast, types


def load(programs, entry):
    """Runs the first of the programs that is Python and defines the function."""
    problem = None
    for text in programs:
        try:
            tree = ast.parse(text, "candidate.py")
            code = compile(text, "candidate.py", "exec")
        except (SyntaxError, ValueError, RecursionError, MemoryError) as failure:
            problem = problem or "It is not Python: " + type(failure).__name__ + ": " + str(failure)
            continue
        if not any(binds(statement, entry) for statement in tree.body):
            problem = problem or "It does not define " + entry + "."
            continue
        module = types.ModuleType("candidate")
        sys.modules["candidate"] = module
        exec(code, module.__dict__)
        return module.__dict__[entry], None
    return None, problem


def binds(statement, name):
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return statement.name == name
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        return any((alias.asname or alias.name) == name for alias in statement.names)
    return any(isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store) for node in ast.walk(statement))


def describe(failure):
    try:
        text = str(failure)[:1000]
    except BaseException:
        text = ""
    return {"raised": [kind.__name__ for kind in type(failure).__mro__], "text": text}


def serve():
    incoming, send = open_channel()
    order = json.loads(incoming.readline())
    try:
        function, problem = load(order["programs"], order["entry"])
    except BaseException as failure:
        send(describe(failure))
        return
    if problem is not None:
        send({"unreadable": problem})
        return
    send({"ready": True})
    for line in incoming:
        call = json.loads(line)
        try:
            value = function(*unpack(call["call"]), **unpack(call["named"]))
        except BaseException as failure:
            send(describe(failure))
            continue
        try:
            answer = {"value": pack(value)}
        except BaseException as failure:
            answer = {"unfit": str(failure)[:200] if isinstance(failure, Unfit) else type(failure).__name__}
        send(answer)


serve()
