/** How much the graph of solved tasks keeps. */
export interface KnowledgeLimits {
  /** Attempts; those of the oldest use are forgotten first. Default 100,000. */
  factsMax: number;
  /** What was not used for so long is forgotten by `trim()`, in milliseconds. Default 90 days. */
  ageMaxMs: number;
  /** Size of one output that is kept, as JSON in UTF-16 units. Default 16 KiB. */
  outputCharsMax: number;
  /** Size of all of them together, in the same units. Default 64 Mi. */
  outputsCharsMax: number;
}

/** What holds unless said otherwise. */
export const KNOWLEDGE_LIMITS: KnowledgeLimits = {
  factsMax: 100_000,
  ageMaxMs: 90 * 24 * 60 * 60 * 1_000,
  outputCharsMax: 16 * 1_024,
  outputsCharsMax: 64 * 1_024 * 1_024,
};
