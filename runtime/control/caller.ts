/** Who asks, as far as the control plane needs to know. */
export interface Caller {
  /** As the audit log names them. */
  by: string;
  /** Whose runs and workflows they work with; `null`: nobody's in particular, they see all. */
  tenant: string | null;
}

/** What access to a run or a workflow is decided by. */
export interface Labels {
  /** Name of the workflow. */
  workflow: string;
  tags: string[];
  /** `null`: it belongs to no tenant. */
  tenant: string | null;
}

/** Whether whoever asks may see what has these labels. Called often: it must be cheap and pure. */
export type Sees = (labels: Labels) => boolean;

/** One page of a list. */
export interface Page<Item> {
  items: Item[];
  /** Give it to the next call; `null`: this is the last page. */
  nextCursor: string | null;
}
