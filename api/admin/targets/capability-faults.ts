import { type Capabilities, isCapable } from '../../../domain/capabilities.ts';
import { deprovisionOf, type Target } from '../../../domain/policy.ts';

interface Fault {
  readonly path: string;
  readonly message: string;
}

type Wanted = Pick<Target, 'resourceTypes' | 'deprovision'> &
  Partial<Pick<Target, 'deprovisionGroups' | 'deleteAfterDays'>>;

/** What a target is configured to do and cannot, as its connector and settings say. Defaults count like what is given. */
export function capabilityFaults(wanted: Wanted, capabilities: Capabilities): Fault[] {
  return wanted.resourceTypes.flatMap((type, index) => {
    if (!isCapable(capabilities, type))
      return [{ path: `resourceTypes[${index}]`, message: `The target has no accounts of the type ${type}.` }];
    return [...deprovisionFaults(wanted, type, capabilities), ...graceFaults(wanted, type, capabilities)];
  });
}

function deprovisionFaults(wanted: Wanted, type: string, capabilities: Capabilities): Fault[] {
  const how = deprovisionOf(wanted, type);
  if (how === 'leave' || isCapable(capabilities, type, how)) return [];
  if (type === 'Group') {
    const what = how === 'disable' ? 'change who is in a group' : 'delete groups';
    return [
      { path: 'deprovisionGroups', message: `The target cannot ${what}. ${othersThan(how, type, capabilities)}` },
    ];
  }
  return [
    { path: 'deprovision', message: `The target cannot ${how} accounts. ${othersThan(how, type, capabilities)}` },
  ];
}

function othersThan(how: 'disable' | 'delete', type: string, capabilities: Capabilities): string {
  const other = how === 'disable' ? 'delete' : 'disable';
  const name = other === 'disable' && type === 'Group' ? 'empty' : other;
  return isCapable(capabilities, type, other) ? `Use \`${name}\` or \`leave\`.` : 'Use `leave`.';
}

function graceFaults(wanted: Wanted, type: string, capabilities: Capabilities): Fault[] {
  if (wanted.deleteAfterDays === undefined || deprovisionOf(wanted, type) !== 'disable') return [];
  if (isCapable(capabilities, type, 'delete')) return [];
  return [{ path: 'deleteAfterDays', message: 'The target cannot delete what it disabled. Leave this out.' }];
}
