import type { ChangeId } from '../domain/ids.ts';

/** A version of a resource that lies beneath the current one, kept in its document so that one write can restore it. */
export interface EarlierVersion {
  readonly version: number;
  /** The change that wrote it. */
  readonly change: ChangeId;
  readonly lastModified: string;
  readonly r: unknown;
  readonly k: unknown;
  readonly uniq: readonly string[];
  readonly password?: string;
  /** Changes that are compensated while this version lies on top of them: they go together with it. */
  readonly compensated?: readonly ChangeId[];
  /** What stood before it, while its own change can still be compensated. */
  readonly previous?: EarlierVersion;
}

/** What a resource's document says of its versions. */
export interface Versioned {
  readonly version: number;
  /** Who wrote the document last: a change, or what restored it. */
  readonly change: string;
  /** The change whose version stands, where it was restored from beneath another one. */
  readonly restored?: string;
  /** The change that nothing stood before: compensating it leaves nothing. */
  readonly createdBy?: string;
  readonly compensated?: readonly ChangeId[];
  readonly lastModified: string;
  readonly r: unknown;
  readonly k: unknown;
  readonly uniq?: readonly string[];
  readonly password?: string;
  readonly previous?: EarlierVersion;
  /** As releases before 0.2 wrote it: `by` restored the version that `create` began with. */
  readonly begun?: { readonly create: ChangeId; readonly by: ChangeId };
}

/** Versions kept beneath the current one. A change that lies deeper can no longer be taken out. */
export const MOST_EARLIER_VERSIONS = 20;

/** The change whose version stands. */
export const standingChange = (document: Pick<Versioned, 'change' | 'restored' | 'begun'>): ChangeId =>
  (document.restored ??
    (document.begun?.by === document.change ? document.begun.create : undefined) ??
    document.change) as ChangeId;

/** The change that nothing stood before; undefined where an older release did not keep it and it cannot be told. */
export function creationOf(
  document: Pick<Versioned, 'change' | 'createdBy' | 'begun' | 'previous'>,
): ChangeId | undefined {
  const { createdBy, begun, previous, change } = document;
  if (createdBy !== undefined) return createdBy as ChangeId;
  if (begun !== undefined) return begun.create;
  if (previous === undefined) return change as ChangeId;
  return previous.version === 1 ? previous.change : undefined;
}

/** @param keepsEarlier the change whose version stands may still be compensated, so what stood before it is kept, too */
export function asEarlierVersion(document: Versioned, keepsEarlier: boolean): EarlierVersion {
  const { compensated, previous } = document;
  const kept = keepsEarlier && previous !== undefined ? limited(previous, MOST_EARLIER_VERSIONS - 1) : undefined;
  return {
    version: document.version,
    change: standingChange(document),
    lastModified: document.lastModified,
    r: document.r,
    k: document.k,
    uniq: document.uniq ?? [],
    ...(document.password === undefined ? {} : { password: document.password }),
    ...(compensated === undefined ? {} : { compensated }),
    ...(kept === undefined ? {} : { previous: kept }),
  };
}

/** The changes of a version and of those that are kept beneath it. */
export function changesOf({ change, previous }: Pick<EarlierVersion, 'change' | 'previous'>): ChangeId[] {
  return [change, ...(previous === undefined ? [] : changesOf(previous))];
}

function limited(version: EarlierVersion, most: number): EarlierVersion | undefined {
  if (most === 0) return undefined;
  const { previous, ...rest } = version;
  const kept = previous === undefined ? undefined : limited(previous, most - 1);
  return kept === undefined ? rest : { ...rest, previous: kept };
}

/** What compensating a change means for the document. */
export type Compensation =
  /** Nothing stood before it. */
  | { readonly kind: 'erase' }
  /** `before` stands again. */
  | { readonly kind: 'restore'; readonly before: EarlierVersion }
  /** Later changes lie on top of it: their version stays, and its own is taken out from beneath them. */
  | { readonly kind: 'take-out'; readonly fields: TakenOut }
  /** It lies too deep, or was taken out before. */
  | { readonly kind: 'none' };

/** Fields of the document that taking out a version beneath sets; undefined ones are removed. */
export interface TakenOut {
  readonly previous: EarlierVersion | undefined;
  readonly compensated: readonly ChangeId[] | undefined;
  readonly createdBy: ChangeId | undefined;
}

export function compensationOf(document: Versioned, change: ChangeId): Compensation {
  const creation = creationOf(document);
  if (standingChange(document) === change) {
    if (creation === change) return { kind: 'erase' };
    return document.previous === undefined ? { kind: 'none' } : { kind: 'restore', before: document.previous };
  }
  const top: Link = {
    change: standingChange(document),
    compensated: document.compensated,
    previous: document.previous,
  };
  const taken = takeOut(top, change);
  if (taken === undefined) return { kind: 'none' };
  const { version, above } = taken;
  // What lies on nothing is what the resource begins with.
  const createdBy = creation === change ? above : creation;
  return { kind: 'take-out', fields: { previous: version.previous, compensated: version.compensated, createdBy } };
}

/** One version in the chain, the current one included. */
interface Link {
  readonly change: ChangeId;
  readonly compensated?: readonly ChangeId[] | undefined;
  readonly previous?: EarlierVersion | undefined;
}

/** @returns the same chain without the version of `change`, and the change right above it */
function takeOut<T extends Link>(
  version: T,
  change: ChangeId,
): { readonly version: T; readonly above: ChangeId } | undefined {
  const { previous } = version;
  if (previous === undefined) return undefined;
  if (previous.change === change) {
    const { previous: _previous, compensated: _compensated, ...rest } = version;
    const compensated = [...(version.compensated ?? []), change, ...(previous.compensated ?? [])];
    const beneath = previous.previous === undefined ? {} : { previous: previous.previous };
    return { version: { ...rest, compensated, ...beneath } as unknown as T, above: version.change };
  }
  const deeper = takeOut(previous, change);
  return deeper && { version: { ...version, previous: deeper.version }, above: deeper.above };
}
