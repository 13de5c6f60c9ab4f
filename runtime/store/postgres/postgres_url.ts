import { InvalidInputError } from "../../../core/errors.ts";
import { suggest } from "../../../core/suggest.ts";

/** Where a store is, as its URL says. */
export interface PostgresAddress {
  /** In the order in which they are tried. */
  hosts: readonly PostgresHost[];
  /** Everything of the URL that is neither host nor ours, for the driver. */
  urlOf(host: PostgresHost): string;
  schema: string;
  /** The URL without its password: for messages. */
  display: string;
}

export interface PostgresHost {
  /** Name or IP address; a folder of Unix sockets begins with `/`. */
  name: string;
  port: number;
}

const PARTS = /^(postgres(?:ql)?):\/\/(?:([^/?#]*)@)?([^/?#@]*)(?:\/([^/?#]*))?(?:\?([^#]*))?$/;
const SCHEMA = /^[a-z_][a-z0-9_]{0,62}$/;
const SCHEMA_DEFAULT = "denizen";
const PORT_DEFAULT = 5432;

/** What may stand behind the question mark, and which values it takes. */
const PARAMETERS: Readonly<Record<string, RegExp>> = {
  schema: SCHEMA,
  // The store writes: another sort of server is of no use to it.
  target_session_attrs: /^(read-write|primary)$/,
  sslmode: /^(disable|prefer|require|verify-full)$/,
  application_name: /^.{1,60}$/,
  connect_timeout: /^[1-9]\d{0,2}$/,
  prepare: /^(true|false)$/,
};

/**
 * Reads `postgres://user:password@host:port,host:port/database?schema=denizen`.
 *
 * @throws {InvalidInputError} `STORE_URL_WRONG`; its message never holds the password
 */
export function parsePostgresUrl(text: string): PostgresAddress {
  const parts = PARTS.exec(text);
  // A password with a "/" or "?" in it would be read as host and path, and told in messages.
  const isTorn = parts !== null &&
    `${parts[4] ?? ""}${parts[2] === undefined ? parts[5] ?? "" : ""}`.includes("@");
  if (parts === null || isTorn) {
    throw wrong(
      "it is no PostgreSQL URL",
      "Write postgres://user@host:5432/database; encode @ : / ? # in names and passwords as %40 %3A %2F %3F %23",
    );
  }
  const [, scheme, userInfo, authority, database = "", query = ""] = parts;
  const parameters = readParameters(query);
  const hosts = authority!.split(",").map(readHost);
  const user = userInfo?.split(":")[0];
  const schema = parameters.get("schema") ?? SCHEMA_DEFAULT;
  parameters.delete("schema");
  parameters.delete("target_session_attrs");
  const rest = parameters.size === 0 ? "" : `?${parameters}`;
  const login = userInfo === undefined ? "" : `${userInfo}@`;
  const shownLogin = user === undefined ? "" : `${user}@`;
  const shownQuery = query === "" ? "" : `?${query}`;
  return {
    hosts,
    urlOf: ({ name, port }) =>
      `postgres://${login}${
        name.startsWith("/") ? "localhost" : bracketed(name)
      }:${port}/${database}${rest}`,
    schema,
    display: `${scheme}://${shownLogin}${authority}/${database}${shownQuery}`,
  };
}

function readParameters(query: string): URLSearchParams {
  const parameters = new URLSearchParams(query);
  for (const [name, value] of parameters) {
    const allowed = Object.hasOwn(PARAMETERS, name) ? PARAMETERS[name] : undefined;
    if (allowed === undefined) {
      const names = Object.keys(PARAMETERS);
      const near = suggest(name, names);
      const hint = near === null ? `Use one of: ${names.join(", ")}` : `Did you mean "${near}"?`;
      throw wrong(`it has the unknown parameter "${name}"`, hint);
    }
    if (!allowed.test(value)) {
      throw wrong(`${name} "${value}" is not allowed`, `It must match ${allowed.source}`);
    }
  }
  return parameters;
}

function readHost(text: string): PostgresHost {
  const [, name, port] = /^(\[[^\]]+\]|[^:]*)(?::(\d{1,5}))?$/.exec(text) ?? [];
  if (name === undefined) throw wrong(`"${text}" is no host`, "Write host or host:port");
  const number = port === undefined ? PORT_DEFAULT : Number(port);
  if (number < 1 || number > 65_535) throw wrong(`"${port}" is no port`, "Write 1 to 65535");
  return { name: decodeURIComponent(name.replace(/^\[|\]$/g, "")) || "localhost", port: number };
}

function bracketed(name: string): string {
  return name.includes(":") ? `[${name}]` : name;
}

function wrong(reason: string, hint: string): InvalidInputError {
  return new InvalidInputError("STORE_URL_WRONG", {
    message: `Cannot read the URL of the store: ${reason}`,
    hint,
  });
}
