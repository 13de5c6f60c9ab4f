/**
 * Where the script of a worker is served: `layout_worker` of a file `layout_worker.ts`. Every file
 * whose name ends so is bundled as a script of its own, and the page names it.
 */
export function workerUrl(name: string): string {
  const selector = `meta[name="denizen-worker"][data-name="${CSS.escape(name)}"]`;
  const url = document.querySelector<HTMLMetaElement>(selector)?.content;
  if (url === undefined) throw new Error(`Found no worker "${name}" in the page`);
  return url;
}
