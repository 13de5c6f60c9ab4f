import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { docsPage } from "./docs_page.ts";
import { DOCS_STYLE_HASH } from "./docs_style.ts";

const DOCUMENT = {
  info: { title: "Test", version: "1", description: "<b>not bold</b>" },
  tags: [{ name: "Things", description: "What there is" }],
  paths: {
    "/api/v1/things/{id}": {
      get: {
        operationId: "showThing",
        tags: ["Things"],
        summary: "Read a thing",
        "x-action": "runs:read",
        parameters: [{ name: "id", in: "path", required: true, schema: { type: "string" } }],
        responses: {
          200: {
            description: "The thing",
            content: { "application/json": { schema: { $ref: "#/components/schemas/Thing" } } },
          },
          404: { $ref: "#/components/responses/NotFound" },
        },
      },
    },
  },
  components: { schemas: { Thing: { type: "object", properties: { id: { type: "string" } } } } },
};

Deno.test("docsPage() shows operations, schemas and errors, and escapes what it shows", () => {
  const page = docsPage(DOCUMENT);
  for (const wanted of ["showThing", "/api/v1/things/{id}", "runs:read", "Not Found"]) {
    assert.ok(page.includes(wanted), wanted);
  }
  assert.match(page, /href="#schema-Thing"/);
  assert.match(page, /id="error-RUN_NOT_FOUND"/);
  assert.ok(page.includes("&lt;b&gt;not bold"));
});

Deno.test("docsPage() has no script, and no style but the one that its policy allows", () => {
  const page = docsPage(DOCUMENT);
  assert.doesNotMatch(page, /<script|<[a-z][^>]* (style|on[a-z]+)=|<link|(src|href)="(?![#/])/i);
  const styles = [...page.matchAll(/<style>([^]*?)<\/style>/g)].map(([, style]) => style!);
  assert.equal(styles.length, 1);
  const hash = createHash("sha256").update(styles[0]!).digest("base64");
  assert.equal(DOCS_STYLE_HASH, `'sha256-${hash}'`);
});
