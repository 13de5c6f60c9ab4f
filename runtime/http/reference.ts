/**
 * `/openapi.json` and `/docs`: what the API takes and gives.
 *
 * @module
 */
import { securityHeaders } from "../access/mod.ts";
import type { App } from "./app_env.ts";
import { docsPage } from "./docs_page.ts";
import { DOCS_STYLE_HASH } from "./docs_style.ts";

const DESCRIPTION = "Runs, workflows and everything else of a Denizen node. Errors are RFC 9457 " +
  "problem details with a `code` and a `hint`. Lists take `limit` and `cursor` and answer " +
  "`{items, nextCursor}`.";

/** The OpenAPI document of the routes of `api`. */
export function openApiDocument(api: App, version: string) {
  return api.getOpenAPI31Document({
    openapi: "3.1.1",
    info: {
      title: "Denizen",
      version,
      description: DESCRIPTION,
      license: { name: "Apache-2.0", url: "https://www.apache.org/licenses/LICENSE-2.0" },
    },
    servers: [{ url: "/", description: "The node that answers" }],
    tags: TAGS,
  }, { unionPreferredType: "oneOf" });
}

const TAGS = [
  { name: "Runs", description: "Begin runs, watch them, change them" },
  { name: "Workflows", description: "Register what is run" },
  { name: "Live", description: "What happens, while it happens" },
  { name: "Agents", description: "Who does the work, how well, and what they may reach" },
  { name: "Knowledge", description: "The graph of solved tasks" },
  { name: "Cluster", description: "Nodes, and how the whole goes" },
  { name: "Systems", description: "Actor systems and what they gave up" },
  { name: "Audit", description: "Who was granted and refused what" },
  { name: "Views", description: "Filters that somebody saved" },
  { name: "Sign-in", description: "Sessions of browsers, and tokens for programs" },
  { name: "Keys", description: "API keys: made, replaced, revoked" },
];

const DOCS_POLICY = `default-src 'none'; style-src ${DOCS_STYLE_HASH}; base-uri 'none'; ` +
  "form-action 'none'; frame-ancestors 'none'";

/** Adds both to the app, made at the first look. */
export function addReference(root: App, api: App, version: string): void {
  let document: string | undefined;
  let page: string | undefined;
  root.get("/openapi.json", () => {
    document ??= JSON.stringify(openApiDocument(api, version));
    return new Response(document, {
      headers: { "content-type": "application/json", "cache-control": "no-cache" },
    });
  });
  root.get("/docs", () => {
    page ??= docsPage(openApiDocument(api, version));
    return new Response(page, {
      headers: {
        "content-type": "text/html; charset=utf-8",
        ...Object.fromEntries(securityHeaders("docs")),
        "cache-control": "no-cache",
        "content-security-policy": DOCS_POLICY,
      },
    });
  });
}
