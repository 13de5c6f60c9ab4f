/**
 * A folder with a workflow file and its agents, made for one test.
 *
 * @module
 */
import { type DenizenNode, openNode, type RunView } from "../mod.ts";

/** Files by name; `workflow.yaml` is the workflow. */
export class WorkflowFolder implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async create(files: Record<string, string>): Promise<WorkflowFolder> {
    const folder = new WorkflowFolder(await Deno.makeTempDir({ prefix: "denizen-test-" }));
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(`${folder.path}/${name}`, text);
    }
    return folder;
  }

  get workflow(): string {
    return `${this.path}/workflow.yaml`;
  }

  get dataDir(): string {
    return `${this.path}/data`;
  }

  /** Runs the workflow on a node of its own, to the end. */
  async run(input: Record<string, string | number | boolean> = {}): Promise<RunView> {
    await using open = this.open();
    const run = await open.node.submit(await open.node.load(this.workflow), input);
    return await run.finished;
  }

  /** A node on this folder's data. */
  open(): { node: DenizenNode } & AsyncDisposable {
    const node = openNode({ dataDir: this.dataDir });
    return { node, [Symbol.asyncDispose]: () => node.close() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

/** An agent module around the body of `run(input, ctx)`. */
export function agentModule(body: string): string {
  return `import { AgentError, defineAgent } from "denizen";
export default defineAgent({
  name: "test",
  capabilities: {},
  // deno-lint-ignore no-explicit-any
  async run(input: any, ctx) {
    ${body}
  },
});
`;
}
