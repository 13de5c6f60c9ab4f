/**
 * Draws nodes as shapes: sigma knows discs, and a kind must be seen without its colour.
 *
 * @module
 */
import { NodeCircleProgram } from "sigma/rendering";
import type { KnowledgeKind } from "../api/mod.ts";

/**
 * How far a point `p` is from the middle of a shape, as if the shape were a disc: equal to the
 * radius on its border. Each shape lies within its disc, which is what sigma draws into.
 */
const SHAPES: Readonly<Record<KnowledgeKind, string>> = {
  agent: "length(p)",
  capability: "max(abs(p.x) * 0.866 + abs(p.y) * 0.5, abs(p.y)) / 0.866",
  task: "max(abs(p.x), abs(p.y)) * 1.36",
  solution: "2.0 * max(abs(p.x) * 0.866 + p.y * 0.5, -p.y)",
  artefact: "abs(p.x) + abs(p.y)",
};

/** As sigma's own for discs, with another measure of how far a point is from the middle. */
function fragmentShader(shape: string): string {
  return `precision highp float;
varying vec4 v_color;
varying vec2 v_diffVector;
varying float v_radius;
uniform float u_correctionRatio;

float far(vec2 p) { return ${shape}; }

void main(void) {
  float border = u_correctionRatio * 2.0;
  float dist = far(v_diffVector) - v_radius + border;
  #ifdef PICKING_MODE
  if (dist > border) discard;
  gl_FragColor = v_color;
  #else
  gl_FragColor = mix(v_color, vec4(0.0), clamp(dist / border, 0.0, 1.0));
  #endif
}`;
}

function toProgram(kind: KnowledgeKind) {
  return class extends NodeCircleProgram {
    override getDefinition() {
      return {
        ...super.getDefinition(),
        FRAGMENT_SHADER_SOURCE: fragmentShader(SHAPES[kind]),
      };
    }
  };
}

/** What draws nodes of each kind. */
export const NODE_PROGRAMS = {
  agent: toProgram("agent"),
  capability: toProgram("capability"),
  task: toProgram("task"),
  solution: toProgram("solution"),
  artefact: toProgram("artefact"),
};
