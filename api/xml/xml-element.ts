/** An element of an XML document, its names resolved (Namespaces in XML 1.0). */
export interface XmlElement {
  /** Without prefix. */
  readonly name: string;
  /** Namespace's URI; empty where it has none. */
  readonly namespace: string;
  readonly attributes: readonly XmlAttribute[];
  readonly children: readonly XmlElement[];
  /** All character data directly in it, entities decoded, as it was written: whitespace is kept. */
  readonly text: string;
}

export interface XmlAttribute {
  readonly name: string;
  /** Empty where the attribute has no prefix: the default namespace is not for attributes. */
  readonly namespace: string;
  readonly value: string;
}

/** The value of an attribute. @returns undefined where the element has none of that name */
export const xmlAttribute = (element: XmlElement, name: string, namespace = ''): string | undefined =>
  element.attributes.find((attribute) => attribute.name === name && attribute.namespace === namespace)?.value;

/** Children of that local name, in any namespace. */
export const xmlChildren = (element: XmlElement, name: string): readonly XmlElement[] =>
  element.children.filter((child) => child.name === name);
