/**
 * Takes what an OpenTelemetry exporter sends by OTLP over HTTP, as JSON.
 *
 * @module
 */

/** One span, as it was received. */
export interface Span {
  traceId: string;
  spanId: string;
  /** Empty for the root of a trace. */
  parentSpanId: string;
  name: string;
  /** 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: Record<string, unknown>;
  /** 0 unset, 1 ok, 2 error. */
  status: { code: number; message: string };
  scope: string;
  service: string;
}

interface Attribute {
  key: string;
  value: Record<string, unknown>;
}

interface TraceRequest {
  resourceSpans: {
    resource: { attributes: Attribute[] };
    scopeSpans: {
      scope: { name: string };
      spans: (Omit<Span, "attributes"> & { attributes: Attribute[] })[];
    }[];
  }[];
}

export class OtlpReceiver implements AsyncDisposable {
  readonly spans: Span[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor() {
    const listen = { port: 0, hostname: "127.0.0.1", onListen() {} };
    this.#server = Deno.serve(listen, (request) => this.#take(request));
  }

  /** Environment of a process that is to export here. */
  get environment(): Record<string, string> {
    return {
      OTEL_DENO: "true",
      OTEL_DENO_CONSOLE: "ignore",
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${this.#server.addr.port}`,
      OTEL_SERVICE_NAME: "denizen",
    };
  }

  async #take(request: Request): Promise<Response> {
    const body = await request.json();
    if (new URL(request.url).pathname === "/v1/traces") this.#keep(body as TraceRequest);
    return Response.json({});
  }

  #keep({ resourceSpans }: TraceRequest): void {
    for (const { resource, scopeSpans } of resourceSpans) {
      const service = String(toRecord(resource.attributes)["service.name"]);
      for (const { scope, spans } of scopeSpans) {
        for (const span of spans) {
          const attributes = toRecord(span.attributes);
          this.spans.push({ ...span, attributes, scope: scope.name, service });
        }
      }
    }
  }

  /** The spans of a trace that Denizen made itself. */
  ownSpans(traceId: string): Span[] {
    return this.spans.filter((span) => span.traceId === traceId && span.scope === "denizen");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

function toRecord(attributes: readonly Attribute[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, toValue(value)]));
}

function toValue(value: Record<string, unknown>): unknown {
  const [type, content] = Object.entries(value)[0] ?? ["", null];
  return type === "intValue" ? Number(content) : content;
}
