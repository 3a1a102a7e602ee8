import type { Service } from '../contract/operation.ts';
import { type ComplexType, isComplex, type SimpleType } from '../contract/schema-types.ts';

/** Every complex type that a service's messages can hold, by namespace. */
export function collectTypes(service: Service): ReadonlyMap<string, readonly ComplexType[]> {
  const found = new Set<ComplexType>();
  const visit = (type: SimpleType | ComplexType): void => {
    if (!isComplex(type) || found.has(type)) return;
    found.add(type);
    if (type.base !== undefined) visit(type.base);
    for (const field of type.fields) visit(field.type);
  };
  for (const { parameters, returns } of service.operations) {
    for (const parameter of parameters) visit(parameter.type);
    if (returns !== undefined) visit(returns.type);
  }
  visit(service.fault.type);
  const byNamespace = new Map<string, ComplexType[]>();
  for (const type of found) byNamespace.set(type.namespace, [...(byNamespace.get(type.namespace) ?? []), type]);
  return byNamespace;
}
