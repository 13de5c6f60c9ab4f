/**
 * The process as Prometheus' client libraries name it. `prom-client` would bring Node's own
 * metrics, but under Deno several of them say nothing (event loop, CPU before its start).
 *
 * @module
 */
import process from "node:process";
import { Counter, Gauge, Histogram, type Registry } from "prom-client";

const LAG_BUCKETS_S = [0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 5];
const MS = 1_000;
const MICROSECONDS = 1_000_000;

/** Declares the metrics of the process; they are read when somebody asks. */
export function addProcessMetrics(register: Registry): void {
  const registers = [register];
  const startedAtS = Math.round(performance.timeOrigin) / MS;
  new Gauge({
    name: "process_start_time_seconds",
    help: "When the process began, in seconds since 1970.",
    registers,
  }).set(startedAtS);
  new Gauge({
    name: "process_resident_memory_bytes",
    help: "Resident memory of the node, without its cells.",
    registers,
    collect() {
      this.set(Deno.memoryUsage().rss);
    },
  });
  new Gauge({
    name: "process_heap_bytes",
    help: "Heap that JavaScript uses in the node.",
    registers,
    collect() {
      this.set(Deno.memoryUsage().heapUsed);
    },
  });
  new Counter({
    name: "process_cpu_seconds_total",
    help: "CPU time of the node, user and system, without its cells.",
    registers,
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / MICROSECONDS);
    },
  });
}

/** How late timers of the node come: what its event loop was busy with. */
export function newLagMetric(register: Registry): Histogram {
  return new Histogram({
    name: "denizen_event_loop_lag_seconds",
    help: "How late a timer of 250 ms came.",
    buckets: LAG_BUCKETS_S,
    registers: [register],
  });
}
