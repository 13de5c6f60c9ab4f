const PROMISES = /\b(TODO|FIXME|XXX|HACK)\b/;

/** Refuses comments that promise work for later: an issue holds it, or it is done now. */
export const noPromises: Deno.lint.Rule = {
  create(context) {
    return {
      Program() {
        for (const comment of context.sourceCode.getAllComments()) {
          const word = PROMISES.exec(comment.value)?.[1];
          if (word === undefined) continue;
          context.report({
            range: comment.range,
            message: `Cannot accept a comment that says "${word}"`,
            hint: "Do it now, or file an issue and say in the comment what holds today",
          });
        }
      },
    };
  },
};
