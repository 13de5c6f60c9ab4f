/**
 * What passes between the agents of the audit: zod schemas, and the types they stand for. Every
 * path is relative to the audited directory and uses `/`.
 *
 * @module
 */
import { z } from "zod";

/** A text file that the audit looks at. */
export const FileEntry = z.object({
  path: z.string(),
  bytes: z.number().int(),
  language: z.string(),
});
export type FileEntry = z.infer<typeof FileEntry>;

/** Why a file or a directory was left out. */
export const SkipReason = z.enum([
  "binary",
  "too-large",
  "symlink",
  "denied",
  "unreadable",
  "special",
]);
export type SkipReason = z.infer<typeof SkipReason>;

export const SkippedFile = z.object({ path: z.string(), reason: SkipReason });
export type SkippedFile = z.infer<typeof SkippedFile>;

/** What the walker found. */
export const Walk = z.object({
  /** Last part of the audited directory's path. */
  name: z.string(),
  /** Files in groups, each small enough for one task. */
  batches: z.array(z.object({ files: z.array(FileEntry) })),
  /** Package manifests, lock files and licence texts. */
  manifests: z.array(z.string()),
  counts: z.object({
    files: z.number().int(),
    bytes: z.number().int(),
    directories: z.number().int(),
    /** Files and directories that `.gitignore` names; what lies below such a directory is not counted. */
    ignored: z.number().int(),
    skipped: z.record(z.string(), z.number().int()),
  }),
  /** The first of the skipped files, at most {@linkcode SKIPPED_LISTED_MAX}. */
  skipped: z.array(SkippedFile),
});
export type Walk = z.infer<typeof Walk>;

/** Skipped files that the walker names; the others are only counted. */
export const SKIPPED_LISTED_MAX = 500;

/** One batch of files below `path`. */
export const BatchInput = z.object({
  path: z.string(),
  files: z.array(FileEntry),
});
export type BatchInput = z.infer<typeof BatchInput>;

/** Lines and complexity of one file. `lines` is the number of newline characters, as `wc -l` says. */
export const FileMeasure = z.object({
  path: z.string(),
  language: z.string(),
  bytes: z.number().int(),
  lines: z.number().int(),
  /** Set when text follows the last newline: a line that `wc -l` does not count. */
  unterminated: z.boolean(),
  /** `code + comments + blank` is `lines`, and one more when `unterminated`. */
  code: z.number().int(),
  comments: z.number().int(),
  blank: z.number().int(),
  /** Sum over the functions plus the decisions outside of them; 0 when the file was not parsed. */
  complexity: z.number().int(),
  functions: z.number().int(),
  nestingMax: z.number().int(),
  /** Whether a grammar read the file. */
  parsed: z.boolean(),
});
export type FileMeasure = z.infer<typeof FileMeasure>;

/** One function, method, closure or constructor. */
export const FunctionMeasure = z.object({
  path: z.string(),
  name: z.string(),
  /** First line, from 1. */
  line: z.number().int(),
  lines: z.number().int(),
  complexity: z.number().int(),
  nesting: z.number().int(),
});
export type FunctionMeasure = z.infer<typeof FunctionMeasure>;

/** What one batch measured. */
export const Measurement = z.object({
  files: z.array(FileMeasure),
  /** The most complex and the longest functions of the batch; not all. */
  functions: z.array(FunctionMeasure),
  /** Functions by complexity: 1–5, 6–10, 11–20, 21–50, over 50. */
  histogram: z.array(z.number().int()).length(5),
  /** Functions longer than the limit. */
  longFunctions: z.number().int(),
  unreadable: z.array(z.string()),
});
export type Measurement = z.infer<typeof Measurement>;

export const Severity = z.enum(["critical", "high", "medium", "low"]);
export type Severity = z.infer<typeof Severity>;

/** A probable secret: where, and by which rule; never what. */
export const SecretFinding = z.object({
  path: z.string(),
  /** From 1. */
  line: z.number().int(),
  /** From 1, in UTF-16 units. */
  column: z.number().int(),
  rule: z.string(),
  title: z.string(),
  severity: Severity,
  confidence: z.enum(["high", "medium", "low"]),
  /** At most the first four characters, then asterisks. */
  preview: z.string(),
  /** Equal for equal secrets; `null` where the value could be guessed from it. */
  fingerprint: z.string().nullable(),
});
export type SecretFinding = z.infer<typeof SecretFinding>;

export const SecretScan = z.object({
  findings: z.array(SecretFinding),
  unreadable: z.array(z.string()),
});
export type SecretScan = z.infer<typeof SecretScan>;

/** One package that a manifest or lock file names. */
export const Dependency = z.object({
  ecosystem: z.enum(["npm", "deno", "python", "go", "cargo", "maven"]),
  name: z.string(),
  /** Exact version, when a lock file or the manifest fixes it. */
  version: z.string().nullable(),
  /** The range as written, when a manifest names it. */
  range: z.string().nullable(),
  kind: z.enum(["runtime", "dev", "peer", "optional", "build"]),
  /** Whether a manifest names it, not only a lock file. */
  direct: z.boolean(),
  manifest: z.string(),
  /** SPDX expression as declared; `null` when nothing local says it. */
  licence: z.string().nullable(),
});
export type Dependency = z.infer<typeof Dependency>;

/** A project, crate, module or package that lives in the tree, or a licence text of its own. */
export const Project = z.object({
  name: z.string().nullable(),
  version: z.string().nullable(),
  licence: z.string().nullable(),
  source: z.string(),
});
export type Project = z.infer<typeof Project>;

export const Inventory = z.object({
  projects: z.array(Project),
  dependencies: z.array(Dependency),
  /** Manifests that could not be read or understood. */
  problems: z.array(z.object({ path: z.string(), problem: z.string() })),
});
export type Inventory = z.infer<typeof Inventory>;

/** What is compared instead of the text of one file. */
export const FileFingerprint = z.object({
  path: z.string(),
  /** First 16 hex digits of the SHA-256 of the bytes. */
  hash: z.string(),
  bytes: z.number().int(),
  /** Base64 of little-endian `uint32` window hashes, winnowed. */
  windows: z.string(),
  /** Base64 of little-endian `uint16` positions: index of each window's first significant line. */
  positions: z.string(),
});
export type FileFingerprint = z.infer<typeof FileFingerprint>;

/** Lines `start` to `end`, both from 1 and included. */
export const Occurrence = z.object({
  path: z.string(),
  start: z.number().int(),
  end: z.number().int(),
});
export type Occurrence = z.infer<typeof Occurrence>;

export const Duplicates = z.object({
  /** Files with equal bytes. */
  identical: z.array(z.object({ bytes: z.number().int(), paths: z.array(z.string()) })),
  /** Equal runs of lines in files that are not identical. */
  clones: z.array(z.object({ lines: z.number().int(), occurrences: z.array(Occurrence) })),
  /** Lines that are part of a clone, without those of identical files. */
  duplicatedLines: z.number().int(),
  clonesFound: z.number().int(),
});
export type Duplicates = z.infer<typeof Duplicates>;
