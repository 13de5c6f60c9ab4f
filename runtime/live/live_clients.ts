/** Counts who listens to a node. */
export class LiveClients {
  /** Open event streams, those of sockets left out. */
  sse = 0;
  /** Open WebSockets. */
  webSocket = 0;
  /** Those that were cut off because they were too slow, ever since the node began. */
  dropped = 0;

  /** Somebody came; to be called, as often as one likes, when they have gone. */
  enter(kind: "sse" | "webSocket"): () => void {
    let isIn = true;
    this[kind]++;
    return () => {
      if (isIn) this[kind]--;
      isIn = false;
    };
  }
}
