import type { AgentStatus, CapabilityRecord } from "../api/mod.ts";
import { now } from "../parts/mod.ts";
import { grantsOf, recordRemarks, type Remark, statusRemark } from "./record_words.ts";

export function RemarkBadge({ status, text }: Remark) {
  return <span class="badge" data-status={status}>{text}</span>;
}

export function AgentBadge({ agent }: { agent: AgentStatus }) {
  return <RemarkBadge {...statusRemark(agent)} />;
}

/** Whether it gets tasks of the capability, and whether it changed. */
export function RecordRemarks({ record }: { record: CapabilityRecord }) {
  return (
    <span class="remarks">
      {recordRemarks(record, now.value).map((remark) => (
        <span key={remark.text} class="remark" data-status={remark.status}>{remark.text}</span>
      ))}
    </span>
  );
}

/** What an agent may reach. */
export function Grants({ permissions }: Pick<AgentStatus, "permissions">) {
  const grants = grantsOf(permissions);
  if (grants.length === 0) return <span class="muted">nothing</span>;
  return (
    <ul>
      {grants.map(([kind, values]) => (
        <li key={kind} class="small">
          <span class="muted">{kind}</span> <code class="breaks">{values}</code>
        </li>
      ))}
    </ul>
  );
}
