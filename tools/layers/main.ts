/** `deno task layers`: exit 1 when a module imports what it may not. */
import { findViolations, readImports } from "./mod.ts";

const imports = await readImports(Deno.cwd());
const violations = findViolations(imports);
for (const { place, message } of violations) console.error(`${place} ${message}`);
if (violations.length > 0) Deno.exit(1);
console.error(`${imports.length} imports keep to their layers`);
