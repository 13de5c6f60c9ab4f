import type { JsonObject } from "../../../core/json.ts";
import { openClient, type StorePlace } from "../../../runtime/node/mod.ts";
import type { Submit } from "./submitter.ts";

/** Submits runs of one workflow as any program does that reaches the cluster's store. */
export async function openSubmit(
  { place, workflow, inputOf }: {
    place: StorePlace;
    /** Path of the file. */
    workflow: string;
    inputOf: (seed: number) => JsonObject;
  },
): Promise<{ submit: Submit; [Symbol.asyncDispose](): Promise<void> }> {
  const client = await openClient(place);
  const loaded = await client.load(workflow);
  return {
    submit: (seed, id) => client.submit(loaded, inputOf(seed), { id }),
    [Symbol.asyncDispose]: () => client.close(),
  };
}
