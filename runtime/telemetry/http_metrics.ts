import { Counter, Histogram, type Registry } from "prom-client";
import { BoundedLabel } from "./bounded_label.ts";

const ROUTES_MAX = 200;
const METHODS_MAX = 12;
const BUCKETS_S = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** Counts HTTP requests by route template and status. */
export class HttpMetrics {
  readonly #route = new BoundedLabel(ROUTES_MAX);
  readonly #method = new BoundedLabel(METHODS_MAX);
  readonly #requests: Counter<"route" | "method" | "status">;
  readonly #seconds: Histogram<"route" | "method">;

  constructor(register: Registry) {
    const registers = [register];
    this.#requests = new Counter({
      name: "denizen_http_requests_total",
      help: "HTTP requests that were answered, by route template.",
      labelNames: ["route", "method", "status"],
      registers,
    });
    this.#seconds = new Histogram({
      name: "denizen_http_request_duration_seconds",
      help: "From a request to the head of its answer: streams go on behind it.",
      labelNames: ["route", "method"],
      buckets: BUCKETS_S,
      registers,
    });
  }

  /** @param route template, such as `/api/v1/runs/{id}`; never a path that somebody sent */
  observe(route: string, method: string, status: number, seconds: number): void {
    const labels = { route: this.#route.of(route), method: this.#method.of(method) };
    this.#requests.inc({ ...labels, status: String(status) });
    this.#seconds.observe(labels, seconds);
  }
}
