/**
 * Which files say what a project depends on, and under which licence it stands.
 *
 * @module
 */

const NAMES = new Set([
  "package.json",
  "package-lock.json",
  "npm-shrinkwrap.json",
  "deno.json",
  "deno.jsonc",
  "deno.lock",
  "pyproject.toml",
  "go.mod",
  "Cargo.toml",
  "Cargo.lock",
  "pom.xml",
]);

/** Whether the inventory reads the file. */
export function isManifest(path: string): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return NAMES.has(name) || isRequirements(name) || isLicenceText(name);
}

/** `requirements.txt`, `requirements-dev.txt`, `dev-requirements.in` … */
export function isRequirements(name: string): boolean {
  return /^([\w.-]*[-_.])?requirements([-_.][\w.-]+)?\.(txt|in)$/i.test(name);
}

/** `LICENSE`, `LICENCE.md`, `COPYING`, `LICENSE-MIT` … */
export function isLicenceText(name: string): boolean {
  return /^(licen[cs]e|copying|unlicense)([-._][\w.-]+)?$/i.test(name) &&
    !/\.(ts|js|py|go|rs|java|json|ya?ml|html|toml)$/i.test(name);
}
