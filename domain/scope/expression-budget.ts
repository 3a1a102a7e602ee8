/**
 * What one evaluation may cost, in units: one for each value that it looks at or makes, and one more for every
 * {@link CHARACTERS_A_UNIT} characters of a text. Some 20 ms of processor, and a few megabytes, whatever the expression.
 */
export const MOST_UNITS = 50_000;
const CHARACTERS_A_UNIT = 32;

/** What an evaluation may give: more than any attribute of any system holds. */
const MOST_ELEMENTS = 10_000;
const MOST_CHARACTERS = 100_000;

interface Budget {
  left: number;
  /** Made once: quantifiers of CEL go on after an error, and would have one made for each element that is left. */
  exhausted?: Error;
}

/** Evaluation is synchronous, so one budget at a time is enough. */
let current: Budget | undefined;

/**
 * Runs evaluations on one budget. Within another budget it goes on with that one: a mapping of many expressions costs no more
 * than one expression may.
 */
export function withBudget<T>(evaluate: () => T): T {
  if (current !== undefined) return evaluate();
  current = { left: MOST_UNITS };
  try {
    return evaluate();
  } finally {
    current = undefined;
  }
}

/** @throws Error where nothing is left of the budget; asked before each part, so that what was not paid for is not made */
export function requireBudget(): void {
  if (current?.exhausted !== undefined) throw current.exhausted;
}

/** Pays for a value with all that is in it. @throws Error where the budget does not suffice */
export function payFor(value: unknown): void {
  spend(1);
  if (typeof value === 'string') spend(Math.floor(value.length / CHARACTERS_A_UNIT));
  else if (Array.isArray(value)) for (const element of value) payFor(element);
  else if (value instanceof Map) for (const element of value.values()) payFor(element);
  else if (typeof value === 'object' && value !== null && !(value instanceof Date))
    for (const name in value) payFor((value as Record<string, unknown>)[name]);
}

function spend(units: number): void {
  if (current === undefined) throw new Error('an expression is evaluated within a budget');
  current.left -= units;
  if (current.left >= 0) return;
  current.exhausted ??= new Error(`it looks at more than ${MOST_UNITS} values; make it simpler`);
  throw current.exhausted;
}

/** Bounds a result while it is copied: a value that stands in it many times costs as often. */
export function boundResult(): { add(text?: string): void } {
  let elements = 0;
  let characters = 0;
  return {
    /** @throws Error where the result is too large */
    add(text = '') {
      elements += 1;
      characters += text.length;
      if (elements > MOST_ELEMENTS) throw new Error(`it gives more than ${MOST_ELEMENTS} values`);
      if (characters > MOST_CHARACTERS) throw new Error(`it gives more than ${MOST_CHARACTERS} characters`);
    },
  };
}
