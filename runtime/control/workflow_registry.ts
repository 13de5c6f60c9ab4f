/**
 * Workflows by name and version, kept in the store: what `POST /runs` names.
 *
 * Names are per tenant. What belongs to no tenant is shared: every tenant may run it, unless it has
 * a workflow of its own by that name.
 *
 * @module
 */
import type { LoadedWorkflow } from "../node/mod.ts";
import type { Caller, Page, Sees } from "./caller.ts";
import type {
  ValidationResult,
  WorkflowDetail,
  WorkflowSource,
  WorkflowSummary,
  WorkflowVersion,
} from "./registered_workflow.ts";

/** Options of {@linkcode WorkflowRegistry.register}. */
export interface RegisterOptions {
  ifVersion?: string | null;
  name?: string;
  authorize?: (name: string) => void | Promise<void>;
}

/** The registered workflows of a store. */
export interface WorkflowRegistry {
  /**
   * Checks, bundles and keeps a workflow. The same content again answers the version that is there.
   *
   * @param options `ifVersion`: only where the workflow's `etag` is that; `null`: only where there is
   *   no workflow of the name. `name`: refuse a file that states another one. `authorize`: called with
   *   the name that the file states, before anything is kept; what it throws is thrown
   * @throws {InvalidWorkflowError} `INVALID_WORKFLOW` with every issue found
   * @throws {InvalidInputError} `WORKFLOW_FILES_WRONG`, `WORKFLOW_NAME_DIFFERS`
   * @throws {ConflictError} `WORKFLOW_VERSION_EXISTS` when the version has other content,
   *   `WORKFLOW_CHANGED` when `ifVersion` does not hold
   */
  register(
    workflow: WorkflowSource,
    caller: Caller,
    options?: RegisterOptions,
  ): Promise<{ workflow: WorkflowDetail; isNew: boolean }>;

  /**
   * Keeps the workflow of a file of the server, with its agents' code as it is now.
   *
   * @throws as {@linkcode register}
   */
  registerFile(
    path: string,
    caller: Caller,
  ): Promise<{ workflow: WorkflowDetail; isNew: boolean }>;

  /** The latest version of each workflow, by name; a tenant's own come before shared ones. */
  list(
    tenant: string | null,
    options?: { limit?: number; cursor?: string; q?: string; sees?: Sees },
  ): Promise<Page<WorkflowSummary>>;

  /** The latest version. @throws {InvalidInputError} `WORKFLOW_NOT_FOUND` */
  get(name: string, tenant: string | null): Promise<WorkflowDetail>;

  /** Versions, the latest first. @throws {InvalidInputError} `WORKFLOW_NOT_FOUND` */
  versions(
    name: string,
    tenant: string | null,
    options?: { limit?: number; cursor?: string },
  ): Promise<Page<WorkflowVersion>>;

  /**
   * One version: `1.2.0`, a range such as `^1`, or a content hash (`sha256:…`, or its first 8
   * characters at least).
   *
   * @throws {InvalidInputError} `WORKFLOW_NOT_FOUND`, `WORKFLOW_VERSION_NOT_FOUND`
   */
  version(name: string, version: string, tenant: string | null): Promise<WorkflowDetail>;

  /** Text of one file that came with a version. @throws as {@linkcode version}, `FILE_NOT_FOUND` */
  file(name: string, version: string, path: string, tenant: string | null): Promise<string>;

  /**
   * Forgets a workflow with all its versions. Runs of it go on: they have their package.
   *
   * @throws {InvalidInputError} `WORKFLOW_NOT_FOUND`
   * @throws {ConflictError} `WORKFLOW_CHANGED`
   */
  remove(name: string, caller: Caller, options?: { ifVersion?: string }): Promise<void>;

  /**
   * What `node.runs.submit` takes. Versions registered by other nodes are seen within a second.
   *
   * @param reference `name`, `name@1.2.0`, `name@^1` or `name@sha256:…`
   * @throws as {@linkcode version}
   */
  resolve(reference: string, tenant: string | null): Promise<LoadedWorkflow>;

  /** A workflow that is not registered. @throws as {@linkcode register} */
  inline(workflow: WorkflowSource): Promise<LoadedWorkflow>;

  /** Everything that is wrong with a workflow, without keeping it. */
  validate(workflow: WorkflowSource): Promise<ValidationResult>;
}
