/** What a client gets that doesn't say how many it wants, and the most that one page holds. */
export const DEFAULT_PAGE = 100;
export const MAX_PAGE = 1_000;
