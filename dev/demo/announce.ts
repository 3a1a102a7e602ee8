import type { Facts } from './facts.ts';

/** What a person reads when everything runs. */
export function announce(
  facts: Facts,
  { seconds, isNew, dataDir }: { readonly seconds: number; readonly isNew: boolean; readonly dataDir: string },
): string {
  const { basic, oauth } = facts;
  const credentials = isNew
    ? [
        '',
        `Credentials of the demo tenant, shown this once (${dataDir}/dev.json keeps them):`,
        `  Basic    ${basic.username} : ${basic.password}`,
        `  OAuth    ${oauth.clientId} : ${oauth.clientSecret}  at ${oauth.tokenEndpoint}`,
      ]
    : ['', `Credentials of the demo tenant are in ${dataDir}/dev.json.`];
  return [
    '',
    `Provost is ready (${seconds.toFixed(1)} s).`,
    '',
    `  API            ${facts.api}`,
    `  SCIM 2.0       ${facts.scim2}`,
    `  Temporal UI    ${facts.temporalUi}`,
    `  Sandbox target ${facts.sandboxTarget}`,
    ...credentials,
    '',
    'Create a user, then see it arrive at the target:',
    '',
    `  curl -K ${dataDir}/curl ${facts.scim2}/Users --json '{"userName": "ada@example.com", "name": {"givenName": "Ada", "familyName": "Lovelace"}}'`,
    `  curl -s ${facts.sandboxTarget} | grep -o '"userName":"[^"]*"'`,
    '',
    'Ctrl-C stops everything.',
  ].join('\n');
}
