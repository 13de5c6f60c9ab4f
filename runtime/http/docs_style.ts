import { createHash } from "node:crypto";

/** Looks of the reference; stands in the page itself. */
export const DOCS_STYLE = `
:root { color-scheme: light dark; --line: #8884; --ink: #1b2430; --link: #0b57a4; --back: #fff }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6ebf2; --link: #8ec5ff; --back: #11161d }
}
body { margin: 0; display: grid; grid-template-columns: 20rem minmax(0, 1fr); color: var(--ink);
  background: var(--back); font: 16px/1.5 system-ui, sans-serif }
nav { position: sticky; top: 0; height: 100vh; overflow: auto; padding: 1rem;
  box-sizing: border-box; border-right: 1px solid var(--line); font-size: .85rem }
nav ul { list-style: none; margin: 0; padding: 0 }
nav b, h3 b { font: 700 .75em ui-monospace, monospace }
main { padding: 1rem 2rem; max-width: 60rem }
a { color: var(--link) }
article { border-top: 1px solid var(--line); padding: .5rem 0 1rem }
table { border-collapse: collapse; width: 100%; font-size: .9rem; margin: .5rem 0 }
th, td { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0;
  border-bottom: 1px solid var(--line) }
code, pre { font: .9em ui-monospace, monospace; overflow-wrap: anywhere }
pre { padding: .75rem; border: 1px solid var(--line); overflow: auto }
@media (max-width: 50rem) {
  body { display: block } nav { position: static; height: auto } main { padding: 1rem }
}
@media print { nav { display: none } body { display: block } }
`;

/** The page's content policy allows this style, and no other. */
export const DOCS_STYLE_HASH = `'sha256-${
  createHash("sha256").update(DOCS_STYLE).digest("base64")
}'`;
