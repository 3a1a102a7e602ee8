/** One line of the table: what was measured, against what, and what it should be. */
export interface Row {
  readonly measure: string;
  readonly provost: string;
  readonly compared: string;
  /** The figure that is judged. */
  readonly ratio: string;
  readonly wanted: string;
  readonly reached: boolean | undefined;
}

interface Judged {
  readonly measure: string;
  readonly provost: string;
  readonly compared: string;
  readonly ratio: number;
}

export const atMost = (limit: number, { ratio, ...row }: Judged): Row => ({
  ...row,
  ratio: ratio.toFixed(2),
  wanted: `≤ ${limit}`,
  reached: ratio <= limit,
});

export const atLeast = (limit: number, { ratio, ...row }: Judged): Row => ({
  ...row,
  ratio: ratio.toFixed(2),
  wanted: `≥ ${limit}`,
  reached: ratio >= limit,
});

/** For orientation: nothing asks for it. */
export const shown = (row: Pick<Row, 'measure' | 'provost'> & Partial<Row>): Row => ({
  compared: '',
  ratio: '',
  wanted: '',
  reached: undefined,
  ...row,
});

export const ms = (value: number): string => `${value.toFixed(value < 10 ? 2 : 1)} ms`;
export const rate = (value: number): string => `${value.toFixed(value < 100 ? 1 : 0)}/s`;
