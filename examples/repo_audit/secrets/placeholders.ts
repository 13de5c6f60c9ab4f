/**
 * Values that stand where a secret would, and are none.
 *
 * @module
 */

const WORDS =
  /^(?:change[-_ ]?(?:me|it|this)|replace[-_ ]?(?:me|this|with.*)|your?[-_ ]?.*|my[-_]?(?:password|secret|token|key|api[-_]?key)|(?:some|the|a|an|put|insert|enter|add)[-_ ].*|example.*|sample.*|dummy.*|fake.*|mock.*|placeholder.*|redacted.*|hidden|masked|none|null|nil|undefined|true|false|todo|tbd|fixme|empty|default|optional|required|string|text|value|secret|password|passwd|token|key|test|testing|foo|bar|baz|foobar|user|username|admin|root|guest|unknown|not[-_ ]?set|n\/a)\d{0,3}$/i;

const REFERENCE =
  /^(?:[$<{%@#&*]|\(|\[|\\\$|ENV\[|env[.:(]|process\.|os\.|secrets?[.:/]|vault[.:/]|ref[+:]|file:|arn:|\/run\/|!\w|https?:\/\/[^:@]*$|\.{1,2}\/|\/[\w.-]+\/)/i;

/** Whether `value` is a stand-in, a reference to where the secret lies, or one character repeated. */
export function isPlaceholder(value: string): boolean {
  const bare = value.trim().replace(/^["'`]|["'`]$/g, "");
  if (WORDS.test(bare) || REFERENCE.test(bare)) return true;
  if (/\$\{[^}]*\}|\{\{.*\}\}|<[A-Za-z_ -]+>|%[sd]|\$\([^)]*\)/.test(bare)) return true;
  return new Set(bare.replace(/[^A-Za-z0-9]/g, "").toLowerCase()).size <= 2;
}

/** Whether a value with a known shape is one that manuals use: `…EXAMPLE`, `1234567890`, `xxxx`. */
export function isDocumentationValue(value: string): boolean {
  if (
    /example|dummy|placeholder|your[-_]|changeme|redacted|0{10}|1234567890|x{8}|abcdefghij/i.test(
      value,
    )
  ) {
    return true;
  }
  return new Set(value.slice(4)).size <= 5;
}

/** Whether a path is where tests and manuals keep made-up values. */
export function isFixturePath(path: string): boolean {
  return /(?:^|[/._-])(?:tests?|testdata|specs?|fixtures?|mocks?|__tests__|__mocks__|__snapshots__|examples?|samples?|docs?)(?:[/._-]|$)/i
    .test(path);
}

/** Whether a file is made of hashes that a tool wrote: only known shapes are looked for in it. */
export function isHashFile(path: string): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return /^(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|deno\.lock|Cargo\.lock|go\.sum|poetry\.lock|uv\.lock|Pipfile\.lock|composer\.lock|Gemfile\.lock|bun\.lock|flake\.lock|.*\.(?:map|svg|sum|min\.js|min\.css|snap|ipynb|csv|tsv))$/i
    .test(name);
}
