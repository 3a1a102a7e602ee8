/**
 * What one value of a multi-valued attribute is called in SCIM 1.1's schemas and in XML: `emails` has `email` in it,
 * `addresses` has `address`.
 */
export function singularName(name: string): string {
  if (/sses$/i.test(name)) return name.slice(0, -2);
  if (/ies$/i.test(name)) return `${name.slice(0, -3)}y`;
  return /[^s]s$/i.test(name) ? name.slice(0, -1) : 'value';
}
