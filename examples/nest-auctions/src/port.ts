/** The number of the port that a setting names; undefined where it names none. */
export function parsePort(setting = '3000'): number | undefined {
  const port = Number(setting)
  return setting.trim() !== '' && Number.isInteger(port) && port >= 0 && port <= 65535 ? port : undefined
}
