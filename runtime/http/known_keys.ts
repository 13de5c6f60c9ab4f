import type { HonoRequest } from "hono";
import { z } from "@hono/zod-openapi";
import type { App } from "./app_env.ts";

/** Names that a part of a request may have, for "did you mean"; none where there is no knowing. */
export function knownKeys(api: App, request: HonoRequest, target: string): string[] {
  const { method, path } = request;
  for (const definition of api.openAPIRegistry.definitions) {
    if (definition.type !== "route" || definition.route.method !== method.toLowerCase()) continue;
    if (!isPathOf(definition.route.path, path)) continue;
    const { query, body } = definition.route.request ?? {};
    const content = body?.content["application/json"];
    const schema = target === "query"
      ? query
      : content !== undefined && "schema" in content
      ? content.schema
      : undefined;
    return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
  }
  return [];
}

/** Whether `/runs/{runId}` is what a path below `/api/v1` was answered by. */
function isPathOf(template: string, path: string): boolean {
  const steps = path.replace("/api/v1", "").split("/");
  const wanted = template.split("/");
  return steps.length === wanted.length &&
    wanted.every((step, index) => step.startsWith("{") || step === steps[index]);
}
