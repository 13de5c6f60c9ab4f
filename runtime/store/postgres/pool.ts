import { connect, type Socket } from "node:net";
import postgres from "postgres";
import { POOL_WORN } from "./postgres_errors.ts";
import type { PostgresAddress, PostgresHost } from "./postgres_url.ts";

export type Sql = postgres.ISql<Record<string, never>>;

/** Connections to one server, made when they are needed. */
export interface Pool {
  sql: postgres.Sql<Record<string, never>>;
  /** Ends them in order. */
  close(): Promise<void>;
  /** Cuts them off: whatever is under way fails. */
  destroy(): void;
  /**
   * What `work` gives, or an error once they are cut off: the driver forgets queries that still wait
   * for a connection then, and would leave them without an answer.
   */
  during<T>(work: Promise<T>): Promise<T>;
  /** Whether a connection was closed, by whichever side; then no other one is made. */
  isWorn(): boolean;
  /** Resolves when that happens. */
  worn: Promise<void>;
}

export interface PoolOptions {
  /** Default 4. */
  connectionsMax?: number;
  /** Keeps connections for as long as the server does. */
  isKept?: boolean;
  /** What a session begins with, such as `synchronous_commit`. */
  settings?: Readonly<Record<string, string>>;
  /** Is given the payload of each notification. */
  onNotify?: (payload: string) => void;
}

const CONNECTIONS_MAX = 4;
const CONNECT_S_MAX = 3;
const IDLE_S_MAX = 60;
/** How long the server has to take leave. */
const CLOSE_S_MAX = 2;

/** A connection was closed, and this pool makes no other one. */
class WornError extends Error {
  readonly code = POOL_WORN;

  constructor() {
    super("the connection was closed");
  }
}

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
export function openPool(
  address: PostgresAddress,
  host: PostgresHost,
  { connectionsMax = CONNECTIONS_MAX, isKept = false, settings, onNotify }: PoolOptions = {},
): Pool {
  const sockets = new Set<Socket>();
  const worn = Promise.withResolvers<void>();
  let isWorn = false;
  const wear = () => {
    isWorn = true;
    worn.resolve();
  };
  const options = {
    max: connectionsMax,
    connect_timeout: CONNECT_S_MAX,
    idle_timeout: isKept ? 0 : IDLE_S_MAX,
    ...(isKept ? { max_lifetime: null } : {}),
    fetch_types: false,
    types: TYPES,
    onnotice: () => {},
    // "read-write" of this driver looks at a default that standbys do not change.
    target_session_attrs: "primary" as const,
    connection: { application_name: "denizen", ...settings },
    onnotify: (_channel: string, payload: string) => onNotify?.(payload),
    onclose: wear,
    // The driver's own sockets stay open when a server that hangs does not answer its farewell.
    socket: () => {
      // The driver would use the place of a connection again, and with it what it had not sent.
      if (isWorn) throw new WornError();
      const socket = openSocket(host);
      sockets.add(socket);
      socket.once("close", wear);
      return socket;
    },
  };
  const sql = postgres(address.urlOf(host), options) as unknown as Pool["sql"];
  const waiting = new Set<(error: Error) => void>();
  const destroy = () => {
    void sql.end({ timeout: 0 });
    for (const socket of sockets) socket.destroy();
    for (const reject of waiting) reject(new CutError());
  };
  const during = async <T>(work: Promise<T>): Promise<T> => {
    const { promise, reject } = Promise.withResolvers<never>();
    waiting.add(reject);
    try {
      return await Promise.race([work, promise]);
    } finally {
      waiting.delete(reject);
    }
  };
  const close = async () => {
    await sql.end({ timeout: CLOSE_S_MAX });
    for (const socket of sockets) socket.destroy();
  };
  return { sql, close, destroy, during, isWorn: () => isWorn, worn: worn.promise };
}

/** As the driver says it of queries that were under way. */
class CutError extends Error {
  readonly code = "CONNECTION_DESTROYED";

  constructor() {
    super("write CONNECTION_DESTROYED");
  }
}

/** The driver writes to it before it is connected, and looks at `host` for the certificate. */
function openSocket({ name, port }: PostgresHost): Socket {
  if (name.startsWith("/")) return connect({ path: `${name}/.s.PGSQL.${port}` });
  return Object.assign(connect({ host: name, port, noDelay: true }), { host: name, port });
}
