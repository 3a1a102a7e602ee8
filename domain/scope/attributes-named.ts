import type { ASTNode } from '@marcbachmann/cel-js';
import type { ResourceTypeDefinition } from '../scim/schema/definition.ts';
import { findCoreAttribute, findExtension } from '../scim/schema/find-attribute.ts';
import { partsOf } from './expression-syntax.ts';

/**
 * Looks for an attribute that the resource type does not have: an expression with a misspelt one would be false for
 * everybody, and take everybody's accounts away.
 *
 * @returns what is wrong, in words
 */
export function unknownAttribute(node: ASTNode, type: ResourceTypeDefinition): string | undefined {
  const name = attributeOfResource(node);
  const fault = name === undefined ? undefined : faultOf(name, type);
  if (fault !== undefined) return fault;
  for (const part of node.op === 'call' ? node.args[1] : partsOf(node)) {
    const found = unknownAttribute(part, type);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** `resource.name` and `resource["urn:…"]`. */
export function attributeOfResource(node: ASTNode): string | undefined {
  if (node.op === '.' && isResource(node.args[0])) return node.args[1];
  if (node.op !== '[]' || !isResource(node.args[0])) return undefined;
  const [, key] = node.args;
  return key.op === 'value' && typeof key.args === 'string' ? key.args : undefined;
}

export const isResource = (node: ASTNode): boolean => node.op === 'id' && node.args === 'resource';

/** What the server computes or keeps to itself, and so is no part of what an expression sees. */
const NOT_SEEN = new Set(['meta', 'id', 'password', 'groups', 'members']);

function faultOf(name: string, type: ResourceTypeDefinition): string | undefined {
  if (NOT_SEEN.has(name)) return `resource.${name} is not seen here; use ${insteadOf(name)}.`;
  const known = name.includes(':') ? findExtension(type, name)?.id : findCoreAttribute(type, name)?.name;
  if (known === undefined) return `A ${type.name} has no attribute ${name}.`;
  return known === name ? undefined : `The attribute is spelt ${known}, not ${name}.`;
}

const insteadOf = (name: string): string => (name === 'id' || name === 'groups' ? name : 'another attribute');
