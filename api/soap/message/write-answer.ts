import { writeXml, type XmlOutput } from '../../xml/write-xml.ts';
import type { OperationContract, Service } from '../contract/operation.ts';
import { type ComplexType, type Field, isComplex, type SimpleType, type SoapValue } from '../contract/schema-types.ts';
import { SOAP, type SoapVersion } from './envelope.ts';

const SCHEMA_INSTANCE = 'http://www.w3.org/2001/XMLSchema-instance';

/** The envelope of what an operation returned. */
export function writeAnswer(
  version: SoapVersion,
  service: Service,
  operation: OperationContract,
  value: SoapValue,
): string {
  const returns = operation.returns ?? { type: 'boolean' as const };
  const content: XmlOutput = {
    name: `ns:${operation.name}Response`,
    attributes: { 'xmlns:ns': service.elements },
    content: writeField({ name: 'return', ...returns }, value, 'ns'),
  };
  return writeEnvelope(version, content);
}

export const writeEnvelope = (version: SoapVersion, content: XmlOutput): string =>
  writeXml({
    name: 'soapenv:Envelope',
    attributes: { 'xmlns:soapenv': SOAP[version].namespace, 'xmlns:xsi': SCHEMA_INSTANCE },
    content: [{ name: 'soapenv:Body', content: [content] }],
  });

function writeField({ name, type, repeated }: Field, value: SoapValue, prefix: string): readonly XmlOutput[] {
  if (repeated !== true) return value === undefined ? [] : [writeValue(`${prefix}:${name}`, type, value)];
  return (Array.isArray(value) ? value : []).map((item) => writeValue(`${prefix}:${name}`, type, item));
}

function writeValue(name: string, type: SimpleType | ComplexType, value: SoapValue): XmlOutput {
  if (!isComplex(type)) return { name, content: String(value) };
  const held = (value ?? {}) as Readonly<Record<string, SoapValue>>;
  return {
    name,
    // The type that Axis2 writes too; some clients build their objects by it.
    attributes: {
      'xmlns:ax': type.namespace,
      ...(type.base === undefined ? {} : { 'xmlns:base': type.base.namespace }),
      'xsi:type': `ax:${type.name}`,
    },
    // Elements are in the namespace of the type that declares them; the base's come first.
    content: [...writeFields(type.base, held, 'base'), ...writeFields(type, held, 'ax')],
  };
}

const writeFields = (
  type: ComplexType | undefined,
  held: Readonly<Record<string, SoapValue>>,
  prefix: string,
): readonly XmlOutput[] => (type?.fields ?? []).flatMap((field) => writeField(field, held[field.name], prefix));
