/** Imports a script of the page. The scripts have no types: a test says what it uses of one. */
export function pageModule<Module>(name: string): Promise<Module> {
  return import(/* @vite-ignore */ new URL(`../../public/${name}`, import.meta.url).href)
}
