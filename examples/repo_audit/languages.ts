/**
 * Which language a file is written in, by its name or its `#!` line, and how that language writes
 * comments. A language with a `grammar` is parsed; the others are counted by lines.
 *
 * @module
 */

/** Grammars that the audit can load. */
export type GrammarName =
  | "bash"
  | "c"
  | "cpp"
  | "csharp"
  | "dart"
  | "go"
  | "java"
  | "javascript"
  | "php"
  | "powershell"
  | "python"
  | "ruby"
  | "rust"
  | "swift"
  | "tsx"
  | "typescript";

/** One language. */
export interface Language {
  name: string;
  /** Endings of file names without the leading dot, lower case. */
  extensions: string[];
  /** Whole file names, as they are. */
  names?: string[];
  /** Programs of a `#!` line. */
  interpreters?: string[];
  grammar?: GrammarName;
  /** What starts a comment that runs to the end of its line. */
  lineComments?: string[];
  /** What opens and closes a comment that may span lines. */
  blockComments?: [open: string, close: string][];
  /** Prose or data: counted, but not looked at for duplicates. */
  isProse?: boolean;
}

const C_STYLE = {
  lineComments: ["//"],
  blockComments: [["/*", "*/"]] as [string, string][],
};
const HASH = { lineComments: ["#"] };
const MARKUP = { blockComments: [["<!--", "-->"]] as [string, string][] };

/** Every language the audit knows, by name. */
export const LANGUAGES: Language[] = [
  {
    name: "Bash",
    extensions: ["sh", "bash", "bats"],
    names: [".bashrc", ".profile", ".bash_profile"],
    interpreters: ["sh", "bash", "dash", "ksh"],
    grammar: "bash",
    ...HASH,
  },
  { name: "Batch", extensions: ["bat", "cmd"], lineComments: ["REM ", "rem ", "::"] },
  { name: "C", extensions: ["c"], grammar: "c", ...C_STYLE },
  { name: "C Header", extensions: ["h"], grammar: "cpp", ...C_STYLE },
  { name: "C#", extensions: ["cs", "csx"], grammar: "csharp", ...C_STYLE },
  {
    name: "C++",
    extensions: ["cc", "cpp", "cxx", "c++", "hh", "hpp", "hxx", "ipp", "inl"],
    grammar: "cpp",
    ...C_STYLE,
  },
  { name: "CMake", extensions: ["cmake"], names: ["CMakeLists.txt"], ...HASH },
  { name: "CSS", extensions: ["css"], blockComments: [["/*", "*/"]] },
  { name: "CSV", extensions: ["csv", "tsv"], isProse: true },
  { name: "Clojure", extensions: ["clj", "cljs", "cljc", "edn"], lineComments: [";"] },
  { name: "Dart", extensions: ["dart"], grammar: "dart", ...C_STYLE },
  {
    name: "Dockerfile",
    extensions: ["dockerfile"],
    names: ["Dockerfile", "Containerfile"],
    ...HASH,
  },
  { name: "Elixir", extensions: ["ex", "exs"], ...HASH },
  { name: "Elm", extensions: ["elm"], lineComments: ["--"], blockComments: [["{-", "-}"]] },
  { name: "Erlang", extensions: ["erl", "hrl"], lineComments: ["%"] },
  {
    name: "F#",
    extensions: ["fs", "fsx", "fsi"],
    lineComments: ["//"],
    blockComments: [["(*", "*)"]],
  },
  { name: "Fortran", extensions: ["f90", "f95", "f03", "f"], lineComments: ["!"] },
  { name: "Go", extensions: ["go"], grammar: "go", ...C_STYLE },
  { name: "GraphQL", extensions: ["graphql", "gql"], ...HASH },
  { name: "Groovy", extensions: ["groovy", "gradle"], names: ["Jenkinsfile"], ...C_STYLE },
  {
    name: "HCL",
    extensions: ["tf", "tfvars", "hcl"],
    lineComments: ["#", "//"],
    blockComments: [["/*", "*/"]],
  },
  { name: "HTML", extensions: ["html", "htm", "xhtml"], ...MARKUP },
  {
    name: "Haskell",
    extensions: ["hs", "lhs"],
    lineComments: ["--"],
    blockComments: [["{-", "-}"]],
  },
  {
    name: "INI",
    extensions: ["ini", "cfg", "conf", "properties", "editorconfig"],
    lineComments: ["#", ";"],
  },
  {
    name: "JSON",
    extensions: ["json", "webmanifest", "map", "ipynb", "geojson", "jsonl"],
    isProse: true,
  },
  { name: "JSON with comments", extensions: ["jsonc", "json5"], isProse: true, ...C_STYLE },
  { name: "Java", extensions: ["java"], grammar: "java", ...C_STYLE },
  {
    name: "JavaScript",
    extensions: ["js", "mjs", "cjs", "jsx"],
    interpreters: ["node"],
    grammar: "javascript",
    ...C_STYLE,
  },
  { name: "Julia", extensions: ["jl"], lineComments: ["#"], blockComments: [["#=", "=#"]] },
  { name: "Kotlin", extensions: ["kt", "kts"], ...C_STYLE },
  { name: "Less", extensions: ["less"], ...C_STYLE },
  { name: "Lua", extensions: ["lua"], lineComments: ["--"], blockComments: [["--[[", "]]"]] },
  {
    name: "Makefile",
    extensions: ["mk", "mak"],
    names: ["Makefile", "makefile", "GNUmakefile"],
    ...HASH,
  },
  { name: "Markdown", extensions: ["md", "markdown", "mdx"], isProse: true, ...MARKUP },
  { name: "Nix", extensions: ["nix"], lineComments: ["#"], blockComments: [["/*", "*/"]] },
  { name: "OCaml", extensions: ["ml", "mli"], blockComments: [["(*", "*)"]] },
  { name: "Objective-C", extensions: ["m", "mm"], ...C_STYLE },
  {
    name: "PHP",
    extensions: ["php", "phtml"],
    interpreters: ["php"],
    grammar: "php",
    lineComments: ["//", "#"],
    blockComments: [["/*", "*/"]],
  },
  {
    name: "Perl",
    extensions: ["pl", "pm", "t"],
    interpreters: ["perl"],
    lineComments: ["#"],
    blockComments: [["=pod", "=cut"]],
  },
  {
    name: "PowerShell",
    extensions: ["ps1", "psm1", "psd1"],
    interpreters: ["pwsh"],
    grammar: "powershell",
    lineComments: ["#"],
    blockComments: [["<#", "#>"]],
  },
  { name: "Protocol Buffers", extensions: ["proto"], ...C_STYLE },
  {
    name: "Python",
    extensions: ["py", "pyi", "pyw"],
    names: ["SConstruct", "wscript"],
    interpreters: ["python", "python2", "python3"],
    grammar: "python",
    ...HASH,
  },
  { name: "R", extensions: ["r"], ...HASH },
  {
    name: "Ruby",
    extensions: ["rb", "rake", "gemspec"],
    names: ["Rakefile", "Gemfile", "Vagrantfile"],
    interpreters: ["ruby"],
    grammar: "ruby",
    lineComments: ["#"],
    blockComments: [["=begin", "=end"]],
  },
  { name: "Rust", extensions: ["rs"], grammar: "rust", ...C_STYLE },
  { name: "SCSS", extensions: ["scss", "sass"], ...C_STYLE },
  { name: "SQL", extensions: ["sql"], lineComments: ["--"], blockComments: [["/*", "*/"]] },
  { name: "SVG", extensions: ["svg"], isProse: true, ...MARKUP },
  { name: "Scala", extensions: ["scala", "sc"], ...C_STYLE },
  {
    name: "Starlark",
    extensions: ["bzl", "star"],
    names: ["BUILD", "BUILD.bazel", "WORKSPACE"],
    ...HASH,
  },
  { name: "Svelte", extensions: ["svelte"], ...MARKUP },
  { name: "Swift", extensions: ["swift"], grammar: "swift", ...C_STYLE },
  { name: "TOML", extensions: ["toml"], ...HASH },
  { name: "TSX", extensions: ["tsx"], grammar: "tsx", ...C_STYLE },
  { name: "Text", extensions: ["txt", "rst", "adoc", "log"], isProse: true },
  {
    name: "TypeScript",
    extensions: ["ts", "mts", "cts"],
    interpreters: ["deno", "bun"],
    grammar: "typescript",
    ...C_STYLE,
  },
  { name: "Vim script", extensions: ["vim"], lineComments: ['"'] },
  { name: "Vue", extensions: ["vue"], ...MARKUP },
  {
    name: "XML",
    extensions: [
      "xml",
      "xsd",
      "xsl",
      "xslt",
      "plist",
      "csproj",
      "fsproj",
      "vbproj",
      "props",
      "targets",
      "resx",
    ],
    isProse: true,
    ...MARKUP,
  },
  { name: "YAML", extensions: ["yaml", "yml"], ...HASH },
  { name: "Zig", extensions: ["zig"], lineComments: ["//"] },
  { name: "Zsh", extensions: ["zsh"], names: [".zshrc"], interpreters: ["zsh"], ...HASH },
];

/** Name of files whose language is unknown. */
export const OTHER = "Other";

const byName = new Map(LANGUAGES.map((language) => [language.name, language]));
const byExtension = new Map(LANGUAGES.flatMap((l) => l.extensions.map((e) => [e, l.name])));
const byFileName = new Map(LANGUAGES.flatMap((l) => (l.names ?? []).map((n) => [n, l.name])));
const byInterpreter = new Map(
  LANGUAGES.flatMap((l) => (l.interpreters ?? []).map((i) => [i, l.name])),
);

/** The language called `name`; files of an unknown one have neither grammar nor comments. */
export function languageNamed(name: string): Language {
  return byName.get(name) ?? { name, extensions: [], isProse: true };
}

/**
 * Name of the language of a file.
 *
 * @param path path with `/`; only its last part is looked at
 * @param head the first bytes of the file as text, for the `#!` line of files without an ending
 */
export function detectLanguage(path: string, head = ""): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const known = byFileName.get(name);
  if (known) return known;
  if (/^(Dockerfile|Containerfile)\./.test(name)) return "Dockerfile";
  const dot = name.lastIndexOf(".");
  if (dot >= 0) return byExtension.get(name.slice(dot + 1).toLowerCase()) ?? OTHER;
  return byInterpreter.get(interpreterOf(head)) ?? OTHER;
}

/** `python3` of `#!/usr/bin/env -S python3 -u`; empty without a `#!` line. */
function interpreterOf(head: string): string {
  const line = /^#!\s*(\S+)([^\n]*)/.exec(head);
  if (!line) return "";
  const program = line[1]!.slice(line[1]!.lastIndexOf("/") + 1);
  if (program !== "env") return program.replace(/[\d.]+$/, "") || program;
  const argument = line[2]!.trim().split(/\s+/).find((word) => !/^-|=/.test(word)) ?? "";
  return argument.replace(/[\d.]+$/, "");
}
