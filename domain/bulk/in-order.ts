/**
 * Puts operations into an order in which each comes after those it needs, and otherwise stays where it was. Operations
 * that need each other in a circle come together.
 *
 * Tarjan's algorithm for strongly connected components, which yields them in just this order; without recursion, since
 * a chain of references may be as long as the request.
 *
 * @param needs for each operation the indexes of those it needs
 * @returns every index once: alone, or with the others of its circle, in rising order
 */
export function inOrder(needs: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const order: number[][] = [];
  const indexOf: (number | undefined)[] = needs.map(() => undefined);
  const lowOf: number[] = needs.map(() => 0);
  const open = new Set<number>();
  const stack: number[] = [];
  let next = 0;

  for (const root of needs.keys()) {
    if (indexOf[root] !== undefined) continue;
    const visits = [enter(root)];
    for (let visit = visits.at(-1); visit !== undefined; visit = visits.at(-1)) {
      const { node, edges } = visit;
      const edge = edges.next();
      if (!edge.done) {
        const other = edge.value;
        const seen = indexOf[other];
        if (seen === undefined) visits.push(enter(other));
        else if (open.has(other)) lower(node, seen);
        continue;
      }
      visits.pop();
      const parent = visits.at(-1);
      if (parent !== undefined) lower(parent.node, lowOf[node] ?? 0);
      if (lowOf[node] === indexOf[node]) order.push(leave(node));
    }
  }
  return order;

  function enter(node: number) {
    indexOf[node] = next;
    lowOf[node] = next;
    next += 1;
    stack.push(node);
    open.add(node);
    return { node, edges: (needs[node] ?? []).values() };
  }

  function lower(node: number, to: number): void {
    lowOf[node] = Math.min(lowOf[node] ?? to, to);
  }

  function leave(node: number): number[] {
    const circle = stack.splice(stack.lastIndexOf(node));
    for (const member of circle) open.delete(member);
    return circle.sort((a, b) => a - b);
  }
}
