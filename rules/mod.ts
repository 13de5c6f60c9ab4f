/**
 * Decisions written as data: CEL expressions and templates.
 *
 * @module
 */
export type { Bindings } from "./bindings.ts";
export { compileExpression, type Expression, STATUS_FUNCTIONS } from "./expression.ts";
export { ExpressionError } from "./expression_error.ts";
export type { Call, Reference } from "./references.ts";
export {
  type CompiledTemplate,
  compileTemplate,
  splitTemplate,
  type TemplatePart,
  wholeExpression,
} from "./template.ts";
export { FUNCTION_SYNONYMS, type FunctionForm, knownFunctions } from "./functions.ts";
export { inferType, type StaticType, type TypeProblem } from "./infer.ts";
