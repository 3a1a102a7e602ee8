import { Connection } from '@temporalio/client';
import proto from '@temporalio/proto';

const { IndexedValueType } = proto.temporal.api.enums.v1;

const TYPES = {
  Bool: IndexedValueType.INDEXED_VALUE_TYPE_BOOL,
  Datetime: IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
  Double: IndexedValueType.INDEXED_VALUE_TYPE_DOUBLE,
  Int: IndexedValueType.INDEXED_VALUE_TYPE_INT,
  Keyword: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
  KeywordList: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST,
  Text: IndexedValueType.INDEXED_VALUE_TYPE_TEXT,
} as const;

export type SearchAttributeType = keyof typeof TYPES;
export type SearchAttributes = Readonly<Record<string, SearchAttributeType>>;

const namespace = 'default';

/**
 * Adds the attributes that the namespace lacks. The development server takes `--search-attribute` to heart only when
 * it makes its database: data from an older release of Provost would be without the newer ones.
 */
export async function addMissingSearchAttributes(address: string, wanted: SearchAttributes): Promise<void> {
  const connection = await Connection.connect({ address });
  try {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    const missing = Object.entries(wanted).filter(([name]) => !(name in (customAttributes ?? {})));
    if (missing.length === 0) return;
    const searchAttributes = Object.fromEntries(missing.map(([name, type]) => [name, TYPES[type]]));
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
  } finally {
    await connection.close();
  }
}
