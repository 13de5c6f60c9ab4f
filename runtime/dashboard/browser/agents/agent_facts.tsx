import type { ComponentChildren } from "preact";
import type { AgentDetail } from "../api/mod.ts";
import {
  CopyButton,
  formatCost,
  formatCount,
  formatDuration,
  formatPlural,
  Time,
} from "../parts/mod.ts";
import { Grants } from "./agent_parts.tsx";
import { loadText } from "./record_words.ts";

/** What it is, what it may reach, how busy it is. */
export function AgentFacts({ agent }: { agent: AgentDetail }) {
  const { attempts, failures, p50Ms, p95Ms, replicas, memoryMb } = agent;
  return (
    <dl class="facts">
      <Fact name="Name in the record">
        <code>{agent.ref}</code>
      </Fact>
      <Fact name="May reach">
        <Grants permissions={agent.permissions} />
      </Fact>
      <Fact name="Load here">
        {loadText(agent)}
        {agent.cells > 0 && <span class="muted">{`, ${formatPlural(agent.cells, "cell")}`}</span>}
      </Fact>
      <Fact name="In the last hour">
        {`${formatPlural(attempts, "attempt")}, ${formatCount(failures)} failed`}
        {p50Ms !== null && (
          <span class="muted">
            {`, p50 ${formatDuration(p50Ms)}, p95 ${formatDuration(p95Ms ?? p50Ms)}`}
          </span>
        )}
      </Fact>
      <Fact name="At once">
        {`${agent.concurrency} in each of `}
        {replicas.min === replicas.max ? replicas.max : `${replicas.min} to ${replicas.max}`}
        {` processes of at most ${memoryMb} MB`}
      </Fact>
      <Fact name="Price of an attempt">{formatCost(agent.costUsd)}</Fact>
      <Fact name="Auctions">{agent.bids ? "bids in them" : "does not bid"}</Fact>
      <Fact name="Works for">{agent.tenant ?? "every tenant"}</Fact>
      <Fact name="Module">
        <code>{agent.module}</code>
      </Fact>
      <Fact name="Code">
        <code title={agent.codeHash}>{agent.codeHash.slice(0, 12)}</code>
        <CopyButton text={agent.codeHash} label="Copy the hash of the code" />
      </Fact>
      {agent.registeredAt !== null && (
        <Fact name="Registered">
          <Time at={agent.registeredAt} />
          {agent.registeredBy !== null && ` by ${agent.registeredBy}`}
        </Fact>
      )}
      {agent.checkedAt !== null && (
        <Fact name="Checked">
          <Time at={agent.checkedAt} />
        </Fact>
      )}
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}
