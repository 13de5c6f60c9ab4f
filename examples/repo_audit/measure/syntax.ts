/**
 * What the nodes of each grammar mean for the measures: which are functions, which decide, which
 * nest, which are comments. Node names are those of the grammars' own `node-types.json`.
 *
 * @module
 */
import type { GrammarName } from "../languages.ts";

/** Node types of one grammar, sorted by what they count as. */
export interface Syntax {
  /** Functions, methods, closures: each is measured on its own. */
  functions: string[];
  /** Decisions whose body is one level deeper. */
  branches: string[];
  /** Decisions without a body of their own: cases, conditional expressions. */
  decisions: string[];
  /** One level deeper, without a decision: `switch`, `try`. */
  nests: string[];
  comments: string[];
  /** Queries of more than a node type, each ending in its capture: `@decision`, `@flat`, `@default`, `@comment`. */
  patterns: string[];
}

/** `else if` written as an `if` inside the `else`: not a level deeper. */
const ELSE_IF = "(else_clause (if_statement) @flat)";
const ALTERNATIVE_IF = "(if_statement alternative: (if_statement) @flat)";
const LOGIC = '(binary_expression operator: ["&&" "||"]) @decision';

const ECMASCRIPT: Syntax = {
  functions: [
    "function_declaration",
    "function_expression",
    "generator_function_declaration",
    "generator_function",
    "arrow_function",
    "method_definition",
  ],
  branches: [
    "if_statement",
    "for_statement",
    "for_in_statement",
    "while_statement",
    "do_statement",
  ],
  decisions: ["switch_case", "catch_clause", "ternary_expression"],
  nests: ["switch_statement", "try_statement"],
  comments: ["comment"],
  patterns: [ELSE_IF, '(binary_expression operator: ["&&" "||" "??"]) @decision'],
};

const C: Syntax = {
  functions: ["function_definition"],
  branches: ["if_statement", "for_statement", "while_statement", "do_statement"],
  decisions: ["conditional_expression"],
  nests: ["switch_statement"],
  comments: ["comment"],
  patterns: [ELSE_IF, LOGIC, "(case_statement value: (_)) @decision"],
};

/** By grammar. */
export const SYNTAX: Record<GrammarName, Syntax> = {
  javascript: ECMASCRIPT,
  typescript: ECMASCRIPT,
  tsx: ECMASCRIPT,
  c: C,
  cpp: {
    ...C,
    functions: ["function_definition", "lambda_expression"],
    branches: [...C.branches, "for_range_loop"],
    decisions: ["conditional_expression", "catch_clause"],
    nests: ["switch_statement", "try_statement"],
    patterns: [
      ELSE_IF,
      '(binary_expression operator: ["&&" "||" "and" "or"]) @decision',
      "(case_statement value: (_)) @decision",
    ],
  },
  python: {
    functions: ["function_definition", "lambda"],
    branches: ["if_statement", "for_statement", "while_statement"],
    decisions: [
      "elif_clause",
      "except_clause",
      "conditional_expression",
      "boolean_operator",
      "for_in_clause",
      "if_clause",
      "case_clause",
    ],
    nests: ["try_statement", "match_statement", "with_statement"],
    comments: ["comment"],
    patterns: [
      '(case_clause (case_pattern "_")) @default',
      "(module . (expression_statement . (string) @comment .))",
      "(block . (expression_statement . (string) @comment .))",
    ],
  },
  go: {
    functions: ["function_declaration", "method_declaration", "func_literal"],
    branches: ["if_statement", "for_statement"],
    decisions: ["expression_case", "type_case", "communication_case"],
    nests: ["expression_switch_statement", "type_switch_statement", "select_statement"],
    comments: ["comment"],
    patterns: [ALTERNATIVE_IF, LOGIC],
  },
  rust: {
    functions: ["function_item", "closure_expression"],
    branches: ["if_expression", "for_expression", "while_expression"],
    decisions: ["match_arm"],
    nests: ["match_expression", "loop_expression"],
    comments: ["line_comment", "block_comment"],
    patterns: [
      "(else_clause (if_expression) @flat)",
      '(match_arm pattern: (match_pattern "_")) @default',
      LOGIC,
    ],
  },
  java: {
    functions: [
      "method_declaration",
      "constructor_declaration",
      "compact_constructor_declaration",
      "lambda_expression",
    ],
    branches: [
      "if_statement",
      "for_statement",
      "enhanced_for_statement",
      "while_statement",
      "do_statement",
    ],
    decisions: ["switch_label", "catch_clause", "ternary_expression"],
    nests: ["switch_expression", "try_statement", "try_with_resources_statement"],
    comments: ["line_comment", "block_comment"],
    patterns: [ALTERNATIVE_IF, LOGIC, '(switch_label "default") @default'],
  },
  csharp: {
    functions: [
      "method_declaration",
      "constructor_declaration",
      "operator_declaration",
      "local_function_statement",
      "lambda_expression",
      "anonymous_method_expression",
      "accessor_declaration",
    ],
    branches: [
      "if_statement",
      "for_statement",
      "foreach_statement",
      "while_statement",
      "do_statement",
    ],
    decisions: [
      "switch_section",
      "switch_expression_arm",
      "catch_clause",
      "conditional_expression",
    ],
    nests: ["switch_statement", "switch_expression", "try_statement"],
    comments: ["comment"],
    patterns: [
      ALTERNATIVE_IF,
      '(binary_expression operator: ["&&" "||" "??"]) @decision',
      '(switch_section "default") @default',
      "(switch_expression_arm (discard)) @default",
    ],
  },
  ruby: {
    functions: ["method", "singleton_method", "lambda"],
    branches: ["if", "unless", "while", "until", "for"],
    decisions: [
      "elsif",
      "when",
      "in_clause",
      "rescue",
      "conditional",
      "if_modifier",
      "unless_modifier",
      "while_modifier",
      "until_modifier",
      "rescue_modifier",
    ],
    nests: ["case", "case_match", "begin"],
    comments: ["comment"],
    patterns: ['(binary operator: ["&&" "||" "and" "or"]) @decision'],
  },
  php: {
    functions: [
      "function_definition",
      "method_declaration",
      "anonymous_function",
      "arrow_function",
    ],
    branches: [
      "if_statement",
      "for_statement",
      "foreach_statement",
      "while_statement",
      "do_statement",
    ],
    decisions: [
      "else_if_clause",
      "case_statement",
      "catch_clause",
      "conditional_expression",
      "match_conditional_expression",
    ],
    nests: ["switch_statement", "match_expression", "try_statement"],
    comments: ["comment"],
    patterns: [
      "(else_clause (if_statement) @flat)",
      '(binary_expression operator: ["&&" "||" "??" "and" "or" "xor"]) @decision',
    ],
  },
  bash: {
    functions: ["function_definition"],
    branches: ["if_statement", "for_statement", "c_style_for_statement", "while_statement"],
    decisions: ["elif_clause", "case_item", "ternary_expression"],
    nests: ["case_statement"],
    comments: ["comment"],
    patterns: [
      '(list ["&&" "||"] @decision)',
      '(binary_expression operator: ["&&" "||"]) @decision',
      '((case_item . value: (_) @star) @default (#eq? @star "*"))',
    ],
  },
  powershell: {
    functions: ["function_statement", "class_method_definition"],
    branches: [
      "if_statement",
      "for_statement",
      "foreach_statement",
      "while_statement",
      "do_statement",
    ],
    decisions: ["elseif_clause", "switch_clause", "catch_clause"],
    nests: ["switch_statement", "try_statement"],
    comments: ["comment"],
    patterns: ['(logical_expression ["-and" "-or" "-xor"] @decision)'],
  },
  swift: {
    functions: ["function_declaration", "init_declaration", "deinit_declaration", "lambda_literal"],
    branches: [
      "if_statement",
      "guard_statement",
      "for_statement",
      "while_statement",
      "repeat_while_statement",
    ],
    decisions: [
      "switch_entry",
      "catch_block",
      "ternary_expression",
      "conjunction_expression",
      "disjunction_expression",
      "nil_coalescing_expression",
    ],
    nests: ["switch_statement", "do_statement"],
    comments: ["comment", "multiline_comment"],
    patterns: [
      "(if_statement (else) (if_statement) @flat)",
      "(switch_entry (default_keyword)) @default",
    ],
  },
  dart: {
    functions: ["function_body", "function_expression"],
    branches: ["if_statement", "for_statement", "while_statement", "do_statement"],
    decisions: [
      "switch_statement_case",
      "catch_clause",
      "conditional_expression",
      "logical_and_expression",
      "logical_or_expression",
      "if_null_expression",
    ],
    nests: ["switch_statement", "try_statement"],
    comments: ["comment", "documentation_comment"],
    patterns: [ALTERNATIVE_IF],
  },
};

/** The query that captures everything of `syntax`. */
export function queryOf(syntax: Syntax): string {
  const any = (types: string[], captures: string) =>
    types.length === 0 ? "" : `[${types.map((type) => `(${type})`).join(" ")}] ${captures}`;
  return [
    any(syntax.functions, "@function"),
    any(syntax.branches, "@decision @nest"),
    any(syntax.decisions, "@decision"),
    any(syntax.nests, "@nest"),
    any(syntax.comments, "@comment"),
    ...syntax.patterns,
  ].join("\n");
}
