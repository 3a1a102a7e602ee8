import { writeXml, type XmlOutput } from '../../xml/write-xml.ts';
import type { OperationContract, Service } from '../contract/operation.ts';
import { prefixesOf, writeSchemas } from './write-schemas.ts';

/** What the two bindings differ in. */
const BINDINGS = [
  { version: '11', prefix: 'soap', namespace: 'http://schemas.xmlsoap.org/wsdl/soap/' },
  { version: '12', prefix: 'soap12', namespace: 'http://schemas.xmlsoap.org/wsdl/soap12/' },
] as const;

type Binding = (typeof BINDINGS)[number];

/**
 * The WSDL 1.1 description of a service: names, order, types and bindings as WSO2's own description has them, so that a
 * client generated from either talks to both.
 *
 * @param address URL of the service, `https://…/services/RemoteUserStoreManagerService`
 */
export function writeWsdl(service: Service, address: string): string {
  const prefixes = prefixesOf(service);
  return writeXml({
    name: 'wsdl:definitions',
    attributes: {
      'xmlns:wsdl': 'http://schemas.xmlsoap.org/wsdl/',
      'xmlns:xs': 'http://www.w3.org/2001/XMLSchema',
      'xmlns:wsaw': 'http://www.w3.org/2006/05/addressing/wsdl',
      ...Object.fromEntries(BINDINGS.map(({ prefix, namespace }) => [`xmlns:${prefix}`, namespace])),
      ...Object.fromEntries([...prefixes].map(([namespace, prefix]) => [`xmlns:${prefix}`, namespace])),
      targetNamespace: service.namespace,
    },
    content: [
      { name: 'wsdl:documentation', content: service.name },
      { name: 'wsdl:types', content: writeSchemas(service, prefixes) },
      ...messages(service, prefixes.get(service.elements) ?? ''),
      portType(service),
      ...BINDINGS.map((binding) => writeBinding(service, binding)),
      ports(service, address),
    ],
  });
}

function messages(service: Service, elements: string): readonly XmlOutput[] {
  const message = (name: string, element: string | undefined): XmlOutput => ({
    name: 'wsdl:message',
    attributes: { name },
    content:
      element === undefined
        ? []
        : [{ name: 'wsdl:part', attributes: { name: 'parameters', element: `${elements}:${element}` }, content: [] }],
  });
  return [
    message(service.fault.element, service.fault.element),
    ...service.operations.flatMap((operation) => [
      message(`${operation.name}Request`, operation.name),
      message(`${operation.name}Response`, answers(operation, service) ? `${operation.name}Response` : undefined),
    ]),
  ];
}

/** An operation without an answer has an output message without a part. */
const answers = ({ returns }: OperationContract, { voidAnswer }: Service): boolean =>
  returns !== undefined || voidAnswer === 'true';

function portType(service: Service): XmlOutput {
  const { element } = service.fault;
  const part = (kind: string, message: string, action: string, more: Readonly<Record<string, string>> = {}) => ({
    name: `wsdl:${kind}`,
    attributes: { message: `tns:${message}`, ...more, 'wsaw:Action': action },
    content: [],
  });
  return {
    name: 'wsdl:portType',
    attributes: { name: `${service.name}PortType` },
    content: service.operations.map(({ name }) => ({
      name: 'wsdl:operation',
      attributes: { name },
      content: [
        part('input', `${name}Request`, `urn:${name}`),
        part('output', `${name}Response`, `urn:${name}Response`),
        part('fault', element, `urn:${name}${element}`, { name: element }),
      ],
    })),
  };
}

function writeBinding(service: Service, { version, prefix }: Binding): XmlOutput {
  const body: XmlOutput = { name: `${prefix}:body`, attributes: { use: 'literal' }, content: [] };
  const name = service.fault.element;
  return {
    name: 'wsdl:binding',
    attributes: { name: `${service.name}Soap${version}Binding`, type: `tns:${service.name}PortType` },
    content: [
      {
        name: `${prefix}:binding`,
        attributes: { transport: 'http://schemas.xmlsoap.org/soap/http', style: 'document' },
        content: [],
      },
      ...service.operations.map((operation) => ({
        name: 'wsdl:operation',
        attributes: { name: operation.name },
        content: [
          {
            name: `${prefix}:operation`,
            attributes: { soapAction: `urn:${operation.name}`, style: 'document' },
            content: [],
          },
          { name: 'wsdl:input', content: [body] },
          { name: 'wsdl:output', content: [body] },
          {
            name: 'wsdl:fault',
            attributes: { name },
            content: [{ name: `${prefix}:fault`, attributes: { use: 'literal', name }, content: [] }],
          },
        ],
      })),
    ],
  };
}

const ports = (service: Service, address: string): XmlOutput => ({
  name: 'wsdl:service',
  attributes: { name: service.name },
  content: BINDINGS.map(({ version, prefix }) => {
    const name = `${service.name}HttpsSoap${version}Endpoint`;
    return {
      name: 'wsdl:port',
      attributes: { name, binding: `tns:${service.name}Soap${version}Binding` },
      content: [{ name: `${prefix}:address`, attributes: { location: `${address}.${name}/` }, content: [] }],
    };
  }),
});
