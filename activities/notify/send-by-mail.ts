import { createHash } from 'node:crypto';
import { type Approval, askedNow, hasDecided } from '../../domain/approval/approval.ts';
import type { Notice } from '../../domain/approval/notice.ts';
import { isOneAddress } from '../../domain/mail.ts';
import { personNamed } from '../../domain/person.ts';
import { nameOfRequester, nameOfResource } from '../../stores/names.ts';
import { NoReceiver, type NotifyDependencies, nameOfUser } from './index.ts';
import { wordMail } from './word-mail.ts';

/** Asks one person, by the address that he has now. @throws NoReceiver */
export async function sendByMail(notice: Notice, approval: Approval, dependencies: NotifyDependencies): Promise<void> {
  const { tenant, receiver, delegate } = notice;
  const isReminder = notice.event === 'approval-reminded';
  const userNamed = async (name: string): ReturnType<typeof nameOfUser> => {
    const id = personNamed(name);
    return id && nameOfUser(dependencies, tenant, id);
  };
  if (!askedNow(approval).includes(receiver)) throw new NoReceiver('He is not asked any more.');
  if (isReminder && hasDecided(approval, receiver, receiver)) throw new NoReceiver('He has decided meanwhile.');
  const person = await userNamed(delegate ?? receiver);
  if (person === undefined) throw new NoReceiver('There is no such user, or he is not active.');
  if (person.mail === undefined) throw new NoReceiver('The user has no e-mail address.');
  if (!isOneAddress(person.mail)) throw new NoReceiver('The e-mail address of the user is not one address.');
  const [absent, requester, subject] = await Promise.all([
    delegate === undefined ? undefined : userNamed(receiver),
    nameOfRequester(approval, dependencies),
    nameOfResource(dependencies, tenant, approval.resourceType, approval.resourceId),
  ]);
  const worded = wordMail(approval, {
    to: person.name,
    requester,
    isReminder,
    link: await dependencies.linkFor(approval, receiver, delegate),
    ...(subject === undefined ? {} : { subject }),
    ...(absent === undefined ? {} : { absent: absent.name }),
  });
  const messageId = `<${createHash('sha256').update(`${tenant}/${notice.id}`).digest('hex').slice(0, 40)}@provost>`;
  await dependencies.sendMail({ ...worded, to: { name: person.name, address: person.mail }, messageId });
}
