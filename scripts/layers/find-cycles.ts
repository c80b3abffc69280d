/** Which file imports which, as adjacency lists. */
export type Graph = ReadonlyMap<string, readonly string[]>

/** One shortest cycle for each knot of files that import each other; its first file comes first in the alphabet. */
export function findCycles(graph: Graph): string[][] {
  const cycles: string[][] = []
  const settled = new Set<string>()
  for (const file of [...graph.keys()].sort()) {
    if (settled.has(file)) continue
    const cycle = shortestCycle(graph, file)
    if (!cycle) continue
    cycles.push(cycle)
    for (const member of knotOf(graph, file)) settled.add(member)
  }
  return cycles
}

function shortestCycle(graph: Graph, start: string): string[] | undefined {
  const cameFrom = new Map<string, string>()
  const queue = [start]
  for (const file of queue) {
    for (const next of graph.get(file) ?? []) {
      if (next === start) return pathTo(file, cameFrom)
      if (cameFrom.has(next)) continue
      cameFrom.set(next, file)
      queue.push(next)
    }
  }
  return undefined
}

function pathTo(end: string, cameFrom: ReadonlyMap<string, string>): string[] {
  const path = [end]
  for (let file = cameFrom.get(end); file !== undefined; file = cameFrom.get(file)) path.unshift(file)
  return path
}

function knotOf(graph: Graph, file: string): string[] {
  return [...reachable(graph, file)].filter((other) => reachable(graph, other).has(file))
}

function reachable(graph: Graph, start: string): Set<string> {
  const seen = new Set([start])
  for (const file of seen) for (const next of graph.get(file) ?? []) seen.add(next)
  return seen
}
