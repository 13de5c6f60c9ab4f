/**
 * `deno task errors`: writes `docs/errors.md` from `core/catalogue/`; with `--check` it only says
 * whether the page is fresh.
 *
 * @module
 */
import { type CatalogueEntry, type ErrorCategory, ERRORS } from "../core/catalogue/mod.ts";
import { writeGenerated } from "./write_generated.ts";

const SECTIONS: [category: ErrorCategory, title: string, text: string][] = [
  [
    "attempt",
    "What an attempt may end with",
    "`retry.on` may name these, and codes of an agent's own. Transient ones are retried by default.",
  ],
  ["invalid_input", "Wrong requests", "Mend the file or the command, then send it again."],
  ["conflict", "Conflicts", "Somebody else was first: look again, then decide."],
  ["unavailable", "Not reachable now", "Wait a little, then try again."],
  ["access", "Refused by access control", "Sign in, use another key, or ask for the right."],
  ["terminal", "Final refusals", "The same request will be refused again: do something else."],
  ["invariant", "Bugs of Denizen", "A promise of the code itself is broken. Please report it."],
];

/** The page as Markdown, one section a category, one heading a code. */
export function errorsPage(catalogue: Readonly<Record<string, CatalogueEntry>>): string {
  const sections = SECTIONS.map(([category, title, text]) => {
    const codes = Object.entries(catalogue).filter(([, entry]) => entry.category === category);
    return codes.length === 0 ? "" : `## ${title}\n\n${text}\n\n${codes.map(section).join("")}`;
  });
  return `# Error codes\n\nGenerated from \`core/catalogue/\` by \`deno task errors\`. Every error has a code, a message\n` +
    `and a hint; \`--json\` and the journal carry all three.\n\n${sections.join("")}`;
}

function section([code, entry]: [string, CatalogueEntry]): string {
  const facts = [entry.severity, ...(entry.isTransient ? ["transient"] : [])].join(", ");
  return `### ${code}\n\n${entry.summary} _(${facts})_\n\n**What to do:** ${entry.hint}\n\n`;
}

if (import.meta.main) await writeGenerated("docs/errors.md", errorsPage(ERRORS), "md");
