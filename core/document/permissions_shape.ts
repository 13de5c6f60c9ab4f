/**
 * `permissions:` as every kind of file has it.
 *
 * @module
 */
import type { ObjectShape, Shape, TextRule } from "./shape.ts";

const HOST: TextRule = {
  pattern: /^(\*\.)?[A-Za-z0-9.-]+(:\d{1,5})?$|^\[[0-9A-Fa-f:]+\](:\d{1,5})?$/,
  noun: "host",
  code: "INVALID_VALUE",
  hint: "Write host or host:port, without https:// and path: api.example.org:443",
};

const ENV_NAME: TextRule = {
  pattern: /^[A-Za-z_]\w*\*?$/,
  noun: "name of an environment variable",
  code: "INVALID_VALUE",
  hint: "Write the name only: HOME",
};

/**
 * What code may reach; anything that is not listed is denied.
 *
 * @param options `isTemplate`: whether `${{ }}` may stand in paths, hosts and programs;
 *   `startFolder`: where relative paths begin, in words
 */
export function permissionsShape(
  options: { isTemplate: boolean; startFolder: string; doc: string },
): ObjectShape {
  const { isTemplate, startFolder, doc } = options;
  const texts = (item: string, doc: string, example?: string, rule?: TextRule): Shape => ({
    kind: "list",
    of: { kind: "text", doc: item, rule, isTemplate: isTemplate && rule !== ENV_NAME },
    doc,
    example,
  });
  return {
    kind: "object",
    noun: "permission list",
    members: {
      read: texts(
        "A file or folder.",
        `Files and folders it may read; relative ones begin at ${startFolder}.`,
        "[./data]",
      ),
      write: texts("A file or folder.", "Files and folders it may write.", "[./out]"),
      net: texts("host or host:port", "Hosts it may reach.", "[api.example.org]", HOST),
      env: texts("A name.", "Environment variables it may read.", "[HOME]", ENV_NAME),
      run: texts("A program.", "Programs it may start. They run with full rights.", "[git]"),
      sys: {
        kind: "list",
        of: { kind: "text", doc: "A kind." },
        doc: "Kinds of system information, as in Deno.",
      },
      ffi: texts("A library.", "Native libraries it may load. They run with full rights."),
      import: texts("A host.", "Hosts that modules may be imported from.", undefined, HOST),
    },
    doc,
  };
}
