type Assembly = { id: string; kitComponents: unknown };
type Component = { part: string; quantity: number };

/** Parts and how many of each, assemblies inside assemblies taken apart. */
export function explode(id: string, assemblies: Assembly[], times = 1): Record<string, number> {
  const found = assemblies.find((assembly) => assembly.id === id);
  if (!found) return { [id]: times };
  const total: Record<string, number> = {};
  for (const { part, quantity } of (found.kitComponents ?? []) as Component[]) {
    for (const [name, count] of Object.entries(explode(part, assemblies, times * quantity))) {
      total[name] = (total[name] ?? 0) + count;
    }
  }
  return total;
}
