/**
 * The reference as one page without scripts: it shows at once, prints, and a strict content policy
 * holds it. Whoever wants to try requests loads `/openapi.json` into a program of their choice.
 *
 * @module
 */
import { html, raw } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";
import { type CatalogueEntry, ERRORS } from "../../core/catalogue/mod.ts";
import { isJsonObject, type Json, type JsonObject } from "../../core/json.ts";
import { DOCS_STYLE } from "./docs_style.ts";

type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

/** An operation as the page shows it. */
interface Operation {
  path: string;
  method: string;
  id: string;
  tag: string;
  value: JsonObject;
}

const METHODS = ["get", "post", "put", "delete"];

/** The page of an OpenAPI document. */
export function docsPage(source: object): string {
  // What it is as JSON: members that are not there are gone.
  const document = JSON.parse(JSON.stringify(source)) as JsonObject;
  const info = object(document.info);
  const operations = operationsOf(document);
  const tags = list(document.tags).map((tag) => [text(tag.name), text(tag.description)] as const);
  const schemas = Object.entries(object(object(document.components).schemas));
  return String(html`
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>${text(info.title)} API</title>
        <style>${raw(DOCS_STYLE)}</style>
      </head>
      <body>
        <nav aria-label="Operations">
    <p><a href="#top">${text(info.title)} ${text(info.version)}</a></p>
    ${tags.map(([tag]) => menu(tag, operations.filter((one) => one.tag === tag)))}
    <p><a href="#schemas">Schemas</a></p><p><a href="#errors">Errors</a></p>
        </nav>
        <main id="top">
    <h1>${text(info.title)} API</h1>
    <p>${prose(info.description)}</p>
    <p>The same for machines: <a href="/openapi.json">openapi.json</a> (OpenAPI 3.1).</p>
    <pre>curl -H "Authorization: Bearer $KEY" ${"http://127.0.0.1:7717/api/v1/runs?limit=5"}</pre>
    ${tags.map(([tag, words]) => section(tag, words, operations.filter((one) => one.tag === tag)))}
    <h2 id="schemas">Schemas</h2>
    ${schemas.map(([name, schema]) => schemaPart(name, object(schema)))}
    <h2 id="errors">Errors</h2>
    <dl>${Object.entries(ERRORS).map(([code, entry]) => errorPart(code, entry))}</dl>
        </main>
      </body>
    </html>
  `);
}

function operationsOf(document: JsonObject): Operation[] {
  return Object.entries(object(document.paths)).flatMap(([path, item]) =>
    METHODS.filter((method) => method in object(item)).map((method) => {
      const value = object(object(item)[method]);
      const tag = text(Array.isArray(value.tags) ? value.tags[0] : "");
      return { path, method, id: text(value.operationId), tag, value };
    })
  );
}

function menu(tag: string, operations: readonly Operation[]): Html {
  const items = operations.map(({ id, method, path }) =>
    html`<li><a href="#${id}"><b>${method.toUpperCase()}</b> ${shorten(path)}</a></li>`
  );
  return html`
    <details open>
      <summary>${tag}</summary>
      <ul>${items}</ul>
    </details>
  `;
}

function shorten(path: string): string {
  return path.replace(/^\/api\/v1/, "");
}

function section(tag: string, words: string, operations: readonly Operation[]): Html {
  return html`<h2 id="tag-${tag}">${tag}</h2><p>${words}</p>${operations.map(operationPart)}`;
}

function operationPart({ path, method, id, value }: Operation): Html {
  const action = value["x-action"];
  return html`<article id="${id}">
<h3><b class="${method}">${method.toUpperCase()}</b> <code>${path}</code></h3>
<p>${prose(value.summary)}. ${prose(value.description)}</p>
${
    action === undefined
      ? html`<p>Open to everybody.</p>`
      : html`<p>Asks for <code>${text(action)}</code>.</p>`
  }
${parameters(list(value.parameters))}
${body(object(value.requestBody))}
<table><thead><tr><th>Status</th><th>Answer</th></tr></thead><tbody>
${Object.entries(object(value.responses)).map(([status, one]) => answer(status, object(one)))}
</tbody></table>
</article>`;
}

function parameters(items: readonly JsonObject[]): Html {
  if (items.length === 0) return html``;
  const rows = items.map((item) => {
    const schema = object(item.schema);
    const words = prose(item.description ?? schema.description);
    const need = item.required === true ? ", needed" : "";
    return html`
      <tr>
        <td><code>${text(item.name)}</code></td>
        <td>${text(item.in)}${need}</td>
        <td>${typeOf(schema)}</td>
        <td>${words}</td>
      </tr>
    `;
  });
  return html`
    <table>
      <thead>
        <tr>
          <th>Parameter</th>
          <th>In</th>
          <th>Type</th>
          <th></th>
        </tr>
      </thead>
      <tbody>${rows}</tbody>
    </table>
  `;
}

function body(value: JsonObject): Html {
  const [media] = Object.entries(object(value.content));
  if (media === undefined) return html``;
  const [type, { schema }] = [media[0], object(media[1])];
  return html`<p>Body, <code>${type}</code>${value.required === true ? "" : ", may be left out"}: ${
    typeOf(object(schema))
  }</p>`;
}

function answer(status: string, value: JsonObject): Html {
  const name = refName(value);
  if (name !== null) {
    return html`
      <tr>
        <td>${status}</td>
        <td>${spaced(name)}</td>
      </tr>
    `;
  }
  const contents = Object.entries(object(value.content)).map(([type, one]) =>
    html`
      <code>${type}</code> ${typeOf(object(object(one).schema))}
    `
  );
  return html`
    <tr>
      <td>${status}</td>
      <td>${prose(value.description)}${contents}</td>
    </tr>
  `;
}

/** `Not Found` of `NotFound`. */
function spaced(name: string): string {
  return name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, " ");
}

function schemaPart(name: string, schema: JsonObject): Html {
  const needed = new Set(Array.isArray(schema.required) ? schema.required : []);
  const rows = Object.entries(object(schema.properties)).map(([member, value]) =>
    html`
      <tr>
        <td><code>${member}</code>${needed.has(member) ? "" : "?"}</td>
        <td>${typeOf(object(value))}</td>
        <td>${prose(object(value).description)}</td>
      </tr>
    `
  );
  return html`<article id="schema-${name}"><h3>${name}</h3>${
    rows.length === 0 ? html`<p>${typeOf(schema)}</p>` : html`
      <table>
        <tbody>${rows}</tbody>
      </table>
    `
  }</article>`;
}

function errorPart(code: string, entry: CatalogueEntry): Html {
  return html`
    <dt id="error-${code}"><code>${code}</code></dt>
    <dd>${prose(entry.summary)} ${prose(entry.hint)}</dd>
  `;
}

/** Text in which `backquotes` mark code. */
function prose(value: Json | undefined): Html {
  const parts = text(value).split("`");
  return html`${parts.map((part, index) => index % 2 === 0 ? part : html`<code>${part}</code>`)}`;
}

/** A schema in a few words, with links to those that have a name. */
function typeOf(schema: JsonObject): Html {
  const name = refName(schema);
  if (name !== null) return html`<a href="#schema-${name}">${name}</a>`;
  const choices = schema.oneOf ?? schema.anyOf ?? schema.allOf;
  if (Array.isArray(choices)) return joined(choices.map((one) => typeOf(object(one))), " or ");
  if (Array.isArray(schema.enum)) return html`${schema.enum.map(String).join(" | ")}`;
  if (schema.type === "array") return html`list of ${typeOf(object(schema.items))}`;
  const type = Array.isArray(schema.type) ? schema.type.join(" or ") : text(schema.type ?? "any");
  return html`${type}${bounds(schema)}`;
}

function joined(parts: readonly Html[], glue: string): Html {
  return html`${parts.map((part, index) => index === 0 ? part : html`${glue}${part}`)}`;
}

function bounds(schema: JsonObject): string {
  const { minimum, maximum, default: usual, format } = schema;
  const range = minimum === undefined || maximum === undefined ? "" : `, ${minimum} to ${maximum}`;
  return `${format === undefined ? "" : ` (${format})`}${range}${
    usual === undefined ? "" : `, else ${usual}`
  }`;
}

function refName(value: JsonObject): string | null {
  return typeof value.$ref === "string" ? value.$ref.split("/").at(-1)! : null;
}

function object(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function list(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

function text(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}
