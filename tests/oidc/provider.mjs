// An OpenID Connect provider for the tests: oidc-provider itself, on a free port of 127.0.0.1, with one person who logs in
// without being asked.
//
//   node provider.mjs REDIRECT_URI MODE
//
// MODE: ok · deny (the person does not agree) · audience (the ID token is made for another client). Prints its issuer on one
// line of standard output and ends with its standard input.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

// Nobody reads standard output after the first line: what the library tells goes where the tests' own output goes.
console.info = console.error;
console.log = console.error;

// The packages are not beside this file: they are installed into target/.
const packages = createRequire(pathToFileURL(join(process.env.ONEFOLD_OIDC_PACKAGES, 'package.json')));
const load = async (name) => import(pathToFileURL(packages.resolve(name)));
const { default: Provider } = await load('oidc-provider');
const { exportJWK, generateKeyPair, SignJWT } = await load('jose');

const [redirectUri, mode] = process.argv.slice(2);
const { privateKey } = await generateKeyPair('RS256', { extractable: true });
const key = { ...(await exportJWK(privateKey)), kid: 'test', use: 'sig', alg: 'RS256' };

const server = createServer();
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: [{ client_id: 'onefold', client_secret: 'a secret: of the tests', redirect_uris: [redirectUri] }],
  jwks: { keys: [key] },
  cookies: { keys: ['a key of the tests'] },
  pkce: { required: () => true, methods: ['S256'] },
  claims: { openid: ['sub', 'departments', 'roles'] },
  conformIdTokenClaims: false,
  ttl: { AccessToken: 600, AuthorizationCode: 60, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, departments: ['billing'], roles: ['operator'] }),
  }),
});

let nonce;
async function interact(request, response) {
  const { prompt, params, session } = await provider.interactionDetails(request, response);
  nonce = params.nonce;
  if (mode === 'deny') {
    return provider.interactionFinished(request, response, { error: 'access_denied', error_description: '<b>no</b>' });
  }
  if (prompt.name === 'login') {
    return provider.interactionFinished(request, response, { login: { accountId: 'ann' } });
  }
  const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  const consent = { grantId: await grant.save() };
  return provider.interactionFinished(request, response, { consent }, { mergeWithLastSubmission: true });
}

async function forOther(response) {
  const token = new SignJWT({ nonce, departments: ['billing'] }).setProtectedHeader({ alg: 'RS256', kid: 'test' });
  token.setIssuer(issuer).setAudience('another').setSubject('ann').setIssuedAt().setExpirationTime('1h');
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ access_token: 'a', token_type: 'Bearer', id_token: await token.sign(privateKey) }));
}

const callback = provider.callback();
server.on('request', (request, response) => {
  const failed = (error) => {
    console.error(error);
    response.statusCode = 500;
    response.end();
  };
  if (request.url.startsWith('/interaction/')) {
    interact(request, response).catch(failed);
  } else if (mode === 'audience' && request.url === '/token') {
    forOther(response).catch(failed);
  } else {
    callback(request, response);
  }
});

process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
process.stdout.write(`${issuer}\n`);
