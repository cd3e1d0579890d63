# Runs the test of a problem, in a sandbox the candidate's program is not in. The function under test is a stand-in: a call of it leaves as a
# message, and what comes back is plain data. The verdict is the last message; without one there is none.
import builtins


class Broken(BaseException):
    """Ends the test: no test catches it as an ordinary exception, and the verdict does not depend on whether one does."""


class CandidateException(Exception):
    """What the candidate raised, when it is none of Python's own exceptions."""


class Case:
    def __init__(self, incoming, send):
        self.incoming, self.send = incoming, send
        self.calls, self.broken, self.unjudged = 0, None, None

    def call(self, *positional, **named):
        if self.broken or self.unjudged:
            raise Broken
        try:
            message = {"call": pack(positional), "named": pack(named)}
        except (Unfit, RecursionError) as failure:
            self.unjudged = "The test calls the function with " + str(failure) + ", which cannot be handed over to another process."
            raise Broken
        self.calls += 1
        self.send(message)
        try:
            returned, value = self.read(json.loads(self.incoming.readline()))
        except (ValueError, TypeError, KeyError, IndexError, ArithmeticError, RecursionError, MemoryError):
            self.broken = "What it answered cannot be read."
        if self.broken:
            raise Broken
        if returned:
            return value
        raise value

    def read(self, answer):
        """What the candidate answered: True and what it returned, or False and what it raised."""
        if "value" in answer:
            return True, unpack(answer["value"])
        if "unfit" in answer:
            self.broken = "It returned " + str(answer["unfit"]) + ", which is not plain data."
            return True, None
        return False, self.exception(list(answer["raised"]), str(answer["text"]))

    def exception(self, names, text):
        for name in names:
            kind = getattr(builtins, name, None) if isinstance(name, str) else None
            if kind is Exception or kind is BaseException:
                break
            if isinstance(kind, type) and issubclass(kind, Exception):
                try:
                    return Raised.of(kind, text)
                except TypeError:
                    break
            if isinstance(kind, type) and issubclass(kind, BaseException):
                self.broken = "It raised " + name + "."
                break
        return CandidateException(str(names[0]) + ": " + text)


class Raised:
    """Marks the exceptions that came from the candidate."""
    seen = []

    @classmethod
    def of(cls, kind, text):
        failure = kind(text)
        cls.seen.append(failure)
        return failure


def definitions(prompt):
    """What the prompt defines beside the function: imports and helpers that tests use."""
    for text in (prompt, prompt.rstrip() + "\n    pass\n"):
        try:
            code = compile(text, "prompt", "exec")
        except SyntaxError:
            continue
        space = {"__name__": "problem"}
        exec(code, space)
        return space
    raise ValueError("The prompt is not Python, neither as it stands nor with a body.")


def judge(order, case):
    try:
        space = definitions(order["prompt"])
        code = compile(order["test"], "test", "exec")
    except BaseException as failure:
        return "unjudged", "The problem cannot be used: " + type(failure).__name__ + ": " + str(failure)
    space[order["entry"]] = case.call
    try:
        exec(code, space)
        if callable(space.get("check")):
            space["check"](case.call)
    except BaseException as failure:
        if case.unjudged is None and case.broken is None:
            text = told(failure, order["test"])
            return ("failed", text) if case.calls else ("unjudged", "The test ended before it called the function: " + text)
    if case.unjudged is not None:
        return "unjudged", case.unjudged
    if case.broken is not None:
        return "failed", case.broken
    if not case.calls:
        return "unjudged", "The test never called the function, so it proves nothing."
    return "passed", ""


def told(failure, test):
    place, step = "", failure.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename == "test":
            lines = test.split("\n")
            place = lines[step.tb_lineno - 1].strip() if step.tb_lineno <= len(lines) else ""
        step = step.tb_next
    name = failure.__class__.__name__
    if isinstance(failure, CandidateException):
        name, failure = "It raised", str(failure)
    elif failure in Raised.seen:
        name = "It raised " + name
    said = str(failure)[:300]
    return (name + (": " + said if said else "") + (" at: " + place[:300] if place else ""))


def serve():
    incoming, send = open_channel()
    order = json.loads(incoming.readline())
    verdict, detail = judge(order, Case(incoming, send))
    send({"verdict": verdict, "detail": detail[:1000]})


serve()
