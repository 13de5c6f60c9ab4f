/**
 * What is around every page.
 *
 * @module
 */
export { Shell } from "./shell.tsx";
export { SignInPage } from "./sign_in_page.tsx";
