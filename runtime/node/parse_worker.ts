/**
 * Parses one workflow file, for {@linkcode parseAside}.
 *
 * @module
 */
import { parseWorkflow } from "../../workflows/parse.ts";
import type { AsideAnswer, AsideRequest } from "./parse_aside.ts";

self.addEventListener("message", ({ data }: MessageEvent<AsideRequest>) => {
  const { definition, issues, placeOf } = parseWorkflow(data.text, data.options);
  const agents = definition?.agents.map(({ name }) => `/agents/${name}/module`) ?? [];
  const places = new Map(["/system", ...agents].map((pointer) => [pointer, placeOf(pointer)]));
  const answer: AsideAnswer = { definition, issues, places };
  self.postMessage(answer);
});
