/**
 * Decisions written as data: CEL expressions and templates.
 *
 * @module
 */
export type { Bindings } from "./bindings.ts";
export { compileExpression, type Expression } from "./expression.ts";
export { ExpressionError } from "./expression_error.ts";
export { inferType, knownFunctions } from "./check.ts";
export { FUNCTION_SYNONYMS } from "./function_synonyms.ts";
export type { Call, Reference } from "./references.ts";
export type { FunctionForm, Inferred, StaticType, TypeOfPath, TypeProblem } from "./static_type.ts";
export { STATUS_FUNCTIONS } from "./status_functions.ts";
export {
  type CompiledTemplate,
  compileTemplate,
  splitTemplate,
  type TemplatePart,
  wholeExpression,
} from "./template.ts";
