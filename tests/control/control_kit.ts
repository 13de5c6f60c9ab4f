/**
 * A node with its control plane on a folder of its own, for tests.
 *
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import {
  type ControlPlane,
  openControlPlane,
  type WorkflowSource,
} from "../../runtime/control/mod.ts";
import { type ClusterNode, startClusterNode } from "../../runtime/node/cluster_node.ts";
import { agentModule } from "../workflow_folder.ts";

/** Somebody without a tenant. */
export const ADMIN = { by: "key:admin", tenant: null };

export class ControlledNode implements AsyncDisposable {
  private constructor(
    readonly dataDir: string,
    readonly node: ClusterNode,
    readonly control: ControlPlane,
    readonly isOwner: boolean,
  ) {}

  /** @param dataDir of another node whose store it shares */
  static async start(options: { dataDir?: string; nodeId?: string } = {}): Promise<ControlledNode> {
    const dataDir = options.dataDir ?? await Deno.makeTempDir({ prefix: "denizen-control-" });
    const { nodeId } = options;
    const node = await startClusterNode({ dataDir, nodeId, version: "0.0.0", drainMs: 1_000 });
    const control = openControlPlane({ node, dataDir });
    return new ControlledNode(dataDir, node, control, options.dataDir === undefined);
  }

  /** Waits until the run stands so. */
  async until(runId: string, ...statuses: string[]): Promise<string> {
    for (let tries = 0; tries < 400; tries++) {
      const { status } = await this.control.runs.show(runId, { items: false });
      if (statuses.includes(status)) return status;
      await sleep(50);
    }
    throw new Error(`Run ${runId} did not come to ${statuses.join(" or ")} within 20 s`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.control.close();
    await this.node.close();
    if (this.isOwner) await Deno.remove(this.dataDir, { recursive: true });
  }
}

/** Greets everybody in `names`; `body` is what the agent does. */
export function greeting(
  version: string | null = "1.0.0",
  body = 'return "Hello " + input.name;',
): WorkflowSource {
  return {
    source: `name: greet
${version === null ? "" : `version: ${version}`}
input:
  type: object
  properties: { names: { type: array, items: { type: string }, default: [Ada, Grace] } }
agents:
  greeter: { module: ./agents/greeter.ts }
tasks:
  greet: { forEach: "\${{ input.names }}", agent: greeter, with: { name: "\${{ item }}" } }
  count: { needs: [greet], value: "\${{ size(tasks.greet.output) }}" }
output: { greetings: "\${{ tasks.greet.output }}", count: "\${{ tasks.count.output }}" }
`,
    files: { "agents/greeter.ts": agentModule(body) },
  };
}
