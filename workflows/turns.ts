import { condition } from '@temporalio/workflow';

interface Ticket {
  readonly urgent: boolean;
}

/**
 * Who may write the resource now. Changes take turns in the order they came; an urgent one (deactivation, deletion) goes
 * before all that wait, and doesn't wait for a change that holds the resource while its targets are asked.
 */
export class Turns {
  readonly #waiting: Ticket[] = [];
  #writing = false;
  #holders = 0;

  /** Waits for the turn to write. The caller must {@link done}. */
  async take(urgent: boolean): Promise<void> {
    const ticket: Ticket = { urgent };
    this.#waiting.push(ticket);
    try {
      await condition(() => this.#isNext(ticket));
      this.#writing = true;
    } finally {
      this.#waiting.splice(this.#waiting.indexOf(ticket), 1);
    }
  }

  done(): void {
    this.#writing = false;
  }

  /** Keeps ordinary changes waiting until {@link release}: what was written may have to be taken back. */
  hold(): void {
    this.#holders += 1;
  }

  release(): void {
    this.#holders -= 1;
  }

  #isNext(ticket: Ticket): boolean {
    if (this.#writing) return false;
    if (ticket.urgent) return this.#waiting.find((other) => other.urgent) === ticket;
    return this.#holders === 0 && this.#waiting[0] === ticket;
  }
}
