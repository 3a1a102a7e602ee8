/** Simple types of XML Schema that WSO2's messages use. */
export type SimpleType = 'string' | 'boolean' | 'int' | 'long' | 'date' | 'base64Binary';

/** One element of a sequence. Every one may be left out (`minOccurs="0"`), as in WSO2's own descriptions. */
export interface Field {
  readonly name: string;
  readonly type: SimpleType | ComplexType;
  /** Any number of elements of this name: how an array is written. */
  readonly repeated?: boolean;
}

export interface ComplexType {
  readonly namespace: string;
  readonly name: string;
  /** The type that this one extends. */
  readonly base?: ComplexType;
  /** In the order of the sequence, without those of the base. */
  readonly fields: readonly Field[];
}

export const isComplex = (type: SimpleType | ComplexType): type is ComplexType => typeof type === 'object';

/** What an operation answers with: elements of a complex type are objects by the names of its fields. */
export type SoapValue =
  | string
  | number
  | boolean
  | undefined
  | readonly SoapValue[]
  | { readonly [field: string]: SoapValue };

export const text = (name: string): Field => ({ name, type: 'string' });
export const texts = (name: string): Field => ({ name, type: 'string', repeated: true });
export const flag = (name: string): Field => ({ name, type: 'boolean' });
export const bytes = (name: string): Field => ({ name, type: 'base64Binary' });
export const whole = (name: string): Field => ({ name, type: 'int' });
