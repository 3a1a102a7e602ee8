interface Ticket {
  readonly place: number;
  readonly urgent: boolean;
  grant(): void;
  refuse(reason: Error): void;
}

/**
 * Who may write the resource now. Changes take turns in the order they came; an urgent one (deactivation, deletion) goes
 * before all that wait, and doesn't wait for a change that holds the resource while its targets are asked.
 *
 * A turn is granted, not looked for: two conditions that become true in one task would both go ahead.
 */
export class Turns {
  #waiting: Ticket[] = [];
  #isTaken = false;
  #holders = 0;
  #places = 0;

  /** The next place in the order in which changes came. */
  place(): number {
    this.#places += 1;
    return this.#places;
  }

  /**
   * Waits for the turn to write. The caller must end it with {@link done}.
   *
   * @param place where it stands among those that wait; one that comes back, because it was not urgent after all, has
   *   the place with which it came
   */
  take(urgent: boolean, place = this.place()): Promise<void> {
    return new Promise((grant, refuse) => {
      const next = this.#waiting.findIndex((ticket) => ticket.place > place);
      this.#waiting.splice(next === -1 ? this.#waiting.length : next, 0, { place, urgent, grant, refuse });
      this.#next();
    });
  }

  done(): void {
    this.#isTaken = false;
    this.#next();
  }

  /** Keeps ordinary changes waiting until {@link release}: what was written may have to be taken back. */
  hold(): void {
    this.#holders += 1;
  }

  release(): void {
    this.#holders -= 1;
    this.#next();
  }

  /** Sends away all that wait. */
  dismiss(reason: Error): void {
    for (const ticket of this.#waiting) ticket.refuse(reason);
    this.#waiting = [];
  }

  #next(): void {
    if (this.#isTaken) return;
    const next = this.#waiting.find(({ urgent }) => urgent) ?? (this.#holders === 0 ? this.#waiting[0] : undefined);
    if (next === undefined) return;
    this.#waiting = this.#waiting.filter((ticket) => ticket !== next);
    this.#isTaken = true;
    next.grant();
  }
}
