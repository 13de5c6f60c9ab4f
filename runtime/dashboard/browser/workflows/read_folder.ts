/** What a chosen folder holds of a workflow. */
export interface WorkflowFolder {
  /** Text of the workflow file; `null` where none was found. */
  source: string | null;
  /** Code beside it: path relative to the workflow file → text. */
  files: Record<string, string>;
}

const WORKFLOW_FILE = /^(.*\/)?workflow\.(ya?ml|json)$/;
const CODE_FILE = /\.(ts|tsx|mts|js|jsx|mjs|json)$/;
const LEFT_OUT = /(^|\/)(node_modules|\.[^/]+)\/|_test\.tsx?$/;

/** Reads the workflow file nearest to the top of a chosen folder, and the code below its folder. */
export async function readFolder(list: readonly File[]): Promise<WorkflowFolder> {
  const found = list.filter((file) => WORKFLOW_FILE.test(pathOf(file)))
    .sort((a, b) => pathOf(a).length - pathOf(b).length)[0];
  if (found === undefined) return { source: null, files: {} };
  const folder = pathOf(found).slice(0, -found.name.length);
  const code = list.filter((file) => {
    const path = pathOf(file);
    return path.startsWith(folder) && CODE_FILE.test(path) && !LEFT_OUT.test(path);
  });
  const entries = await Promise.all(
    code.filter((file) => file !== found)
      .map(async (file) => [pathOf(file).slice(folder.length), await file.text()]),
  );
  return { source: await found.text(), files: Object.fromEntries(entries) };
}

function pathOf(file: File): string {
  return file.webkitRelativePath || file.name;
}
