const LINES_MAX = 70;

/** Refuses functions of more than 70 lines; tests may be longer, they are stories. */
export const functionLength: Deno.lint.Rule = {
  create(context) {
    if (context.filename.endsWith("_test.ts")) return {};
    function check(node: Deno.lint.Node): void {
      const lines = context.sourceCode.getText(node).split("\n").length;
      if (lines <= LINES_MAX) return;
      context.report({
        node,
        message: `Cannot accept a function of ${lines} lines, at most ${LINES_MAX}`,
        hint: "Name a part of it and make that a function, or turn control flow into a table",
      });
    }
    return {
      FunctionDeclaration: check,
      FunctionExpression: check,
      ArrowFunctionExpression: check,
    };
  },
};
