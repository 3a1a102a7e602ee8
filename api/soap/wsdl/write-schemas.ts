import type { XmlOutput } from '../../xml/write-xml.ts';
import type { OperationContract, Service } from '../contract/operation.ts';
import { type ComplexType, type Field, isComplex, type SimpleType } from '../contract/schema-types.ts';
import { collectTypes } from './collect-types.ts';

/** A prefix for each namespace of a description. */
export type Prefixes = ReadonlyMap<string, string>;

export function prefixesOf(service: Service): Prefixes {
  const prefixes = new Map<string, string>();
  prefixes.set(service.namespace, 'tns');
  for (const namespace of [service.elements, ...collectTypes(service).keys()])
    if (!prefixes.has(namespace)) prefixes.set(namespace, `ns${prefixes.size}`);
  return prefixes;
}

/** The schemas of a service: one a namespace, the one of its messages' elements among them. */
export function writeSchemas(service: Service, prefixes: Prefixes): readonly XmlOutput[] {
  const types = collectTypes(service);
  const namespaces = [...new Set([service.elements, ...types.keys()])];
  return namespaces.map((namespace) => ({
    name: 'xs:schema',
    attributes: { targetNamespace: namespace, elementFormDefault: 'qualified', attributeFormDefault: 'qualified' },
    content: [
      // One for each other namespace: more than are needed, and no harm.
      ...namespaces
        .filter((other) => other !== namespace)
        .map((other): XmlOutput => ({ name: 'xs:import', attributes: { namespace: other }, content: [] })),
      ...(types.get(namespace) ?? []).map((type) => writeType(type, prefixes)),
      ...(namespace === service.elements ? messageElements(service, prefixes) : []),
    ],
  }));
}

function messageElements(service: Service, prefixes: Prefixes): readonly XmlOutput[] {
  const { fault } = service;
  return [
    element(fault.element, [{ name: fault.type.name, type: fault.type }], prefixes),
    ...service.operations.flatMap((operation) => [
      element(operation.name, operation.parameters, prefixes),
      ...responseFields(operation, service).map((fields) => element(`${operation.name}Response`, fields, prefixes)),
    ]),
  ];
}

/** Nothing, or the fields of the one response element. */
function responseFields({ returns }: OperationContract, { voidAnswer }: Service): readonly (readonly Field[])[] {
  if (returns !== undefined) return [[{ name: 'return', ...returns }]];
  return voidAnswer === 'true' ? [[{ name: 'return', type: 'boolean' }]] : [];
}

const element = (name: string, fields: readonly Field[], prefixes: Prefixes): XmlOutput => ({
  name: 'xs:element',
  attributes: { name },
  content: [{ name: 'xs:complexType', content: [sequence(fields, prefixes)] }],
});

function writeType({ name, base, fields }: ComplexType, prefixes: Prefixes): XmlOutput {
  const content = sequence(fields, prefixes);
  if (base === undefined) return { name: 'xs:complexType', attributes: { name }, content: [content] };
  const extension: XmlOutput = {
    name: 'xs:extension',
    attributes: { base: nameOf(base, prefixes) },
    content: [content],
  };
  return {
    name: 'xs:complexType',
    attributes: { name },
    content: [{ name: 'xs:complexContent', content: [extension] }],
  };
}

const sequence = (fields: readonly Field[], prefixes: Prefixes): XmlOutput => ({
  name: 'xs:sequence',
  content: fields.map(({ name, type, repeated }) => ({
    name: 'xs:element',
    attributes: {
      name,
      type: nameOf(type, prefixes),
      minOccurs: '0',
      ...(repeated === true ? { maxOccurs: 'unbounded' } : {}),
      // As Axis2 has it: what is a Java primitive cannot be nil.
      ...(isPrimitive(type) ? {} : { nillable: 'true' }),
    },
    content: [],
  })),
});

const isPrimitive = (type: SimpleType | ComplexType): boolean =>
  type === 'boolean' || type === 'int' || type === 'long';

const nameOf = (type: SimpleType | ComplexType, prefixes: Prefixes): string =>
  isComplex(type) ? `${prefixes.get(type.namespace) ?? ''}:${type.name}` : `xs:${type}`;
