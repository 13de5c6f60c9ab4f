import type { AgentDetail, CapabilityRecord } from "../api/mod.ts";
import {
  formatCost,
  formatCount,
  formatDuration,
  formatPlural,
  IntervalBar,
  JsonBlock,
} from "../parts/mod.ts";
import { RecordRemarks } from "./agent_parts.tsx";

/** What it has shown at each of its capabilities. */
export function CapabilityTable(
  { capabilities, records }: {
    capabilities: readonly string[];
    records: readonly CapabilityRecord[];
  },
) {
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label="Record by capability">
      <table class="table">
        <thead>
          <tr>
            <th>Capability</th>
            <th>Success, with its 90 % interval</th>
            <th class="is-number is-lesser">Outcomes</th>
            <th class="is-number is-lesser">Time</th>
            <th class="is-number is-lesser">Cost</th>
            <th>Now</th>
          </tr>
        </thead>
        <tbody>
          {capabilities.map((capability) => (
            <CapabilityLine
              key={capability}
              capability={capability}
              record={records.find((one) => one.capability === capability)}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function CapabilityLine(
  { capability, record }: { capability: string; record: CapabilityRecord | undefined },
) {
  if (record === undefined) {
    return (
      <tr>
        <td>
          <code class="breaks">{capability}</code>
        </td>
        <td colSpan={5} class="muted">nothing is known of it here</td>
      </tr>
    );
  }
  const { isA, partOf, tasks, latencyMs, costUsd } = record;
  const time = latencyMs === null ? "–" : formatDuration(latencyMs);
  return (
    <tr>
      <td>
        <code class="breaks">{capability}</code>
        {isA.length > 0 && <div class="small muted breaks">{`is a ${isA.join(", ")}`}</div>}
        {partOf.length > 0 && <div class="small muted breaks">{`part of ${partOf.join(", ")}`}
        </div>}
      </td>
      <td>
        <IntervalBar {...record} />
        <div class="small muted is-narrow-only">
          {`${formatPlural(tasks, "outcome")}, time ${time}, cost ${formatCost(costUsd)}`}
        </div>
      </td>
      <td class="is-number is-lesser">{tasks === 0 ? "none yet" : formatCount(tasks)}</td>
      <td class="is-number is-tight is-lesser">{time}</td>
      <td class="is-number is-tight is-lesser">{formatCost(costUsd)}</td>
      <td>
        <RecordRemarks record={record} />
      </td>
    </tr>
  );
}

/** What it claims and does not keep. */
export function FindingList({ findings }: Pick<AgentDetail, "findings">) {
  return (
    <div class="notice is-error">
      <strong>It gets no tasks: it does not keep what it claims</strong>
      <ul class="stack">
        {findings.map(({ capability, code, message }) => (
          <li key={`${capability} ${code} ${message}`}>
            {capability !== null && <code>{capability}</code>} {message}{" "}
            <span class="code">{code}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** The schemas of what it takes and gives. */
export function OfferList({ offers }: Pick<AgentDetail, "offers">) {
  return (
    <ul class="stack">
      {offers.map(({ capability, input, output, examples }) => (
        <li key={capability}>
          <details>
            <summary>
              <code class="breaks">{capability}</code>
              {`, ${formatPlural(examples, "example")}`}
            </summary>
            <div class="stack offer">
              <h3>Input</h3>
              <Schema schema={input} label={`input of ${capability}`} />
              <h3>Output</h3>
              <Schema schema={output} label={`output of ${capability}`} />
            </div>
          </details>
        </li>
      ))}
    </ul>
  );
}

function Schema({ schema, label }: { schema: unknown; label: string }) {
  if (schema === null) return <p class="muted">Anything</p>;
  return <JsonBlock value={schema} label={label} />;
}
