import type { ASTNode } from '@marcbachmann/cel-js';
import { attributeOfResource, isResource } from './attributes-named.ts';
import { checkedExpression } from './compile-expression.ts';
import { partsOf } from './expression-syntax.ts';

/** Attributes of the resource that an expression looks at; `all` where that cannot be told from its text. */
export function attributesRead(text: string): ReadonlySet<string> | 'all' {
  const names = new Set<string>();
  try {
    return readsOnlyNamed(checkedExpression(text, { reader: 'it' }).ast, names) ? names : 'all';
  } catch {
    return 'all';
  }
}

function readsOnlyNamed(node: ASTNode, names: Set<string>): boolean {
  const name = attributeOfResource(node);
  if (name !== undefined) {
    names.add(name);
    return true;
  }
  // The resource as a whole, or by a name that is computed.
  if (isResource(node)) return false;
  const parts = node.op === 'call' ? node.args[1] : partsOf(node);
  return parts.every((part) => readsOnlyNamed(part, names));
}
