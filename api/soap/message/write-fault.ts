import type { ProvostError } from '../../../domain/errors.ts';
import type { XmlOutput } from '../../xml/write-xml.ts';
import type { Service } from '../contract/operation.ts';
import { NotUnderstood, SOAP, type SoapVersion } from './envelope.ts';
import { writeEnvelope } from './write-answer.ts';

/** Whose fault it is: the client's message or credentials, or what the operation found. */
type Side = 'client' | 'server';

export interface Fault {
  readonly error: ProvostError;
  /** Of the service's own exception; absent where there is no service, or its operation did not begin. */
  readonly service: Service | undefined;
}

/** A SOAP fault (SOAP 1.1 §4.4, SOAP 1.2 part 1 §5.4). Its detail is what the service's description declares. */
export function writeFault(version: SoapVersion, { error, service }: Fault): string {
  const detail = service === undefined ? [] : [detailOf(service, error.message)];
  return writeEnvelope(version, version === '1.1' ? fault11(error, detail) : fault12(error, detail));
}

const fault11 = (error: ProvostError, detail: readonly XmlOutput[]): XmlOutput => ({
  name: 'soapenv:Fault',
  content: [
    // These have no namespace in 1.1.
    { name: 'faultcode', content: `soapenv:${codeOf(error, '1.1')}` },
    { name: 'faultstring', content: error.message },
    ...(detail.length === 0 ? [] : [{ name: 'detail', content: detail }]),
  ],
});

const fault12 = (error: ProvostError, detail: readonly XmlOutput[]): XmlOutput => ({
  name: 'soapenv:Fault',
  content: [
    { name: 'soapenv:Code', content: [{ name: 'soapenv:Value', content: `soapenv:${codeOf(error, '1.2')}` }] },
    {
      name: 'soapenv:Reason',
      content: [{ name: 'soapenv:Text', attributes: { 'xml:lang': 'en' }, content: error.message }],
    },
    ...(detail.length === 0 ? [] : [{ name: 'soapenv:Detail', content: detail }]),
  ],
});

function codeOf(error: ProvostError, version: SoapVersion): string {
  if (error instanceof NotUnderstood) return 'MustUnderstand';
  const names = { '1.1': { client: 'Client', server: 'Server' }, '1.2': { client: 'Sender', server: 'Receiver' } };
  return names[version][sideOf(error)];
}

/** WSO2 says `Server` of everything that its store refuses, and so do we. */
function sideOf({ code }: ProvostError): Side {
  switch (code) {
    case 'INVALID_SYNTAX':
    case 'UNAUTHENTICATED':
    case 'FORBIDDEN':
    case 'CLIENT_THROTTLED':
    case 'TOO_LARGE':
    case 'UNSUPPORTED_MEDIA_TYPE':
    case 'METHOD_NOT_ALLOWED':
      return 'client';
    default:
      return 'server';
  }
}

function detailOf({ elements, fault }: Service, message: string): XmlOutput {
  const { type } = fault;
  const says = type.fields.some(({ name }) => name === 'message');
  return {
    name: `ns:${fault.element}`,
    attributes: { 'xmlns:ns': elements },
    content: [
      {
        name: `ns:${type.name}`,
        attributes: { 'xmlns:ax': type.namespace },
        content: says ? [{ name: 'ax:message', content: message }] : [],
      },
    ],
  };
}

/**
 * What is refused before the operation runs keeps its HTTP status, for proxies and for clients that look no further;
 * every other fault is 500, as SOAP has it.
 */
export function faultStatus({ error, service }: Fault): number {
  const { code, traits } = error;
  switch (code) {
    case 'NOT_FOUND':
      return service === undefined ? traits.status : 500; // the service itself, or something in it

    case 'UNAUTHENTICATED':
    case 'FORBIDDEN':
    case 'CLIENT_THROTTLED':
    case 'TOO_LARGE':
    case 'UNSUPPORTED_MEDIA_TYPE':
    case 'METHOD_NOT_ALLOWED':
      return traits.status;
    default:
      return 500;
  }
}

export const mediaTypeOf = (version: SoapVersion): string => `${SOAP[version].mediaType}; charset=utf-8`;
