import { randomUUID } from 'node:crypto';
import type { Behaviour, ReceivedRequest } from '../faulty-target.ts';

interface Person {
  readonly id: string;
  readonly login?: string;
}

/** The API that the example connector of docs/guides/write-a-connector.md speaks to, kept in memory. */
export function peopleApi(): (request: ReceivedRequest) => Behaviour {
  const people = new Map<string, Person>();
  const answer = (status: number, body?: object): Behaviour => ({
    kind: 'answer',
    status,
    ...(body === undefined ? {} : { body }),
  });
  return ({ method, path, body }) => {
    const { pathname, searchParams } = new URL(path, 'http://people');
    const id = pathname.split('/people/')[1];
    if (id === undefined) {
      const login = method === 'GET' ? searchParams.get('login') : (JSON.parse(body) as Person).login;
      const same = [...people.values()].filter((person) => person.login === login);
      if (method === 'GET') return answer(200, searchParams.has('login') ? same : [...people.values()]);
      if (same.length > 0) return answer(409, { message: 'This login is taken.' });
      const person = { ...(JSON.parse(body) as object), id: randomUUID() };
      people.set(person.id, person);
      return answer(201, person);
    }
    const held = people.get(id);
    if (held === undefined) return answer(404);
    if (method === 'DELETE') {
      people.delete(id);
      return answer(204);
    }
    const person = method === 'PATCH' ? { ...held, ...(JSON.parse(body) as object) } : held;
    people.set(id, person);
    return answer(200, person);
  };
}
