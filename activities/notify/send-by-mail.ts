import { createHash } from 'node:crypto';
import { type Approval, askedNow } from '../../domain/approval/approval.ts';
import type { Notice } from '../../domain/approval/notice.ts';
import { asResourceId, type ResourceId } from '../../domain/ids.ts';
import { nameIn, nameOfRequester } from '../../stores/names.ts';
import { NoReceiver, type NotifyDependencies, nameOfUser } from './index.ts';
import { wordMail } from './word-mail.ts';

/** Asks one person, by the address that he has now. @throws NoReceiver */
export async function sendByMail(notice: Notice, approval: Approval, dependencies: NotifyDependencies): Promise<void> {
  const { tenant, receiver, delegate } = notice;
  if (!askedNow(approval).includes(receiver)) throw new NoReceiver('He is not asked any more.');
  const person = await nameOfUser(dependencies, tenant, userOf(delegate ?? receiver));
  if (person === undefined) throw new NoReceiver('There is no such user, or he is not active.');
  if (person.mail === undefined) throw new NoReceiver('The user has no e-mail address.');
  const [absent, requester] = await Promise.all([
    delegate === undefined ? undefined : nameOfUser(dependencies, tenant, userOf(receiver)),
    nameOfRequester(approval, dependencies),
  ]);
  const subject = await dependencies.resources.find(tenant, approval.resourceType, approval.resourceId);
  const named = subject && nameIn(subject.resource);
  const worded = wordMail(approval, {
    to: person.name,
    requester,
    link: await dependencies.linkFor(approval, receiver, delegate),
    ...(named === undefined ? {} : { subject: named }),
    ...(absent === undefined ? {} : { absent: absent.name }),
  });
  const messageId = `<${createHash('sha256').update(`${tenant}/${notice.id}`).digest('hex').slice(0, 40)}@provost>`;
  await dependencies.sendMail({ ...worded, to: person.mail, messageId });
}

const userOf = (name: string): ResourceId => asResourceId(name.slice('user:'.length));
