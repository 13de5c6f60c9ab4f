/**
 * Files that people write, whatever they are about: YAML or JSON becomes nodes that know where they
 * stand, a shape says what may be in them, and every mistake becomes an issue with its place, its
 * words and what to write instead. The same shape yields the JSON Schema for editors.
 *
 * @module
 */
export { checkDelays, checkReplicas, durationAt } from "./check_ranges.ts";
export { checkDocument, type DocumentFormat } from "./check_shape.ts";
export { describe, reportType, scalarOf, shorten, warnAmbiguous } from "./describe.ts";
export {
  createLocate,
  type Finding,
  hintFrom,
  IssueList,
  type Locate,
  type Place,
} from "./issue_list.ts";
export { type DocumentWords, parseTree } from "./parse_tree.ts";
export { parseValue } from "./parse_value.ts";
export { permissionsShape } from "./permissions_shape.ts";
export { placeInText } from "./place_in_text.ts";
export type { Mistake, ObjectShape, Shape, TextRule, TextShape, VariantShape } from "./shape.ts";
export { documentSchema } from "./shape_schema.ts";
export {
  backoffShape,
  choice,
  duration,
  integer,
  list,
  moduleRule,
  object,
  templateText,
  text,
} from "./shape_makers.ts";
export {
  entriesOf,
  itemsOf,
  type ListNode,
  type MapEntry,
  type MapNode,
  memberOf,
  nodeAt,
  type ScalarNode,
  textOf,
  toPlain,
  type TreeNode,
} from "./tree_node.ts";
