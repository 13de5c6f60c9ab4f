import type { RegisterAgent } from "../api/mod.ts";

type Grants = NonNullable<RegisterAgent["grants"]>;
type GrantKind = keyof Grants;

/** What somebody wrote for each kind of permission: values apart by commas. */
export type GrantTexts = Partial<Record<GrantKind, string>>;

/** Kinds of permissions that the form asks for. */
export const GRANT_KINDS: readonly { kind: GrantKind; label: string; hint: string }[] = [
  { kind: "read", label: "Read", hint: "Folders and files, apart by commas" },
  { kind: "write", label: "Write", hint: "Folders and files" },
  { kind: "net", label: "Network", hint: "Hosts, such as api.example.org:443" },
  { kind: "env", label: "Environment", hint: "Names of variables" },
  { kind: "run", label: "Programs", hint: "Names or paths" },
];

/** The permissions that were written down; a kind without any is not granted. */
export function toGrants(texts: GrantTexts): Grants {
  const grants: Grants = {};
  for (const { kind } of GRANT_KINDS) {
    const values = (texts[kind] ?? "").split(",").map((value) => value.trim()).filter(Boolean);
    if (values.length > 0) grants[kind] = values;
  }
  return grants;
}
