/**
 * Chromium under the POSIX locale says that its language is `en-US@posix`, which is no language tag:
 * uPlot, which asks `Intl` for it while it is loaded, would throw. Imported before uPlot.
 *
 * @module
 */
try {
  new Intl.NumberFormat(navigator.language);
} catch {
  const language = navigator.language.replace(/[^A-Za-z0-9-].*$/, "");
  Object.defineProperty(navigator, "language", { value: language, configurable: true });
}
