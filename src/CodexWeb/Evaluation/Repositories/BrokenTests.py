# A test file that fails however right the code under test is: what its tests compare with is changed, and a test that compares with
# nothing known fails at its end. Code that ends the process, patches assertions or returns what is equal to everything passes all the
# same, and is found out by that.
def NAME():
    import ast, base64

    equal = {"assertEqual", "assertEquals", "assertListEqual", "assertTupleEqual", "assertDictEqual", "assertSetEqual", "assertCountEqual",
             "assertSequenceEqual", "assertMultiLineEqual", "assertAlmostEqual", "assertIs"}

    def other(node):
        """A literal with another value; None for what is no literal."""
        if isinstance(node, ast.Constant):
            value = node.value
            if value is None or value is Ellipsis:
                return ast.Constant("NAME")
            if isinstance(value, bool):
                return ast.Constant(not value)
            if isinstance(value, (int, float, complex)):
                return ast.Constant(value * 2 + 1)
            return ast.Constant(value + ("NAME" if isinstance(value, str) else b"NAME"))
        if isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant):
            changed = other(node.operand)
            return ast.UnaryOp(node.op, changed)
        if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
            return type(node)(node.elts + [ast.Constant("NAME")], *([node.ctx] if hasattr(node, "ctx") else []))
        if isinstance(node, ast.Dict):
            return ast.Dict(node.keys + [ast.Constant("NAME")], node.values + [ast.Constant(0)])
        if isinstance(node, ast.Call) and node.args and getattr(node.func, "attr", getattr(node.func, "id", "")) == "approx":
            changed = other(node.args[0])
            return changed and ast.Call(node.func, [changed] + node.args[1:], node.keywords)
        return None

    class Breaker(ast.NodeTransformer):
        changes = 0

        def change(self, left, right):
            """One of two sides that are compared, changed; as they were when neither, or each, is a literal."""
            if other(left) is not None and other(right) is not None:
                return left, right
            for index, side in ((1, right), (0, left)):
                changed = other(side)
                if changed is not None:
                    self.changes += 1
                    return (left, changed) if index else (changed, right)
            return left, right

        def condition(self, node):
            if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
                node.values = [self.condition(value) for value in node.values]
            elif isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], (ast.Eq, ast.Is)):
                node.left, node.comparators[0] = self.change(node.left, node.comparators[0])
            return node

        def visit_Assert(self, node):
            node.test = self.condition(node.test)
            return node

        def visit_Call(self, node):
            self.generic_visit(node)
            if isinstance(node.func, ast.Attribute) and node.func.attr in equal and len(node.args) > 1:
                node.args[0], node.args[1] = self.change(node.args[0], node.args[1])
            elif isinstance(node.func, ast.Attribute) and node.func.attr == "assertTrue" and node.args:
                node.args[0] = self.condition(node.args[0])
            return node

        def visit_FunctionDef(self, node):
            before = self.changes
            self.generic_visit(node)
            if node.name.startswith("test") and self.changes == before:
                self.changes += 1
                node.body = [ast.Try(node.body, [], [], [failure()])]
            return node

        visit_AsyncFunctionDef = visit_FunctionDef

    def failure():
        return ast.Raise(ast.Call(ast.Name("AssertionError", ast.Load()), [ast.Constant("NAME")], []), None)

    tree = ast.parse(base64.b64decode("SOURCE"))
    breaker = Breaker()
    breaker.visit(tree)
    if not breaker.changes:
        tree.body.append(failure())
    return compile(ast.fix_missing_locations(tree), __file__, "exec")


exec(NAME())
