import type { ServiceProvider } from '../../domain/policy.ts';
import type { Mode } from '../../domain/scim/mode.ts';
import type { ChangeRecord } from '../../stores/changes.ts';

/** What `strict` asks of clients is SCIM 2.0's: a PATCH of SCIM 1.1 or a SOAP call was put into its words by us. */
export const patchMode = ({ source }: ChangeRecord, { conformance }: ServiceProvider): Mode =>
  source === 'scim1' || source === 'soap' ? 'tolerant' : conformance;
