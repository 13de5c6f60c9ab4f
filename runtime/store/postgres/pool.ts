import { connect, type Socket } from "node:net";
import postgres from "postgres";
import type { PostgresAddress, PostgresHost } from "./postgres_url.ts";

export type Sql = postgres.ISql<Record<string, never>>;

/** Connections to one server, made when they are needed. */
export interface Pool {
  sql: postgres.Sql<Record<string, never>>;
  /** Ends them in order. */
  close(): Promise<void>;
  /** Cuts them off: whatever is under way fails. */
  destroy(): void;
}

const CONNECTIONS_MAX = 4;
const CONNECT_S_MAX = 5;
const IDLE_S_MAX = 60;
/** How long the server has to take leave. */
const CLOSE_S_MAX = 2;

const TYPES = {
  bytea: {
    to: 17,
    from: [17],
    serialize: (bytes: Uint8Array) => `\\x${bytes.toHex()}`,
    parse: (text: string) => Uint8Array.fromHex(text.slice(2)),
  },
  int8: { to: 20, from: [20], serialize: String, parse: Number },
};

/** Connections to a host; the first query makes the first one. */
export function openPool(address: PostgresAddress, host: PostgresHost): Pool {
  const sockets = new Set<Socket>();
  const options = {
    max: CONNECTIONS_MAX,
    connect_timeout: CONNECT_S_MAX,
    idle_timeout: IDLE_S_MAX,
    fetch_types: false,
    types: TYPES,
    onnotice: () => {},
    // "read-write" of this driver looks at a default that standbys do not change.
    target_session_attrs: "primary" as const,
    connection: { application_name: "denizen" },
    // The driver's own sockets stay open when a server that hangs does not answer its farewell.
    socket: () => {
      const socket = openSocket(host);
      sockets.add(socket);
      return socket;
    },
  };
  const sql = postgres(address.urlOf(host), options) as unknown as Pool["sql"];
  const destroy = () => {
    void sql.end({ timeout: 0 });
    for (const socket of sockets) socket.destroy();
  };
  const close = async () => {
    await sql.end({ timeout: CLOSE_S_MAX });
    for (const socket of sockets) socket.destroy();
  };
  return { sql, close, destroy };
}

/** The driver writes to it before it is connected, and looks at `host` for the certificate. */
function openSocket({ name, port }: PostgresHost): Socket {
  if (name.startsWith("/")) return connect({ path: `${name}/.s.PGSQL.${port}` });
  return Object.assign(connect({ host: name, port, noDelay: true }), { host: name, port });
}
