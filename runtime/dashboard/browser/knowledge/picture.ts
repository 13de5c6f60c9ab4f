/**
 * The picture of a view: sigma draws it, and this keeps sigma's graph equal to the view.
 *
 * @module
 */
import { MultiDirectedGraph } from "graphology";
import Sigma from "sigma";
import type { EdgeDisplayData, NodeDisplayData } from "sigma/types";
import type { KnowledgeKind, KnowledgeNode } from "../api/mod.ts";
import { type Direction, findNextNode } from "./next_node.ts";
import { NODE_PROGRAMS } from "./node_programs.ts";
import { drawHover, drawLabel } from "./picture_labels.ts";
import { type PicturePalette, readPalette } from "./picture_palette.ts";
import { placeNodes, type Point } from "./place_nodes.ts";
import { settleLayout } from "./settle_layout.ts";
import { countLinks, type View } from "./view.ts";
import { shortLabel } from "./words.ts";

/** What somebody did in the picture. */
export interface PictureHandlers {
  onPick(id: string): void;
  /** The picture has come to rest. */
  onRest(): void;
}

/** Below this, everything is looked at from the same place. */
const FEW_NODES = 150;
const MOVE_MS = 250;

/** Draws views into an element, with WebGL. */
export class Picture {
  readonly #graph = new MultiDirectedGraph();
  readonly #sigma: Sigma;
  readonly #handlers: PictureHandlers;
  readonly #places = new Map<string, Point>();
  #palette: PicturePalette;
  #view: View;
  #near = new Set<string>();
  #endLayout = () => {};

  /** @throws {Error} where there is no WebGL */
  constructor(box: HTMLElement, view: View, handlers: PictureHandlers) {
    this.#view = view;
    this.#palette = readPalette();
    this.#handlers = handlers;
    this.#sigma = new Sigma(this.#graph, box, {
      ...this.#colours(),
      nodeProgramClasses: NODE_PROGRAMS,
      defaultNodeType: "agent",
      defaultEdgeType: "arrow",
      defaultDrawNodeLabel: (context, data, settings) =>
        drawLabel(context, data, settings, this.#palette),
      defaultDrawNodeHover: (context, data, settings) =>
        drawHover(context, data, settings, this.#palette),
      nodeReducer: (id, data) => this.#dressNode(id, data as NodeDisplayData),
      edgeReducer: (_, data) => this.#dressEdge(data as EdgeDisplayData & Ends),
      allowInvalidContainer: true,
      labelSize: 12,
      labelDensity: 0.5,
      labelGridCellSize: 150,
      labelRenderedSizeThreshold: 5,
      minCameraRatio: 0.01,
      maxCameraRatio: 5,
      stagePadding: 44,
      zIndex: true,
    });
    this.#sigma.on("clickNode", ({ node }) => handlers.onPick(node));
    this.#sigma.on("doubleClickNode", (event) => event.preventSigmaDefault());
    this.show(view);
  }

  /** Shows another view; what is new finds its place. */
  show(view: View): void {
    const isSame = view.nodes === this.#view.nodes && this.#graph.order > 0;
    const hasMoved = view.centre !== this.#view.centre;
    this.#view = view;
    this.#near = this.#findNear();
    if (!isSame) this.#takeNodes();
    this.#sigma.refresh({ skipIndexation: isSame });
    if (!isSame) this.#settle();
    else if (hasMoved) this.#lookAtCentre();
    else this.#keepInSight();
  }

  /** Takes the colours that are in force now. */
  repaint(): void {
    this.#palette = readPalette();
    this.#sigma.setSettings(this.#colours());
    this.#sigma.refresh({ skipIndexation: true });
  }

  zoom(factor: number): void {
    const camera = this.#sigma.getCamera();
    void camera.animate({ ratio: camera.getBoundedRatio(camera.ratio / factor) }, {
      duration: MOVE_MS,
    });
  }

  fit(): void {
    void this.#sigma.getCamera().animatedReset({ duration: MOVE_MS });
  }

  /** The node that lies in a direction of the selected one: one of its neighbours, if any does. */
  next(direction: Direction): string | null {
    const { selected, centre, nodes } = this.#view;
    const from = selected ?? centre ?? nodes.keys().next().value ?? null;
    if (from === null || !this.#graph.hasNode(from)) return null;
    if (selected === null) return from;
    const at = this.#screenPoint(from);
    const points = (ids: Iterable<string>) =>
      [...ids].map((id) => [id, this.#screenPoint(id)] as const);
    return findNextNode(at, points(this.#graph.neighbors(from)), direction) ??
      findNextNode(at, points(this.#graph.nodes()), direction);
  }

  close(): void {
    this.#endLayout();
    this.#sigma.kill();
  }

  #colours() {
    return {
      labelColor: { color: this.#palette.text },
      labelFont: this.#palette.font,
      defaultEdgeColor: this.#palette.edge,
    };
  }

  /** Makes sigma's graph hold what the view holds. */
  #takeNodes(): void {
    const { nodes, edges } = this.#view;
    this.#keepPlaces();
    for (const id of this.#graph.nodes()) {
      if (!nodes.has(id)) this.#graph.dropNode(id);
    }
    const known = new Map([...this.#places].filter(([id]) => nodes.has(id)));
    const links = [...edges.values()].map(({ source, target }) => [source, target] as const);
    const counts = countLinks(this.#view);
    const places = placeNodes(nodes.keys(), links, known);
    for (const [id, node] of nodes) {
      const place = places.get(id) ?? known.get(id);
      this.#graph.mergeNode(id, { ...lookOf(node, counts.get(id) ?? 0), ...place });
    }
    for (const key of this.#graph.edges()) {
      if (!edges.has(key)) this.#graph.dropEdge(key);
    }
    for (const [key, { source, target, count }] of edges) {
      const size = 1 + Math.min(1.5, Math.log10(1 + count) / 2);
      this.#graph.mergeEdgeWithKey(key, source, target, { source, target, size });
    }
  }

  /** Who comes back finds its place again. */
  #keepPlaces(): void {
    this.#graph.forEachNode((id, { x, y }) => this.#places.set(id, { x, y }));
    const excess = Math.max(0, this.#places.size - 10_000);
    for (const id of [...this.#places.keys()].slice(0, excess)) this.#places.delete(id);
  }

  #settle(): void {
    this.#endLayout();
    const isSeen = !matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.#endLayout = settleLayout(this.#graph, {
      isSeen,
      onEnd: () => {
        this.#lookAtCentre();
        this.#handlers.onRest();
      },
    });
  }

  /** In a small graph all of it is seen; in a large one the centre with its neighbours. */
  #lookAtCentre(): void {
    const { centre, path } = this.#view;
    if (this.#graph.order <= FEW_NODES || centre === null) return this.fit();
    const ids = path.length > 0 ? path : [centre, ...this.#graph.neighbors(centre)];
    const spots = ids.map((id) => this.#sigma.getNodeDisplayData(id)!);
    const [xs, ys] = [spots.map(({ x }) => x), spots.map(({ y }) => y)];
    const [left, right] = [Math.min(...xs), Math.max(...xs)];
    const [low, high] = [Math.min(...ys), Math.max(...ys)];
    const ratio = Math.max(0.05, right - left, high - low) * 1.15;
    const [x, y] = [(left + right) / 2, (low + high) / 2];
    void this.#sigma.getCamera().animate({ x, y, ratio: Math.min(1, ratio) }, {
      duration: MOVE_MS,
    });
  }

  /** Whoever moves by keys sees where they are. */
  #keepInSight(): void {
    const { selected } = this.#view;
    if (selected === null || !this.#graph.hasNode(selected)) return;
    const { x, y } = this.#screenPoint(selected);
    const { width, height } = this.#sigma.getDimensions();
    if (x > 20 && y > 20 && x < width - 20 && y < height - 20) return;
    const spot = this.#sigma.getNodeDisplayData(selected)!;
    void this.#sigma.getCamera().animate({ x: spot.x, y: spot.y }, { duration: MOVE_MS });
  }

  #screenPoint(id: string): Point {
    const { x, y } = this.#graph.getNodeAttributes(id) as Point;
    return this.#sigma.graphToViewport({ x, y });
  }

  #findNear(): Set<string> {
    const { selected, edges } = this.#view;
    const near = new Set<string>();
    for (const { source, target } of edges.values()) {
      if (source === selected) near.add(target);
      if (target === selected) near.add(source);
    }
    return near;
  }

  #dressNode(id: string, data: NodeDisplayData): Partial<NodeDisplayData> {
    const { selected, path } = this.#view;
    const kind = data.type as KnowledgeKind;
    const isOnPath = path.includes(id);
    const isDimmed = path.length > 0 && !isOnPath && id !== selected;
    return {
      ...data,
      color: isDimmed ? this.#palette.dimmed : this.#palette.kinds[kind],
      label: isDimmed ? null : data.label,
      highlighted: id === selected,
      forceLabel: id === selected || isOnPath || (this.#near.has(id) && this.#near.size <= 12),
      zIndex: id === selected || isOnPath ? 2 : this.#near.has(id) ? 1 : 0,
    };
  }

  #dressEdge(data: EdgeDisplayData & Ends): Partial<EdgeDisplayData> {
    const { selected, path } = this.#view;
    const { source, target } = data;
    const at = path.indexOf(source);
    const isOnPath = at >= 0 && (path[at + 1] === target || path[at - 1] === target);
    const isOwn = path.length === 0 && (source === selected || target === selected);
    if (isOnPath) return { ...data, color: this.#palette.accent, size: data.size + 2, zIndex: 2 };
    if (isOwn) return { ...data, color: this.#palette.accent, zIndex: 1 };
    return { ...data, color: path.length > 0 ? this.#palette.dimmed : this.#palette.edge };
  }
}

/** What an edge connects, as its attributes say. */
interface Ends {
  source: string;
  target: string;
}

function lookOf({ kind, label }: KnowledgeNode, links: number) {
  return { type: kind, label: shortLabel(label), size: 5 + Math.min(9, Math.log2(1 + links)) };
}

/** Whether this browser can draw a picture at all. */
export function canDraw(): boolean {
  const canvas = document.createElement("canvas");
  return (canvas.getContext("webgl2") ?? canvas.getContext("webgl")) !== null;
}
