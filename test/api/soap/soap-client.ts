import { readXml } from '../../../api/xml/read-xml.ts';
import { escapeXml } from '../../../api/xml/write-xml.ts';
import type { XmlElement } from '../../../api/xml/xml-element.ts';

export const ENVELOPE = {
  '1.1': 'http://schemas.xmlsoap.org/soap/envelope/',
  '1.2': 'http://www.w3.org/2003/05/soap-envelope',
} as const;

export const SER = 'http://service.ws.um.carbon.wso2.org';
export const AXIS = 'http://org.apache.axis2/xsd';
const COMMON = 'http://common.mgt.user.carbon.wso2.org/xsd';

export interface SoapReply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Texts of the `return` elements. */
  readonly returns: readonly string[];
  /** What a fault says, in either version. */
  readonly fault:
    | { readonly code: string; readonly reason: string; readonly detail: XmlElement | undefined }
    | undefined;
}

/** A text for one element, several for repeated ones, `[uri, value]` pairs for claims. */
export type Parameter = string | readonly string[] | { readonly claims: readonly (readonly [string, string])[] };

export interface SendOptions {
  readonly service?: string;
  readonly namespace?: string;
  readonly version?: '1.1' | '1.2';
  readonly headers?: Readonly<Record<string, string>>;
}

/** Writes what WSO2's documentation shows, without any SOAP library, and reads the answer. */
export function soapClient(url: string, authorization: string | undefined) {
  return async function call(
    operation: string,
    parameters: Readonly<Record<string, Parameter>> = {},
    { service = 'RemoteUserStoreManagerService', namespace = SER, version = '1.1', headers = {} }: SendOptions = {},
  ): Promise<SoapReply> {
    const body = Object.entries(parameters)
      .map(([name, value]) => writeParameter(name, value))
      .join('');
    const envelope = `<s:Envelope xmlns:s="${ENVELOPE[version]}"><s:Header/><s:Body><ser:${operation} xmlns:ser="${namespace}" xmlns:cv="${COMMON}">${body}</ser:${operation}></s:Body></s:Envelope>`;
    return sendXml(`${url}/services/${service}`, envelope, {
      'content-type': version === '1.1' ? 'text/xml; charset=utf-8' : 'application/soap+xml; charset=utf-8',
      ...(version === '1.1' ? { soapaction: `"urn:${operation}"` } : {}),
      ...(authorization === undefined ? {} : { authorization }),
      ...headers,
    });
  };
}

export async function sendXml(
  url: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Readonly<Record<string, string>>,
): Promise<SoapReply> {
  const response = await fetch(url, { method: 'POST', headers, body });
  const text = await response.text();
  const root = text === '' ? undefined : readXml(text);
  const content = root?.children.find(({ name }) => name === 'Body')?.children[0];
  return {
    status: response.status,
    headers: response.headers,
    text,
    returns: (content?.children ?? []).filter(({ name }) => name === 'return').map((element) => element.text),
    fault: content?.name === 'Fault' ? readFault(content) : undefined,
  };
}

function readFault(fault: XmlElement): NonNullable<SoapReply['fault']> {
  const child = (element: XmlElement | undefined, name: string): XmlElement | undefined =>
    element?.children.find((other) => other.name === name);
  return {
    code: child(fault, 'faultcode')?.text ?? child(child(fault, 'Code'), 'Value')?.text ?? '',
    reason: child(fault, 'faultstring')?.text ?? child(child(fault, 'Reason'), 'Text')?.text ?? '',
    detail: (child(fault, 'detail') ?? child(fault, 'Detail'))?.children[0],
  };
}

function writeParameter(name: string, value: Parameter): string {
  if (typeof value === 'string') return `<ser:${name}>${escapeXml(value)}</ser:${name}>`;
  if (!('claims' in value)) return value.map((one) => writeParameter(name, one)).join('');
  return value.claims
    .map(
      ([uri, text]) =>
        `<ser:${name}><cv:claimURI>${uri}</cv:claimURI><cv:value>${escapeXml(text)}</cv:value></ser:${name}>`,
    )
    .join('');
}
