import { type CatalogueEntry, entry, TRANSIENT } from "./entry.ts";

/** What servers and the nodes of a cluster answer, and why one does not start. */
export const NODE_ERRORS = {
  SERVER_KEY_MISSING: entry(
    "invalid_input",
    "A server is to be asked, and there is no API key for it.",
    "Set `DENIZEN_API_KEY`; `keys create` on the server's machine makes one.",
  ),
  SERVER_UNKNOWN: entry(
    "invalid_input",
    "What answers at the URL of the server is no node.",
    "Give the URL of the dashboard, without a path.",
  ),
  SOURCES_OUTSIDE: entry(
    "invalid_input",
    "A workflow cannot be sent to a server: it needs a file outside its own folder.",
    "Move the file below the folder of the workflow file.",
  ),
  SERVER_NOT_FOUND: entry(
    "unavailable",
    "No node lives that serves the store.",
    "Start one with `serve`; without `--detach`, `run` also works by itself.",
  ),
  PARTITIONS_DIFFER: entry(
    "conflict",
    "The store has another number of partitions than `--partitions` says.",
    "Leave the option out: the first node of a store sets it, for good.",
  ),
  ELECTION_TIMEOUT_DIFFERS: entry(
    "conflict",
    "A living node of the cluster waits for another election time-out.",
    "Give all nodes the same `--election-timeout`. To change it, stop all of them first.",
  ),
  NODE_ID_TAKEN: entry(
    "conflict",
    "A living node of the cluster has the same name.",
    "Give each node a name of its own with `--node-id`.",
  ),
  NOT_LEADER: entry(
    "unavailable",
    "A node was asked for an actor system that another node leads, or that just moves.",
    "Nothing: nodes look again who leads it. Whoever waits in vain is told `UNAVAILABLE`.",
    TRANSIENT,
  ),
  NODE_UNREACHABLE: entry(
    "unavailable",
    "Another node of the cluster did not answer.",
    "Wait and try again. When it stays so, look with `cluster` whether that node lives, and whether a network lies between.",
    TRANSIENT,
  ),
  CLUSTER_TOKEN_WRONG: entry(
    "invalid_input",
    "The token of the cluster is malformed, readable by others, or not that of the other nodes.",
    "Give all nodes the same `DENIZEN_CLUSTER_TOKEN`, or let those of one machine share a data directory.",
  ),
  LISTEN_FAILED: entry(
    "invalid_input",
    "A node cannot listen on the address of `--host` and `--port`.",
    "Choose an address of this machine and a free port, or port 0.",
  ),
  INSECURE_LISTEN: entry(
    "invalid_input",
    "A node was to listen for other machines without TLS: others could read keys and data.",
    "Give `--tls-cert` and `--tls-key`; or `--insecure-http`, where only machines that you trust can reach it.",
  ),
  TLS_FILE_WRONG: entry(
    "invalid_input",
    "A certificate or key for TLS cannot be read, or is no PEM file.",
    "Give PEM files: the certificate with its chain, and its key without a passphrase.",
  ),
  UNREACHABLE: entry(
    "unavailable",
    "The dashboard cannot reach the node that it came from.",
    "See whether the node lives, and whether the network is up; the page tries again by itself.",
    TRANSIENT,
  ),
  LOG_FILE_UNUSABLE: entry(
    "invalid_input",
    "A node cannot write the log file that it was given.",
    "Give a path in a folder that exists and that this user may write.",
  ),
  LINK_REFUSED: entry(
    "invalid_input",
    "A node cannot take the request of another node: it is malformed, too large, or not known.",
    "Run the same version on all nodes of the cluster.",
  ),
  NODE_STOPPED: entry(
    "unavailable",
    "The node has stopped.",
    "Start another one; `runs resume` goes on with what it left.",
    TRANSIENT,
  ),
} satisfies Record<string, CatalogueEntry>;
